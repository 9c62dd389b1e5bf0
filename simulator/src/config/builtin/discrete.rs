//! The discrete sensors of the built-in server: compact and event-only records.

use ipmi_core::sdr::{self, CompactSensorBody, EventOnlyBody, SensorIdentity, SensorSetup};
use ipmi_core::table::event_reading_type::EventReadingType;
use ipmi_core::table::sensor_type::SensorType;

/// States with the power on, and off where they differ.
#[derive(Debug, Clone, Copy)]
pub(super) struct States {
    pub(super) on: u16,
    pub(super) off: u16,
}

/// What kind of record describes the sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A compact record for this many sensors in a row.
    Compact(u8),
    /// An event-only record.
    EventOnly,
}

/// One discrete sensor.
pub(super) struct Discrete {
    pub(super) number: u8,
    pub(super) name: &'static str,
    sensor_type: SensorType,
    event_type: EventReadingType,
    entity: (u8, u8),
    /// Offsets the sensor knows.
    mask: u16,
    pub(super) states: States,
    kind: Kind,
}

const fn always(states: u16) -> States {
    States { on: states, off: states }
}

const fn specific(
    number: u8,
    name: &'static str,
    sensor_type: SensorType,
    entity: (u8, u8),
    mask: u16,
    states: u16,
) -> Discrete {
    let event_type = EventReadingType::SENSOR_SPECIFIC;
    Discrete { number, name, sensor_type, event_type, entity, mask, states: always(states), kind: Kind::Compact(1) }
}

const fn drive(number: u8, name: &'static str, instance: u8, states: u16) -> Discrete {
    specific(number, name, SensorType::DRIVE_SLOT_BAY, (0x1A, instance), 0x01FF, states)
}

/// The sensors of the BMC itself.
pub(super) const DISCRETES: &[Discrete] = &[
    specific(0x80, "PSU1 Status", SensorType::POWER_SUPPLY, (0x0A, 1), 0x007F, 0x0001),
    specific(0x81, "PSU2 Status", SensorType::POWER_SUPPLY, (0x0A, 2), 0x007F, 0x0001),
    Discrete {
        event_type: EventReadingType::REDUNDANCY,
        ..specific(0x82, "PSU Redundancy", SensorType::POWER_UNIT, (0x13, 1), 0x00FF, 0x0001)
    },
    Discrete {
        states: States { on: 0x0000, off: 0x0001 },
        ..specific(0x83, "Power Unit Stat", SensorType::POWER_UNIT, (0x13, 1), 0x00FF, 0)
    },
    Discrete {
        event_type: EventReadingType::REDUNDANCY,
        ..specific(0x84, "Fan Redundancy", SensorType::FAN, (0x1E, 1), 0x003F, 0x0001)
    },
    Discrete {
        event_type: EventReadingType::PRESENCE,
        kind: Kind::Compact(4),
        ..specific(0x85, "Fan Present", SensorType::FAN, (0x1D, 1), 0x0003, 0x0002)
    },
    drive(0x90, "Drive 0", 1, 0x0001),
    drive(0x91, "Drive 1", 2, 0x0001),
    drive(0x92, "Drive 2", 3, 0x0001),
    drive(0x93, "Drive 3", 4, 0x0001),
    drive(0x94, "Drive 4", 5, 0x0000),
    drive(0x95, "Drive 5", 6, 0x0000),
    drive(0x96, "Drive 6", 7, 0x0000),
    drive(0x97, "Drive 7", 8, 0x0000),
    specific(0x98, "Backplane Cable", SensorType::CABLE_INTERCONNECT, (0x1F, 1), 0x0003, 0x0001),
    specific(0xA0, "CPU1 Status", SensorType::PROCESSOR, (0x03, 1), 0x0FFF, 0x0080),
    specific(0xA1, "CPU2 Status", SensorType::PROCESSOR, (0x03, 2), 0x0FFF, 0x0080),
    Discrete {
        event_type: EventReadingType::STATE,
        ..specific(0xA2, "CPU1 PROCHOT", SensorType::PROCESSOR, (0x03, 1), 0x0003, 0x0001)
    },
    Discrete {
        event_type: EventReadingType::STATE,
        ..specific(0xA3, "CPU2 PROCHOT", SensorType::PROCESSOR, (0x03, 2), 0x0003, 0x0001)
    },
    specific(0xA4, "Memory ECC", SensorType::MEMORY, (0x08, 1), 0x01FF, 0x0040),
    specific(0xA5, "PCI Errors", SensorType::CRITICAL_INTERRUPT, (0x07, 1), 0x07FF, 0x0000),
    specific(0xA6, "Chassis Intru", SensorType::PHYSICAL_SECURITY, (0x17, 1), 0x0001, 0x0000),
    specific(0xA7, "Power Button", SensorType::BUTTON, (0x0C, 1), 0x0007, 0x0000),
    specific(0xA8, "CMOS Battery", SensorType::BATTERY, (0x28, 1), 0x0007, 0x0004),
    specific(0xB0, "Watchdog", SensorType::WATCHDOG2, (0x07, 1), 0x010F, 0x0000),
    Discrete {
        states: States { on: 0x0002, off: 0x0000 },
        ..specific(0xB1, "OS Boot", SensorType::OS_BOOT, (0x23, 1), 0x007F, 0)
    },
    specific(0xB2, "SEL", SensorType::EVENT_LOGGING_DISABLED, (0x07, 1), 0x003F, 0x0000),
    Discrete {
        states: States { on: 0x0001, off: 0x0020 },
        ..specific(0xB3, "ACPI State", SensorType::SYSTEM_ACPI_POWER_STATE, (0x07, 1), 0x0031, 0)
    },
    specific(0xB4, "BMC Health", SensorType::MANAGEMENT_SUBSYS_HEALTH, (0x2E, 1), 0x003F, 0x0000),
    Discrete {
        kind: Kind::EventOnly,
        ..specific(0xB5, "POST Progress", SensorType::SYSTEM_FIRMWARES, (0x22, 1), 0, 0)
    },
    Discrete { kind: Kind::EventOnly, ..specific(0xB6, "FW Version", SensorType::VERSION_CHANGE, (0x2E, 1), 0, 0) },
    Discrete { kind: Kind::EventOnly, ..specific(0xB7, "Session Audit", SensorType::SESSION_AUDIT, (0x06, 1), 0, 0) },
];

/// The discrete sensor of the satellite controller.
pub(super) const SATELLITE: Discrete =
    specific(0x02, "SAT Health", SensorType::MANAGEMENT_SUBSYS_HEALTH, (0x2E, 2), 0x003F, 0x0000);

impl Discrete {
    /// The numbers of the sensors behind the record.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u8> + use<> {
        let count = match self.kind {
            Kind::Compact(count) => count,
            Kind::EventOnly => 1,
        };
        let first = self.number;
        (0..count).map(move |index| first.wrapping_add(index))
    }

    /// The compact or event-only record.
    pub(super) fn record(&self, owner: u8) -> Vec<u8> {
        let identity = SensorIdentity {
            owner_id: owner,
            owner_lun: 0,
            number: self.number,
            entity_id: self.entity.0,
            entity_instance: self.entity.1,
        };
        let mut record = Vec::new();
        match self.kind {
            Kind::EventOnly => {
                let body = EventOnlyBody {
                    identity,
                    sensor_type: self.sensor_type.0,
                    event_reading_type: self.event_type.0,
                    sharing: 0x01,
                    ..EventOnlyBody::default()
                };
                sdr::emit(0, &body, self.name, &mut record);
            }
            Kind::Compact(count) => {
                let body = CompactSensorBody {
                    identity,
                    setup: SensorSetup {
                        // Settable; init scanning and events; on at start.
                        initialization: 0xE3,
                        // Auto rearm; no thresholds; events per state.
                        capabilities: 0x40,
                        sensor_type: self.sensor_type.0,
                        event_reading_type: self.event_type.0,
                        assertion_mask: self.mask.into(),
                        deassertion_mask: self.mask.into(),
                        reading_mask: self.mask.into(),
                        units: 0xC0,
                        ..SensorSetup::default()
                    },
                    sharing: count,
                    // Shared sensors: names and entity instances count up from 1.
                    sharing_offset: if count > 1 { 0x81 } else { 0x00 },
                    ..CompactSensorBody::default()
                };
                sdr::emit(0, &body, self.name, &mut record);
            }
        }
        record
    }
}
