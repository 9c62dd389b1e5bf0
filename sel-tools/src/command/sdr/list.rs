//! `sdr list` and `sdr elist`.

use ipmi_core::sdr::SdrRecord;

use super::print_records;
use crate::command::CommandRow;
use crate::{Failure, Printer, Session, complain};

const WORDS: &str = "[all|full|compact|event|mcloc|fru|generic]";

/// `sdr list`.
pub const LIST: CommandRow = CommandRow {
    group: "sdr",
    name: "list",
    words: WORDS,
    about: "List sensors with their readings",
    run: |session, printer, words| run(session, printer, words, false),
};

/// `sdr elist`.
pub const ELIST: CommandRow = CommandRow {
    group: "sdr",
    name: "elist",
    words: WORDS,
    about: "List sensors with number, entity and states",
    run: |session, printer, words| run(session, printer, words, true),
};

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String], extended: bool) -> Result<(), Failure> {
    let name = if extended { "elist" } else { "list" };
    printer.extended = extended;
    let wanted: fn(&SdrRecord<'_>) -> bool = match words.first().map(String::as_str) {
        None => |record| matches!(record, SdrRecord::FullSensor(_) | SdrRecord::CompactSensor(_)),
        Some("all") => |_| true,
        Some("full") => |record| matches!(record, SdrRecord::FullSensor(_)),
        Some("compact") => |record| matches!(record, SdrRecord::CompactSensor(_)),
        Some("event") => |record| matches!(record, SdrRecord::EventOnly(_)),
        Some("mcloc") => |record| matches!(record, SdrRecord::McLocator(_)),
        Some("fru") => |record| matches!(record, SdrRecord::FruLocator(_)),
        Some("generic") => |record| matches!(record, SdrRecord::GenericLocator(_)),
        Some(other) => {
            if other != "help" {
                complain!(printer, "Invalid SDR {name} command: {other}")?;
            }
            complain!(printer, "usage: sdr {name} {WORDS}")?;
            return if other == "help" { Ok(()) } else { Err(Failure::Said) };
        }
    };
    print_records(session, printer, wanted)
}
