//! `sdr`: sensor data records with readings.

pub mod dump;
pub mod entity;
pub mod get;
pub mod info;
pub mod list;
pub mod type_;

use ipmi_core::sdr::{SdrRecord, SensorRecord};

use crate::layout::{locator, sensor_block, sensor_line};
use crate::repository::Complaints;
use crate::row::sensor::Reading;
use crate::{Failure, Printer, Session, complain};

/// Prints a record as the listings do; records without a text print nothing.
pub(crate) fn print_record(
    session: &Session,
    printer: &mut Printer<'_>,
    record: &SdrRecord<'_>,
) -> Result<(), Failure> {
    match record {
        SdrRecord::FullSensor(view) => print_sensor(session, printer, &SensorRecord::Full(*view)),
        SdrRecord::CompactSensor(view) => print_sensor(session, printer, &SensorRecord::Compact(*view)),
        SdrRecord::EventOnly(view) => locator::print_event_only(printer, session, view),
        SdrRecord::GenericLocator(view) => locator::print_generic(printer, view),
        SdrRecord::FruLocator(view) => locator::print_fru(printer, view),
        SdrRecord::McLocator(view) => locator::print_mc(printer, view),
        // OEM records too: ipmitool has texts for some of Intel's, but its listings drop them.
        _ => Ok(()),
    }
}

/// The sensor of a record that is listed with a reading.
pub(crate) fn reading_sensor<'a>(record: &SdrRecord<'a>) -> Option<SensorRecord<'a>> {
    record.sensor().filter(|sensor| !matches!(sensor, SensorRecord::EventOnly(_)))
}

/// True when sensors are printed with everything their controllers say about them.
pub(crate) fn prints_blocks(printer: &Printer<'_>) -> bool {
    printer.verbose > 0 && !printer.csv() && !printer.json()
}

fn print_sensor(session: &Session, printer: &mut Printer<'_>, record: &SensorRecord<'_>) -> Result<(), Failure> {
    let reading = Reading::get(session, record)?;
    if printer.verbose > 0 && !printer.csv() {
        sensor_block::print(printer, session, record, &reading)
    } else {
        sensor_line::print(printer, session, record, &reading)
    }
}

/// Prints the records that `wanted` picks, then what could not be read.
pub(super) fn print_records(
    session: &Session,
    printer: &mut Printer<'_>,
    wanted: impl Fn(&SdrRecord<'_>) -> bool,
) -> Result<(), Failure> {
    let (records, complaints) = session.repository()?.parse();
    let records: Vec<_> = records.iter().filter(|record| wanted(record)).collect();
    let blocks = prints_blocks(printer);
    session.will_ask(records.iter().filter_map(|record| reading_sensor(record)).flat_map(|sensor| {
        let events = blocks.then(|| sensor_block::event_questions(&sensor));
        std::iter::once(Reading::question(&sensor)).chain(events.into_iter().flatten())
    }))?;
    for record in records {
        print_record(session, printer, record)?;
    }
    printer.end_rows()?;
    end_listing(printer, &complaints)
}

/// Says what could not be read.
pub(crate) fn complain_about(printer: &mut Printer<'_>, complaints: &Complaints) -> Result<(), Failure> {
    complaints.remarks.iter().chain(&complaints.problems).try_for_each(|line| complain!(printer, "{line}"))
}

/// Says what could not be read; a listing that lacks what the BMC did not give has failed. As with ipmitool, records
/// that came and cannot be understood are no failure.
pub(crate) fn end_listing(printer: &mut Printer<'_>, complaints: &Complaints) -> Result<(), Failure> {
    complain_about(printer, complaints)?;
    if complaints.unread { Err(Failure::Said) } else { Ok(()) }
}

/// The first record with this name. ipmitool compares whole names.
pub(crate) fn find<'a>(records: &'a [SdrRecord<'a>], name: &str) -> Option<&'a SdrRecord<'a>> {
    records.iter().find(|record| record.id().is_some_and(|id| id.raw() == name.as_bytes() || id.decode() == name))
}
