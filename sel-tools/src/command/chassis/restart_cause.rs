//! `chassis restart_cause`: Get System Restart Cause (IPMI 2.0 s28.11).

use ipmi_core::Error;
use ipmi_core::command::chassis::GetSystemRestartCause;
use serde_json::json;

use crate::command::CommandRow;
use crate::{Failure, Printer, Session, line};

/// `chassis restart_cause`.
pub const COMMAND: CommandRow =
    CommandRow { group: "chassis", name: "restart_cause", words: "", about: "Print why the system started", run };

fn run(session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    let restart = session.bmc()?.call(&GetSystemRestartCause).map_err(|error| match error {
        Error::Completion { code, .. } => Failure::Message(format!("Get Chassis Restart Cause failed: {code}")),
        other => session.refusal(&other),
    })?;
    let text = restart.cause.to_string();
    if printer.object(&json!({ "cause": restart.cause.0, "cause_name": text, "channel": restart.channel.get() }))? {
        return Ok(());
    }
    line!(printer, "System restart cause: {text}")
}
