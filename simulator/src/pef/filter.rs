//! One event filter and whether an event matches it (IPMI 2.0 s17.7, s17.8).

use crate::store::sel::Record;

/// A filter byte that matches everything.
const ANY: u8 = 0xFF;

/// An entry of the event filter table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Filter {
    /// Number, from 1.
    pub(super) number: u8,
    /// Actions: bit 0 alert, 1 power off, 2 reset, 3 power cycle, 4 OEM, 5 diagnostic interrupt.
    pub(super) actions: u8,
    /// Alert policy number.
    pub(super) policy: u8,
    /// Severity of the event, for alerts.
    pub(super) severity: u8,
    generator: [u8; 2],
    sensor_type: u8,
    sensor: u8,
    trigger: u8,
    offsets: u16,
    /// AND mask, compare 1, compare 2 of each event data byte.
    data: [[u8; 3]; 3],
}

impl Filter {
    /// The filter these bytes describe; `None` when it is not in use.
    pub(super) fn parse(number: u8, bytes: &[u8]) -> Option<Self> {
        let &[
            flags,
            actions,
            policy,
            severity,
            g0,
            g1,
            sensor_type,
            sensor,
            trigger,
            o0,
            o1,
            a1,
            b1,
            c1,
            a2,
            b2,
            c2,
            a3,
            b3,
            c3,
        ] = bytes.first_chunk::<20>()?;
        (flags & 0x80 != 0).then_some(Self {
            number,
            actions: actions & 0x3F,
            policy: policy & 0xF,
            severity,
            generator: [g0, g1],
            sensor_type,
            sensor,
            trigger,
            offsets: u16::from_le_bytes([o0, o1]),
            data: [[a1, b1, c1], [a2, b2, c2], [a3, b3, c3]],
        })
    }

    /// The event matches. A trigger other than "any" is compared with its direction bit.
    pub(super) fn matches(&self, event: &Record) -> bool {
        let [_, _, _, _, _, _, _, g0, g1, _, sensor_type, sensor, trigger, data1, data2, data3] = *event;
        let [filter0, filter1] = self.generator;
        let bytes = [
            (filter0, g0),
            (filter1, g1),
            (self.sensor_type, sensor_type),
            (self.sensor, sensor),
            (self.trigger, trigger),
        ];
        bytes.iter().all(|(filter, byte)| *filter == ANY || filter == byte)
            && self.offsets >> (data1 & 0xF) & 1 == 1
            && self.data.iter().zip([data1, data2, data3]).all(|(compare, byte)| data_matches(*compare, byte))
    }
}

// Bits of the AND mask count. Those with compare 1 set must all be as in compare 2; of the others one must be.
fn data_matches([mask, exact, value]: [u8; 3], byte: u8) -> bool {
    let same = !(byte ^ value);
    let (all, any) = (mask & exact, mask & !exact);
    same & all == all && (any == 0 || same & any != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: Record = [1, 0, 2, 0, 0, 0, 0, 0x20, 0x00, 4, 0x01, 0x30, 0x01, 0x57, 0x60, 0x50];

    fn filter(change: impl FnOnce(&mut [u8; 20])) -> Option<Filter> {
        let mut bytes = [0x80, 1, 1, 0x10, 0xFF, 0xFF, 0x01, 0xFF, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        change(&mut bytes);
        Filter::parse(1, &bytes)
    }

    #[test]
    fn every_byte_may_be_any_or_must_be_right() {
        assert!(filter(|_| ()).unwrap().matches(&EVENT));
        for (offset, right, wrong) in
            [(4, 0x20, 0x2C), (5, 0x00, 0x60), (6, 0x01, 0x02), (7, 0x30, 0x31), (8, 0x01, 0x81), (9, 0x80, 0x40)]
        {
            assert!(filter(|bytes| bytes[offset] = right).unwrap().matches(&EVENT), "byte {offset}");
            assert!(!filter(|bytes| bytes[offset] = wrong).unwrap().matches(&EVENT), "byte {offset}");
        }
        assert!(filter(|bytes| bytes[0] = 0).is_none());
        assert!(Filter::parse(1, &[0x80; 19]).is_none());
    }

    #[test]
    fn event_data_is_compared_bit_by_bit() {
        assert!(data_matches([0, 0, 0], 0xA5));
        assert!(data_matches([0xFF, 0xFF, 0xA5], 0xA5));
        assert!(!data_matches([0xFF, 0xFF, 0xA4], 0xA5));
        assert!(data_matches([0x0F, 0xFF, 0x05], 0xA5));
        assert!(data_matches([0x03, 0x00, 0x03], 0x01));
        assert!(!data_matches([0x03, 0x00, 0x03], 0x00));
        assert!(!filter(|bytes| (bytes[14], bytes[15], bytes[16]) = (0xFF, 0xFF, 0x61)).unwrap().matches(&EVENT));
    }
}
