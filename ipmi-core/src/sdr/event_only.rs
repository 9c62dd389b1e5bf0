//! Event-only record, SDR type 03h (IPMI 2.0 s43.3, table 43-3): a source of events that cannot be read.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{NamedBody, RecordView, SdrBody, SensorIdentity, SharedSensor, Sharing};

/// An event-only record in place.
pub type EventOnlyView<'a> = RecordView<'a, EventOnlyBody>;

/// Offsets 5-15 of an event-only record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct EventOnlyBody {
    /// Owner, number, entity.
    pub identity: SensorIdentity,
    /// Sensor type.
    pub sensor_type: u8,
    /// Event/reading type.
    pub event_reading_type: u8,
    /// `[7:6]` direction, `[5:4]` id string modifier type, `[3:0]` share count.
    pub sharing: u8,
    /// `[7]` entity instances count up, `[6:0]` id string modifier offset.
    pub sharing_offset: u8,
    /// Reserved, 0.
    pub reserved: u8,
    /// For the manufacturer.
    pub oem: u8,
}

impl SdrBody for EventOnlyBody {
    const RECORD_TYPE: u8 = 0x03;
    const NAME: &'static str = "event-only record";
    const TAIL_MIN: usize = 1;
}

impl NamedBody for EventOnlyBody {}

impl EventOnlyBody {
    /// How the record is shared.
    pub const fn record_sharing(&self) -> Sharing {
        Sharing::new(self.sharing, self.sharing_offset)
    }

    /// The sensors the record stands for.
    pub fn shared_sensors(&self) -> impl Iterator<Item = SharedSensor> {
        self.record_sharing().sensors(self.identity.number, self.identity.entity_instance)
    }
}
