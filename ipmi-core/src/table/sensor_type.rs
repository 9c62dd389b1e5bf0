//! Sensor types (IPMI 2.0 table 42-3).

use std::fmt;

/// What a sensor measures or watches. Unlisted codes are values too; C0h and up are the manufacturer's.
///
/// ```
/// use ipmi_core::table::SensorType;
/// assert_eq!(SensorType::TEMPERATURE.to_string(), "Temperature");
/// assert_eq!(SensorType(0xDC).to_string(), "Unknown");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SensorType(pub u8);

macro_rules! sensor_types {
    ($($name:ident = $value:literal, $text:literal;)*) => {
        impl SensorType {
            $(#[doc = $text] pub const $name: Self = Self($value);)*
            /// Every listed type with its name, in the order of table 42-3.
            pub const TABLE: &'static [(SensorType, &'static str)] = &[$((SensorType::$name, $text)),*];
        }
    };
}

// The names are the ones ipmitool prints ("System Firmwares", "Button"): scripts match on them.
sensor_types! {
    RESERVED = 0x00, "reserved";
    TEMPERATURE = 0x01, "Temperature";
    VOLTAGE = 0x02, "Voltage";
    CURRENT = 0x03, "Current";
    FAN = 0x04, "Fan";
    PHYSICAL_SECURITY = 0x05, "Physical Security";
    PLATFORM_SECURITY = 0x06, "Platform Security";
    PROCESSOR = 0x07, "Processor";
    POWER_SUPPLY = 0x08, "Power Supply";
    POWER_UNIT = 0x09, "Power Unit";
    COOLING_DEVICE = 0x0A, "Cooling Device";
    OTHER = 0x0B, "Other";
    MEMORY = 0x0C, "Memory";
    DRIVE_SLOT_BAY = 0x0D, "Drive Slot / Bay";
    POST_MEMORY_RESIZE = 0x0E, "POST Memory Resize";
    SYSTEM_FIRMWARES = 0x0F, "System Firmwares";
    EVENT_LOGGING_DISABLED = 0x10, "Event Logging Disabled";
    WATCHDOG1 = 0x11, "Watchdog1";
    SYSTEM_EVENT = 0x12, "System Event";
    CRITICAL_INTERRUPT = 0x13, "Critical Interrupt";
    BUTTON = 0x14, "Button";
    MODULE_BOARD = 0x15, "Module / Board";
    MICROCONTROLLER = 0x16, "Microcontroller";
    ADD_IN_CARD = 0x17, "Add-in Card";
    CHASSIS = 0x18, "Chassis";
    CHIP_SET = 0x19, "Chip Set";
    OTHER_FRU = 0x1A, "Other FRU";
    CABLE_INTERCONNECT = 0x1B, "Cable / Interconnect";
    TERMINATOR = 0x1C, "Terminator";
    SYSTEM_BOOT_INITIATED = 0x1D, "System Boot Initiated";
    BOOT_ERROR = 0x1E, "Boot Error";
    OS_BOOT = 0x1F, "OS Boot";
    OS_CRITICAL_STOP = 0x20, "OS Critical Stop";
    SLOT_CONNECTOR = 0x21, "Slot / Connector";
    SYSTEM_ACPI_POWER_STATE = 0x22, "System ACPI Power State";
    WATCHDOG2 = 0x23, "Watchdog2";
    PLATFORM_ALERT = 0x24, "Platform Alert";
    ENTITY_PRESENCE = 0x25, "Entity Presence";
    MONITOR_ASIC = 0x26, "Monitor ASIC";
    LAN = 0x27, "LAN";
    MANAGEMENT_SUBSYS_HEALTH = 0x28, "Management Subsys Health";
    BATTERY = 0x29, "Battery";
    SESSION_AUDIT = 0x2A, "Session Audit";
    VERSION_CHANGE = 0x2B, "Version Change";
    FRU_STATE = 0x2C, "FRU State";
}

impl SensorType {
    /// Name of a listed type.
    pub fn name(self) -> Option<&'static str> {
        Self::TABLE.iter().find(|(code, _)| *code == self).map(|(_, name)| *name)
    }

    /// The type with this name, letter case aside.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::TABLE.iter().find(|(_, text)| text.eq_ignore_ascii_case(name)).map(|(code, _)| *code)
    }

    /// True for the manufacturer's own types, C0h-FFh.
    pub const fn is_oem(self) -> bool {
        self.0 >= 0xC0
    }
}

impl fmt::Display for SensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name().unwrap_or("Unknown"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn table_has_no_gaps_and_matches_the_list() {
        let mut list = String::new();
        for (index, (code, name)) in SensorType::TABLE.iter().enumerate() {
            assert_eq!(usize::from(code.0), index);
            writeln!(list, "{:02X} {name}", code.0).unwrap();
        }
        assert_eq!(list, include_str!("../../fixtures/sensor_types.txt"));
    }

    #[test]
    fn names_lead_back_to_their_codes() {
        assert!(SensorType::TABLE.iter().all(|(code, name)| SensorType::from_name(name) == Some(*code)));
        assert_eq!(SensorType::from_name("fan"), Some(SensorType::FAN));
    }
}
