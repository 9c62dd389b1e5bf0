//! System event log records: sixteen bytes, three layouts (IPMI 2.0 s32).

use zerocopy::little_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::GeneratorId;
use crate::ParseError;
use crate::event::{Event, EventData, EventDirection};
use crate::table::{EventReadingType, Manufacturer, SensorType};
use crate::time::Timestamp;

/// Bytes of every record.
pub const RECORD_LEN: usize = 16;

/// Type 02h: an event of a sensor (table 32-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct SystemEventRecord {
    /// Record id.
    pub record_id: U16,
    /// Record type.
    pub record_type: u8,
    /// When, see [`Self::time`].
    pub timestamp: U32,
    /// Who, see [`Self::generator`].
    pub generator_id: [u8; 2],
    /// Event message format: 04h = IPMI 1.5 and later, 03h = 1.0.
    pub evm_revision: u8,
    /// Sensor type.
    pub sensor_type: u8,
    /// Sensor number.
    pub sensor_number: u8,
    /// `[7]` 1 = deassertion, `[6:0]` event/reading type.
    pub event_dir_type: u8,
    /// Event data 1-3.
    pub event_data: [u8; 3],
}

impl SystemEventRecord {
    /// The event message format of IPMI 1.5 and 2.0.
    pub const EVM_REVISION: u8 = 0x04;

    /// A record of `event`, id 0 until a log gives it one.
    ///
    /// ```
    /// use ipmi_core::event::{Event, EventData, EventDirection};
    /// use ipmi_core::sel::{GeneratorId, SelRecord, SystemEventRecord};
    /// use ipmi_core::table::{EventReadingType, SensorType};
    /// use ipmi_core::time::Timestamp;
    /// let event = Event {
    ///     sensor_type: SensorType::FAN,
    ///     sensor_number: 0x30,
    ///     event_type: EventReadingType::THRESHOLD,
    ///     direction: EventDirection::Deasserted,
    ///     data: EventData([0x52, 0x00, 0x0B]),
    /// };
    /// let bytes = SystemEventRecord::of_event(&event, GeneratorId([0x20, 0]), Timestamp(0x6000_0000)).to_bytes();
    /// assert_eq!(SelRecord::parse(&bytes).unwrap().as_system().unwrap().event(), event);
    /// ```
    pub fn of_event(event: &Event, generator: GeneratorId, time: Timestamp) -> Self {
        Self {
            record_id: U16::ZERO,
            record_type: 0x02,
            timestamp: time.0.into(),
            generator_id: generator.0,
            evm_revision: Self::EVM_REVISION,
            sensor_type: event.sensor_type.0,
            sensor_number: event.sensor_number,
            event_dir_type: event.dir_type_byte(),
            event_data: event.data.0,
        }
    }

    /// The sixteen bytes.
    pub fn to_bytes(&self) -> [u8; RECORD_LEN] {
        zerocopy::transmute!(*self)
    }

    /// When the event was logged.
    pub fn time(&self) -> Timestamp {
        Timestamp(self.timestamp.get())
    }

    /// Who logged it.
    pub const fn generator(&self) -> GeneratorId {
        GeneratorId(self.generator_id)
    }

    /// The event itself.
    pub const fn event(&self) -> Event {
        Event {
            sensor_type: SensorType(self.sensor_type),
            sensor_number: self.sensor_number,
            event_type: EventReadingType::from_low_bits(self.event_dir_type),
            direction: EventDirection::of_bit_7(self.event_dir_type),
            data: EventData(self.event_data),
        }
    }
}

/// Types C0h-DFh: the manufacturer's, with a timestamp (table 32-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct OemTimestampedRecord {
    /// Record id.
    pub record_id: U16,
    /// Record type.
    pub record_type: u8,
    /// When, see [`Self::time`].
    pub timestamp: U32,
    /// Manufacturer id, least significant byte first.
    pub manufacturer_id: [u8; 3],
    /// The manufacturer's data.
    pub data: [u8; 6],
}

impl OemTimestampedRecord {
    /// The sixteen bytes.
    pub fn to_bytes(&self) -> [u8; RECORD_LEN] {
        zerocopy::transmute!(*self)
    }

    /// When it was logged.
    pub fn time(&self) -> Timestamp {
        Timestamp(self.timestamp.get())
    }

    /// IANA enterprise number.
    pub const fn manufacturer(&self) -> Manufacturer {
        Manufacturer::from_bytes(self.manufacturer_id)
    }
}

/// Types E0h-FFh: the manufacturer's, without a timestamp (table 32-3). Also stands for types below C0h other than
/// 02h, of which only id and type are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct OemRecord {
    /// Record id.
    pub record_id: U16,
    /// Record type.
    pub record_type: u8,
    /// Data.
    pub data: [u8; 13],
}

/// One piece of a Linux panic message: the kernel logs it in records of type F0h.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinuxPanic<'a> {
    /// Address of the controller the kernel logged through.
    pub address: u8,
    /// Number of the piece.
    pub sequence: u8,
    /// Up to eleven bytes of text, cut at the first NUL.
    pub text: &'a [u8],
}

impl OemRecord {
    /// The sixteen bytes.
    pub fn to_bytes(&self) -> [u8; RECORD_LEN] {
        zerocopy::transmute!(*self)
    }

    /// The panic text, for type F0h.
    pub fn linux_panic(&self) -> Option<LinuxPanic<'_>> {
        let [address, sequence, text @ ..] = &self.data;
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
        (self.record_type == 0xF0).then_some(LinuxPanic { address: *address, sequence: *sequence, text })
    }
}

/// A record, borrowed from the bytes it was read as.
///
/// ```
/// use ipmi_core::sel::SelRecord;
/// let bytes = [0x0E, 0, 0x02, 0x82, 0x11, 0x15, 0x5F, 0x20, 0, 0x04, 0x04, 0x36, 0x01, 0x52, 0x00, 0x0B];
/// let Ok(SelRecord::System(record)) = SelRecord::parse(&bytes) else { panic!() };
/// assert_eq!(record.event().description(), Some("Lower Critical going low "));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelRecord<'a> {
    /// Type 02h.
    System(&'a SystemEventRecord),
    /// Types C0h-DFh.
    OemTimestamped(&'a OemTimestampedRecord),
    /// Types E0h-FFh.
    Oem(&'a OemRecord),
    /// Types the specification reserves.
    Other(&'a OemRecord),
}

impl<'a> SelRecord<'a> {
    /// Lays the right layout over the first sixteen bytes.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        fn view<T: FromBytes + Immutable + KnownLayout + Unaligned>(bytes: &[u8]) -> Result<&T, ParseError> {
            T::ref_from_prefix(bytes).map(|(record, _)| record).map_err(|_| ParseError::Truncated {
                field: "SEL record",
                expected: RECORD_LEN,
                found: bytes.len(),
            })
        }
        Ok(match view::<OemRecord>(bytes)?.record_type {
            0x02 => Self::System(view(bytes)?),
            0xC0..=0xDF => Self::OemTimestamped(view(bytes)?),
            0xE0..=0xFF => Self::Oem(view(bytes)?),
            _ => Self::Other(view(bytes)?),
        })
    }

    /// The sixteen bytes.
    pub fn bytes(&self) -> &'a [u8] {
        match self {
            Self::System(record) => record.as_bytes(),
            Self::OemTimestamped(record) => record.as_bytes(),
            Self::Oem(record) | Self::Other(record) => record.as_bytes(),
        }
    }

    /// Record id.
    pub fn record_id(&self) -> u16 {
        match self {
            Self::System(record) => record.record_id.get(),
            Self::OemTimestamped(record) => record.record_id.get(),
            Self::Oem(record) | Self::Other(record) => record.record_id.get(),
        }
    }

    /// Record type.
    pub fn record_type(&self) -> u8 {
        match self {
            Self::System(record) => record.record_type,
            Self::OemTimestamped(record) => record.record_type,
            Self::Oem(record) | Self::Other(record) => record.record_type,
        }
    }

    /// When it was logged, for the types that say so.
    pub fn time(&self) -> Option<Timestamp> {
        match self {
            Self::System(record) => Some(record.time()),
            Self::OemTimestamped(record) => Some(record.time()),
            Self::Oem(_) | Self::Other(_) => None,
        }
    }

    /// The record read as a system event. Reserved types below C0h are read so too, as ipmitool does.
    pub fn as_system(&self) -> Option<&'a SystemEventRecord> {
        match self {
            Self::System(record) => Some(record),
            Self::Other(record) => SystemEventRecord::ref_from_bytes(record.as_bytes()).ok(),
            Self::OemTimestamped(_) | Self::Oem(_) => None,
        }
    }
}

/// Walks records that stand one after the other, as `sel writeraw` stores them. A cut last one is an error.
pub fn records(dump: &[u8]) -> impl Iterator<Item = Result<SelRecord<'_>, ParseError>> {
    dump.chunks(RECORD_LEN).map(SelRecord::parse)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::TimestampKind;

    #[test]
    fn every_layout_is_sixteen_bytes() {
        assert_eq!(size_of::<SystemEventRecord>(), RECORD_LEN);
        assert_eq!(size_of::<OemTimestampedRecord>(), RECORD_LEN);
        assert_eq!(size_of::<OemRecord>(), RECORD_LEN);
    }

    #[test]
    fn every_shorter_prefix_errs() {
        for len in 0..RECORD_LEN {
            let error = SelRecord::parse(&[2; RECORD_LEN][..len]).unwrap_err();
            assert_eq!(error, ParseError::Truncated { field: "SEL record", expected: 16, found: len });
        }
    }

    #[test]
    fn oem_timestamped() {
        let bytes = [0x0F, 0, 0xDC, 0, 0, 0, 0x10, 0x37, 0x01, 0x00, 1, 2, 3, 4, 5, 6];
        let SelRecord::OemTimestamped(record) = SelRecord::parse(&bytes).unwrap() else { panic!() };
        assert_eq!((record.manufacturer(), record.data), (Manufacturer(0x137), [1, 2, 3, 4, 5, 6]));
        assert_eq!(record.time().kind(), TimestampKind::SinceInit(0x1000_0000));
    }

    #[test]
    fn linux_panic() {
        let mut bytes = [0u8; 16];
        bytes[2] = 0xF0;
        bytes[3..9].copy_from_slice(b"\x20\x01Oops");
        let SelRecord::Oem(record) = SelRecord::parse(&bytes).unwrap() else { panic!() };
        assert_eq!(record.linux_panic(), Some(LinuxPanic { address: 0x20, sequence: 1, text: b"Oops" }));
        let other = OemRecord { record_type: 0xE0, ..*record };
        assert_eq!(other.linux_panic(), None);
    }

    #[test]
    fn reserved_types_are_values() {
        let mut bytes = [0u8; 16];
        bytes[10] = 0x07;
        let record = SelRecord::parse(&bytes).unwrap();
        assert!(matches!(record, SelRecord::Other(_)));
        assert_eq!(record.as_system().unwrap().sensor_type, 7);
    }

    #[test]
    fn a_dump_ends_with_its_cut_record() {
        let dump = [2u8; 40];
        let items: Vec<_> = records(&dump).collect();
        assert!(items.len() == 3 && items[1].is_ok() && items[2].is_err());
    }

    proptest! {
        #[test]
        fn any_record_keeps_its_bytes(bytes: [u8; 16]) {
            let record = SelRecord::parse(&bytes).unwrap();
            prop_assert_eq!(record.bytes(), &bytes[..]);
            let copy = match record {
                SelRecord::System(record) => record.to_bytes(),
                SelRecord::OemTimestamped(record) => record.to_bytes(),
                SelRecord::Oem(record) | SelRecord::Other(record) => record.to_bytes(),
            };
            prop_assert_eq!(copy, bytes);
            prop_assert_eq!((record.record_id(), record.record_type()), (u16::from_le_bytes([bytes[0], bytes[1]]), bytes[2]));
        }
    }
}
