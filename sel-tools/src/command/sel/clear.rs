//! `sel clear`: Clear SEL (IPMI 2.0 s31.9).

use ipmi_core::Error;
use kernel_bridge::walk::sel;

use crate::command::CommandRow;
use crate::output::json::Done;
use crate::{Failure, Printer, Session, line};

/// `sel clear`.
pub const COMMAND: CommandRow = CommandRow { group: "sel", name: "clear", words: "", about: "Delete all events", run };

fn run(session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    sel::clear(session.bmc()?).map_err(|error| match error {
        Error::Completion { code, .. } => Failure::Message(format!("Unable to clear SEL: {code}")),
        other => session.refusal(&other),
    })?;
    if printer.object(&Done { done: "clear" })? {
        return Ok(());
    }
    line!(printer, "Clearing SEL.  Please allow a few seconds to erase.")
}
