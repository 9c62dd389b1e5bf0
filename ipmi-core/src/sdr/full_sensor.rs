//! Full sensor record, SDR type 01h (IPMI 2.0 s43.1, table 43-1).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Direction, NamedBody, RecordView, SdrBody, SensorIdentity, SensorSetup};
use crate::sensor::{ReadingFactors, Threshold};

/// A full sensor record in place.
pub type FullSensorView<'a> = RecordView<'a, FullSensorBody>;

/// Offsets 5-46 of a full sensor record; values are raw, in the sensor's analog format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct FullSensorBody {
    /// Owner, number, entity.
    pub identity: SensorIdentity,
    /// Types, masks, units.
    pub setup: SensorSetup,
    /// `[6:0]` linearization.
    pub linearization: u8,
    /// M, tolerance, B, accuracy and exponents as they stand at offsets 24-29; see [`ReadingFactors`].
    pub factors: [u8; 6],
    /// `[2]` normal minimum, `[1]` normal maximum, `[0]` nominal reading given.
    pub analog_flags: u8,
    /// Nominal reading.
    pub nominal: u8,
    /// Normal maximum.
    pub normal_max: u8,
    /// Normal minimum.
    pub normal_min: u8,
    /// Largest reading the sensor can give.
    pub sensor_max: u8,
    /// Smallest reading the sensor can give.
    pub sensor_min: u8,
    /// Upper non-recoverable threshold.
    pub unr: u8,
    /// Upper critical threshold.
    pub ucr: u8,
    /// Upper non-critical threshold.
    pub unc: u8,
    /// Lower non-recoverable threshold.
    pub lnr: u8,
    /// Lower critical threshold.
    pub lcr: u8,
    /// Lower non-critical threshold.
    pub lnc: u8,
    /// Positive-going hysteresis; 00h and FFh mean none.
    pub positive_hysteresis: u8,
    /// Negative-going hysteresis; 00h and FFh mean none.
    pub negative_hysteresis: u8,
    /// Reserved, 0.
    pub reserved: [u8; 2],
    /// For the manufacturer.
    pub oem: u8,
}

impl SdrBody for FullSensorBody {
    const RECORD_TYPE: u8 = 0x01;
    const NAME: &'static str = "full sensor record";
    const TAIL_MIN: usize = 1;
}

impl NamedBody for FullSensorBody {}

impl FullSensorBody {
    /// How raw readings become values.
    pub fn reading_factors(&self) -> ReadingFactors {
        ReadingFactors::from_bytes(self.factors, self.linearization, self.setup.analog_format())
    }

    /// Writes factors, linearization and analog format; the direction stays.
    pub fn set_reading_factors(&mut self, factors: &ReadingFactors) {
        let direction = self.direction_bits();
        let [m, m_tolerance, b, b_accuracy, accuracy, exponents] = factors.to_bytes();
        self.factors = [m, m_tolerance, b, b_accuracy, accuracy | direction, exponents];
        self.linearization = factors.linearization.code();
        self.setup.units = (self.setup.units & 0x3F) | (factors.format.code() << 6);
    }

    const fn direction_bits(&self) -> u8 {
        let [_, _, _, _, accuracy_direction, _] = self.factors;
        accuracy_direction & 3
    }

    /// Input or output.
    pub const fn direction(&self) -> Direction {
        Direction::new(self.direction_bits())
    }

    /// The nominal reading, if given.
    pub fn nominal_reading(&self) -> Option<u8> {
        (self.analog_flags & 1 != 0).then_some(self.nominal)
    }

    /// The normal maximum, if given.
    pub fn normal_maximum(&self) -> Option<u8> {
        (self.analog_flags & 2 != 0).then_some(self.normal_max)
    }

    /// The normal minimum, if given.
    pub fn normal_minimum(&self) -> Option<u8> {
        (self.analog_flags & 4 != 0).then_some(self.normal_min)
    }

    /// The raw value of a threshold as the record states it, readable or not.
    pub const fn threshold(&self, threshold: Threshold) -> u8 {
        match threshold {
            Threshold::LowerNonCritical => self.lnc,
            Threshold::LowerCritical => self.lcr,
            Threshold::LowerNonRecoverable => self.lnr,
            Threshold::UpperNonCritical => self.unc,
            Threshold::UpperCritical => self.ucr,
            Threshold::UpperNonRecoverable => self.unr,
        }
    }
}
