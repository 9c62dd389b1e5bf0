//! Event data 1-3 and what event data 1 says the other two hold (IPMI 2.0 table 29-6).

use crate::table::EventReadingType;

/// The three event data bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct EventData(pub [u8; 3]);

/// What event data 2 or 3 is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataUse {
    /// Nothing.
    Unspecified,
    /// Event data 2 of a threshold event: the reading that triggered it. Event data 3: the threshold value.
    Reading,
    /// Event data 2 of a discrete event: previous state and severity.
    PreviousState,
    /// The manufacturer's.
    Oem,
    /// Defined by the sensor type.
    SensorSpecific,
    /// Reserved.
    Reserved,
}

impl EventData {
    /// Event data 1.
    pub const fn first(self) -> u8 {
        let Self([first, _, _]) = self;
        first
    }

    /// Event data 2.
    pub const fn second(self) -> u8 {
        let Self([_, second, _]) = self;
        second
    }

    /// Event data 3.
    pub const fn third(self) -> u8 {
        let Self([_, _, third]) = self;
        third
    }

    /// Offset of the state or threshold event.
    pub const fn offset(self) -> u8 {
        self.first() & 0x0F
    }

    /// Event data 2, when event data 1 says that it is used at all.
    pub fn used_second(self) -> Option<u8> {
        (self.first() & 0xC0 != 0).then_some(self.second())
    }

    /// What event data 2 holds in an event of this type.
    pub const fn second_use(self, event_type: EventReadingType) -> DataUse {
        match (self.first() >> 6, event_type.is_threshold()) {
            (0, _) => DataUse::Unspecified,
            (1, true) => DataUse::Reading,
            (1, false) => DataUse::PreviousState,
            (2, _) => DataUse::Oem,
            _ => DataUse::SensorSpecific,
        }
    }

    /// What event data 3 holds in an event of this type.
    pub const fn third_use(self, event_type: EventReadingType) -> DataUse {
        match (self.first() >> 4 & 3, event_type.is_threshold()) {
            (0, _) => DataUse::Unspecified,
            (1, true) => DataUse::Reading,
            (1, false) => DataUse::Reserved,
            (2, _) => DataUse::Oem,
            _ => DataUse::SensorSpecific,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_depend_on_the_event_type() {
        let data = EventData([0x52, 0x00, 0x0B]);
        assert_eq!(data.offset(), 2);
        assert_eq!(data.second_use(EventReadingType::THRESHOLD), DataUse::Reading);
        assert_eq!(data.third_use(EventReadingType::THRESHOLD), DataUse::Reading);
        assert_eq!(data.second_use(EventReadingType::STATE), DataUse::PreviousState);
        assert_eq!(data.third_use(EventReadingType::STATE), DataUse::Reserved);
        assert_eq!(EventData([0x0F, 7, 7]).used_second(), None);
    }
}
