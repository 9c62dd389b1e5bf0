//! `sdr get`: records by name, in full.

use super::{complain_about, find, print_record};
use crate::command::CommandRow;
use crate::{Failure, Printer, Session, complain};

/// `sdr get`.
pub const COMMAND: CommandRow =
    CommandRow { group: "sdr", name: "get", words: "NAME...", about: "Print the record with this name", run };

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    if words.is_empty() {
        return Err(Failure::new("No Sensor ID supplied"));
    }
    let (records, complaints) = session.repository()?.parse();
    let verbose = std::mem::replace(&mut printer.verbose, 1);
    for name in words {
        match find(&records, name) {
            Some(record) => print_record(session, printer, record)?,
            None => complain!(printer, "Unable to find sensor id '{name}'")?,
        }
    }
    printer.verbose = verbose;
    printer.end_rows()?;
    complain_about(printer, &complaints)
}
