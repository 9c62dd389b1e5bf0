//! `sdr dump`: the records as bytes, for `-S` and for other programs.

use super::end_listing;
use crate::command::CommandRow;
use crate::output::json::Done;
use crate::{Failure, Printer, Session, complain, line};

/// `sdr dump`.
pub const COMMAND: CommandRow =
    CommandRow { group: "sdr", name: "dump", words: "FILE", about: "Write all records into a file", run };

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let Some(file) = words.first() else {
        complain!(printer, "Not enough parameters given.")?;
        complain!(printer, "usage: sdr dump <file>")?;
        return Err(Failure::Said);
    };
    line!(printer, "Dumping Sensor Data Repository to '{file}'")?;
    let repository = session.repository()?;
    std::fs::write(file, repository.to_bytes()).map_err(|error| Failure::Message(format!("{file}: {error}")))?;
    printer.object(&Done { done: "dump" })?;
    end_listing(printer, &repository.complaints())
}
