//! A sensor reading as a fact: value or states, status, and whether it can be used (IPMI 2.0 s35.14).

use super::{AssertedStates, ReadingFactors, ThresholdStatus};
use crate::ParseError;
use crate::command::sensor;
use crate::sdr::{AnalogFormat, DiscreteStates, SensorRecord};
use crate::table::SensorUnits;

/// The bytes of a Get Sensor Reading response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RawReading {
    /// Reading; means nothing for discrete sensors.
    pub reading: u8,
    /// `[7]` event messages on, `[6]` scanning on, `[5]` reading or state unavailable. `None` when the controller
    /// left it off.
    pub flags: Option<u8>,
    /// Threshold comparisons, or states 0-7.
    pub state_1: u8,
    /// States 8-14; bit 7 is reserved.
    pub state_2: u8,
}

impl From<sensor::SensorReading> for RawReading {
    fn from(response: sensor::SensorReading) -> Self {
        let flag = |set: bool, bit: u8| u8::from(set) << bit;
        Self {
            reading: response.raw,
            flags: Some(flag(response.event_messages, 7) | flag(response.scanning, 6) | flag(response.unavailable, 5)),
            state_1: response.state_1.unwrap_or_default(),
            state_2: response.state_2.unwrap_or_default(),
        }
    }
}

/// Whether a reading can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Availability {
    /// It can.
    Available,
    /// The controller says that reading or states are not available (now).
    Unavailable,
    /// The sensor is not scanned: what comes is old or nothing.
    ScanningDisabled,
    /// The controller left the flags off, so nobody knows.
    Unknown,
}

impl RawReading {
    /// Reads a response of one to four bytes: the state bytes are optional and some controllers send less still.
    ///
    /// # Errors
    /// When it is empty.
    pub fn parse(data: &[u8]) -> Result<Self, ParseError> {
        let mut bytes = data.iter().copied();
        let reading = bytes.next().ok_or(ParseError::Truncated { field: "sensor reading", expected: 1, found: 0 })?;
        Ok(Self {
            reading,
            flags: bytes.next(),
            state_1: bytes.next().unwrap_or_default(),
            state_2: bytes.next().unwrap_or_default(),
        })
    }

    /// Whether the reading can be used.
    pub const fn availability(&self) -> Availability {
        match self.flags {
            None => Availability::Unknown,
            Some(flags) if flags & 0x40 == 0 => Availability::ScanningDisabled,
            Some(flags) if flags & 0x20 != 0 => Availability::Unavailable,
            Some(_) => Availability::Available,
        }
    }

    /// The states of a discrete sensor.
    pub const fn states(&self) -> DiscreteStates {
        DiscreteStates::new(u16::from_le_bytes([self.state_1, self.state_2]))
    }
}

/// What a sensor says, in the terms of its record.
///
/// ```
/// use ipmi_core::sdr::{FullSensorBody, SdrRecord, SensorSetup, emit};
/// use ipmi_core::sensor::{RawReading, SensorReading};
/// let setup = SensorSetup { sensor_type: 1, event_reading_type: 1, base_unit: 1, ..Default::default() };
/// let body = FullSensorBody { setup, factors: [1, 0, 0, 0, 0, 0], ..Default::default() };
/// let mut record = Vec::new();
/// emit(1, &body, "Inlet Temp", &mut record);
/// let sensor = SdrRecord::parse(&record).unwrap().sensor().unwrap();
/// let reading = SensorReading::new(&sensor, RawReading::parse(&[24, 0xC0, 0xC0]).unwrap());
/// assert_eq!((reading.value, reading.units.to_string().as_str()), (Some(24.0), "degrees C"));
/// assert_eq!(reading.threshold_status().unwrap().abbreviation(), "ok");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SensorReading {
    /// The bytes.
    pub raw: RawReading,
    /// Whether it can be used.
    pub availability: Availability,
    /// The value, for available readings of analog sensors.
    pub value: Option<f64>,
    /// Units of the value.
    pub units: SensorUnits,
    /// The states with their tables; for threshold sensors the comparisons, in the same bits.
    pub states: AssertedStates,
    is_threshold: bool,
}

impl SensorReading {
    /// Reads `raw` with the factors of the record.
    pub fn new(sensor: &SensorRecord<'_>, raw: RawReading) -> Self {
        Self::with_factors(
            sensor,
            raw,
            sensor.analog_factors().filter(|factors| !factors.linearization.needs_factors()),
        )
    }

    /// Reads `raw` with factors asked for with Get Sensor Reading Factors, for sensors whose linearization
    /// [needs them](super::Linearization::needs_factors).
    pub fn with_factors(sensor: &SensorRecord<'_>, raw: RawReading, factors: Option<ReadingFactors>) -> Self {
        let availability = raw.availability();
        Self {
            raw,
            availability,
            value: factors
                .filter(|_| availability == Availability::Available)
                .and_then(|factors| factors.convert(raw.reading)),
            units: sensor.units().unwrap_or_default(),
            states: AssertedStates {
                event_type: sensor.event_reading_type(),
                sensor_type: sensor.sensor_type(),
                states: raw.states(),
            },
            is_threshold: sensor.is_threshold(),
        }
    }

    /// True when value and states can be used.
    pub fn is_available(&self) -> bool {
        self.availability == Availability::Available
    }

    /// What the comparisons of an available threshold sensor say.
    pub fn threshold_status(&self) -> Option<ThresholdStatus> {
        (self.is_threshold && self.is_available()).then(|| ThresholdStatus::of_state(self.raw.state_1))
    }

    /// The states of an available discrete sensor.
    pub fn discrete_states(&self) -> Option<AssertedStates> {
        (!self.is_threshold && self.is_available()).then_some(self.states)
    }
}

/// A value as ipmitool prints it: no decimals when it is whole, else `precision` of them (2 in lists, 3 in CSV).
///
/// ```
/// use ipmi_core::sensor::format_value;
/// assert_eq!((format_value(24.0, 2), format_value(12.032, 2)), ("24".to_owned(), "12.03".to_owned()));
/// ```
pub fn format_value(value: f64, precision: usize) -> String {
    // Whole means "equal to itself as a C int": beyond that range ipmitool prints decimals too.
    let whole = value.trunc() == value && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&value);
    let precision = if whole { 0 } else { precision };
    if value.is_nan() {
        return if value.is_sign_negative() { "-nan".to_owned() } else { "nan".to_owned() };
    }
    format!("{value:.precision$}")
}

/// Whether a raw sensor range limit stands for "none": the end of the analog format.
pub const fn is_unspecified_limit(format: AnalogFormat, raw: u8, upper: bool) -> bool {
    let end = match (format, upper) {
        (AnalogFormat::Unsigned, false) | (AnalogFormat::OnesComplement, true) => 0x00,
        (AnalogFormat::Unsigned, true) | (AnalogFormat::OnesComplement, false) => 0xFF,
        (AnalogFormat::TwosComplement, false) => 0x80,
        (AnalogFormat::TwosComplement, true) => 0x7F,
        (AnalogFormat::None, _) => return false,
    };
    raw == end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdr::{CompactSensorBody, FullSensorBody, SdrRecord, SensorSetup, emit};

    fn read(body: &FullSensorBody, data: &[u8]) -> SensorReading {
        let mut bytes = Vec::new();
        emit(1, body, "x", &mut bytes);
        let sensor = SdrRecord::parse(&bytes).unwrap().sensor().unwrap();
        SensorReading::new(&sensor, RawReading::parse(data).unwrap())
    }

    fn threshold(units: u8, linearization: u8) -> FullSensorBody {
        let setup = SensorSetup { sensor_type: 2, event_reading_type: 1, units, base_unit: 4, ..Default::default() };
        FullSensorBody { setup, linearization, factors: [2, 0, 0, 0, 0, 0], ..Default::default() }
    }

    #[test]
    fn availability_rules() {
        for (flags, availability) in [
            (0x40, Availability::Available),
            (0xC0, Availability::Available),
            (0x60, Availability::Unavailable),
            (0x00, Availability::ScanningDisabled),
            (0x20, Availability::ScanningDisabled),
        ] {
            let reading = read(&threshold(0, 0), &[10, flags, 0x10]);
            assert_eq!(reading.availability, availability);
            assert_eq!(reading.value.is_some(), availability == Availability::Available);
            assert_eq!(reading.threshold_status().is_some(), availability == Availability::Available);
        }
        assert_eq!(read(&threshold(0, 0), &[10]).availability, Availability::Unknown);
        assert!(RawReading::parse(&[]).is_err());
    }

    #[test]
    fn values_need_an_analog_format_and_factors_that_hold() {
        assert_eq!(read(&threshold(0x80, 0), &[0xFE, 0x40]).value, Some(-4.0));
        assert_eq!(read(&threshold(0xC0, 0), &[0xFE, 0x40]).value, None);
        assert_eq!(read(&threshold(0, 0x70), &[0xFE, 0x40]).value, None);
    }

    #[test]
    fn discrete_states_drop_the_reserved_bit() {
        let setup = SensorSetup { sensor_type: 8, event_reading_type: 0x6F, ..Default::default() };
        let mut bytes = Vec::new();
        emit(1, &CompactSensorBody { setup, ..Default::default() }, "PS1", &mut bytes);
        let sensor = SdrRecord::parse(&bytes).unwrap().sensor().unwrap();
        let reading = SensorReading::new(&sensor, RawReading::parse(&[0, 0xC0, 0x01, 0x80]).unwrap());
        let states = reading.discrete_states().unwrap();
        assert_eq!((states.states.bits(), reading.value), (1, None));
        assert_eq!(states.texts().collect::<Vec<_>>(), ["Presence detected"]);
    }

    #[test]
    fn a_decoded_response_says_the_same() {
        for data in [&[10, 0xC0, 0x10][..], &[10, 0x60], &[0, 0x40, 1, 0x81]] {
            let response = <sensor::GetSensorReading as crate::Command>::parse(data).unwrap();
            let raw = RawReading::parse(data).unwrap();
            assert_eq!(RawReading::from(response), raw);
        }
    }

    #[test]
    fn values_print_as_in_c() {
        for (value, text) in [(3e9, "3000000000.00"), (-0.5, "-0.50"), (f64::INFINITY, "inf"), (-12.0, "-12")] {
            assert_eq!(format_value(value, 2), text);
        }
    }
}
