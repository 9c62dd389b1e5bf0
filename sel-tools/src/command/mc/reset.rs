//! `mc reset`: Cold Reset and Warm Reset (IPMI 2.0 s20.2, s20.3).

use ipmi_core::Error;
use ipmi_core::command::app::{ColdReset, WarmReset};

use crate::command::CommandRow;
use crate::output::json::Done;
use crate::{Failure, Printer, Session, complain, line};

/// `mc reset`.
pub const COMMAND: CommandRow =
    CommandRow { group: "mc", name: "reset", words: "warm|cold", about: "Reset the management controller", run };

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let bmc = session.bmc();
    let (kind, result) = match words.first().map(String::as_str) {
        Some(kind @ "warm") => (kind, bmc?.call(&WarmReset)),
        Some(kind @ "cold") => (kind, bmc?.call(&ColdReset)),
        other => {
            match other {
                Some(word) => complain!(printer, "Invalid mc/bmc reset command: {word}")?,
                None => complain!(printer, "Not enough parameters given.")?,
            }
            complain!(printer, "usage: mc reset <warm|cold>")?;
            return Err(Failure::Said);
        }
    };
    match result {
        // A controller that resets at once does not answer any more.
        Ok(()) | Err(Error::Timeout { .. }) => {}
        Err(Error::Completion { code, .. }) => {
            return Err(Failure::Message(format!("MC reset command failed: {code}")));
        }
        Err(error) => return Err(session.refusal(&error)),
    }
    if printer.object(&Done { done: kind })? {
        return Ok(());
    }
    line!(printer, "Sent {kind} reset command to MC")
}
