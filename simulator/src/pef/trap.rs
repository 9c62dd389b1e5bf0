//! Platform event traps: SNMPv1 trap PDUs with the event in one octet string (PET 1.0; RFC 1157 4.1.6).

use std::net::Ipv4Addr;

use crate::store::sel::Record;

/// 1.3.6.1.4.1.3183.1.1, the enterprise of every PET.
const ENTERPRISE: [u8; 9] = [0x2B, 0x06, 0x01, 0x04, 0x01, 0x98, 0x6F, 0x01, 0x01];
/// SNMP version 1.
const VERSION: u8 = 0;
/// Generic trap: enterprise specific.
const ENTERPRISE_SPECIFIC: u8 = 6;
/// Seconds from the Unix epoch to 1998-01-01, the epoch of PET timestamps.
const EPOCH: u32 = 883_612_800;
/// UTC offset, language: unspecified.
const NO_UTC_OFFSET: u16 = 0xFFFF;
const NO_LANGUAGE: u8 = 0xFF;
/// UTC offset of the BMC that nobody set.
const UTC_UNSPECIFIED: i16 = 0x07FF;
/// Trap source and event source: IPMI.
const SOURCE_IPMI: u8 = 0x20;
/// Record in the OEM fields: ASCII text that is an alert string.
const OEM_RECORD: u8 = 0x80;
const OEM_ASCII: u8 = 0x40;
const OEM_ALERT_STRING: u8 = 0x01;
/// End of the OEM fields.
const OEM_END: u8 = 0xC1;
/// Most bytes of an alert string in the 64 bytes of OEM fields.
const STRING_LIMIT: usize = 60;

/// What a trap says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trap {
    /// SNMP community.
    pub(super) community: Vec<u8>,
    /// IPv4 address of the BMC.
    pub(super) agent: Ipv4Addr,
    /// Hundredths of a second since the BMC started.
    pub(super) uptime: u32,
    /// System GUID.
    pub(super) guid: [u8; 16],
    /// Sequence number, the same in every repetition.
    pub(super) sequence: u16,
    /// Minutes from UTC, 07FFh unspecified.
    pub(super) utc_offset: i16,
    /// Severity code of the event filter.
    pub(super) severity: u8,
    /// Entity id and instance of the sensor.
    pub(super) entity: [u8; 2],
    /// Manufacturer of the BMC.
    pub(super) manufacturer: u32,
    /// Product of the BMC.
    pub(super) product: u16,
    /// Alert string.
    pub(super) text: Vec<u8>,
    /// The event, with its time.
    pub(super) event: Record,
}

impl Trap {
    /// Sensor type, event type, direction and offset in one number.
    pub(super) fn specific(&self) -> u32 {
        let [_, _, _, _, _, _, _, _, _, _, sensor_type, _, trigger, data1, ..] = self.event;
        u32::from_be_bytes([0, sensor_type, trigger & 0x7F, trigger & 0x80 | data1 & 0x0F])
    }

    /// The octet string of the variable binding.
    pub(super) fn variable(&self) -> Vec<u8> {
        let [_, _, _, t0, t1, t2, t3, generator, _, _, _, sensor, _, data @ ..] = self.event;
        let time = u32::from_le_bytes([t0, t1, t2, t3]).saturating_sub(EPOCH);
        let offset = if self.utc_offset == UTC_UNSPECIFIED {
            NO_UTC_OFFSET.to_be_bytes()
        } else {
            self.utc_offset.to_be_bytes()
        };
        let mut bytes = self.guid.to_vec();
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(time.to_be_bytes());
        bytes.extend(offset);
        bytes.extend([SOURCE_IPMI, SOURCE_IPMI, self.severity, generator, sensor]);
        bytes.extend(self.entity);
        bytes.extend(data);
        bytes.extend([0; 5]);
        bytes.push(NO_LANGUAGE);
        bytes.extend(self.manufacturer.to_be_bytes());
        bytes.extend(self.product.to_be_bytes());
        if !self.text.is_empty() {
            let text = self.text.get(..STRING_LIMIT).unwrap_or(&self.text);
            bytes.extend([OEM_RECORD, OEM_ASCII | length_byte(text.len()), OEM_ALERT_STRING]);
            bytes.extend(text);
        }
        bytes.push(OEM_END);
        bytes
    }

    /// The datagram.
    pub(super) fn emit(&self) -> Vec<u8> {
        let variable_name: Vec<u8> = ENTERPRISE.into_iter().chain([0x01]).collect();
        let binding = [tlv(0x06, &variable_name), tlv(0x04, &self.variable())].concat();
        let pdu = [
            tlv(0x06, &ENTERPRISE),
            tlv(0x40, &self.agent.octets()),
            tlv(0x02, &[ENTERPRISE_SPECIFIC]),
            unsigned(0x02, self.specific()),
            unsigned(0x43, self.uptime),
            tlv(0x30, &tlv(0x30, &binding)),
        ];
        tlv(0x30, &[tlv(0x02, &[VERSION]), tlv(0x04, &self.community), tlv(0xA4, &pdu.concat())].concat())
    }
}

// Lengths here are far below 64 KiB.
fn length_byte(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

/// A BER value: tag, definite length, contents.
fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u16::try_from(contents.len()).unwrap_or(u16::MAX);
    let mut bytes = vec![tag];
    match length.to_be_bytes() {
        [0, short @ 0..=0x7F] => bytes.push(short),
        [0, long] => bytes.extend([0x81, long]),
        [high, low] => bytes.extend([0x82, high, low]),
    }
    bytes.extend(contents);
    bytes
}

/// A number that is not negative: as few bytes as possible, the first without its top bit.
fn unsigned(tag: u8, number: u32) -> Vec<u8> {
    let mut contents: Vec<u8> = number.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    if contents.first().is_none_or(|first| first & 0x80 != 0) {
        contents.insert(0, 0);
    }
    tlv(tag, &contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trap() -> Trap {
        Trap {
            community: b"public".to_vec(),
            agent: Ipv4Addr::new(192, 0, 2, 20),
            uptime: 200,
            guid: [0xAA; 16],
            sequence: 0x0102,
            utc_offset: 60,
            severity: 0x10,
            entity: [7, 1],
            manufacturer: 343,
            product: 0x1234,
            text: b"too hot".to_vec(),
            event: [1, 0, 2, 0x00, 0xCA, 0x9A, 0x3B, 0x20, 0, 4, 0x01, 0x30, 0x81, 0x57, 0x60, 0x50],
        }
    }

    #[test]
    fn the_variable_has_its_fields_in_network_order() {
        let mut expected = vec![0xAA; 16];
        // 1 000 000 000 s after 1970 are 116 387 200 s after 1998.
        expected.extend([1, 2, 0x06, 0xEF, 0xED, 0x80, 0, 60, 0x20, 0x20, 0x10, 0x20, 0x30, 7, 1]);
        expected.extend([0x57, 0x60, 0x50, 0, 0, 0, 0, 0, 0xFF, 0, 0, 0x01, 0x57, 0x12, 0x34]);
        expected.extend([0x80, 0x47, 0x01]);
        expected.extend(*b"too hot");
        expected.push(0xC1);
        assert_eq!(trap().variable(), expected);
        assert_eq!(trap().specific(), 0x0001_0187);
        let quiet = Trap { text: Vec::new(), ..trap() }.variable();
        assert_eq!(quiet.len(), 47);
    }

    #[test]
    fn the_datagram_is_an_snmp_trap() {
        let bytes = trap().emit();
        assert_eq!(bytes[..5], [0x30, length_byte(bytes.len() - 2), 0x02, 1, 0]);
        assert_eq!(bytes[5..13], *b"\x04\x06public");
        let pdu = &bytes[13..];
        assert_eq!(pdu[..2], [0xA4, length_byte(pdu.len() - 2)]);
        let mut head = vec![0x06, 9];
        head.extend(ENTERPRISE);
        head.extend([0x40, 4, 192, 0, 2, 20, 0x02, 1, 6, 0x02, 3, 0x01, 0x01, 0x87, 0x43, 2, 0x00, 200]);
        assert_eq!(pdu[2..2 + head.len()], head);
        assert_eq!(bytes[bytes.len() - trap().variable().len()..], trap().variable());
    }

    #[test]
    fn long_texts_are_cut_to_what_the_oem_fields_hold() {
        let bytes = Trap { text: vec![b'x'; 300], ..trap() }.variable();
        assert_eq!(bytes.len(), 46 + 64);
        assert_eq!(unsigned(2, 0), [2, 1, 0]);
        assert_eq!(unsigned(2, 0x80), [2, 2, 0, 0x80]);
        assert_eq!(tlv(4, &[0; 200])[..3], [4, 0x81, 200]);
        assert_eq!(tlv(4, &[0; 300])[..4], [4, 0x82, 1, 44]);
    }
}
