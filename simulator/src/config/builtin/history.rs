//! What happened to the built-in server before: one row per past event.

use crate::store::sel::Record;

/// The first event, 2026-01-12 07:30:00 UTC.
const START: u32 = 1_768_203_000;

/// A past event: seconds after the first, and what the record holds after its timestamp.
enum Past {
    /// System event: generator (2), sensor type, number, direction and event type, event data.
    Event(u32, [u8; 2], u8, u8, u8, [u8; 3]),
    /// OEM record with timestamp: record type, manufacturer, data.
    Stamped(u32, u8, [u8; 3], [u8; 6]),
    /// OEM record without timestamp: record type, data.
    Unstamped(u8, [u8; 13]),
}

use Past::{Event, Stamped, Unstamped};

/// The BMC.
const BMC: [u8; 2] = [0x20, 0x00];
/// The BIOS's POST.
const BIOS: [u8; 2] = [0x01, 0x00];
/// System software: the operating system's driver.
const OS: [u8; 2] = [0x41, 0x00];
/// The satellite controller on channel 0.
const SATELLITE: [u8; 2] = [0x2C, 0x00];
/// Manufacturer used in the OEM records: one that no vendor decoding knows.
const MANUFACTURER: [u8; 3] = [0x37, 0x01, 0x00];
/// Event type 6Fh, sensor specific, and the same as a deassertion.
const SPECIFIC: u8 = 0x6F;
const SPECIFIC_OFF: u8 = 0xEF;
const DAY: u32 = 86_400;

const PAST: &[Past] = &[
    Event(0, BMC, 0x10, 0xB2, SPECIFIC, [0x02, 0xFF, 0xFF]),
    Event(40, BMC, 0x22, 0xB3, SPECIFIC, [0x00, 0xFF, 0xFF]),
    Event(41, BMC, 0x09, 0x83, SPECIFIC_OFF, [0x00, 0xFF, 0xFF]),
    Event(52, BIOS, 0x0F, 0xB5, SPECIFIC, [0xC2, 0x01, 0xFF]),
    Event(55, BIOS, 0x0F, 0xB5, SPECIFIC, [0xC2, 0x13, 0xFF]),
    Event(70, BIOS, 0x12, 0x00, SPECIFIC, [0x05, 0x00, 0xFF]),
    Event(71, BIOS, 0x12, 0x00, SPECIFIC, [0x05, 0x80, 0xFF]),
    Event(95, OS, 0x1F, 0xB1, SPECIFIC, [0x01, 0xFF, 0xFF]),
    Event(3 * DAY, BMC, 0x2A, 0xB7, SPECIFIC, [0xA0, 0x02, 0x01]),
    Event(3 * DAY + 610, BMC, 0x2A, 0xB7, SPECIFIC, [0xA1, 0x02, 0x11]),
    Event(9 * DAY, BMC, 0x01, 0x01, 0x01, [0x57, 38, 38]),
    Event(9 * DAY + 1_240, BMC, 0x01, 0x01, 0x81, [0x57, 35, 38]),
    Event(11 * DAY, BMC, 0x08, 0x81, SPECIFIC, [0x03, 0xFF, 0xFF]),
    Event(11 * DAY + 1, BMC, 0x09, 0x82, 0x0B, [0x01, 0xFF, 0xFF]),
    Event(11 * DAY + 95, BMC, 0x08, 0x81, SPECIFIC_OFF, [0x03, 0xFF, 0xFF]),
    Event(11 * DAY + 96, BMC, 0x09, 0x82, 0x0B, [0x00, 0xFF, 0xFF]),
    Event(20 * DAY, BIOS, 0x0C, 0xA4, SPECIFIC, [0xA0, 0x01, 0x03]),
    Event(20 * DAY + 3_600, BIOS, 0x0C, 0xA4, SPECIFIC, [0xA5, 0x01, 0x03]),
    Event(26 * DAY, BMC, 0x0D, 0x93, SPECIFIC, [0x02, 0xFF, 0xFF]),
    Event(27 * DAY, BMC, 0x0D, 0x93, SPECIFIC_OFF, [0x00, 0xFF, 0xFF]),
    Event(27 * DAY + 45, BMC, 0x0D, 0x93, SPECIFIC, [0x00, 0xFF, 0xFF]),
    Event(27 * DAY + 46, BMC, 0x0D, 0x93, SPECIFIC, [0x07, 0xFF, 0xFF]),
    Event(27 * DAY + 9_000, BMC, 0x0D, 0x93, SPECIFIC_OFF, [0x07, 0xFF, 0xFF]),
    Event(34 * DAY, BMC, 0x05, 0xA6, SPECIFIC, [0x00, 0xFF, 0xFF]),
    Event(34 * DAY + 700, BMC, 0x05, 0xA6, SPECIFIC_OFF, [0x00, 0xFF, 0xFF]),
    Event(34 * DAY + 702, BMC, 0x04, 0x22, 0x01, [0x50, 28, 30]),
    Event(34 * DAY + 703, BMC, 0x04, 0x22, 0x01, [0x52, 15, 20]),
    Event(34 * DAY + 730, BMC, 0x04, 0x22, 0x81, [0x52, 70, 20]),
    Event(34 * DAY + 731, BMC, 0x04, 0x22, 0x81, [0x50, 70, 30]),
    Event(41 * DAY, BIOS, 0x13, 0xA5, SPECIFIC, [0xA7, 0x3B, 0x00]),
    Event(48 * DAY, BMC, 0x23, 0xB0, SPECIFIC, [0xC8, 0x34, 0xFF]),
    Event(48 * DAY + 10, BMC, 0x23, 0xB0, SPECIFIC, [0xC1, 0x04, 0xFF]),
    Event(48 * DAY + 11, BMC, 0x1D, 0x00, SPECIFIC, [0xA7, 0x04, 0x0F]),
    Stamped(48 * DAY + 95, 0xDC, MANUFACTURER, [0x00, 0x98, 0x15, 0xA1, 0x48, 0x00]),
    Event(55 * DAY, BMC, 0x07, 0xA2, 0x03, [0x01, 0xFF, 0xFF]),
    Event(55 * DAY + 31, BMC, 0x07, 0xA2, 0x83, [0x01, 0xFF, 0xFF]),
    Event(60 * DAY, SATELLITE, 0x28, 0x02, SPECIFIC, [0x04, 0x01, 0xFF]),
    Event(60 * DAY + 5, SATELLITE, 0x28, 0x02, SPECIFIC_OFF, [0x04, 0x01, 0xFF]),
    Event(66 * DAY, OS, 0x20, 0x00, SPECIFIC, [0xA1, 0x6E, 0x75]),
    Unstamped(0xF0, *b"\x20\x00not syncing"),
    Unstamped(0xF0, *b"\x20\x01: user test"),
    Event(66 * DAY + 300, BMC, 0x14, 0xA7, SPECIFIC, [0x02, 0xFF, 0xFF]),
    Event(70 * DAY, BMC, 0x2B, 0xB6, SPECIFIC, [0xC7, 0x01, 0xFF]),
    Stamped(70 * DAY + 2, 0xC1, MANUFACTURER, [0x02, 0x14, 0x00, 0x00, 0x00, 0x01]),
];

/// The records, oldest first.
pub(super) fn records() -> impl Iterator<Item = Record> {
    PAST.iter().map(|past| {
        let mut record = [0; 16];
        let body: Vec<u8> = match *past {
            Event(after, [g0, g1], kind, number, direction, [d1, d2, d3]) => {
                let mut body = vec![0x02];
                body.extend((START + after).to_le_bytes());
                body.extend([g0, g1, 0x04, kind, number, direction, d1, d2, d3]);
                body
            }
            Stamped(after, kind, manufacturer, data) => {
                let mut body = vec![kind];
                body.extend((START + after).to_le_bytes());
                body.extend(manufacturer);
                body.extend(data);
                body
            }
            Unstamped(kind, data) => [&[kind][..], &data].concat(),
        };
        for (byte, new) in record.iter_mut().skip(2).zip(body) {
            *byte = new;
        }
        record
    })
}

/// When the log was cleared last: just before the first record.
pub(super) const CLEARED: u32 = START;

/// How long the system was on meanwhile, in seconds: 70 days.
pub(super) const LENGTH: u64 = 70 * DAY as u64;
