//! `sel get`: events by record id, with their sensors.

use ipmi_core::Error;
use ipmi_core::command::storage::RecordId;
use ipmi_core::sdr::{SdrRecord, SensorRecord};
use ipmi_core::sel::SelRecord;
use kernel_bridge::walk::sel;

use crate::args::number;
use crate::command::sdr::entity::of_record;
use crate::command::sensor::print_sensor;
use crate::command::{CommandRow, fru};
use crate::layout::{event, locator};
use crate::row::event::EventTexts;
use crate::{Failure, Printer, Session, complain, line};

/// `sel get`.
pub const COMMAND: CommandRow =
    CommandRow { group: "sel", name: "get", words: "ID...", about: "Print an event in full, with its sensor", run };

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    if words.is_empty() {
        return complain!(printer, "usage: sel get <entry>");
    }
    if words.first().is_some_and(|word| word == "help") {
        return Err(Failure::new("usage: sel get <id>...<id>"));
    }
    let (records, _) = session.repository()?.parse();
    let texts = EventTexts::new(session, &records);
    let mut failed = false;
    for (index, word) in words.iter().enumerate() {
        let Some(id) = number::parse::<u16>(word) else {
            complain!(printer, "Given SEL ID '{word}' is invalid.")?;
            failed = true;
            continue;
        };
        let record = match sel::read_record(session.bmc()?, RecordId(id)) {
            Ok(record) => record,
            Err(Error::Completion { code, .. }) => {
                complain!(printer, "Get SEL Entry {id:x} command failed: {code}")?;
                failed = true;
                continue;
            }
            Err(error) => return Err(session.refusal(&error)),
        };
        let Ok(record) = SelRecord::parse(&record.bytes) else { continue };
        let found = print(session, printer, &record, &texts, &records)?;
        if found && words.len() > 1 && index + 1 < words.len() {
            line!(printer, "----------------------\n")?;
        }
    }
    printer.end_rows()?;
    if failed { Err(Failure::Said) } else { Ok(()) }
}

/// Prints an event, its sensor and the FRUs of the sensor's entity; returns whether there is a sensor.
fn print(
    session: &Session,
    printer: &mut Printer<'_>,
    record: &SelRecord<'_>,
    texts: &EventTexts<'_>,
    records: &[SdrRecord<'_>],
) -> Result<bool, Failure> {
    if printer.json() {
        event::print(printer, record, texts)?;
        return Ok(false);
    }
    event::extended_block(printer, record, texts)?;
    let Some(sensor) = record.as_system().and_then(|event| texts.sensor(event)) else { return Ok(false) };
    let verbose = printer.verbose;
    printer.verbose = verbose.max(1);
    match sensor {
        SensorRecord::EventOnly(view) => locator::print_event_only(printer, session, view)?,
        sensor => {
            print_sensor(session, printer, sensor)?;
        }
    }
    printer.verbose = verbose;
    let entity = Some((sensor.entity_id(), sensor.entity_instance()));
    for record in records.iter().filter(|record| of_record(record) == entity) {
        if let SdrRecord::FruLocator(view) = record {
            fru::print::print_located(session, printer, view)?;
        }
    }
    Ok(true)
}
