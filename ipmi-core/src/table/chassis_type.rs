//! Chassis types of the FRU chassis area (SMBIOS 3.x s7.4.1, FRU s10).

use std::fmt;

/// A chassis type byte. Unlisted codes are values too.
///
/// ```
/// use ipmi_core::table::ChassisType;
/// assert_eq!(ChassisType(0x17).to_string(), "Rack Mount Chassis");
/// assert_eq!(ChassisType(0xFF).to_string(), "Unknown");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChassisType(pub u8);

/// Names as ipmitool prints them; the index is the code.
pub const NAMES: &[&str] = &[
    "Unspecified",
    "Other",
    "Unknown",
    "Desktop",
    "Low Profile Desktop",
    "Pizza Box",
    "Mini Tower",
    "Tower",
    "Portable",
    "LapTop",
    "Notebook",
    "Hand Held",
    "Docking Station",
    "All in One",
    "Sub Notebook",
    "Space-saving",
    "Lunch Box",
    "Main Server Chassis",
    "Expansion Chassis",
    "SubChassis",
    "Bus Expansion Chassis",
    "Peripheral Chassis",
    "RAID Chassis",
    "Rack Mount Chassis",
    "Sealed-case PC",
    "Multi-system Chassis",
    "CompactPCI",
    "AdvancedTCA",
    "Blade",
    "Blade Enclosure",
];

impl ChassisType {
    /// Code 2, which also stands for unlisted codes in texts.
    pub const UNKNOWN: Self = Self(2);

    /// Name of a listed type.
    pub fn name(self) -> Option<&'static str> {
        NAMES.get(usize::from(self.0)).copied()
    }
}

impl fmt::Display for ChassisType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name().unwrap_or("Unknown"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn table_matches_the_list() {
        let mut list = String::new();
        for (code, name) in NAMES.iter().enumerate() {
            writeln!(list, "{code:02X} {name}").unwrap();
        }
        assert_eq!(list, include_str!("../../fixtures/chassis_types.txt"));
        assert_eq!(ChassisType::UNKNOWN.to_string(), "Unknown");
    }
}
