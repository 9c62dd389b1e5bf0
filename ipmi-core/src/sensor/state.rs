//! Discrete states: which offsets are asserted and what they are called (IPMI 2.0 s35.14, s42).

use crate::sdr::DiscreteStates;
use crate::table::{EventReadingType, OffsetRow, SensorType, Severity, offset};

/// The asserted states of a discrete sensor with the tables its types select.
///
/// ```
/// use ipmi_core::sdr::DiscreteStates;
/// use ipmi_core::sensor::AssertedStates;
/// use ipmi_core::table::{EventReadingType, SensorType};
/// let states = AssertedStates {
///     event_type: EventReadingType::SENSOR_SPECIFIC,
///     sensor_type: SensorType::POWER_SUPPLY,
///     states: DiscreteStates::new(0x8009),
/// };
/// let texts: Vec<_> = states.texts().collect();
/// assert_eq!(texts, ["Presence detected", "Power Supply AC lost"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AssertedStates {
    /// Event/reading type of the sensor.
    pub event_type: EventReadingType,
    /// Sensor type.
    pub sensor_type: SensorType,
    /// States that are set.
    pub states: DiscreteStates,
}

impl AssertedStates {
    /// The table rows of the asserted states, in table order. States without a row are left out, as are rows that
    /// need event data: a reading has none.
    pub fn rows(self) -> impl Iterator<Item = &'static OffsetRow> {
        offset::rows(self.event_type, self.sensor_type)
            .iter()
            .filter(move |row| row.data2.is_none() && self.states.contains(row.offset))
    }

    /// The texts of the asserted states.
    pub fn texts(self) -> impl Iterator<Item = &'static str> {
        self.rows().map(|row| row.text)
    }

    /// Asserted offsets the tables have no text for.
    pub fn unnamed(self) -> impl Iterator<Item = u8> {
        let rows = offset::rows(self.event_type, self.sensor_type);
        self.states.offsets().filter(move |offset| !rows.iter().any(|row| row.data2.is_none() && row.offset == *offset))
    }

    /// The worst of the asserted states; `None` when none has a row.
    pub fn severity(self) -> Option<Severity> {
        self.rows().map(|row| row.severity).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states(event_type: u8, sensor_type: u8, bits: u16) -> AssertedStates {
        AssertedStates {
            event_type: EventReadingType(event_type),
            sensor_type: SensorType(sensor_type),
            states: DiscreteStates::new(bits),
        }
    }

    #[test]
    fn high_states_and_unnamed_ones() {
        let processor = states(0x6F, 0x07, 0x9080);
        assert_eq!(processor.texts().collect::<Vec<_>>(), ["Presence detected", "Correctable machine check error"]);
        assert_eq!(states(0x6F, 0xC0, 0x0005).unnamed().collect::<Vec<_>>(), [0, 2]);
        assert_eq!(states(0x08, 0x08, 0x8002).texts().collect::<Vec<_>>(), ["Device Present"]);
        assert_eq!(states(0x6F, 0x0F, 0x0001).texts().collect::<Vec<_>>(), ["Unknown Error"]);
    }

    #[test]
    fn the_worst_state_decides() {
        let supply = states(0x6F, 0x08, 0x0003);
        assert!(supply.severity() > states(0x6F, 0x08, 0x0001).severity());
        assert_eq!(states(0x6F, 0x08, 0).severity(), None);
    }
}
