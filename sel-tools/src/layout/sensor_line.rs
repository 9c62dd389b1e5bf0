//! Rows of `sdr list`, `sdr elist` and their CSV forms.

use ipmi_core::sdr::SensorRecord;
use ipmi_core::sensor::ThresholdStatus;

use crate::output::number::{fixed, trimmed};
use crate::row::sensor::{self, Reading, SensorRow};
use crate::{Failure, Printer, Session, line, put};

/// ipmitool formats values in 16 bytes, one of them for the end.
const VALUE_WIDTH: usize = 15;

/// Status of a threshold sensor in the words of the listing.
pub fn status(printer: &Printer<'_>, reading: &Reading, invalid: &'static str) -> &'static str {
    match reading.status() {
        None => invalid,
        Some(ThresholdStatus::Ok) => "ok",
        Some(ThresholdStatus::Crossed(threshold)) if printer.verbose > 0 => threshold.name(),
        Some(status) if printer.extended => status.abbreviation(),
        Some(status) => status.short(),
    }
}

/// Prints a full or compact sensor without `-v`.
pub fn print(
    printer: &mut Printer<'_>,
    session: &Session,
    record: &SensorRecord<'_>,
    reading: &Reading,
) -> Result<(), Failure> {
    if printer.row(&SensorRow::new(session, record, reading)) {
        return Ok(());
    }
    if printer.csv() {
        return csv(printer, session, record, reading);
    }
    let name = sensor::name(record);
    let status = if record.is_threshold() {
        status(printer, reading, "ns")
    } else if reading.valid {
        "ok"
    } else {
        "ns"
    };
    if printer.extended {
        let (entity, instance) = (record.entity_id().0, record.entity_instance());
        put!(printer, "{name:<16} | {:02X}h | {status:<3} | {entity:2}.{instance} | ", record.number())?;
        return line!(printer, "{}", extended_value(record, reading));
    }
    let value: String = short_value(record, reading).chars().take(VALUE_WIDTH).collect();
    line!(printer, "{name:<16} | {value:<17} | {status}")
}

fn short_value(record: &SensorRecord<'_>, reading: &Reading) -> String {
    let full = record.full().is_some();
    if reading.valid && reading.analog {
        format!("{} {}", trimmed(reading.number(), 2), reading.units)
    } else if reading.valid {
        let [state, _] = reading.states;
        format!("0x{state:02x}")
    } else if !full {
        "Not Readable".to_owned()
    } else if reading.disabled {
        "disabled".to_owned()
    } else {
        "no reading".to_owned()
    }
}

fn extended_value(record: &SensorRecord<'_>, reading: &Reading) -> String {
    if !reading.valid {
        return if reading.disabled { "Disabled" } else { "No Reading" }.to_owned();
    }
    let number = format!("{} {}", trimmed(reading.number(), 2), reading.units);
    match (record.is_threshold(), reading.analog) {
        (true, true) => number.chars().take(VALUE_WIDTH).collect(),
        (_, true) if reading.state_bits() == 0 => number,
        (_, true) => format!("{number}, {}", states(record, reading)),
        (_, false) => states(record, reading),
    }
}

fn states(record: &SensorRecord<'_>, reading: &Reading) -> String {
    let names = sensor::state_names(record, reading.state_bits());
    names.collect::<Vec<_>>().join(", ")
}

fn csv(
    printer: &mut Printer<'_>,
    session: &Session,
    record: &SensorRecord<'_>,
    reading: &Reading,
) -> Result<(), Failure> {
    put!(printer, "{},", sensor::name(record))?;
    if !record.is_threshold() {
        return line!(printer, "{}", csv_discrete(record, reading));
    }
    if !reading.valid {
        put!(printer, ",,ns")?;
    } else if reading.analog {
        let status = status(printer, reading, "ns");
        put!(printer, "{},{},{status}", trimmed(reading.number(), 3), reading.units)?;
    } else {
        put!(printer, "{}", csv_discrete(record, reading))?;
    }
    if printer.verbose > 0 {
        put!(printer, "{}", csv_details(session, record))?;
    }
    line!(printer)
}

fn csv_discrete(record: &SensorRecord<'_>, reading: &Reading) -> String {
    let number = record.number();
    let entity = format!("{}.{}", record.entity_id().0, record.entity_instance());
    if !reading.valid {
        return format!("{number:02X}h,ns,{entity},No Reading");
    }
    let value = if reading.analog {
        format!("{},{}", trimmed(reading.number(), 2), reading.units)
    } else {
        format!("{number:02X}h")
    };
    format!("{value},ok,{entity},{}", states(record, reading))
}

fn csv_details(session: &Session, record: &SensorRecord<'_>) -> String {
    let entity = record.entity_id();
    let name = session.sensor_type_name(record.sensor_type());
    let mut text = format!(",{}.{},{entity},{name},", entity.0, record.entity_instance());
    let Some(view) = record.full() else {
        text.push_str(",,,,,,,,,,");
        return text;
    };
    let factors = view.reading_factors();
    let value = |raw: u8| factors.convert(raw).map_or_else(|| format!("0x{raw:02X}"), |value| fixed(value, 3));
    let readable = view.body.setup.readable_thresholds();
    use ipmi_core::sensor::Threshold::{
        LowerCritical, LowerNonCritical, LowerNonRecoverable, UpperCritical, UpperNonCritical, UpperNonRecoverable,
    };
    let thresholds =
        [UpperNonRecoverable, UpperCritical, UpperNonCritical, LowerNonRecoverable, LowerCritical, LowerNonCritical]
            .map(|threshold| readable.contains(threshold.mask()).then(|| view.threshold(threshold)));
    let normal = [view.nominal_reading(), view.normal_minimum(), view.normal_maximum()];
    for raw in normal.into_iter().chain(thresholds) {
        text.push_str(&raw.map(value).unwrap_or_default());
        text.push(',');
    }
    text.push_str(&format!("{},{}", value(view.sensor_min), value(view.sensor_max)));
    text
}

/// Prints an event-only sensor without `-v`.
pub fn print_event_only(
    printer: &mut Printer<'_>,
    session: &Session,
    record: &SensorRecord<'_>,
) -> Result<(), Failure> {
    if printer.row(&SensorRow::new(session, record, &Reading::default())) {
        return Ok(());
    }
    let name = sensor::name(record);
    let (number, entity, instance) = (record.number(), record.entity_id().0, record.entity_instance());
    if printer.csv() {
        line!(printer, "{name},{number:02X}h,ns,{entity}.{instance},Event-Only")
    } else if printer.extended {
        line!(printer, "{name:<16} | {number:02X}h | ns  | {entity:2}.{instance} | Event-Only")
    } else {
        line!(printer, "{name:<16} | Event-Only        | ns")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::printer::Format;
    use ipmi_core::sdr::{CompactSensorBody, FullSensorBody, SdrRecord, SensorIdentity, emit};

    fn fan() -> Vec<u8> {
        let identity = SensorIdentity { owner_id: 0x20, number: 0x41, entity_id: 29, entity_instance: 1, owner_lun: 0 };
        let mut body = FullSensorBody { identity, ..Default::default() };
        body.setup.event_reading_type = 1;
        body.setup.sensor_type = 4;
        body.setup.base_unit = 18;
        body.factors = [1, 0, 0, 0, 0, 0];
        let mut bytes = Vec::new();
        emit(1, &body, "Fan 1", &mut bytes);
        bytes
    }

    fn supply() -> Vec<u8> {
        let identity = SensorIdentity { owner_id: 0x20, number: 0x60, entity_id: 10, entity_instance: 2, owner_lun: 0 };
        let mut body = CompactSensorBody { identity, ..Default::default() };
        body.setup.event_reading_type = 0x6F;
        body.setup.sensor_type = 8;
        let mut bytes = Vec::new();
        emit(2, &body, "PSU2 Status", &mut bytes);
        bytes
    }

    fn printed(bytes: &[u8], reading: &Reading, format: Format, extended: bool) -> String {
        let record = SdrRecord::parse(bytes).unwrap().sensor().unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut printer = Printer::new(&mut out, &mut err, format);
        printer.extended = extended;
        let session = Session::new(crate::args::Arguments::default());
        print(&mut printer, &session, &record, reading).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_with_status() {
        let reading = Reading {
            valid: true,
            states: [0xC2, 0],
            analog: true,
            value: Some(449.5),
            units: "RPM".to_owned(),
            ..Reading::default()
        };
        let bytes = fan();
        let text = |format, extended| printed(&bytes, &reading, format, extended);
        assert_eq!(text(Format::Text, false), "Fan 1            | 449.50 RPM        | cr\n");
        assert_eq!(text(Format::Text, true), "Fan 1            | 41h | lcr | 29.1 | 449.50 RPM\n");
        assert_eq!(text(Format::Csv, true), "Fan 1,449.500,RPM,lcr\n");
        let long = Reading { value: Some(32.0), units: "microsecond*whatever".to_owned(), ..reading.clone() };
        assert_eq!(printed(&bytes, &long, Format::Text, false), "Fan 1            | 32 microsecond*   | cr\n");
    }

    #[test]
    fn states_by_name() {
        let reading = Reading { valid: true, states: [0x09, 0x80], ..Reading::default() };
        let bytes = supply();
        let text = |format, extended| printed(&bytes, &reading, format, extended);
        assert_eq!(text(Format::Text, false), "PSU2 Status      | 0x09              | ok\n");
        let names = "Presence detected, Power Supply AC lost";
        assert_eq!(text(Format::Text, true), format!("PSU2 Status      | 60h | ok  | 10.2 | {names}\n"));
        assert_eq!(text(Format::Csv, false), format!("PSU2 Status,60h,ok,10.2,{names}\n"));
    }

    #[test]
    fn sensors_without_a_reading() {
        let (none, disabled) = (Reading::default(), Reading { disabled: true, ..Reading::default() });
        let text = |bytes: &[u8], reading, extended| printed(bytes, reading, Format::Text, extended);
        assert_eq!(text(&fan(), &none, false), "Fan 1            | no reading        | ns\n");
        assert_eq!(text(&fan(), &disabled, false), "Fan 1            | disabled          | ns\n");
        assert_eq!(text(&fan(), &disabled, true), "Fan 1            | 41h | ns  | 29.1 | Disabled\n");
        assert_eq!(text(&supply(), &none, false), "PSU2 Status      | Not Readable      | ns\n");
        assert_eq!(printed(&fan(), &none, Format::Csv, false), "Fan 1,,,ns\n");
        assert_eq!(printed(&supply(), &none, Format::Csv, false), "PSU2 Status,60h,ns,10.2,No Reading\n");
    }
}
