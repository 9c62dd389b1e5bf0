//! What an event means: text, severity, reading and threshold (IPMI 2.0 s42).

use super::{DataUse, EventData};
use crate::command::sensor::PlatformEvent;
use crate::sensor::{ReadingFactors, Threshold};
use crate::table::{EventReadingType, OffsetRow, SensorType, Severity, offset};

/// Whether a state came or went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum EventDirection {
    /// It came.
    #[default]
    Asserted,
    /// It went.
    Deasserted,
}

impl EventDirection {
    /// From a byte whose bit 7 is the direction.
    pub const fn of_bit_7(byte: u8) -> Self {
        if byte & 0x80 == 0 { Self::Asserted } else { Self::Deasserted }
    }

    /// The direction as bit 7.
    pub const fn bit_7(self) -> u8 {
        match self {
            Self::Asserted => 0,
            Self::Deasserted => 0x80,
        }
    }

    /// Asserted or Deasserted, as ipmitool prints it.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Asserted => "Asserted",
            Self::Deasserted => "Deasserted",
        }
    }
}

/// An event, wherever it came from: a SEL record, an event message or the event message buffer.
///
/// ```
/// use ipmi_core::event::{Event, EventData, EventDirection};
/// use ipmi_core::table::{EventReadingType, SensorType};
/// let event = Event {
///     sensor_type: SensorType::PROCESSOR,
///     sensor_number: 0x40,
///     event_type: EventReadingType::SENSOR_SPECIFIC,
///     direction: EventDirection::Asserted,
///     data: EventData([0x01, 0xFF, 0xFF]),
/// };
/// assert_eq!(event.description(), Some("Thermal Trip"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Event {
    /// Sensor type.
    pub sensor_type: SensorType,
    /// Sensor number.
    pub sensor_number: u8,
    /// Event/reading type.
    pub event_type: EventReadingType,
    /// Whether the state came or went.
    pub direction: EventDirection,
    /// Event data 1-3.
    pub data: EventData,
}

impl From<&PlatformEvent> for Event {
    fn from(message: &PlatformEvent) -> Self {
        Self {
            sensor_type: message.sensor_type,
            sensor_number: message.sensor.0,
            event_type: message.event_type,
            direction: if message.deasserted { EventDirection::Deasserted } else { EventDirection::Asserted },
            data: EventData(message.data),
        }
    }
}

/// Reading and threshold of a threshold event, raw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trigger {
    /// The threshold that was crossed.
    pub threshold: Threshold,
    /// True when the reading went above it, false when below. A deassertion is the way back.
    pub went_above: bool,
    /// The reading that triggered the event, if given.
    pub reading: Option<u8>,
    /// The value of the threshold, if given.
    pub threshold_value: Option<u8>,
}

impl Trigger {
    /// Reading and threshold value in the sensor's units.
    pub fn convert(&self, factors: &ReadingFactors) -> (Option<f64>, Option<f64>) {
        let convert = |raw: Option<u8>| raw.and_then(|raw| factors.convert(raw));
        (convert(self.reading), convert(self.threshold_value))
    }
}

impl Event {
    /// The event type and direction byte as it stands in records and messages.
    pub const fn dir_type_byte(&self) -> u8 {
        self.event_type.0 & 0x7F | self.direction.bit_7()
    }

    /// The table row of the event; a row refined by event data 2 comes before the plain one.
    pub fn row(&self) -> Option<&'static OffsetRow> {
        offset::lookup(self.event_type, self.sensor_type, self.data.offset(), self.data.used_second())
    }

    /// The table row of the event, or the one that only the specification has.
    pub fn documented_row(&self) -> Option<&'static OffsetRow> {
        self.row().or_else(|| offset::document_row(self.event_type, self.sensor_type, self.data.offset()))
    }

    /// The text ipmitool prints; `None` where the tables have none, and for manufacturers' types.
    pub fn description(&self) -> Option<&'static str> {
        self.row().map(|row| row.text)
    }

    /// How bad it is. What event data 2 says comes before the tables; a state that went is good news, or just
    /// information when it was no trouble.
    pub fn severity(&self) -> Option<Severity> {
        let asserted = self.stated_severity().or_else(|| self.documented_row()).map(|row| row.severity)?;
        Some(match self.direction {
            EventDirection::Asserted => asserted,
            EventDirection::Deasserted if asserted > Severity::Information => Severity::Ok,
            EventDirection::Deasserted => Severity::Information,
        })
    }

    /// The severity in event data 2 \[7:4\] of a discrete event, a row of the severity type 07h.
    pub fn stated_severity(&self) -> Option<&'static OffsetRow> {
        let value = self.previous_state_byte()? >> 4;
        offset::lookup(EventReadingType::SEVERITY, self.sensor_type, value, None).filter(|_| value != 0x0F)
    }

    /// The state before, event data 2 \[3:0\] of a discrete event, as an offset.
    pub fn previous_offset(&self) -> Option<u8> {
        Some(self.previous_state_byte()? & 0x0F).filter(|&offset| offset != 0x0F)
    }

    /// The text of the state before.
    pub fn previous_state(&self) -> Option<&'static str> {
        offset::lookup(self.event_type, self.sensor_type, self.previous_offset()?, None).map(|row| row.text)
    }

    fn previous_state_byte(&self) -> Option<u8> {
        (self.data.second_use(self.event_type) == DataUse::PreviousState).then_some(self.data.second())
    }

    /// Reading and threshold, for threshold events.
    pub fn trigger(&self) -> Option<Trigger> {
        if !self.event_type.is_threshold() {
            return None;
        }
        let offset = self.data.offset();
        let use_of = |used: DataUse, byte: u8| (used == DataUse::Reading).then_some(byte);
        Some(Trigger {
            threshold: Threshold::of_event(offset)?,
            went_above: (offset & 1 == 1) == (self.direction == EventDirection::Asserted),
            reading: use_of(self.data.second_use(self.event_type), self.data.second()),
            threshold_value: use_of(self.data.third_use(self.event_type), self.data.third()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(sensor_type: u8, dir_type: u8, data: [u8; 3]) -> Event {
        Event {
            sensor_type: SensorType(sensor_type),
            sensor_number: 1,
            event_type: EventReadingType::from_low_bits(dir_type),
            direction: EventDirection::of_bit_7(dir_type),
            data: EventData(data),
        }
    }

    #[test]
    fn rows_that_only_the_specification_has() {
        let event = event(0x2A, 0x6F, [0x02, 0xFF, 0xFF]);
        assert_eq!((event.description(), event.severity()), (None, Some(Severity::NonCritical)));
        assert_eq!(event.documented_row().unwrap().text, "Invalid Username or Password");
        let threshold = Event { event_type: EventReadingType::THRESHOLD, ..event };
        assert_eq!(threshold.documented_row(), threshold.row());
    }

    #[test]
    fn texts_as_ipmitool_prints_them() {
        for (sensor_type, dir_type, data, text) in [
            (0x10, 0x6F, [0x02, 0xFF, 0xFF], Some("Log area reset/cleared")),
            (0x0F, 0x6F, [0xC2, 0x01, 0xFF], Some("Memory initialization")),
            (0x0F, 0x6F, [0x02, 0x01, 0xFF], Some("Unknown Progress")),
            (0x08, 0x6F, [0xC6, 0x03, 0xFF], Some("Config Error: Power Supply Rating Mismatch")),
            (0x04, 0x0B, [0x01, 0xFF, 0xFF], Some("Redundancy Lost")),
            (0x2A, 0x6F, [0xF2, 0x03, 0x01], None),
            (0x07, 0x71, [0x00, 0xFF, 0xFF], None),
            (0xDC, 0x6F, [0x00, 0xFF, 0xFF], None),
        ] {
            assert_eq!(event(sensor_type, dir_type, data).description(), text, "{sensor_type:02X} {data:02X?}");
        }
    }

    #[test]
    fn triggers_and_their_values() {
        let trigger = event(0x01, 0x01, [0x57, 48, 42]).trigger().unwrap();
        assert_eq!((trigger.threshold, trigger.went_above), (Threshold::UpperNonCritical, true));
        assert_eq!(trigger.convert(&ReadingFactors::default()), (Some(48.0), Some(42.0)));
        let back = event(0x01, 0x81, [0x17, 40, 42]).trigger().unwrap();
        assert_eq!((back.went_above, back.reading, back.threshold_value), (false, None, Some(42)));
        assert_eq!(event(0x01, 0x01, [0x0F, 0, 0]).trigger(), None);
        assert_eq!(event(0x07, 0x6F, [0x51, 0, 0]).trigger(), None);
    }

    #[test]
    fn previous_state_and_severity_in_event_data_2() {
        let event = event(0x08, 0x6F, [0x41, 0x20, 0xFF]);
        assert_eq!(event.previous_state(), Some("Presence detected"));
        assert_eq!(event.stated_severity().unwrap().text, "Transition to Critical from less severe");
        assert_eq!(event.severity(), Some(event.stated_severity().unwrap().severity));
        let unspecified = super::Event { data: EventData([0x41, 0xFF, 0xFF]), ..event };
        assert_eq!((unspecified.previous_offset(), unspecified.stated_severity()), (None, None));
    }

    #[test]
    fn a_state_that_went_is_good_news() {
        let asserted = event(0x08, 0x6F, [0x01, 0xFF, 0xFF]);
        assert!(asserted.severity() > Some(Severity::Information));
        assert_eq!(event(0x08, 0xEF, [0x01, 0xFF, 0xFF]).severity(), Some(Severity::Ok));
        assert_eq!(event(0x08, 0xEF, [0x00, 0xFF, 0xFF]).severity(), Some(Severity::Information));
    }

    #[test]
    fn no_byte_combination_panics() {
        for sensor_type in 0..=255 {
            for dir_type in 0..=255 {
                for data in [[0xFF; 3], [0x4F, 0xFF, 0], [0x5B, 0, 0xFF]] {
                    let event = event(sensor_type, dir_type, data);
                    let _ = (event.description(), event.severity(), event.previous_state(), event.trigger());
                    assert_eq!(event.dir_type_byte(), dir_type);
                }
            }
        }
    }
}
