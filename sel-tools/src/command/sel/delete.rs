//! `sel delete`: Delete SEL Entry (IPMI 2.0 s31.8).

use ipmi_core::Error;
use ipmi_core::command::storage::RecordId;
use kernel_bridge::walk::sel;
use serde_json::json;

use crate::args::number;
use crate::command::CommandRow;
use crate::{Failure, Printer, Session, complain, line};

/// `sel delete`.
pub const COMMAND: CommandRow =
    CommandRow { group: "sel", name: "delete", words: "ID...", about: "Delete events", run };

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    if words.is_empty() {
        return complain!(printer, "usage: sel delete <id>...<id>");
    }
    if words.first().is_some_and(|word| word == "help") {
        return Err(Failure::new("usage: delete <id>...<id>\n"));
    }
    let mut failed = false;
    // The last one first, as ipmitool does it.
    for word in words.iter().rev() {
        let Some(id) = number::parse::<u16>(word) else {
            complain!(printer, "Given SEL ID '{word}' is invalid.")?;
            failed = true;
            continue;
        };
        match sel::delete(session.bmc()?, RecordId(id)) {
            Ok(_) if printer.row(&json!({ "deleted": id })) => {}
            Ok(_) => line!(printer, "Deleted entry {id}")?,
            Err(Error::Completion { code, .. }) => {
                complain!(printer, "Unable to delete entry {id}: {code}")?;
                failed = true;
            }
            Err(error) => return Err(session.refusal(&error)),
        }
    }
    printer.end_rows()?;
    if failed { Err(Failure::Said) } else { Ok(()) }
}
