//! Rows of `sel list` and `sel elist`, blocks of `sel -v list` and `sel get`, lines of `sel save`.

use ipmi_core::event::{DataUse, Event, EventData, EventDirection};
use ipmi_core::sdr::SensorRecord;
use ipmi_core::sel::{SelRecord, SystemEventRecord};
use ipmi_core::table::{EventClass, EventReadingType, Manufacturer, SensorType};
use ipmi_core::text::hex;
use ipmi_core::time::Timestamp;

use crate::output::clock::is_relative;
use crate::output::number::{fixed, is_whole};
use crate::output::text;
use crate::row::event::{EventRow, EventTexts};
use crate::row::sensor;
use crate::{Failure, Printer, line, put};

const LINUX_PANIC: u8 = 0xF0;
const OEM: u8 = 0xC0;
const OEM_WITHOUT_TIME: u8 = 0xE0;
const MEMORY: u8 = 0x0C;

/// Prints a record as one line, or as a block with `-v`.
pub fn print(printer: &mut Printer<'_>, record: &SelRecord<'_>, texts: &EventTexts<'_>) -> Result<(), Failure> {
    if printer.json() {
        let row = EventRow::new(record, texts, &printer.clock);
        printer.row(&row);
        return Ok(());
    }
    if printer.verbose > 0 {
        return block(printer, record, texts);
    }
    let separator = if printer.csv() { "," } else { " | " };
    let id = record.record_id();
    if printer.csv() {
        put!(printer, "{id:x},")?;
    } else {
        put!(printer, "{id:4x} | ")?;
    }
    if record.record_type() == LINUX_PANIC {
        put!(printer, "{}", if printer.csv() { ",," } else { "" })?;
        return line!(printer, "Linux kernel panic: {}", panic_text(record));
    }
    match time_of(record) {
        Some(time) if is_relative(time.0) => {
            let (after_label, after_number) = if printer.csv() { (",", ",") } else { (" |", "| ") };
            put!(printer, " Pre-Init {after_label}{:010}{after_number}", time.0)?;
        }
        Some(time) => {
            let (date, time) = (printer.clock.date(time.0), printer.clock.time(time.0));
            put!(printer, "{date}{separator}{time}{separator}")?;
        }
        None => put!(printer, "{}", if printer.csv() { ",," } else { "" })?,
    }
    if let Some(event) = record.as_system() {
        return system_line(printer, event, texts, separator);
    }
    match record {
        SelRecord::System(_) | SelRecord::Other(_) => Ok(()),
        SelRecord::OemTimestamped(oem) => {
            let (code, maker, data) = (oem.record_type, reversed(oem.manufacturer_id), hex(&oem.data));
            line!(printer, "OEM record {code:02x}{separator}{}{separator}{data}", hex(&maker))
        }
        SelRecord::Oem(oem) => {
            line!(printer, "OEM record {:02x}{separator}{}", oem.record_type, hex(&oem.data))
        }
    }
}

/// When a record was made; reserved types below C0h are read as events.
fn time_of(record: &SelRecord<'_>) -> Option<Timestamp> {
    record.time().or_else(|| record.as_system().map(SystemEventRecord::time))
}

/// ipmitool prints the manufacturer id most significant byte first.
const fn reversed([low, middle, high]: [u8; 3]) -> [u8; 3] {
    [high, middle, low]
}

/// Up to eleven characters of a panic message, ended by a zero.
fn panic_text(record: &SelRecord<'_>) -> String {
    let bytes = record.bytes().get(5..).unwrap_or_default();
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()).min(11);
    text::from_bytes(bytes.get(..end).unwrap_or_default())
}

fn system_line(
    printer: &mut Printer<'_>,
    record: &SystemEventRecord,
    texts: &EventTexts<'_>,
    separator: &str,
) -> Result<(), Failure> {
    let event = record.event();
    let sensor = texts.sensor(record).filter(|_| printer.extended);
    put!(printer, "{}", texts.sensor_type_name(event.sensor_type))?;
    match sensor {
        Some(sensor) => put!(printer, " {}", sensor::name(sensor))?,
        None if record.sensor_number != 0 => put!(printer, " #0x{:02x}", record.sensor_number)?,
        None => {}
    }
    let description = texts.description(record).unwrap_or_default();
    let direction = match event.direction {
        EventDirection::Asserted => "Asserted",
        EventDirection::Deasserted => "Deasserted",
    };
    put!(printer, "{separator}{description}{separator}{direction}")?;
    match sensor {
        Some(sensor) if event.event_type.is_threshold() => put!(printer, "{separator}{}", values(record, sensor))?,
        _ => put!(printer, "{}", memory_module(record, texts, separator))?,
    }
    line!(printer)
}

/// `Reading 48 > Threshold 42 degrees C`; a reading the event does not carry is printed as 0.
fn values(record: &SystemEventRecord, sensor: &SensorRecord<'_>) -> String {
    let event = record.event();
    let factors = sensor.full().map(|view| view.reading_factors());
    let convert = |raw: u8| factors.and_then(|factors| factors.convert(raw)).unwrap_or_default();
    // ipmitool keeps both in single precision.
    let short = |value: f64| {
        let value = f64::from(value as f32);
        fixed(value, if is_whole(value) { 0 } else { 2 })
    };
    let is_reading = |used: DataUse| used == DataUse::Reading;
    let reading = if is_reading(event.data.second_use(event.event_type)) { convert(event.data.second()) } else { 0.0 };
    let mut text = format!("Reading {}", short(reading));
    if is_reading(event.data.third_use(event.event_type)) {
        let going_high = event.data.offset() % 2 == 1;
        let above = going_high == (event.direction == EventDirection::Asserted);
        let units = sensor.units().unwrap_or_default();
        let threshold = short(convert(event.data.third()));
        text.push_str(&format!(" {} Threshold {threshold} {units}", if above { ">" } else { "<" }));
    }
    text
}

/// Memory errors of sensor 0 name the module, except where the manufacturer is known to mean something else by it.
fn memory_module(record: &SystemEventRecord, texts: &EventTexts<'_>, separator: &str) -> String {
    const OTHERS: [Manufacturer; 3] = [Manufacturer::SUPERMICRO, Manufacturer(47488), Manufacturer(7244)];
    let [first, _, third] = record.event_data;
    let is_module = record.event_dir_type & 0x7F == 0x6F
        && record.sensor_type == MEMORY
        && record.sensor_number == 0
        && first & 0x30 == 0x20
        && !texts.manufacturer().is_some_and(|manufacturer| OTHERS.contains(&manufacturer));
    if is_module { format!("{separator}CPU {} DIMM {}", third & 0x0F, third >> 4) } else { String::new() }
}

/// Prints a record as a block.
pub fn block(printer: &mut Printer<'_>, record: &SelRecord<'_>, texts: &EventTexts<'_>) -> Result<(), Failure> {
    let code = record.record_type();
    line!(printer, "SEL Record ID          : {:04x}", record.record_id())?;
    if code == LINUX_PANIC {
        line!(printer, " Record Type           : Linux kernel panic (OEM record {code:02x})")?;
        return line!(printer, " Panic string          : {}\n", panic_text(record));
    }
    let kind = match code {
        OEM_WITHOUT_TIME.. => "  (OEM non-timestamped)",
        OEM.. => "  (OEM timestamped)",
        _ => "",
    };
    line!(printer, " Record Type           : {code:02x}{kind}")?;
    timestamp(printer, record)?;
    if let Some(event) = record.as_system() {
        head(printer, event, texts)?;
        line!(printer, " Event Data            : {}", hex(&event.event_data))?;
        return description(printer, event, texts);
    }
    match record {
        SelRecord::System(_) | SelRecord::Other(_) => Ok(()),
        SelRecord::OemTimestamped(oem) => {
            line!(printer, " Manufactacturer ID    : {}", hex(&reversed(oem.manufacturer_id)))?;
            line!(printer, " OEM Defined           : {} [{}]\n", hex(&oem.data), ascii(&oem.data))
        }
        SelRecord::Oem(oem) => line!(printer, " OEM Defined           : {} [{}]\n", hex(&oem.data), ascii(&oem.data)),
    }
}

/// Prints the block of `sel get`: with values where the sensor is known.
pub fn extended_block(
    printer: &mut Printer<'_>,
    record: &SelRecord<'_>,
    texts: &EventTexts<'_>,
) -> Result<(), Failure> {
    let known = record.as_system().and_then(|event| Some((event, texts.sensor(event)?)));
    let Some((event, sensor)) = known else { return block(printer, record, texts) };
    line!(printer, "SEL Record ID          : {:04x}", record.record_id())?;
    line!(printer, " Record Type           : {:02x}", record.record_type())?;
    timestamp(printer, record)?;
    head(printer, event, texts)?;
    line!(printer, " Event Data (RAW)      : {}", hex(&event.event_data))?;
    event_data(printer, event, sensor)?;
    description(printer, event, texts)
}

/// The date stands twice: ipmitool means to print the time after it, but prints both from one buffer.
fn timestamp(printer: &mut Printer<'_>, record: &SelRecord<'_>) -> Result<(), Failure> {
    let Some(time) = time_of(record) else { return Ok(()) };
    let date = printer.clock.date(time.0);
    line!(printer, " Timestamp             : {date} {date}")
}

fn head(printer: &mut Printer<'_>, record: &SystemEventRecord, texts: &EventTexts<'_>) -> Result<(), Failure> {
    let event = record.event();
    let direction = match event.direction {
        EventDirection::Asserted => "Assertion Event",
        EventDirection::Deasserted => "Deassertion Event",
    };
    line!(printer, " Generator ID          : {:04x}", record.generator().number())?;
    line!(printer, " EvM Revision          : {:02x}", record.evm_revision)?;
    line!(printer, " Sensor Type           : {}", texts.sensor_type_name(event.sensor_type))?;
    line!(printer, " Sensor Number         : {:02x}", record.sensor_number)?;
    line!(printer, " Event Type            : {}", event.event_type)?;
    line!(printer, " Event Direction       : {direction}")
}

fn description(printer: &mut Printer<'_>, record: &SystemEventRecord, texts: &EventTexts<'_>) -> Result<(), Failure> {
    line!(printer, " Description           : {}\n", texts.description(record).unwrap_or_default())
}

fn event_data(printer: &mut Printer<'_>, record: &SystemEventRecord, sensor: &SensorRecord<'_>) -> Result<(), Failure> {
    let event = record.event();
    let [first, second, third] = record.event_data;
    match event.event_type.class() {
        EventClass::Threshold if sensor.full().is_some() => {
            value(printer, sensor, "Trigger Reading   ", event.data.second_use(event.event_type), second)?;
            value(printer, sensor, "Trigger Threshold ", event.data.third_use(event.event_type), third)
        }
        EventClass::Generic | EventClass::Oem => Ok(()),
        EventClass::SensorSpecific => match (record.sensor_type, record.sensor_number, first) {
            (MEMORY, 0, first) if first & 0x30 == 0x20 => {
                line!(printer, " Event Data            : CPU {} DIMM {}", third & 0x0F, third >> 4)
            }
            (0x2B, _, 0xC1) => Ok(()),
            _ => line!(printer, " Event Interpretation  : Missing"),
        },
        _ => line!(printer, " Event Data            : {}", hex(&record.event_data)),
    }
}

fn value(
    printer: &mut Printer<'_>,
    sensor: &SensorRecord<'_>,
    label: &str,
    used: DataUse,
    byte: u8,
) -> Result<(), Failure> {
    match used {
        DataUse::Unspecified => Ok(()),
        DataUse::Reading => {
            let factors = sensor.full().map(|view| view.reading_factors());
            let value = factors.and_then(|factors| factors.convert(byte)).unwrap_or_default();
            let units = sensor.units().unwrap_or_default();
            line!(printer, " {label}    : {}{units}", fixed(value, 3))
        }
        DataUse::Oem => line!(printer, " OEM Data              : {byte:02x}"),
        _ => line!(printer, " Sensor Extension Code : {byte:02x}"),
    }
}

/// Printable bytes as they are, others as dots.
fn ascii(bytes: &[u8]) -> String {
    let shown = |byte: &u8| if (0x20..0x7F).contains(byte) { char::from(*byte) } else { '.' };
    bytes.iter().map(shown).collect()
}

/// A line of `sel save`: the event as `event file` reads it, with its text as a comment. ipmitool writes OEM records
/// as if they were events.
pub fn save_line(record: &SelRecord<'_>, texts: &EventTexts<'_>) -> String {
    let bytes = raw_bytes(record);
    let [revision, sensor_type, number, dir_type, data1, data2, data3] =
        [9, 10, 11, 12, 13, 14, 15].map(|index: usize| bytes.get(index).copied().unwrap_or_default());
    let event = Event {
        sensor_type: SensorType(sensor_type),
        sensor_number: number,
        event_type: EventReadingType::from_low_bits(dir_type),
        direction: EventDirection::of_bit_7(dir_type),
        data: EventData([data1, data2, data3]),
    };
    let text = match record.as_system() {
        Some(system) => texts.description(system),
        None => event.description().map(Into::into),
    };
    format!(
        "0x{revision:02x} 0x{sensor_type:02x} 0x{number:02x} 0x{dir_type:02x} 0x{data1:02x} 0x{data2:02x} 0x{data3:02x} \
         # {} #0x{number:02x} {}",
        texts.sensor_type_name(event.sensor_type),
        text.as_deref().unwrap_or("Unknown"),
    )
}

/// The sixteen bytes `sel writeraw` writes. ipmitool keeps the manufacturer id of OEM records the other way round.
pub fn raw_bytes(record: &SelRecord<'_>) -> Vec<u8> {
    let mut bytes = record.bytes().to_vec();
    if matches!(record, SelRecord::OemTimestamped(_))
        && let Some(maker) = bytes.get_mut(7..10)
    {
        maker.reverse();
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::printer::Format;

    const CHASSIS: [u8; 16] = [0x30, 0, 2, 0x27, 0x5F, 0xC2, 0x6A, 0x20, 0, 4, 5, 0x73, 0x6F, 0x80, 2, 0xFF];
    const STAMPED: [u8; 16] = [0x5B, 0, 0xC1, 0x27, 0x5F, 0xC2, 0x6A, 0x57, 1, 0, 1, 2, 3, 4, 5, 6];
    const PANIC: [u8; 16] = *b"\x5E\0\xF0\x20\x01not syncing";

    fn printed(bytes: &[u8; 16], format: Format, verbose: u8) -> String {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut printer = Printer::new(&mut out, &mut err, format);
        printer.verbose = verbose;
        print(&mut printer, &SelRecord::parse(bytes).unwrap(), &EventTexts::default()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines() {
        let date = "10/04/26 | 14:13:59 UTC";
        for (bytes, text) in [
            (CHASSIS, format!("  30 | {date} | Physical Security #0x73 | General Chassis intrusion | Asserted\n")),
            (STAMPED, format!("  5b | {date} | OEM record c1 | 000157 | 010203040506\n")),
            (PANIC, "  5e | Linux kernel panic: not syncing\n".to_owned()),
        ] {
            assert_eq!(printed(&bytes, Format::Text, 0), text);
        }
        let mut early = CHASSIS;
        early[3..7].copy_from_slice(&[0x2C, 3, 0, 0]);
        let text = "30, Pre-Init ,0000000812,Physical Security #0x73,General Chassis intrusion,Asserted\n";
        assert_eq!(printed(&early, Format::Csv, 0), text);
    }

    #[test]
    fn blocks() {
        let expected = "\
SEL Record ID          : 005b
 Record Type           : c1  (OEM timestamped)
 Timestamp             : 10/04/26 10/04/26
 Manufactacturer ID    : 000157
 OEM Defined           : 010203040506 [......]

";
        assert_eq!(printed(&STAMPED, Format::Text, 1), expected);
        assert!(printed(&CHASSIS, Format::Text, 1).contains(" Event Data            : 8002ff\n"));
    }

    #[test]
    fn files() {
        let line = |bytes: &[u8; 16]| save_line(&SelRecord::parse(bytes).unwrap(), &EventTexts::default());
        let text = "0x04 0x05 0x73 0x6f 0x80 0x02 0xff # Physical Security #0x73 General Chassis intrusion";
        assert_eq!(line(&CHASSIS), text);
        let raw = raw_bytes(&SelRecord::parse(&STAMPED).unwrap());
        assert_eq!(raw[7..10], [0, 1, 0x57]);
    }
}
