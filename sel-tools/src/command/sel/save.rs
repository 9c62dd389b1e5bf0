//! `sel save`: lists the events and writes them into a file as text.

use ipmi_core::sel::SelRecord;

use super::{complain_about, read_log};
use crate::command::CommandRow;
use crate::layout::event;
use crate::row::event::EventTexts;
use crate::{Failure, Printer, Session, complain};

/// `sel save`.
pub const COMMAND: CommandRow =
    CommandRow { group: "sel", name: "save", words: "FILE", about: "List the events and save them as text", run };

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let Some(file) = words.first() else { return complain!(printer, "usage: sel save <filename>") };
    list_and_write(session, printer, file, |record, texts, content| {
        content.extend(event::save_line(record, texts).into_bytes());
        content.push(b'\n');
    })
}

/// Lists the log and writes what `add` makes of each record.
pub(super) fn list_and_write(
    session: &Session,
    printer: &mut Printer<'_>,
    file: &str,
    add: impl Fn(&SelRecord<'_>, &EventTexts<'_>, &mut Vec<u8>),
) -> Result<(), Failure> {
    let log = read_log(session, printer)?;
    if log.records.is_empty() {
        printer.end_rows()?;
        return complain_about(session, printer, &log);
    }
    let texts = EventTexts::new(session, &[]);
    let mut content = Vec::new();
    for record in &log.records {
        match SelRecord::parse(&record.bytes) {
            Ok(record) => {
                event::print(printer, &record, &texts)?;
                add(&record, &texts, &mut content);
            }
            Err(error) => complain!(printer, "SEL record {}: {error}", record.id)?,
        }
    }
    std::fs::write(file, content).map_err(|error| Failure::Message(format!("{file}: {error}")))?;
    printer.end_rows()?;
    complain_about(session, printer, &log)
}
