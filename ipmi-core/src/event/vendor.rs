//! Texts that depend on whose controller an event came from.

use std::borrow::Cow;

use super::{Event, dell, supermicro};
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
    /// addition in brackets, which may be empty. Dell and Supermicro have additions; with other manufacturers the
    /// table's text comes alone.
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
        if self.event_type != EventReadingType::SENSOR_SPECIFIC {
            return text.map(Cow::Borrowed);
        }
        let is_dells = source.manufacturer == Manufacturer::DELL;
        let is_supermicros = supermicro::is_maker(source.manufacturer);
        let addition: Option<Cow<'static, str>> = if is_dells {
            dell::addition(self, source.ipmi_version).map(Cow::Owned)
        } else if is_supermicros {
            supermicro::addition(self).map(Cow::Borrowed)
        } else {
            None
        };
        match (text, addition) {
            (Some(text), None) => Some(Cow::Borrowed(text)),
            (Some(text), Some(addition)) => Some(Cow::Owned(format!("{text} ({addition})"))),
            (None, Some(addition)) if is_dells && dell::stands_alone(self) => Some(Cow::Owned(format!("({addition})"))),
            (None, Some(addition)) if is_supermicros && supermicro::stands_alone(self) => Some(addition),
            (None, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{EventData, EventDirection};
    use crate::table::SensorType;

    fn text(manufacturer: Manufacturer, sensor_type: u8, event_type: u8, data: [u8; 3]) -> Option<String> {
        let event = Event {
            sensor_type: SensorType(sensor_type),
            sensor_number: 1,
            event_type: EventReadingType(event_type),
            direction: EventDirection::Asserted,
            data: EventData(data),
        };
        event.description_for(EventSource { manufacturer, ipmi_version: 2 }).map(Cow::into_owned)
    }

    #[test]
    fn additions_by_manufacturer() {
        let intrusion = |manufacturer| text(manufacturer, 0x05, 0x6F, [0x80, 0x02, 0xFF]);
        assert_eq!(intrusion(Manufacturer::INTEL).as_deref(), Some("General Chassis intrusion"));
        assert_eq!(intrusion(Manufacturer::DELL).as_deref(), Some("General Chassis intrusion ()"));
        assert_eq!(intrusion(Manufacturer(47488)).as_deref(), Some("General Chassis intrusion ()"));
    }

    #[test]
    fn additions_alone() {
        let supermicro = |data| text(Manufacturer::SUPERMICRO, 0xD0, 0x6F, data);
        assert_eq!(supermicro([0x80, 0x01, 0xFF]).as_deref(), Some("BMC cold reset"));
        assert_eq!(text(Manufacturer::SUPERMICRO, 0xC1, 0x6F, [0x80, 1, 0xFF]), None);
        let dell = text(Manufacturer::DELL, 0x0F, 0x6F, [0xAF, 0x80, 0xFF]);
        assert_eq!(dell.as_deref(), Some("(No memory is detected.)"));
    }

    #[test]
    fn generic_events_have_no_addition() {
        let lost = text(Manufacturer::SUPERMICRO, 0x08, 0x0B, [0x81, 0, 0]);
        assert_eq!(lost.as_deref(), Some("Redundancy Lost"));
    }
}
