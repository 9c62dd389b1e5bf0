//! Sensor-specific offsets, event/reading type 6Fh (IPMI 2.0 table 42-3).

mod document;
mod firmware_progress;
mod management;
mod picmg;
mod platform;
mod system;
mod version_change;

pub use document::{DOCUMENT_ONLY, document_row};

use super::SensorType;
use super::offset::OffsetRow;

/// Every sensor type with offsets of its own, in the order of table 42-3. Texts are ipmitool's.
pub const TABLE: &[(SensorType, &[OffsetRow])] = &[
    (SensorType(0x05), platform::PHYSICAL_SECURITY),
    (SensorType(0x06), platform::PLATFORM_SECURITY),
    (SensorType(0x07), platform::PROCESSOR),
    (SensorType(0x08), platform::POWER_SUPPLY),
    (SensorType(0x09), platform::POWER_UNIT),
    (SensorType(0x0C), platform::MEMORY),
    (SensorType(0x0D), platform::DRIVE_SLOT_BAY),
    (SensorType(0x0F), firmware_progress::SYSTEM_FIRMWARES),
    (SensorType(0x10), system::EVENT_LOGGING_DISABLED),
    (SensorType(0x11), system::WATCHDOG1),
    (SensorType(0x12), system::SYSTEM_EVENT),
    (SensorType(0x13), system::CRITICAL_INTERRUPT),
    (SensorType(0x14), system::BUTTON),
    (SensorType(0x19), system::CHIP_SET),
    (SensorType(0x1B), system::CABLE_INTERCONNECT),
    (SensorType(0x1D), system::SYSTEM_BOOT_INITIATED),
    (SensorType(0x1E), system::BOOT_ERROR),
    (SensorType(0x1F), system::OS_BOOT),
    (SensorType(0x20), system::OS_CRITICAL_STOP),
    (SensorType(0x21), system::SLOT_CONNECTOR),
    (SensorType(0x22), management::SYSTEM_ACPI_POWER_STATE),
    (SensorType(0x23), management::WATCHDOG2),
    (SensorType(0x24), management::PLATFORM_ALERT),
    (SensorType(0x25), management::ENTITY_PRESENCE),
    (SensorType(0x27), management::LAN),
    (SensorType(0x28), management::MANAGEMENT_SUBSYS_HEALTH),
    (SensorType(0x29), management::BATTERY),
    (SensorType(0x2B), version_change::VERSION_CHANGE),
    (SensorType(0x2C), management::FRU_STATE),
    (SensorType(0xF0), picmg::FRU_HOT_SWAP),
    (SensorType(0xF1), picmg::IPMB_LINK),
    (SensorType(0xF2), picmg::MODULE_HOT_SWAP),
];

/// Offsets of a sensor type in order, rows refined by event data 2 before the plain row; empty when unknown.
pub fn rows(sensor_type: SensorType) -> &'static [OffsetRow] {
    TABLE.iter().find(|(code, _)| *code == sensor_type).map_or(&[], |(_, rows)| *rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::offset::check_order;
    use std::fmt::Write;

    #[test]
    fn table_is_in_order_and_matches_the_list() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        let mut list = String::new();
        for (code, rows) in TABLE {
            check_order(rows);
            for row in *rows {
                let data2 = row.data2.map_or("--".to_owned(), |byte| format!("{byte:02X}"));
                writeln!(list, "{:02X} {:X} {data2} {}", code.0, row.offset, row.text).unwrap();
            }
        }
        assert_eq!(list, include_str!("../../../fixtures/sensor_offsets.txt"));
    }
}
