//! Emulator files for `ipmi_sim` and `bmc-sim`, always the same bytes: a full BMC, and a small one of which there are
//! many.
//!
//! The full one has 165 SDRs, 500 SEL records, 4 FRUs and a satellite controller: 110 full and 39 compact sensor
//! records, 5 event-only, 4 FRU and 2 controller locators, 2 entity associations and 3 OEM records (IPMI 2.0 s43). Six
//! of the full sensors belong to the satellite, so their readings are bridged.

use std::fmt::Write;

/// The BMC.
pub const BMC: u8 = 0x20;
/// The satellite controller.
pub const SATELLITE: u8 = 0x2C;
/// Sensor data records in the repository.
pub const SDRS: usize = 165;
/// Records that `sdr list` shows: full and compact sensors.
pub const SENSORS: usize = 149;
/// Records in the SEL.
pub const SEL_RECORDS: usize = 500;

const FULL: usize = 110;
const COMPACT: usize = 39;
const EVENT_ONLY: usize = 5;
const ON_SATELLITE: usize = 6;

/// Sensors of the small BMC.
pub const SMALL_SENSORS: usize = SMALL_FULL + SMALL_COMPACT;
const SMALL_FULL: usize = 44;
const SMALL_COMPACT: usize = 16;

/// One kind of sensor that a linear formula describes: name, unit, type, entity, factor M, exponent of the result,
/// offset B.
struct Analog {
    name: &'static str,
    sensor_type: u8,
    unit: u8,
    entity: u8,
    m: u8,
    result_exponent: i8,
    b: u8,
    reading: u8,
}

const ANALOG: &[Analog] = &[
    Analog { name: "Inlet Temp", sensor_type: 1, unit: 1, entity: 0x37, m: 1, result_exponent: 0, b: 0, reading: 24 },
    Analog { name: "CPU Temp", sensor_type: 1, unit: 1, entity: 3, m: 1, result_exponent: 0, b: 0, reading: 61 },
    Analog { name: "DIMM Temp", sensor_type: 1, unit: 1, entity: 32, m: 1, result_exponent: 0, b: 0, reading: 43 },
    Analog { name: "Rail 12V", sensor_type: 2, unit: 4, entity: 7, m: 63, result_exponent: -3, b: 0, reading: 191 },
    Analog { name: "Rail 3V3", sensor_type: 2, unit: 4, entity: 7, m: 17, result_exponent: -3, b: 5, reading: 194 },
    Analog { name: "Fan", sensor_type: 4, unit: 18, entity: 29, m: 70, result_exponent: 0, b: 0, reading: 96 },
    Analog { name: "PSU Input", sensor_type: 11, unit: 6, entity: 10, m: 4, result_exponent: 0, b: 0, reading: 53 },
    Analog { name: "VR Current", sensor_type: 3, unit: 5, entity: 20, m: 2, result_exponent: -1, b: 0, reading: 87 },
];

/// One kind of discrete sensor: name, type, event/reading type, entity, states asserted.
struct Discrete {
    name: &'static str,
    sensor_type: u8,
    reading_type: u8,
    entity: u8,
    states: u8,
}

const DISCRETE: &[Discrete] = &[
    Discrete { name: "PSU Status", sensor_type: 8, reading_type: 0x6F, entity: 10, states: 0b1 },
    Discrete { name: "Drive", sensor_type: 0x0D, reading_type: 0x6F, entity: 4, states: 0b1 },
    Discrete { name: "CPU Status", sensor_type: 7, reading_type: 0x6F, entity: 3, states: 0b1000_0000 },
    Discrete { name: "Fan Redundancy", sensor_type: 4, reading_type: 0x0B, entity: 30, states: 0b1 },
    Discrete { name: "Slot Presence", sensor_type: 0x21, reading_type: 0x08, entity: 11, states: 0b10 },
    Discrete { name: "Watchdog", sensor_type: 0x23, reading_type: 0x6F, entity: 6, states: 0 },
];

/// The full BMC.
pub fn script() -> String {
    let mut text = controllers(true);
    for (id, size) in [(0, 1024), (1, 256), (2, 256), (3, 256)] {
        let _ = writeln!(text, "mc_add_fru_data 0x20 {id:#x} {size:#x} data{}", words(&fru(id, size)));
    }
    let mut records = Records { text: String::new(), next: 1 };
    sensors(&mut text, &mut records, FULL, COMPACT, ON_SATELLITE);
    for index in 0..EVENT_ONLY {
        event_only(&mut text, &mut records, index);
    }
    others(&mut records);
    assert_eq!(usize::from(records.next) - 1, SDRS, "records in the repository");
    text.push_str(&records.text);
    text.push_str(&sel());
    text
}

/// The small BMC: sensors and nothing else.
pub fn small_script() -> String {
    let mut text = controllers(false);
    let mut records = Records { text: String::new(), next: 1 };
    sensors(&mut text, &mut records, SMALL_FULL, SMALL_COMPACT, 0);
    text.push_str(&records.text);
    text
}

fn controllers(satellite: bool) -> String {
    let mut text = "mc_setbmc 0x20\n\
        mc_add 0x20 32 no-device-sdrs 1 2 11 0xbf 0x0002a2 0x0100 dynsens\nmc_enable 0x20\n"
        .to_owned();
    if satellite {
        text.push_str("mc_add 0x2c 1 no-device-sdrs 1 3 4 0x21 0x000157 0x0b01 dynsens\nmc_enable 0x2c\n");
    }
    text.push_str("sel_enable 0x20 1000 0x0a\n");
    text
}

/// A compact record behind every third full one, then the rest of them.
fn sensors(text: &mut String, records: &mut Records, fulls: usize, compacts: usize, on_satellite: usize) {
    for index in 0..fulls {
        full(text, records, index, if index >= fulls - on_satellite { SATELLITE } else { BMC });
        if index % 3 == 2 && index / 3 < compacts {
            compact(text, records, index / 3);
        }
    }
    for index in fulls / 3..compacts {
        compact(text, records, index);
    }
}

/// SDRs as `main_sdr_add` lines, numbered from 1.
struct Records {
    text: String,
    next: u16,
}

impl Records {
    fn add(&mut self, kind: u8, body: &[u8]) {
        let [low, high] = self.next.to_le_bytes();
        let mut record = vec![low, high, 0x51, kind, u8::try_from(body.len()).expect("short record")];
        record.extend_from_slice(body);
        let _ = writeln!(self.text, "main_sdr_add 0x20{}", words(&record));
        self.next += 1;
    }
}

fn words(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, " 0x{byte:02x}");
        text
    })
}

/// Type/length byte and 8-bit text.
fn id_string(name: &str) -> Vec<u8> {
    assert!(name.len() <= 16, "{name}");
    let mut bytes = vec![0xC0 | u8::try_from(name.len()).expect("short name")];
    bytes.extend_from_slice(name.as_bytes());
    bytes
}

fn byte(number: usize) -> u8 {
    u8::try_from(number).expect("fits a byte")
}

fn full(text: &mut String, records: &mut Records, index: usize, owner: u8) {
    let kind = &ANALOG[index % ANALOG.len()];
    let (number, instance) = (byte(index + 1), byte(index / ANALOG.len() + 1));
    let value = kind.reading + byte(index % 5);
    let _ = writeln!(text, "sensor_add {owner:#x} 0 {number:#x} {:#x} 0x01", kind.sensor_type);
    let (upper, lower) = ([230, 220, 210], [2, 6, 10]);
    let _ = writeln!(
        text,
        "sensor_set_threshold {owner:#x} 0 {number:#x} settable 111111{}{}",
        words(&upper),
        words(&lower)
    );
    let _ = writeln!(text, "sensor_set_hysteresis {owner:#x} 0 {number:#x} settable 2 2");
    let _ = writeln!(text, "sensor_set_value {owner:#x} 0 {number:#x} {value:#x} 0");
    let states = "000111111111111";
    let _ = writeln!(
        text,
        "sensor_set_event_support {owner:#x} 0 {number:#x} enable scanning per-state {states} {states} {states} {states}"
    );
    let mut body = vec![owner, 0, number, kind.entity, instance, 0x7F, 0x68, kind.sensor_type, 0x01];
    body.extend([0xFF, 0x0F, 0xFF, 0x0F, 0x3F, 0x3F]);
    body.extend([0x00, kind.unit, 0, 0, kind.m, 0, kind.b, 0, 0, kind.result_exponent.cast_unsigned() << 4]);
    body.extend([0x07, kind.reading, 200, 20, 255, 0, 230, 220, 210, 2, 6, 10, 2, 2, 0, 0, 0]);
    body.extend(id_string(&format!("{} {instance}", kind.name)));
    records.add(0x01, &body);
}

fn compact(text: &mut String, records: &mut Records, index: usize) {
    let kind = &DISCRETE[index % DISCRETE.len()];
    let (number, instance) = (byte(FULL + index + 1), byte(index / DISCRETE.len() + 1));
    let _ = writeln!(text, "sensor_add 0x20 0 {number:#x} {:#x} {:#x}", kind.sensor_type, kind.reading_type);
    let states = "000000011111111";
    let _ = writeln!(
        text,
        "sensor_set_event_support 0x20 0 {number:#x} enable scanning per-state {states} {states} {states} {states}"
    );
    for bit in 0..8 {
        if kind.states >> bit & 1 == 1 {
            let _ = writeln!(text, "sensor_set_bit 0x20 0 {number:#x} {bit} 1 0");
        }
    }
    let mut body = vec![BMC, 0, number, kind.entity, instance, 0x67, 0x40, kind.sensor_type, kind.reading_type];
    body.extend([0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xC0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
    body.extend(id_string(&format!("{} {instance}", kind.name)));
    records.add(0x02, &body);
}

fn event_only(text: &mut String, records: &mut Records, index: usize) {
    let number = byte(FULL + COMPACT + index + 1);
    let _ = writeln!(text, "sensor_add 0x20 0 {number:#x} 0x12 0x6f event-only");
    let mut body = vec![BMC, 0, number, 0x22, byte(index + 1), 0x12, 0x6F, 1, 0, 0, 0];
    body.extend(id_string(&format!("System Event {}", index + 1)));
    records.add(0x03, &body);
}

fn others(records: &mut Records) {
    for id in 0..4_u8 {
        let mut body = vec![BMC, id, 0x80, 0, 0, 0x10, 0, 7, id + 1, 0];
        body.extend(id_string(&format!("Board {id} FRU")));
        records.add(0x11, &body);
    }
    for (address, capabilities, name) in [(BMC, 0xBF, "Main BMC"), (SATELLITE, 0x21, "Power Controller")] {
        let mut body = vec![address, 0, 0, capabilities, 0, 0, 0, 6, address >> 4, 0];
        body.extend(id_string(name));
        records.add(0x12, &body);
    }
    for container in [7, 10] {
        records.add(0x08, &[container, 1, 0x00, 3, 1, 32, 1, 29, 1, 20, 1]);
    }
    for index in 0..3 {
        records.add(0xC0, &[0x57, 0x01, 0x00, 0x0D, index, 0x2C, 0x60, 0x19, 0x18]);
    }
}

/// Threshold and discrete events in turn, by the sensors above; `ipmi_sim` stamps them itself.
fn sel() -> String {
    (0..SEL_RECORDS).fold(String::new(), |mut text, index| {
        let low = byte(index & 0xFF);
        let record = if index % 2 == 0 {
            let number = byte(index / 2 % (FULL - ON_SATELLITE));
            let kind = &ANALOG[usize::from(number) % ANALOG.len()];
            let direction = if index % 4 == 2 { 0x80 } else { 0 };
            [0x20, 0, 4, kind.sensor_type, number + 1, direction | 1, 0x57, low, 210]
        } else {
            let number = index / 2 % COMPACT;
            let kind = &DISCRETE[number % DISCRETE.len()];
            [0x20, 0, 4, kind.sensor_type, byte(FULL + number + 1), kind.reading_type, byte(index % 2), 0xFF, 0xFF]
        };
        let _ = writeln!(text, "sel_add 0x20 2 0 0 0 0{}", words(&record));
        text
    })
}

/// A FRU with a board and a product area (FRU definition 1.0 s8, s11, s12), the rest of the device FFh.
fn fru(id: usize, size: usize) -> Vec<u8> {
    let board =
        area(&[25, 0x20, 0x10, 0xC8], &["Example Works", &format!("Board {id}"), &format!("B{id:06}"), "P-100"]);
    let product =
        area(&[25], &["Example Works", &format!("Server {id}"), "S-200", "1.0", &format!("S{id:06}"), "Asset"]);
    let mut bytes = with_checksum(vec![1, 0, 0, 1, byte(1 + board.len() / 8), 0, 0]);
    bytes.extend(board);
    bytes.extend(product);
    bytes.resize(size, 0xFF);
    bytes
}

fn area(fixed: &[u8], fields: &[&str]) -> Vec<u8> {
    let mut bytes = vec![1, 0];
    bytes.extend_from_slice(fixed);
    for field in fields {
        bytes.push(0xC0 | byte(field.len()));
        bytes.extend_from_slice(field.as_bytes());
    }
    // No FRU file id, end of fields.
    bytes.extend([0x00, 0xC1]);
    bytes.resize((bytes.len() + 1).next_multiple_of(8) - 1, 0);
    bytes[1] = byte((bytes.len() + 1) / 8);
    with_checksum(bytes)
}

fn with_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.push(bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_sub(*byte)));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_it_says() {
        let script = script();
        let records: Vec<&str> = script.lines().filter(|line| line.starts_with("main_sdr_add ")).collect();
        assert_eq!(records.len(), SDRS);
        let sensors = records.iter().filter(|line| matches!(line.split(' ').nth(5), Some("0x01" | "0x02"))).count();
        assert_eq!(sensors, SENSORS);
        assert_eq!(script.lines().filter(|line| line.starts_with("sel_add ")).count(), SEL_RECORDS);
        assert_eq!(script.lines().filter(|line| line.starts_with("sensor_add 0x2c ")).count(), ON_SATELLITE);
    }

    #[test]
    fn the_small_one_has_its_sensors() {
        let script = small_script();
        let count = |word| script.lines().filter(|line| line.starts_with(word)).count();
        assert_eq!((count("main_sdr_add "), count("sensor_add 0x20 ")), (SMALL_SENSORS, SMALL_SENSORS));
    }

    #[test]
    fn frus_add_up() {
        let bytes = fru(0, 1024);
        let product = usize::from(bytes[4]) * 8;
        let end = product + usize::from(bytes[product + 1]) * 8;
        for area in [&bytes[..8], &bytes[8..product], &bytes[product..end]] {
            assert_eq!(area.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)), 0);
        }
    }
}
