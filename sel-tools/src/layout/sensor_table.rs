//! Rows and blocks of `sensor list` and `sensor get`.

use ipmi_core::sdr::SensorRecord;
use ipmi_core::sensor::{Threshold, Thresholds};
use serde::Serialize;

use super::sensor_block::{event_enable, event_status, hysteresis, states};
use super::sensor_line::status;
use crate::output::number::{fixed, trimmed};
use crate::row::sensor::{self, Reading, SensorRow};
use crate::{Failure, Printer, Session, line, put};

/// Columns of a row, in order.
pub const COLUMNS: [Threshold; 6] = [
    Threshold::LowerNonRecoverable,
    Threshold::LowerCritical,
    Threshold::LowerNonCritical,
    Threshold::UpperNonCritical,
    Threshold::UpperCritical,
    Threshold::UpperNonRecoverable,
];

/// A row of `sensor list` as JSON: the sensor and its thresholds.
#[derive(Debug, Serialize)]
struct ThresholdRow {
    #[serde(flatten)]
    sensor: SensorRow,
    thresholds: Option<ThresholdValues>,
}

/// Thresholds as numbers.
#[derive(Debug, Default, Serialize)]
struct ThresholdValues {
    lnr: Option<f64>,
    lcr: Option<f64>,
    lnc: Option<f64>,
    unc: Option<f64>,
    ucr: Option<f64>,
    unr: Option<f64>,
}

/// Prints a full or compact sensor.
pub fn print(
    printer: &mut Printer<'_>,
    session: &Session,
    record: &SensorRecord<'_>,
    reading: &Reading,
    thresholds: Option<Thresholds>,
) -> Result<(), Failure> {
    let threshold = record.is_threshold();
    if printer.json() {
        let sensor = SensorRow::new(session, record, reading);
        printer.row(&ThresholdRow { sensor, thresholds: thresholds.map(|thresholds| values(record, &thresholds)) });
        return Ok(());
    }
    match (printer.csv(), printer.verbose > 0) {
        (true, _) => csv(printer, record, reading, thresholds.as_ref()),
        (false, false) => row(printer, record, reading, thresholds.as_ref()),
        (false, true) if threshold => threshold_block(printer, session, record, reading, thresholds.as_ref()),
        (false, true) => discrete_block(printer, session, record, reading),
    }
}

fn values(record: &SensorRecord<'_>, thresholds: &Thresholds) -> ThresholdValues {
    let factors = record.full().map(|view| view.reading_factors());
    let value = |threshold| factors?.convert(thresholds.raw(threshold)?).filter(|value| value.is_finite());
    ThresholdValues {
        lnr: value(Threshold::LowerNonRecoverable),
        lcr: value(Threshold::LowerCritical),
        lnc: value(Threshold::LowerNonCritical),
        unc: value(Threshold::UpperNonCritical),
        ucr: value(Threshold::UpperCritical),
        unr: value(Threshold::UpperNonRecoverable),
    }
}

/// The first three cells: reading, units, status.
fn cells(printer: &Printer<'_>, record: &SensorRecord<'_>, reading: &Reading) -> [String; 3] {
    let [state, more] = reading.states;
    let status = status(printer, reading, "ns").to_owned();
    match (record.is_threshold(), reading.valid, reading.analog) {
        (true, false, _) => ["na".to_owned(), reading.units.clone(), "na".to_owned()],
        (true, true, true) => [fixed(reading.number(), 3), reading.units.clone(), status],
        (true, true, false) => [format!("0x{:x}", reading.raw), reading.units.clone(), status],
        (false, false, _) => ["na".to_owned(), "discrete".to_owned(), "na".to_owned()],
        (false, true, true) => [trimmed(reading.number(), 3), reading.units.clone(), "ok".to_owned()],
        (false, true, false) => {
            // The first state byte stands in the text, the reading byte in the CSV form.
            let first = if printer.csv() { reading.raw } else { state };
            [format!("0x{first:x}"), "discrete".to_owned(), format!("0x{state:02x}{more:02x}")]
        }
    }
}

fn threshold_cell(record: &SensorRecord<'_>, thresholds: Option<&Thresholds>, column: Threshold, raw: &str) -> String {
    let readable = thresholds.and_then(|thresholds| thresholds.raw(column));
    match (readable, record.full()) {
        (Some(value), Some(view)) => {
            let number = view.reading_factors().convert(value).map(|number| fixed(number, 3));
            number.unwrap_or_else(|| if raw.is_empty() { format!("0x{value:x}") } else { raw.to_owned() })
        }
        _ => "na".to_owned(),
    }
}

fn row(
    printer: &mut Printer<'_>,
    record: &SensorRecord<'_>,
    reading: &Reading,
    thresholds: Option<&Thresholds>,
) -> Result<(), Failure> {
    let [value, units, status] = cells(printer, record, reading);
    put!(printer, "{:<16} | {value:<10} | {units:<10} | {status:<6}", sensor::name(record))?;
    for column in COLUMNS {
        // Raw thresholds come out as this text: ipmitool's format string lacks a percent sign.
        put!(printer, "| {:<10}", threshold_cell(record, thresholds, column, "0x-8x"))?;
    }
    line!(printer)
}

fn csv(
    printer: &mut Printer<'_>,
    record: &SensorRecord<'_>,
    reading: &Reading,
    thresholds: Option<&Thresholds>,
) -> Result<(), Failure> {
    let [value, units, status] = cells(printer, record, reading);
    put!(printer, "{},{value},{units},{status}", sensor::name(record))?;
    for column in COLUMNS {
        put!(printer, ",{}", threshold_cell(record, thresholds, column, ""))?;
    }
    line!(printer)
}

fn head(printer: &mut Printer<'_>, session: &Session, record: &SensorRecord<'_>, kind: &str) -> Result<(), Failure> {
    let (entity, instance) = (record.entity_id().0, record.entity_instance());
    line!(printer, "Sensor ID              : {} (0x{:x})", sensor::name(record), record.number())?;
    line!(printer, " Entity ID             : {entity}.{instance}")?;
    line!(printer, " Sensor Type {kind}: {}", session.sensor_type_name(record.sensor_type()))
}

fn discrete_block(
    printer: &mut Printer<'_>,
    session: &Session,
    record: &SensorRecord<'_>,
    reading: &Reading,
) -> Result<(), Failure> {
    head(printer, session, record, "(Discrete)")?;
    if !reading.valid {
        return line!(printer, " Unable to read sensor: Device Not Present\n");
    }
    if reading.analog {
        line!(printer, " Sensor Reading        : {} {}", trimmed(reading.number(), 3), reading.units)?;
    }
    states(printer, session, record, "States Asserted", reading.states)?;
    line!(printer)
}

fn threshold_block(
    printer: &mut Printer<'_>,
    session: &Session,
    record: &SensorRecord<'_>,
    reading: &Reading,
    thresholds: Option<&Thresholds>,
) -> Result<(), Failure> {
    head(printer, session, record, "(Threshold)  ")?;
    put!(printer, " Sensor Reading        : ")?;
    if reading.valid {
        readable(printer, record, reading, thresholds)?;
    } else {
        line!(printer, " Unable to read sensor: Device Not Present\n")?;
    }
    event_status(printer, session, record)?;
    event_enable(printer, session, record)?;
    line!(printer)
}

fn readable(
    printer: &mut Printer<'_>,
    record: &SensorRecord<'_>,
    reading: &Reading,
    thresholds: Option<&Thresholds>,
) -> Result<(), Failure> {
    let units = &reading.units;
    match record.full().map(|view| view.reading_factors()) {
        None => line!(printer, "0x{:x} {units}", reading.raw)?,
        Some(factors) => match factors.tolerance_value().filter(|_| reading.analog) {
            Some(tolerance) => {
                line!(printer, "{} (+/- {}) {units}", trimmed(reading.number(), 3), trimmed(tolerance, 3))?;
            }
            None => line!(printer, "0x{:x} (+/- 0x{:x}) {units}", reading.raw, factors.tolerance)?,
        },
    }
    let status = status(printer, reading, "ns");
    line!(printer, " Status                : {status}")?;
    if thresholds.is_none() {
        return line!(printer, " Sensor Threshold Settings not available");
    }
    if record.full().is_some() {
        for column in COLUMNS {
            let cell = threshold_cell(record, thresholds, column, "");
            line!(printer, " {:<21} : {cell}", column.name())?;
        }
    }
    hysteresis(printer, record)
}
