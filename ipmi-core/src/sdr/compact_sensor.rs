//! Compact sensor record, SDR type 02h (IPMI 2.0 s43.2, table 43-2).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{NamedBody, RecordView, SdrBody, SensorIdentity, SensorSetup, SharedSensor, Sharing};

/// A compact sensor record in place.
pub type CompactSensorView<'a> = RecordView<'a, CompactSensorBody>;

/// Offsets 5-30 of a compact sensor record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct CompactSensorBody {
    /// Owner, number, entity.
    pub identity: SensorIdentity,
    /// Types, masks, units.
    pub setup: SensorSetup,
    /// `[7:6]` direction, `[5:4]` id string modifier type, `[3:0]` share count.
    pub sharing: u8,
    /// `[7]` entity instances count up, `[6:0]` id string modifier offset.
    pub sharing_offset: u8,
    /// Positive-going hysteresis; 00h and FFh mean none.
    pub positive_hysteresis: u8,
    /// Negative-going hysteresis; 00h and FFh mean none.
    pub negative_hysteresis: u8,
    /// Reserved, 0.
    pub reserved: [u8; 3],
    /// For the manufacturer.
    pub oem: u8,
}

impl SdrBody for CompactSensorBody {
    const RECORD_TYPE: u8 = 0x02;
    const NAME: &'static str = "compact sensor record";
    const TAIL_MIN: usize = 1;
}

impl NamedBody for CompactSensorBody {}

impl CompactSensorBody {
    /// How the record is shared.
    pub const fn record_sharing(&self) -> Sharing {
        Sharing::new(self.sharing, self.sharing_offset)
    }

    /// The sensors the record stands for.
    pub fn shared_sensors(&self) -> impl Iterator<Item = SharedSensor> {
        self.record_sharing().sensors(self.identity.number, self.identity.entity_instance)
    }
}
