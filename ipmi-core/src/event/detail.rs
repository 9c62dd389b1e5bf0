//! What event data 2 and 3 of sensor-specific events add (IPMI 2.0 table 42-3, column "event data 2/3").

use std::fmt;

use super::{DataUse, Event};
use crate::command::chassis::RestartCause;
use crate::table::{EventReadingType, SensorType, offset};

/// A named value out of event data 2 or 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EventDetail {
    /// What it is.
    pub name: &'static str,
    /// Its value.
    pub value: DetailValue,
}

/// The value of an [`EventDetail`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DetailValue {
    /// A number.
    Number(u8),
    /// One of the specification's words.
    Text(&'static str),
    /// Yes or no.
    Flag(bool),
}

impl fmt::Display for DetailValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.pad(text),
            Self::Flag(flag) => f.pad(if *flag { "yes" } else { "no" }),
        }
    }
}

impl fmt::Display for EventDetail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.value)
    }
}

const LOG_ACTIONS: &[&str] = &[
    "Entry added",
    "Entry added, event not mapped to the standard log",
    "Entry added with one or more standard entries",
    "Log cleared",
    "Log disabled",
    "Log enabled",
];
const AUXILIARY_LOGS: &[&str] = &["MCA log", "OEM 1", "OEM 2"];
const CLOCKS: &[&str] = &["SEL timestamp clock", "SDR timestamp clock"];
const SLOT_TYPES: &[&str] = &[
    "PCI",
    "Drive array",
    "External peripheral connector",
    "Docking",
    "Other standard internal expansion slot",
    "Slot of the entity",
    "AdvancedTCA",
    "DIMM",
    "Fan",
    "PCI Express",
    "SCSI",
    "SATA/SAS",
    "USB",
];
const WATCHDOG_INTERRUPTS: &[&str] = &["None", "SMI", "NMI", "Messaging interrupt"];
const WATCHDOG_USES: &[&str] = &["", "BIOS FRB2", "BIOS/POST", "OS load", "SMS/OS", "OEM"];
const DEACTIVATIONS: &[&str] = &["Unspecified", "Close Session command", "Session timeout", "Configuration change"];
const FRU_CAUSES: &[&str] = &[
    "Normal state change",
    "Commanded by software",
    "Operator changed the handle switch",
    "Operator pressed the hot swap push button",
    "FRU programmatic action",
    "Communication lost",
    "Communication lost due to local failure",
    "Unexpected extraction",
    "Operator intervention",
    "Unable to compute IPMB address",
    "Unexpected deactivation",
];

fn word(table: &[&'static str], code: u8) -> DetailValue {
    match table.get(usize::from(code)) {
        Some(text) if !text.is_empty() => DetailValue::Text(text),
        _ => DetailValue::Number(code),
    }
}

/// The text of an offset in the table of a sensor type.
fn row(sensor_type: SensorType, code: u8, data2: Option<u8>) -> DetailValue {
    offset::lookup(EventReadingType::SENSOR_SPECIFIC, sensor_type, code, data2)
        .map_or(DetailValue::Number(code), |row| DetailValue::Text(row.text))
}

/// An ACPI power state.
fn power_state(byte: u8) -> DetailValue {
    row(SensorType::SYSTEM_ACPI_POWER_STATE, byte & 0x0F, None)
}

/// Collects details, leaving out what event data calls unspecified.
struct Details(Vec<EventDetail>);

impl Details {
    fn push(&mut self, name: &'static str, value: DetailValue) {
        self.0.push(EventDetail { name, value });
    }

    fn number(&mut self, name: &'static str, number: u8) {
        self.push(name, DetailValue::Number(number));
    }

    fn word(&mut self, name: &'static str, table: &[&'static str], code: u8) {
        self.push(name, word(table, code));
    }
}

impl Event {
    /// What event data 2 and 3 say beyond the text, for events that use them as the sensor type defines. Values of
    /// FFh are unspecified and left out. Previous state and severity are [facts of their own](Self::previous_state).
    pub fn details(&self) -> Vec<EventDetail> {
        let mut details = Details(Vec::new());
        if self.event_type != EventReadingType::SENSOR_SPECIFIC {
            return details.0;
        }
        let used = |data: DataUse, byte: u8| (data == DataUse::SensorSpecific && byte != 0xFF).then_some(byte);
        let second = used(self.data.second_use(self.event_type), self.data.second());
        let third = used(self.data.third_use(self.event_type), self.data.third());
        if let Some(second) = second {
            self.second_details(second, &mut details);
        }
        if let Some(third) = third {
            self.third_details(second, third, &mut details);
        }
        details.0
    }

    fn second_details(&self, byte: u8, details: &mut Details) {
        let (high, low) = (byte >> 4, byte & 0x0F);
        match (self.sensor_type, self.data.offset()) {
            (SensorType::PHYSICAL_SECURITY, 4) => details.number("LAN controller", byte),
            (SensorType::EVENT_LOGGING_DISABLED, 0) => details.number("Memory module", byte),
            (SensorType::EVENT_LOGGING_DISABLED, 1) => details.number("Event/reading type", byte),
            (SensorType::EVENT_LOGGING_DISABLED, 6) => details.number("Processor instance", byte),
            (SensorType::SYSTEM_EVENT, 3) => {
                details.word("Log action", LOG_ACTIONS, high);
                details.word("Auxiliary log", AUXILIARY_LOGS, low);
            }
            (SensorType::SYSTEM_EVENT, 4) => {
                let actions = ["Alert", "Power off", "Reset", "Power cycle", "OEM action", "Diagnostic interrupt"];
                for (bit, action) in (0..).zip(actions) {
                    if byte >> bit & 1 == 1 {
                        details.push("PEF action", DetailValue::Text(action));
                    }
                }
            }
            (SensorType::SYSTEM_EVENT, 5) => {
                details.push("Second event of the pair", DetailValue::Flag(byte & 0x80 != 0));
                details.word("Clock", CLOCKS, low);
            }
            (SensorType::CHIP_SET, 0) => details.push("Requested power state", power_state(byte)),
            (SensorType::SYSTEM_BOOT_INITIATED, 7) => details.word("Restart cause", RestartCause::TEXTS, low),
            (SensorType::SLOT_CONNECTOR, _) => details.word("Slot type", SLOT_TYPES, byte & 0x7F),
            (SensorType::WATCHDOG2, _) => {
                if high != 0x0F {
                    details.word("Interrupt type", WATCHDOG_INTERRUPTS, high);
                }
                if low != 0x0F {
                    details.word("Timer use", WATCHDOG_USES, low);
                }
            }
            (SensorType::MANAGEMENT_SUBSYS_HEALTH, 4) => details.number("Sensor number", byte),
            (SensorType::MANAGEMENT_SUBSYS_HEALTH, 5) => {
                details.push("Logical FRU", DetailValue::Flag(byte & 0x80 != 0));
                details.number("LUN", byte >> 3 & 3);
                details.number("Private bus", byte & 7);
            }
            (SensorType::SESSION_AUDIT, _) if byte & 0x3F != 0 => details.number("User", byte & 0x3F),
            (SensorType::FRU_STATE | SensorType(0xF0), _) => {
                if high != 0x0F {
                    details.word("Cause", FRU_CAUSES, high);
                }
                details.number("Previous state", low);
            }
            (SensorType::CRITICAL_INTERRUPT, 4 | 5 | 7 | 8 | 10) => details.number("Bus", byte),
            _ => {}
        }
    }

    fn third_details(&self, second: Option<u8>, byte: u8, details: &mut Details) {
        match (self.sensor_type, self.data.offset()) {
            (SensorType::POWER_SUPPLY, 6) => {
                details.push("Configuration error", row(SensorType::POWER_SUPPLY, 6, Some(byte & 0x0F)));
            }
            (SensorType::MEMORY, _) => details.number("Memory module", byte),
            (SensorType::EVENT_LOGGING_DISABLED, 1) => {
                details.push("All events of the type", DetailValue::Flag(byte & 0x20 != 0));
                details.push("Assertion events", DetailValue::Flag(byte & 0x10 != 0));
                details.number("Event offset", byte & 0x0F);
            }
            (SensorType::EVENT_LOGGING_DISABLED, 5) => details.number("Percent full", byte),
            (SensorType::EVENT_LOGGING_DISABLED, 6) => {
                details.push("Vendor-specific number", DetailValue::Flag(byte & 0x80 != 0));
            }
            (SensorType::CHIP_SET, 0) => details.push("Power state before", power_state(byte)),
            (SensorType::SYSTEM_BOOT_INITIATED, 7) => details.number("Channel", byte & 0x0F),
            (SensorType::SLOT_CONNECTOR, _) => details.number("Slot", byte),
            (SensorType::MANAGEMENT_SUBSYS_HEALTH, 5) => {
                let logical = second.is_some_and(|second| second & 0x80 != 0);
                details.number(if logical { "FRU id" } else { "Slave address" }, byte);
            }
            (SensorType::SESSION_AUDIT, what) => {
                if what == 1 {
                    details.word("Deactivation cause", DEACTIVATIONS, byte >> 4 & 3);
                }
                details.number("Channel", byte & 0x0F);
            }
            (SensorType(0xF0), _) => details.number("FRU id", byte),
            (SensorType::CRITICAL_INTERRUPT, 4 | 5 | 7 | 8 | 10) => {
                details.number("Device", byte >> 3);
                details.number("Function", byte & 7);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{EventData, EventDirection};

    fn details(sensor_type: u8, data: [u8; 3]) -> Vec<String> {
        let event = Event {
            sensor_type: SensorType(sensor_type),
            sensor_number: 1,
            event_type: EventReadingType::SENSOR_SPECIFIC,
            direction: EventDirection::Asserted,
            data: EventData(data),
        };
        event.details().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn data_as_the_sensor_type_defines_it() {
        assert_eq!(details(0x2A, [0xF1, 0x02, 0x21]), ["User: 2", "Deactivation cause: Session timeout", "Channel: 1"]);
        assert_eq!(details(0x23, [0xC1, 0x24, 0xFF]), ["Interrupt type: NMI", "Timer use: SMS/OS"]);
        assert_eq!(
            details(0x08, [0x36, 0xFF, 0x03]),
            ["Configuration error: Config Error: Power Supply Rating Mismatch"]
        );
        assert_eq!(details(0x0C, [0x30, 0xFF, 0x07]), ["Memory module: 7"]);
        assert_eq!(details(0x12, [0xC4, 0x05, 0xFF]), ["PEF action: Alert", "PEF action: Reset"]);
        assert_eq!(details(0x13, [0xF5, 0x03, 0x1A]), ["Bus: 3", "Device: 3", "Function: 2"]);
        assert_eq!(details(0x28, [0xF5, 0x80, 0x09]), ["Logical FRU: yes", "LUN: 0", "Private bus: 0", "FRU id: 9"]);
    }

    #[test]
    fn unspecified_and_oem_data_have_no_details() {
        assert!(details(0x2A, [0xF1, 0xFF, 0xFF]).is_empty());
        assert!(details(0x2A, [0xA1, 0x02, 0x21]).is_empty());
        assert!(details(0x2A, [0x01, 0x02, 0x21]).is_empty());
    }

    #[test]
    fn no_byte_combination_panics() {
        for sensor_type in 0..=255 {
            for offset in 0..16 {
                for byte in 0..=255 {
                    let _ = details(sensor_type, [0xF0 | offset, byte, byte]);
                }
            }
        }
    }
}
