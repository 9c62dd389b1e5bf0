//! `sol activate`: the console of the system in this terminal (IPMI 2.0 s24.1).

use ipmi_core::Error;
use ipmi_core::command::app::DeactivatePayload;
use kernel_bridge::lan::{KeepAlive, SolEnding, SolOptions, SolSession};

use super::console::{Console, Ending};
use super::{SOL, require_lanplus};
use crate::command::CommandRow;
use crate::{Failure, Printer, Session, complain};

/// `sol activate`.
pub const COMMAND: CommandRow = CommandRow {
    group: "sol",
    name: "activate",
    words: "[usesolkeepalive|nokeepalive] [instance=N] [reconnect]",
    about: "Open the console of the system",
    run,
};

/// The words of the command.
#[derive(Debug, Default)]
struct Wanted {
    options: SolOptions,
    reconnect: bool,
}

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let mut wanted = Wanted::default();
    for word in words {
        match (word.as_str(), super::instance(word)) {
            (_, Some(instance)) => wanted.options.instance = instance?,
            ("usesolkeepalive", _) => wanted.options.keep_alive = KeepAlive::Caller,
            ("nokeepalive", _) => wanted.options.keep_alive = KeepAlive::Off,
            ("reconnect", _) => wanted.reconnect = true,
            _ => return super::usage(printer),
        }
    }
    require_lanplus(session)?;
    let escape = session.arguments.login.escape.unwrap_or('~');
    let escape = u8::try_from(escape).map_err(|_| Failure::Message(format!("-e {escape}: not a single byte")))?;
    let mut line = open(session, &wanted, false)?;
    if session.arguments.verbose > 0 {
        line.remarks().iter().try_for_each(|remark| complain!(printer, "{remark}"))?;
    }
    printer.flush()?;
    let mut console = Console::new(escape)?;
    console.say(&format!("[SOL Session operational.  Use {}? for help]", char::from(escape)));
    loop {
        let solicits = wanted.options.keep_alive == KeepAlive::Caller;
        let ending = console.hold(line, solicits);
        let lost = match ending {
            Ending::Wanted | Ending::OutputGone => return Ok(()),
            Ending::Line(SolEnding::Deactivated) => "SOL session closed by BMC",
            Ending::Line(SolEnding::NotAcknowledged) => "SOL session lost: the BMC does not acknowledge what is typed",
            Ending::Line(SolEnding::SessionLost) => "SOL session lost: the BMC does not answer",
            Ending::Line(SolEnding::Closed) => "SOL session lost: the session is closed",
        };
        if !wanted.reconnect {
            drop(console);
            // The BMC's word is printed as ipmitool prints it; what is found out here names the BMC.
            return Err(match ending {
                Ending::Line(SolEnding::Deactivated) => Failure::new(lost),
                _ => Failure::Message(format!("{}: {lost}", session.bmc()?.name())),
            });
        }
        console.say(&format!("[{lost}; reconnecting]"));
        line = loop {
            if console.is_ended_within_pause() {
                return Ok(());
            }
            match open(session, &wanted, true) {
                Ok(line) => break line,
                Err(Failure::Message(reason)) => console.say(&format!("[{reason}]")),
                Err(other) => return Err(other),
            }
        };
        console.say("[SOL Session operational again]");
    }
}

/// Activates SOL. One that comes back takes the console from the session that was lost.
fn open(session: &Session, wanted: &Wanted, comes_back: bool) -> Result<SolSession, Failure> {
    let bmc = session.bmc()?;
    let mut opened = bmc.sol(wanted.options);
    if comes_back && opened.as_ref().is_err_and(|error| super::code(error).is_some_and(|code| code.0 == 0x80)) {
        let _ = bmc.call(&DeactivatePayload { payload_type: SOL, instance: wanted.options.instance });
        opened = bmc.sol(wanted.options);
    }
    opened.map_err(|error| refused(session, &error))
}

fn refused(session: &Session, error: &Error) -> Failure {
    Failure::new(match super::code(error).map(|code| code.0) {
        Some(0x80) => "Info: SOL payload already active on another session",
        Some(0x81) => "Info: SOL payload disabled",
        Some(0x82) => "Info: SOL payload activation limit reached",
        Some(0x83) => "Info: cannot activate SOL payload with encryption",
        Some(0x84) => "Info: cannot activate SOL payload without encryption",
        _ => return super::refusal(session, error, "Error activating SOL payload"),
    })
}
