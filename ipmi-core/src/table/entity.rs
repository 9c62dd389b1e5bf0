//! Entity ids (IPMI 2.0 table 43-13, PICMG 3.0, DCMI 1.5).

use std::fmt;

/// The kind of part a sensor or FRU belongs to. Unlisted codes are values too.
///
/// ```
/// use ipmi_core::table::EntityId;
/// assert_eq!(EntityId(0x07).to_string(), "System Board");
/// assert_eq!(EntityId(0x90).to_string(), "Unknown (0x90)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntityId(pub u8);

/// Every listed entity with the name ipmitool prints, in the order of table 43-13.
pub const TABLE: &[(EntityId, &str)] = &[
    (EntityId(0x00), "Unspecified"),
    (EntityId(0x01), "Other"),
    (EntityId(0x02), "Unknown"),
    (EntityId(0x03), "Processor"),
    (EntityId(0x04), "Disk or Disk Bay"),
    (EntityId(0x05), "Peripheral Bay"),
    (EntityId(0x06), "System Management Module"),
    (EntityId(0x07), "System Board"),
    (EntityId(0x08), "Memory Module"),
    (EntityId(0x09), "Processor Module"),
    (EntityId(0x0A), "Power Supply"),
    (EntityId(0x0B), "Add-in Card"),
    (EntityId(0x0C), "Front Panel Board"),
    (EntityId(0x0D), "Back Panel Board"),
    (EntityId(0x0E), "Power System Board"),
    (EntityId(0x0F), "Drive Backplane"),
    (EntityId(0x10), "System Internal Expansion Board"),
    (EntityId(0x11), "Other System Board"),
    (EntityId(0x12), "Processor Board"),
    (EntityId(0x13), "Power Unit"),
    (EntityId(0x14), "Power Module"),
    (EntityId(0x15), "Power Management"),
    (EntityId(0x16), "Chassis Back Panel Board"),
    (EntityId(0x17), "System Chassis"),
    (EntityId(0x18), "Sub-Chassis"),
    (EntityId(0x19), "Other Chassis Board"),
    (EntityId(0x1A), "Disk Drive Bay"),
    (EntityId(0x1B), "Peripheral Bay"),
    (EntityId(0x1C), "Device Bay"),
    (EntityId(0x1D), "Fan Device"),
    (EntityId(0x1E), "Cooling Unit"),
    (EntityId(0x1F), "Cable/Interconnect"),
    (EntityId(0x20), "Memory Device"),
    (EntityId(0x21), "System Management Software"),
    (EntityId(0x22), "BIOS"),
    (EntityId(0x23), "Operating System"),
    (EntityId(0x24), "System Bus"),
    (EntityId(0x25), "Group"),
    (EntityId(0x26), "Remote Management Device"),
    (EntityId(0x27), "External Environment"),
    (EntityId(0x28), "Battery"),
    (EntityId(0x29), "Processing Blade"),
    (EntityId(0x2A), "Connectivity Switch"),
    (EntityId(0x2B), "Processor/Memory Module"),
    (EntityId(0x2C), "I/O Module"),
    (EntityId(0x2D), "Processor/IO Module"),
    (EntityId(0x2E), "Management Controller Firmware"),
    (EntityId(0x2F), "IPMI Channel"),
    (EntityId(0x30), "PCI Bus"),
    (EntityId(0x31), "PCI Express Bus"),
    (EntityId(0x32), "SCSI Bus (parallel)"),
    (EntityId(0x33), "SATA/SAS Bus"),
    (EntityId(0x34), "Processor/Front-Side Bus"),
    (EntityId(0x35), "Real Time Clock(RTC)"),
    (EntityId(0x36), "Reserved"),
    (EntityId(0x37), "Air Inlet"),
    (EntityId(0x38), "Reserved"),
    (EntityId(0x39), "Reserved"),
    (EntityId(0x3A), "Reserved"),
    (EntityId(0x3B), "Reserved"),
    (EntityId(0x3C), "Reserved"),
    (EntityId(0x3D), "Reserved"),
    (EntityId(0x3E), "Reserved"),
    (EntityId(0x3F), "Reserved"),
    (EntityId(0x40), "Air Inlet"),
    (EntityId(0x41), "Processor"),
    (EntityId(0x42), "Baseboard/Main System Board"),
    (EntityId(0xA0), "PICMG Front Board"),
    (EntityId(0xC0), "PICMG Rear Transition Module"),
    (EntityId(0xC1), "PICMG AdvancedMC Module"),
    (EntityId(0xF0), "PICMG Shelf Management Controller"),
    (EntityId(0xF1), "PICMG Filtration Unit"),
    (EntityId(0xF2), "PICMG Shelf FRU Information"),
    (EntityId(0xF3), "PICMG Alarm Panel"),
];

impl EntityId {
    /// Name of a listed entity.
    pub fn name(self) -> Option<&'static str> {
        TABLE.iter().find(|(code, _)| *code == self).map(|(_, name)| *name)
    }

    /// The first entity with this name, letter case aside.
    pub fn from_name(name: &str) -> Option<Self> {
        TABLE.iter().find(|(_, text)| text.eq_ignore_ascii_case(name)).map(|(code, _)| *code)
    }
}

impl fmt::Display for EntityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.pad(name),
            None => write!(f, "Unknown (0x{:02X})", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn table_is_in_order_and_matches_the_list() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let mut list = String::new();
        for (code, name) in TABLE {
            writeln!(list, "{:02X} {name}", code.0).unwrap();
        }
        assert_eq!(list, include_str!("../../fixtures/entity_ids.txt"));
    }
}
