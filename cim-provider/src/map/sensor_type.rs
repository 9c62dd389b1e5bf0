//! IPMI sensor types (IPMI 2.0 table 42-3) to CIM SensorType.

use ipmi_core::table::{SensorType, Unit};

/// SensorType 1: Other.
pub(crate) const OTHER: u16 = 1;

/// How a sensor type becomes a SensorType.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    /// Always this one.
    Is(u16),
    /// This one, or what the unit says when it is watts.
    UnlessWatts(u16),
    /// A tachometer when it counts RPM.
    Fan,
    /// What the unit says.
    ByUnit,
    /// Presence when it can report nothing else.
    Thing,
}

/// One rule for each sensor type. A row added to the IPMI table stops the build here until it is answered.
const RULES: [Rule; SensorType::TABLE.len()] = [
    Rule::Is(0),          // reserved
    Rule::Is(2),          // Temperature
    Rule::Is(3),          // Voltage
    Rule::UnlessWatts(4), // Current
    Rule::Fan,            // Fan
    Rule::Is(16),         // Physical Security
    Rule::Is(OTHER),      // Platform Security
    Rule::Thing,          // Processor
    Rule::Thing,          // Power Supply
    Rule::Thing,          // Power Unit
    Rule::Thing,          // Cooling Device
    Rule::ByUnit,         // Other
    Rule::Thing,          // Memory
    Rule::Thing,          // Drive Slot / Bay
    Rule::Is(OTHER),      // POST Memory Resize
    Rule::Thing,          // System Firmwares
    Rule::Thing,          // Event Logging Disabled
    Rule::Thing,          // Watchdog1
    Rule::Thing,          // System Event
    Rule::Thing,          // Critical Interrupt
    Rule::Is(7),          // Button
    Rule::Thing,          // Module / Board
    Rule::Thing,          // Microcontroller
    Rule::Thing,          // Add-in Card
    Rule::Thing,          // Chassis
    Rule::Thing,          // Chip Set
    Rule::Thing,          // Other FRU
    Rule::Thing,          // Cable / Interconnect
    Rule::Thing,          // Terminator
    Rule::Thing,          // System Boot Initiated
    Rule::Thing,          // Boot Error
    Rule::Thing,          // OS Boot
    Rule::Thing,          // OS Critical Stop
    Rule::Is(11),         // Slot / Connector
    Rule::Thing,          // System ACPI Power State
    Rule::Thing,          // Watchdog2
    Rule::Thing,          // Platform Alert
    Rule::Is(11),         // Entity Presence
    Rule::Thing,          // Monitor ASIC
    Rule::Thing,          // LAN
    Rule::Thing,          // Management Subsys Health
    Rule::Thing,          // Battery
    Rule::Thing,          // Session Audit
    Rule::Thing,          // Version Change
    Rule::Thing,          // FRU State
];

/// Maps a sensor type; `unit` is the base unit of an analog sensor, `only_presence` that it reports presence and
/// nothing else.
pub(crate) fn cim_sensor_type(sensor_type: SensorType, unit: Option<Unit>, only_presence: bool) -> u16 {
    let presence_or_other = if only_presence { 11 } else { OTHER };
    match RULES.get(usize::from(sensor_type.0)) {
        Some(Rule::Is(code)) => *code,
        Some(Rule::UnlessWatts(_)) if unit == Some(Unit::WATTS) => 13,
        Some(Rule::UnlessWatts(code)) => *code,
        Some(Rule::Fan) if unit == Some(Unit::RPM) => 5,
        Some(Rule::ByUnit) => match unit {
            Some(Unit::WATTS) => 13,
            Some(Unit::CFM) => 12,
            Some(_) | None => presence_or_other,
        },
        Some(Rule::Fan | Rule::Thing) | None => presence_or_other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_pairs() {
        let plain = |code: SensorType| cim_sensor_type(code, None, false);
        assert_eq!((plain(SensorType::TEMPERATURE), plain(SensorType::VOLTAGE), plain(SensorType::CURRENT)), (2, 3, 4));
        assert_eq!((plain(SensorType::PHYSICAL_SECURITY), plain(SensorType::BUTTON)), (16, 7));
        assert_eq!((plain(SensorType::SLOT_CONNECTOR), plain(SensorType::ENTITY_PRESENCE)), (11, 11));
        assert_eq!((plain(SensorType::PROCESSOR), plain(SensorType(0xC8)), plain(SensorType(0x2D))), (1, 1, 1));
    }

    #[test]
    fn units_and_presence_decide_where_the_type_does_not() {
        assert_eq!(cim_sensor_type(SensorType::FAN, Some(Unit::RPM), false), 5);
        assert_eq!(cim_sensor_type(SensorType::FAN, Some(Unit::UNSPECIFIED), false), 1);
        assert_eq!(cim_sensor_type(SensorType::FAN, None, true), 11);
        assert_eq!(cim_sensor_type(SensorType::CURRENT, Some(Unit::WATTS), false), 13);
        assert_eq!(cim_sensor_type(SensorType::OTHER, Some(Unit::WATTS), false), 13);
        assert_eq!(cim_sensor_type(SensorType::OTHER, Some(Unit::CFM), false), 12);
        assert_eq!(cim_sensor_type(SensorType::DRIVE_SLOT_BAY, None, true), 11);
    }
}
