//! `sel writeraw`: lists the events and writes their records into a file.

use super::save::list_and_write;
use crate::command::CommandRow;
use crate::layout::event;
use crate::{Failure, Printer, Session, complain};

/// `sel writeraw`.
pub const COMMAND: CommandRow = CommandRow {
    group: "sel",
    name: "writeraw",
    words: "FILE",
    about: "List the events and save their records, 16 bytes each",
    run,
};

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let Some(file) = words.first() else { return complain!(printer, "usage: sel writeraw <filename>") };
    list_and_write(session, printer, file, |record, _, content| content.extend(event::raw_bytes(record)))
}
