//! Discrete states of a sensor: the names it can report, and what a reading says (IPMI 2.0 s42.1).

use std::sync::Arc;

use ipmi_core::sdr::DiscreteStates;
use ipmi_core::table::{EventReadingType, SensorType, Severity, offset};

/// State of a sensor that asserts nothing.
pub(crate) const NONE_ASSERTED: &str = "No State Asserted";

/// A state a discrete sensor can be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    /// Offset, 0-14.
    pub(crate) offset: u8,
    /// Name in the specification's words.
    pub(crate) name: Arc<str>,
    /// How bad it is.
    pub(crate) severity: Severity,
}

/// The state with an offset; offsets without a meaning of their own are named after it.
pub(crate) fn state(event_type: EventReadingType, sensor_type: SensorType, offset: u8) -> State {
    let row = offset::lookup(event_type, sensor_type, offset, None);
    match row.or_else(|| offset::document_row(event_type, sensor_type, offset)) {
        Some(row) => State { offset, name: row.text.trim().into(), severity: row.severity },
        None => State { offset, name: format!("OEM State {offset}").into(), severity: Severity::Information },
    }
}

/// The states in a mask, by offset; every state the tables know when the mask is empty, as some records leave it.
pub(crate) fn states(event_type: EventReadingType, sensor_type: SensorType, mask: DiscreteStates) -> Vec<State> {
    if mask.is_empty() {
        let rows = offset::rows(event_type, sensor_type).iter().filter(|row| row.data2.is_none());
        return rows.map(|row| state(event_type, sensor_type, row.offset)).collect();
    }
    mask.offsets().map(|offset| state(event_type, sensor_type, offset)).collect()
}

/// Whether a sensor with these states tells whether something is there and nothing else.
pub(crate) fn only_presence(states: &[State]) -> bool {
    let about_presence = |state: &State| {
        let name = state.name.to_ascii_lowercase();
        ["present", "presence", "absent", "removed", "inserted", "installed"].iter().any(|word| name.contains(word))
    };
    !states.is_empty() && states.iter().all(about_presence)
}

/// The worst of some states; of equally bad ones the first.
pub(crate) fn worst(states: &[State]) -> Option<&State> {
    states.iter().reduce(|worst, state| if state.severity > worst.severity { state } else { worst })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_tables() {
        let found = states(EventReadingType::SENSOR_SPECIFIC, SensorType::POWER_SUPPLY, DiscreteStates::new(0b1011));
        assert_eq!(found.len(), 3);
        assert_eq!(&*found[0].name, "Presence detected");
        assert!(worst(&found).is_some_and(|state| state.severity >= Severity::Failure));
        let audit = state(EventReadingType::SENSOR_SPECIFIC, SensorType::SESSION_AUDIT, 1);
        assert_eq!(&*audit.name, "Session Deactivated");
        let oem = states(EventReadingType(0x70), SensorType(0xC0), DiscreteStates::new(0b100));
        assert_eq!(&*oem[0].name, "OEM State 2");
    }

    #[test]
    fn an_empty_mask_means_every_known_state() {
        let found = states(EventReadingType::PRESENCE, SensorType::PROCESSOR, DiscreteStates::new(0));
        assert_eq!(found.len(), 2);
        assert!(states(EventReadingType(0x70), SensorType(0xC0), DiscreteStates::new(0)).is_empty());
    }

    #[test]
    fn presence_is_recognised() {
        let presence = states(EventReadingType::PRESENCE, SensorType::POWER_SUPPLY, DiscreteStates::new(3));
        assert!(only_presence(&presence));
        let mixed = states(EventReadingType::SENSOR_SPECIFIC, SensorType::POWER_SUPPLY, DiscreteStates::new(3));
        assert!(!only_presence(&mixed) && !only_presence(&[]));
    }
}
