//! `record`: a BMC as a configuration of `bmc-sim` (docs/bmc-sim.md), so that what was seen on one machine can be
//! looked into on another.
//!
//! What the BMC refuses is recorded with its completion code. Passwords and keys cannot be read and are not there.

mod chassis;
mod dcmi;
mod document;
mod identity;
mod inventory;
mod log;
mod network;
mod oem;
mod reader;
mod satellites;
mod sensors;
mod settings;
mod state;

use std::io::{IsTerminal, Write};

use self::document::Document;
use self::oem::Question;
use self::reader::Reader;
use super::CommandRow;
use crate::{Failure, Printer, Session, complain, farewell};

/// `record`.
pub const COMMAND: CommandRow = CommandRow {
    group: "record",
    name: "",
    words: "[--oem NETFN:CMD[:DATA]]...",
    about: "Print a configuration of bmc-sim that answers as this BMC",
    run,
};

/// For those who see standard error alone.
const BROKE_OFF: &str = "The recording broke off: what was printed is not the whole BMC";

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    if words.first().is_some_and(|word| word == "help") {
        complain!(printer, "record [--oem NETFN:CMD[:DATA]]... > node.toml")?;
        complain!(printer, "Then: bmc-sim --config node.toml --lan 127.0.0.1:9623")?;
        return Ok(());
    }
    let questions = oem::questions(&session.arguments.oem, words)?;
    let kept = farewell::keep(|| {
        let _ = writeln!(std::io::stderr(), "\n{BROKE_OFF}");
    });
    // An empty file would be served as the built-in server.
    printer.raw(document::BEGIN.as_bytes())?;
    printer.flush()?;
    let mut document = Document::default();
    let outcome = read(session, printer, &questions, &mut document);
    drop(kept);
    if let Err(failure) = outcome {
        printer.raw(document.broken().as_bytes())?;
        if let Failure::Message(message) = &failure {
            complain!(printer, "{message}")?;
        }
        complain!(printer, "{BROKE_OFF}")?;
        return Err(Failure::Said);
    }
    printer.raw(document.text().as_bytes())?;
    printer.flush()?;
    if document.problems().is_empty() {
        return Ok(());
    }
    for problem in document.problems() {
        complain!(printer, "Not recorded: {problem}")?;
    }
    Err(Failure::Said)
}

fn read(
    session: &Session,
    printer: &mut Printer<'_>,
    questions: &[Question],
    document: &mut Document,
) -> Result<(), Failure> {
    let bmc = session.bmc()?;
    let reader = Reader::new(session, bmc);
    document.note(&format!("It was {}.", bmc.name()));
    let seen = std::io::stderr().is_terminal();
    let mut step = |what: &str| if seen { complain!(printer, "Recording {what}...") } else { Ok(()) };
    step("the controller")?;
    identity::record(&reader, document)?;
    state::record(&reader, document)?;
    step("the chassis")?;
    chassis::record(&reader, document)?;
    settings::record(&reader, &settings::BOOT, 0, document)?;
    settings::record(&reader, &settings::SYSTEM_INFO, 0, document)?;
    step("sensor data records and the controllers they name")?;
    let (records, satellites) = inventory::record_sdrs(&reader, document)?;
    step("sensors")?;
    let absent = sensors::record(&reader, &records, &satellites, document)?;
    step("inventories")?;
    inventory::record_frus(&reader, &records, &satellites, absent, document)?;
    step("the event log")?;
    log::record(&reader, document)?;
    step("event filters, channels, users, LAN and SOL")?;
    settings::record(&reader, &settings::PEF, 0, document)?;
    network::record(&reader, document)?;
    dcmi::record(&reader, document)?;
    oem::record(&reader, questions, document)
}
