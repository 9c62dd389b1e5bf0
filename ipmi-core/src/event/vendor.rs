//! Texts that depend on whose controller an event came from.

use std::borrow::Cow;

use super::{Event, dell};
use crate::table::{EventReadingType, Manufacturer};

/// The controller an event came from, as far as texts depend on it: two fields of Get Device ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventSource {
    /// IANA enterprise number.
    pub manufacturer: Manufacturer,
    /// IPMI version byte: 51h = 1.5, 02h = 2.0.
    pub ipmi_version: u8,
}

impl Event {
    /// The text ipmitool prints when it knows whose controller it talks to: the table's, with the manufacturer's
    /// addition in brackets. Dell's are decoded; of other manufacturers the table's text comes alone.
    ///
    /// ```
    /// use ipmi_core::event::{Event, EventData, EventDirection, EventSource};
    /// use ipmi_core::table::{EventReadingType, Manufacturer, SensorType};
    /// let event = Event {
    ///     sensor_type: SensorType::MEMORY,
    ///     sensor_number: 2,
    ///     event_type: EventReadingType::SENSOR_SPECIFIC,
    ///     direction: EventDirection::Asserted,
    ///     data: EventData([0xA0, 0x81, 0x01]),
    /// };
    /// let source = EventSource { manufacturer: Manufacturer::DELL, ipmi_version: 0x02 };
    /// assert_eq!(event.description_for(source).unwrap(), "Correctable ECC (Correctable ECC |  DIMMC1)");
    /// ```
    pub fn description_for(&self, source: EventSource) -> Option<Cow<'static, str>> {
        let text = self.description();
        let is_dells =
            source.manufacturer == Manufacturer::DELL && self.event_type == EventReadingType::SENSOR_SPECIFIC;
        let addition = if is_dells { dell::addition(self, source.ipmi_version) } else { None };
        match (text, addition) {
            (Some(text), None) => Some(Cow::Borrowed(text)),
            (Some(text), Some(addition)) => Some(Cow::Owned(format!("{text} ({addition})"))),
            (None, Some(addition)) if dell::stands_alone(self) => Some(Cow::Owned(format!("({addition})"))),
            (None, _) => None,
        }
    }
}
