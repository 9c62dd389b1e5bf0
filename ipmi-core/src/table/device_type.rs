//! Device types of locator records and their modifiers (IPMI 2.0 table 43-12).

use std::fmt;

/// The kind of device a generic or FRU locator names. Unlisted codes are values too; C0h and up are the manufacturer's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceType(pub u8);

/// Device type, the modifier the row needs, and the name ipmitool prints, in the order of table 43-12.
///
/// Only type 10h (a FRU behind a controller) tells its modifiers apart. "Batter" is ipmitool's spelling.
pub const TABLE: &[(DeviceType, Option<u8>, &str)] = &[
    (DeviceType(0x00), None, "Reserved"),
    (DeviceType(0x01), None, "Reserved"),
    (DeviceType(0x02), None, "DS1624 temperature sensor"),
    (DeviceType(0x03), None, "DS1621 temperature sensor"),
    (DeviceType(0x04), None, "LM75 Temperature Sensor"),
    (DeviceType(0x05), None, "Heceta ASIC"),
    (DeviceType(0x06), None, "Reserved"),
    (DeviceType(0x07), None, "Reserved"),
    (DeviceType(0x08), None, "EEPROM, 24C01"),
    (DeviceType(0x09), None, "EEPROM, 24C02"),
    (DeviceType(0x0A), None, "EEPROM, 24C04"),
    (DeviceType(0x0B), None, "EEPROM, 24C08"),
    (DeviceType(0x0C), None, "EEPROM, 24C16"),
    (DeviceType(0x0D), None, "EEPROM, 24C17"),
    (DeviceType(0x0E), None, "EEPROM, 24C32"),
    (DeviceType(0x0F), None, "EEPROM, 24C64"),
    (DeviceType(0x10), Some(0x00), "IPMI FRU Inventory"),
    (DeviceType(0x10), Some(0x01), "DIMM Memory ID"),
    (DeviceType(0x10), Some(0x02), "IPMI FRU Inventory"),
    (DeviceType(0x10), Some(0x03), "System Processor Cartridge FRU"),
    (DeviceType(0x11), None, "Reserved"),
    (DeviceType(0x12), None, "Reserved"),
    (DeviceType(0x13), None, "Reserved"),
    (DeviceType(0x14), None, "PCF 8570 256 byte RAM"),
    (DeviceType(0x15), None, "PCF 8573 clock/calendar"),
    (DeviceType(0x16), None, "PCF 8574A I/O Port"),
    (DeviceType(0x17), None, "PCF 8583 clock/calendar"),
    (DeviceType(0x18), None, "PCF 8593 clock/calendar"),
    (DeviceType(0x19), None, "Clock calendar"),
    (DeviceType(0x1A), None, "PCF 8591 A/D, D/A Converter"),
    (DeviceType(0x1B), None, "I/O Port"),
    (DeviceType(0x1C), None, "A/D Converter"),
    (DeviceType(0x1D), None, "D/A Converter"),
    (DeviceType(0x1E), None, "A/D, D/A Converter"),
    (DeviceType(0x1F), None, "LCD Controller/Driver"),
    (DeviceType(0x20), None, "Core Logic (Chip set) Device"),
    (DeviceType(0x21), None, "LMC6874 Intelligent Battery controller"),
    (DeviceType(0x22), None, "Intelligent Batter controller"),
    (DeviceType(0x23), None, "Combo Management ASIC"),
    (DeviceType(0x24), None, "Maxim 1617 Temperature Sensor"),
    (DeviceType(0xBF), None, "Other/Unspecified"),
];

impl DeviceType {
    /// A logical FRU device behind a management controller.
    pub const FRU_BEHIND_CONTROLLER: Self = Self(0x10);

    /// Name of a listed type with its modifier.
    pub fn name(self, modifier: u8) -> Option<&'static str> {
        let fits = |wanted: &Option<u8>| wanted.is_none_or(|wanted| wanted == modifier);
        TABLE.iter().find(|(code, wanted, _)| *code == self && fits(wanted)).map(|(_, _, name)| *name)
    }

    /// Text ipmitool prints for the type and modifier, which is the name for type 10h only.
    ///
    /// ```
    /// use ipmi_core::table::DeviceType;
    /// assert_eq!(DeviceType(0x10).text(0).to_string(), "IPMI FRU Inventory");
    /// assert_eq!(DeviceType(0x09).text(2).to_string(), "Unknown (0x902)");
    /// assert_eq!(DeviceType(0x09).name(2), Some("EEPROM, 24C02"));
    /// ```
    pub const fn text(self, modifier: u8) -> DeviceText {
        DeviceText { device_type: self, modifier }
    }
}

/// Displays a device type with its modifier as ipmitool does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceText {
    device_type: DeviceType,
    modifier: u8,
}

impl fmt::Display for DeviceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // ipmitool looks type and modifier up as one number in a list where only the rows of type 10h are such
        // numbers. So type 0 finds the row its modifier stands for, and other types find nothing.
        let name = match self.device_type {
            DeviceType(0) => DeviceType(self.modifier).name(0xFF),
            DeviceType::FRU_BEHIND_CONTROLLER => self.device_type.name(self.modifier),
            _ => None,
        };
        let number = u16::from(self.device_type.0) << 8 | u16::from(self.modifier);
        match name {
            Some(name) => f.pad(name),
            None => write!(f, "Unknown (0x{number:02X})"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn table_is_in_order_and_matches_the_list() {
        assert!(TABLE.windows(2).all(|pair| (pair[0].0, pair[0].1) < (pair[1].0, pair[1].1)));
        let mut list = String::new();
        for (code, modifier, name) in TABLE {
            let modifier = modifier.map_or(String::new(), |modifier| format!(".{modifier:02X}"));
            writeln!(list, "{:02X}{modifier} {name}", code.0).unwrap();
        }
        assert_eq!(list, include_str!("../../fixtures/device_types.txt"));
    }

    #[test]
    fn texts_seen_in_output() {
        let text = |device_type, modifier| DeviceType(device_type).text(modifier).to_string();
        assert_eq!(text(0x00, 0), "Reserved");
        assert_eq!(text(0x10, 2), "IPMI FRU Inventory");
        assert_eq!(text(0x10, 0xFF), "Unknown (0x10FF)");
        assert_eq!(text(0x09, 2), "Unknown (0x902)");
        assert_eq!(text(0x00, 0x10), "Unknown (0x10)");
    }

    #[test]
    fn modifier_matters_for_controllers_only() {
        assert_eq!(DeviceType(0x10).name(1), Some("DIMM Memory ID"));
        assert_eq!(DeviceType(0x10).name(4), None);
        assert_eq!(DeviceType(0x08).name(1), Some("EEPROM, 24C01"));
    }
}
