//! The block `sdr -v list` and `sdr get` print for a sensor.

use ipmi_core::command::sensor::{EventMasks, GetSensorEventEnable, GetSensorEventStatus, SensorNumber};
use ipmi_core::sdr::{Access, EventMessageControl, SensorRecord, ThresholdMask};
use ipmi_core::sensor::Threshold::{
    self, LowerCritical, LowerNonCritical, LowerNonRecoverable, UpperCritical, UpperNonCritical, UpperNonRecoverable,
};
use kernel_bridge::walk::ahead::Question;

use super::sensor_line::status;
use crate::output::number::{fixed, trimmed};
use crate::row::sensor::{self, Reading, SensorRow};
use crate::session::question;
use crate::{Failure, Printer, Session, line, put};

/// The order thresholds are listed in.
const LISTED: [Threshold; 6] =
    [LowerNonRecoverable, LowerCritical, LowerNonCritical, UpperNonCritical, UpperCritical, UpperNonRecoverable];
/// Comparisons of a threshold sensor, by bit of the assertion and deassertion masks.
const COMPARISONS: [&str; 12] =
    ["lnc-", "lnc+", "lcr-", "lcr+", "lnr-", "lnr+", "unc-", "unc+", "ucr-", "ucr+", "unr-", "unr+"];

/// Prints the block of a full or compact sensor.
pub fn print(
    printer: &mut Printer<'_>,
    session: &Session,
    record: &SensorRecord<'_>,
    reading: &Reading,
) -> Result<(), Failure> {
    if printer.row(&SensorRow::new(session, record, reading)) {
        return Ok(());
    }
    let (entity, instance) = (record.entity_id(), record.entity_instance());
    line!(printer, "Sensor ID              : {} (0x{:x})", sensor::name(record), record.number())?;
    line!(printer, " Entity ID             : {}.{instance} ({entity})", entity.0)?;
    if record.is_threshold() {
        threshold(printer, session, record, reading)?;
        event_status(printer, session, record)?;
        event_enable(printer, session, record)?;
    } else {
        discrete(printer, session, record, reading)?;
        event_status(printer, session, record)?;
        event_enable(printer, session, record)?;
        line!(printer, " OEM                   : {:X}", record.oem())?;
    }
    line!(printer)
}

fn discrete(
    printer: &mut Printer<'_>,
    session: &Session,
    record: &SensorRecord<'_>,
    reading: &Reading,
) -> Result<(), Failure> {
    let (sensor_type, name) = (record.sensor_type(), session.sensor_type_name(record.sensor_type()));
    line!(printer, " Sensor Type (Discrete): {name} (0x{:02x})", sensor_type.0)?;
    put!(printer, " Sensor Reading        : ")?;
    match (reading.valid, reading.analog) {
        (true, true) => line!(printer, "{} {}", trimmed(reading.number(), 2), reading.units)?,
        (true, false) => line!(printer, "{:x}h", reading.raw)?,
        (false, _) => line!(printer, "{}", if reading.disabled { "Disabled" } else { "No Reading" })?,
    }
    event_message_control(printer, record)?;
    states(printer, session, record, "States Asserted", reading.states)
}

fn event_message_control(printer: &mut Printer<'_>, record: &SensorRecord<'_>) -> Result<(), Failure> {
    let control = record.setup().map_or(EventMessageControl::PerThreshold, |setup| setup.event_message_control());
    line!(printer, " Event Message Control : {}", control.text())
}

/// Prints the names of states under a heading; nothing when no bit is set or no state has a name.
pub fn states(
    printer: &mut Printer<'_>,
    session: &Session,
    record: &SensorRecord<'_>,
    heading: &str,
    states: [u8; 2],
) -> Result<(), Failure> {
    let bits = u16::from_le_bytes(states) & 0x7FFF;
    if bits == 0 || sensor::state_names(record, 0x7FFF).next().is_none() {
        return Ok(());
    }
    line!(printer, " {heading:<21} : {}", session.sensor_type_name(record.sensor_type()))?;
    for name in sensor::state_names(record, bits) {
        line!(printer, "                         [{name}]")?;
    }
    Ok(())
}

fn threshold(
    printer: &mut Printer<'_>,
    session: &Session,
    record: &SensorRecord<'_>,
    reading: &Reading,
) -> Result<(), Failure> {
    let (sensor_type, name) = (record.sensor_type(), session.sensor_type_name(record.sensor_type()));
    line!(printer, " Sensor Type (Threshold)  : {name} (0x{:02x})", sensor_type.0)?;
    put!(printer, " Sensor Reading        : ")?;
    match (reading.valid, record.full()) {
        (false, _) => line!(printer, "{}", if reading.disabled { "Disabled" } else { "No Reading" })?,
        (true, None) => line!(printer, "0x{:02X} {}", reading.raw, reading.units)?,
        (true, Some(view)) => match view.reading_factors().tolerance_value() {
            Some(tolerance) => {
                let (value, tolerance) = (trimmed(reading.number(), 3), trimmed(tolerance, 3));
                line!(printer, "{value} (+/- {tolerance}) {}", reading.units)?;
            }
            None => {
                let tolerance = view.reading_factors().tolerance;
                line!(printer, "0x{:02X} (+/- 0x{tolerance:02X}) {}", reading.raw, reading.units)?;
            }
        },
    }
    let status = status(printer, reading, "Not Available");
    line!(printer, " Status                : {status}")?;
    limits(printer, record)?;
    hysteresis(printer, record)?;
    range(printer, record)?;
    event_message_control(printer, record)?;
    masks(printer, record)
}

/// Nominal reading, normal range and the thresholds of the record.
fn limits(printer: &mut Printer<'_>, record: &SensorRecord<'_>) -> Result<(), Failure> {
    let Some(view) = record.full() else { return Ok(()) };
    let factors = view.reading_factors();
    let text = |raw: u8| factors.convert(raw).map_or_else(|| format!("0x{raw:02X}"), |value| fixed(value, 3));
    let setup = view.body.setup;
    let threshold = |threshold: Threshold| {
        let shown = setup.initializes_thresholds() && setup.readable_thresholds().contains(threshold.mask());
        shown.then(|| view.threshold(threshold))
    };
    let rows = [
        ("Nominal Reading", view.nominal_reading()),
        ("Normal Minimum", view.normal_minimum()),
        ("Normal Maximum", view.normal_maximum()),
        ("Upper non-recoverable", threshold(UpperNonRecoverable)),
        ("Upper critical", threshold(UpperCritical)),
        ("Upper non-critical", threshold(UpperNonCritical)),
        ("Lower non-recoverable", threshold(LowerNonRecoverable)),
        ("Lower critical", threshold(LowerCritical)),
        ("Lower non-critical", threshold(LowerNonCritical)),
    ];
    for (label, raw) in rows {
        if let Some(raw) = raw {
            line!(printer, " {label:<21} : {}", text(raw))?;
        }
    }
    Ok(())
}

/// Prints both hysteresis lines from the record.
pub fn hysteresis(printer: &mut Printer<'_>, record: &SensorRecord<'_>) -> Result<(), Failure> {
    let Some((positive, negative)) = record.hysteresis() else { return Ok(()) };
    let factors = record.full().map(|view| view.reading_factors());
    for (label, raw) in [("Positive Hysteresis", positive), ("Negative Hysteresis", negative)] {
        let value = factors.map(|factors| factors.convert_hysteresis(raw));
        let text = match value {
            _ if raw == 0 || raw == 0xFF => "Unspecified".to_owned(),
            Some(Some(0.0)) => "Unspecified".to_owned(),
            Some(Some(value)) => fixed(value, 3),
            Some(None) | None => format!("0x{raw:02X}"),
        };
        line!(printer, " {label}   : {text}")?;
    }
    Ok(())
}

/// Minimum and maximum of the sensor's range; the ends of the raw range mean that none is given.
fn range(printer: &mut Printer<'_>, record: &SensorRecord<'_>) -> Result<(), Failure> {
    let Some(view) = record.full() else { return Ok(()) };
    let factors = view.reading_factors();
    let (lowest, highest) = match factors.format.code() {
        0 => (Some(0x00), Some(0xFF)),
        1 => (Some(0xFF), Some(0x00)),
        2 => (Some(0x80), Some(0x7F)),
        _ => (None, None),
    };
    for (label, raw, end) in [("Minimum", view.sensor_min, lowest), ("Maximum", view.sensor_max, highest)] {
        let text = match factors.convert(raw) {
            _ if Some(raw) == end => "Unspecified".to_owned(),
            Some(0.0) => "Unspecified".to_owned(),
            Some(value) => fixed(value, 3),
            None => format!("0x{raw:02X}"),
        };
        line!(printer, " {label} sensor range  : {text}")?;
    }
    Ok(())
}

fn masks(printer: &mut Printer<'_>, record: &SensorRecord<'_>) -> Result<(), Failure> {
    let Some(setup) = record.setup() else { return Ok(()) };
    for (label, mask) in [("Readable", setup.readable_thresholds()), ("Settable", setup.settable_thresholds())] {
        let text = match setup.threshold_access() {
            Access::None => "No Thresholds".to_owned(),
            Access::Readable | Access::Settable => mask_text(mask),
            Access::Fixed => "Thresholds Fixed".to_owned(),
        };
        line!(printer, " {label} Thresholds   : {text}")?;
    }
    let status = setup.threshold_status_mask();
    if !status.is_empty() {
        line!(printer, " Threshold Read Mask   : {}", mask_text(status))?;
    }
    Ok(())
}

fn mask_text(mask: ThresholdMask) -> String {
    let listed = LISTED.iter().filter(|threshold| mask.contains(threshold.mask()));
    listed.map(|threshold| format!("{} ", threshold.abbreviation())).collect()
}

/// What [`event_status`] and [`event_enable`] ask.
pub fn event_questions(record: &SensorRecord<'_>) -> [Question; 2] {
    [question(record, &status_command(record)), question(record, &enable_command(record))]
}

fn status_command(record: &SensorRecord<'_>) -> GetSensorEventStatus {
    let key = record.key();
    GetSensorEventStatus { sensor: SensorNumber(key.number), lun: key.lun }
}

fn enable_command(record: &SensorRecord<'_>) -> GetSensorEventEnable {
    let key = record.key();
    GetSensorEventEnable { sensor: SensorNumber(key.number), lun: key.lun }
}

/// Prints what Get Sensor Event Status says, if the controller knows that command.
pub fn event_status(printer: &mut Printer<'_>, session: &Session, record: &SensorRecord<'_>) -> Result<(), Failure> {
    let Some(status) = session.ask(record, &status_command(record))? else { return Ok(()) };
    if status.unavailable {
        return line!(printer, " Event Status          : Unavailable");
    }
    if !status.event_messages {
        line!(printer, " Event Status          : Event Messages Disabled")?;
    }
    let masks = status.masks;
    if !record.is_threshold() {
        return discrete_events(printer, session, record, masks, ["Assertion Events", "Deassertion Events"]);
    }
    // ipmitool leaves the second line out unless both of its bytes have bits.
    let second = masks.deassertion.to_le_bytes().iter().all(|byte| *byte != 0);
    threshold_events(printer, masks, second, ["Assertion Events      ", "Deassertion Events    "])
}

/// Prints what Get Sensor Event Enable says, if the controller knows that command.
pub fn event_enable(printer: &mut Printer<'_>, session: &Session, record: &SensorRecord<'_>) -> Result<(), Failure> {
    let Some(enable) = session.ask(record, &enable_command(record))? else { return Ok(()) };
    if !enable.event_messages {
        line!(printer, " Event Enable          : Event Messages Disabled")?;
    }
    let masks = enable.masks;
    if !record.is_threshold() {
        return discrete_events(printer, session, record, masks, ["Assertions Enabled", "Deassertions Enabled"]);
    }
    let second = masks.deassertion != 0;
    threshold_events(printer, masks, second, ["Assertions Enabled    ", "Deassertions Enabled  "])
}

fn discrete_events(
    printer: &mut Printer<'_>,
    session: &Session,
    record: &SensorRecord<'_>,
    masks: EventMasks,
    [assertions, deassertions]: [&str; 2],
) -> Result<(), Failure> {
    states(printer, session, record, assertions, masks.assertion.to_le_bytes())?;
    states(printer, session, record, deassertions, masks.deassertion.to_le_bytes())
}

fn threshold_events(
    printer: &mut Printer<'_>,
    masks: EventMasks,
    second: bool,
    [assertions, deassertions]: [&str; 2],
) -> Result<(), Failure> {
    line!(printer, " {assertions}: {}", comparisons(masks.assertion))?;
    if second {
        line!(printer, " {deassertions}: {}", comparisons(masks.deassertion))?;
    }
    Ok(())
}

fn comparisons(bits: u16) -> String {
    let set = COMPARISONS.iter().enumerate().filter(|(bit, _)| bits & 1 << bit != 0);
    set.map(|(_, name)| format!("{name} ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_listed_by_bit() {
        assert_eq!(comparisons(0x0A80), "unc+ ucr+ unr+ ");
        assert_eq!(comparisons(0x0005), "lnc- lcr- ");
        assert_eq!(comparisons(0), "");
    }

    #[test]
    fn masks_run_from_the_lowest_threshold_up() {
        assert_eq!(mask_text(ThresholdMask::all()), "lnr lcr lnc unc ucr unr ");
    }
}
