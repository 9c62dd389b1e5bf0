//! The fields full, compact and event-only sensor records share (IPMI 2.0 tables 43-1 to 43-3, bytes 6-23).

use zerocopy::little_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{AnalogFormat, DiscreteStates, ThresholdEvents, ThresholdMask};
use crate::command::sensor::SensorNumber;
use crate::table::SensorUnits;
use crate::{ChannelNumber, Lun, SlaveAddress, Target};

/// What tells one sensor from another: sensor numbers repeat across owners and logical units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SensorKey {
    /// Controller or software the sensor belongs to.
    pub owner: SlaveAddress,
    /// Channel the owner is reached through.
    pub channel: ChannelNumber,
    /// Logical unit within the owner.
    pub lun: Lun,
    /// Sensor number.
    pub number: u8,
}

impl SensorKey {
    /// The number as commands take it.
    pub const fn sensor(&self) -> SensorNumber {
        SensorNumber(self.number)
    }

    /// Who to ask for the reading: the BMC, a satellite controller that needs bridging, or nobody.
    pub fn target(&self) -> Target {
        Target::of_owner(self.owner, self.channel)
    }
}

/// Owner, number and entity of a sensor (offsets 5-9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct SensorIdentity {
    /// `[7:1]` address or software id, `[0]` 1 = software.
    pub owner_id: u8,
    /// `[7:4]` channel, `[3:2]` FRU owner LUN, `[1:0]` LUN.
    pub owner_lun: u8,
    /// Sensor number.
    pub number: u8,
    /// Entity id.
    pub entity_id: u8,
    /// `[7]` 1 = logical container, `[6:0]` instance.
    pub entity_instance: u8,
}

impl SensorIdentity {
    /// The sensor's key.
    pub fn key(&self) -> SensorKey {
        SensorKey {
            owner: SlaveAddress(self.owner_id),
            channel: ChannelNumber::new(self.owner_lun >> 4),
            lun: Lun::new(self.owner_lun),
            number: self.number,
        }
    }

    /// The entity instance, 0-7Fh; 60h and above are relative to the owner.
    pub const fn instance(&self) -> u8 {
        self.entity_instance & 0x7F
    }

    /// True when the entity is a container that exists only logically.
    pub const fn is_logical_entity(&self) -> bool {
        self.entity_instance & 0x80 != 0
    }
}

/// How much of something can be done: hysteresis and threshold access (offset 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Not supported, or not needed.
    None,
    /// Can be read.
    Readable,
    /// Can be read and set.
    Settable,
    /// Fixed: neither read nor set, values as in the record.
    Fixed,
}

impl Access {
    const fn new(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::None,
            1 => Self::Readable,
            2 => Self::Settable,
            _ => Self::Fixed,
        }
    }
}

/// What event messages can be switched (offset 11, bits 1:0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventMessageControl {
    /// Each threshold or state by itself.
    PerThreshold,
    /// The entire sensor only.
    EntireSensor,
    /// Globally only.
    Global,
    /// The sensor makes no events.
    NoEvents,
}

impl EventMessageControl {
    /// The text ipmitool prints.
    pub const fn text(self) -> &'static str {
        match self {
            Self::PerThreshold => "Per-threshold",
            Self::EntireSensor => "Entire Sensor Only",
            Self::Global => "Global Disable Only",
            Self::NoEvents => "No Events From Sensor",
        }
    }
}

/// Initialisation, capabilities, types, masks and units (offsets 10-22 of full and compact records).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct SensorSetup {
    /// `[7]` settable, `[6]` scanning, `[5]` events, `[4]` thresholds, `[3]` hysteresis, `[2]` type; defaults
    /// `[1]` events on, `[0]` scanning on.
    pub initialization: u8,
    /// `[7]` ignore if entity absent, `[6]` auto re-arm, `[5:4]` hysteresis, `[3:2]` thresholds, `[1:0]` event
    /// messages.
    pub capabilities: u8,
    /// Sensor type.
    pub sensor_type: u8,
    /// Event/reading type.
    pub event_reading_type: u8,
    /// Assertion event mask, upper bits lower threshold readings returned.
    pub assertion_mask: U16,
    /// Deassertion event mask, upper bits upper threshold readings returned.
    pub deassertion_mask: U16,
    /// Thresholds: readable (low byte) and settable (high byte) mask; discrete: states that can be read.
    pub reading_mask: U16,
    /// `[7:6]` analog format, `[5:3]` rate, `[2:1]` modifier use, `[0]` percentage.
    pub units: u8,
    /// Base unit.
    pub base_unit: u8,
    /// Modifier unit.
    pub modifier_unit: u8,
}

impl SensorSetup {
    /// True when the initialisation agent writes thresholds (offset 10, bit 4).
    pub const fn initializes_thresholds(&self) -> bool {
        self.initialization & 1 << 4 != 0
    }

    /// True when the initialisation agent writes hysteresis (offset 10, bit 3).
    pub const fn initializes_hysteresis(&self) -> bool {
        self.initialization & 1 << 3 != 0
    }

    /// True when the reading can be set (offset 10, bit 7).
    pub const fn is_settable(&self) -> bool {
        self.initialization & 1 << 7 != 0
    }

    /// True when the sensor is to be ignored while its entity is absent.
    pub const fn ignore_if_entity_absent(&self) -> bool {
        self.capabilities & 1 << 7 != 0
    }

    /// True when the sensor re-arms its events by itself.
    pub const fn auto_rearm(&self) -> bool {
        self.capabilities & 1 << 6 != 0
    }

    /// What can be done with hysteresis.
    pub const fn hysteresis_access(&self) -> Access {
        Access::new(self.capabilities >> 4)
    }

    /// What can be done with thresholds.
    pub const fn threshold_access(&self) -> Access {
        Access::new(self.capabilities >> 2)
    }

    /// What event messages can be switched.
    pub const fn event_message_control(&self) -> EventMessageControl {
        match self.capabilities & 3 {
            0 => EventMessageControl::PerThreshold,
            1 => EventMessageControl::EntireSensor,
            2 => EventMessageControl::Global,
            _ => EventMessageControl::NoEvents,
        }
    }

    /// Threshold events that can assert.
    pub fn threshold_assertions(&self) -> ThresholdEvents {
        ThresholdEvents::from_bits_truncate(self.assertion_mask.get())
    }

    /// Threshold events that can deassert.
    pub fn threshold_deassertions(&self) -> ThresholdEvents {
        ThresholdEvents::from_bits_truncate(self.deassertion_mask.get())
    }

    /// Threshold comparisons the state byte of a reading reports (bits 14:12 of both event masks).
    pub fn threshold_status_mask(&self) -> ThresholdMask {
        let lower = self.assertion_mask.get() >> 12 & 7;
        let upper = self.deassertion_mask.get() >> 12 & 7;
        ThresholdMask::from_bits_truncate(u8::try_from(lower | upper << 3).unwrap_or_default())
    }

    /// Thresholds that can be read.
    pub fn readable_thresholds(&self) -> ThresholdMask {
        let [low, _] = self.reading_mask.get().to_le_bytes();
        ThresholdMask::from_bits_truncate(low)
    }

    /// Thresholds that can be set.
    pub fn settable_thresholds(&self) -> ThresholdMask {
        let [_, high] = self.reading_mask.get().to_le_bytes();
        ThresholdMask::from_bits_truncate(high)
    }

    /// States that can assert events, for discrete sensors.
    pub fn discrete_assertions(&self) -> DiscreteStates {
        DiscreteStates::new(self.assertion_mask.get())
    }

    /// States that can deassert events, for discrete sensors.
    pub fn discrete_deassertions(&self) -> DiscreteStates {
        DiscreteStates::new(self.deassertion_mask.get())
    }

    /// States the reading can report, for discrete sensors.
    pub fn discrete_states(&self) -> DiscreteStates {
        DiscreteStates::new(self.reading_mask.get())
    }

    /// How raw readings become numbers.
    pub const fn analog_format(&self) -> AnalogFormat {
        AnalogFormat::new(self.units >> 6)
    }

    /// The units.
    pub const fn units(&self) -> SensorUnits {
        SensorUnits::from_bytes([self.units, self.base_unit, self.modifier_unit])
    }
}

/// Whether a sensor measures its entity's input or output (offset 28, bits 1:0; 23, bits 7:6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Unspecified or not applicable.
    Unspecified,
    /// Input to the entity.
    Input,
    /// Output of the entity.
    Output,
    /// Reserved.
    Reserved,
}

impl Direction {
    /// From two bits.
    pub const fn new(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Unspecified,
            1 => Self::Input,
            2 => Self::Output,
            _ => Self::Reserved,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_splits_owner_and_lun() {
        let identity =
            SensorIdentity { owner_id: 0x2C, owner_lun: 0x63, number: 9, entity_id: 7, entity_instance: 0x81 };
        let key = identity.key();
        assert_eq!((key.owner, key.channel.get(), key.lun.get(), key.number), (SlaveAddress(0x2C), 6, 3, 9));
        assert_eq!(key.target(), Target::Ipmb { channel: ChannelNumber::new(6), address: SlaveAddress(0x2C) });
        assert!(identity.is_logical_entity() && identity.instance() == 1);
    }

    #[test]
    fn masks_share_the_upper_bits() {
        let setup = SensorSetup {
            capabilities: 0b0001_1001,
            assertion_mask: 0x7A95.into(),
            deassertion_mask: 0x3A95.into(),
            reading_mask: 0x0A3F.into(),
            ..Default::default()
        };
        assert_eq!(setup.threshold_status_mask().bits(), 0b01_1111);
        assert_eq!(setup.readable_thresholds(), ThresholdMask::all());
        assert_eq!(setup.settable_thresholds(), ThresholdMask::LCR | ThresholdMask::UNC);
        assert_eq!(setup.threshold_access(), Access::Settable);
        assert_eq!(setup.hysteresis_access(), Access::Readable);
        assert_eq!(setup.event_message_control(), EventMessageControl::EntireSensor);
        assert_eq!(setup.discrete_assertions(), DiscreteStates::new(0x7A95));
        assert_eq!(setup.discrete_deassertions(), DiscreteStates::new(0x3A95));
    }

    #[test]
    fn initialization_and_capability_bits() {
        for bits in 0..=0xFF_u8 {
            let setup = SensorSetup { initialization: bits, capabilities: bits, ..Default::default() };
            let initialization = [setup.is_settable(), setup.initializes_thresholds(), setup.initializes_hysteresis()];
            assert_eq!(initialization, [7, 4, 3].map(|bit| bits >> bit & 1 == 1), "{bits:02X}");
            let capabilities = [setup.ignore_if_entity_absent(), setup.auto_rearm()];
            assert_eq!(capabilities, [7, 6].map(|bit| bits >> bit & 1 == 1), "{bits:02X}");
        }
    }
}
