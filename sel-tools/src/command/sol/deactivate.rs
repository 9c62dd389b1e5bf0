//! `sol deactivate`: Deactivate Payload (IPMI 2.0 s24.2).

use ipmi_core::command::app::DeactivatePayload;

use super::SOL;
use crate::command::CommandRow;
use crate::{Failure, Printer, Session};

/// `sol deactivate`.
pub const COMMAND: CommandRow = CommandRow {
    group: "sol",
    name: "deactivate",
    words: "[instance=N]",
    about: "End Serial over LAN, whoever has it",
    run,
};

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let mut wanted = 1;
    for word in words {
        let Some(instance) = super::instance(word) else { return super::usage(printer) };
        wanted = instance?;
    }
    let result = session.bmc()?.call(&DeactivatePayload { payload_type: SOL, instance: wanted });
    result.map_err(|error| match super::code(&error).map(|code| code.0) {
        Some(0x80) => Failure::new("Info: SOL payload already de-activated"),
        Some(0x81) => Failure::new("Info: SOL payload type disabled"),
        _ => super::refusal(session, &error, "Error de-activating SOL payload"),
    })
}
