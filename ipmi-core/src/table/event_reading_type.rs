//! Event/reading types and the generic offsets of 01h-0Ch (IPMI 2.0 tables 42-1 and 42-2).

use std::fmt;

use super::Severity::{Critical, Failure, Information, NonCritical, NonRecoverable, Ok, PredictiveFailure};
use super::offset::{OffsetRow, row};

/// How a sensor's states and events are numbered. Bit 7 (event direction in SEL records) is not part of it.
///
/// ```
/// use ipmi_core::table::{EventClass, EventReadingType};
/// assert_eq!(EventReadingType(0x01).class(), EventClass::Threshold);
/// assert_eq!(EventReadingType(0x6F).class(), EventClass::SensorSpecific);
/// assert_eq!(EventReadingType(0x72).class(), EventClass::Oem);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventReadingType(pub u8);

/// Families of event/reading types (table 42-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventClass {
    /// 00h.
    Unspecified,
    /// 01h: analog readings compared with thresholds.
    Threshold,
    /// 02h-0Ch: the same states for every sensor type.
    Generic,
    /// 6Fh: states defined by the sensor type.
    SensorSpecific,
    /// 70h-7Fh: defined by the manufacturer.
    Oem,
    /// Everything else.
    Reserved,
}

impl EventReadingType {
    /// 00h: none.
    pub const UNSPECIFIED: Self = Self(0x00);
    /// 01h: threshold.
    pub const THRESHOLD: Self = Self(0x01);
    /// 02h: idle, active, busy.
    pub const USAGE: Self = Self(0x02);
    /// 03h: a state, asserted or not.
    pub const STATE: Self = Self(0x03);
    /// 04h: predictive failure, asserted or not.
    pub const PREDICTIVE_FAILURE: Self = Self(0x04);
    /// 05h: limit exceeded or not.
    pub const LIMIT: Self = Self(0x05);
    /// 06h: performance met or lagging.
    pub const PERFORMANCE: Self = Self(0x06);
    /// 07h: transitions between severities.
    pub const SEVERITY: Self = Self(0x07);
    /// 08h: device absent or present.
    pub const PRESENCE: Self = Self(0x08);
    /// 09h: device disabled or enabled.
    pub const ENABLED: Self = Self(0x09);
    /// 0Ah: running, off line, degraded...
    pub const AVAILABILITY: Self = Self(0x0A);
    /// 0Bh: redundancy.
    pub const REDUNDANCY: Self = Self(0x0B);
    /// 0Ch: ACPI device power states.
    pub const ACPI_DEVICE_POWER: Self = Self(0x0C);
    /// 6Fh: sensor-specific.
    pub const SENSOR_SPECIFIC: Self = Self(0x6F);

    /// The type in a byte that carries a flag in bit 7.
    pub const fn from_low_bits(byte: u8) -> Self {
        Self(byte & 0x7F)
    }

    /// Family of the type.
    pub const fn class(self) -> EventClass {
        match self.0 {
            0x00 => EventClass::Unspecified,
            0x01 => EventClass::Threshold,
            0x02..=0x0C => EventClass::Generic,
            0x6F => EventClass::SensorSpecific,
            0x70..=0x7F => EventClass::Oem,
            _ => EventClass::Reserved,
        }
    }

    /// True for threshold sensors.
    pub const fn is_threshold(self) -> bool {
        matches!(self.class(), EventClass::Threshold)
    }

    /// Offsets of types 01h-0Ch in order; empty for all others.
    pub fn generic_rows(self) -> &'static [OffsetRow] {
        GENERIC_OFFSETS.iter().find(|(code, _)| *code == self).map_or(&[], |(_, rows)| *rows)
    }
}

impl fmt::Display for EventClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Unspecified => "Unspecified",
            Self::Threshold => "Threshold",
            Self::Generic => "Generic Discrete",
            Self::SensorSpecific => "Sensor-specific Discrete",
            Self::Oem => "OEM",
            Self::Reserved => "Reserved",
        })
    }
}

/// Name of the family, as ipmitool prints it: type 0Ch, which it leaves out of the generic ones, is "Reserved".
impl fmt::Display for EventReadingType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let class = if *self == Self::ACPI_DEVICE_POWER { EventClass::Reserved } else { self.class() };
        class.fmt(f)
    }
}

/// Generic offsets by type (table 42-2). Texts are ipmitool's, with the blank it puts after "going low".
pub const GENERIC_OFFSETS: &[(EventReadingType, &[OffsetRow])] = &[
    (
        EventReadingType::THRESHOLD,
        &[
            row(0x0, "Lower Non-critical going low ", NonCritical),
            row(0x1, "Lower Non-critical going high", NonCritical),
            row(0x2, "Lower Critical going low ", Critical),
            row(0x3, "Lower Critical going high", Critical),
            row(0x4, "Lower Non-recoverable going low ", NonRecoverable),
            row(0x5, "Lower Non-recoverable going high", NonRecoverable),
            row(0x6, "Upper Non-critical going low ", NonCritical),
            row(0x7, "Upper Non-critical going high", NonCritical),
            row(0x8, "Upper Critical going low ", Critical),
            row(0x9, "Upper Critical going high", Critical),
            row(0xA, "Upper Non-recoverable going low ", NonRecoverable),
            row(0xB, "Upper Non-recoverable going high", NonRecoverable),
        ],
    ),
    (
        EventReadingType::USAGE,
        &[
            row(0x0, "Transition to Idle", Information),
            row(0x1, "Transition to Active", Information),
            row(0x2, "Transition to Busy", Information),
        ],
    ),
    (EventReadingType::STATE, &[row(0x0, "State Deasserted", Information), row(0x1, "State Asserted", Information)]),
    (
        EventReadingType::PREDICTIVE_FAILURE,
        &[row(0x0, "Predictive Failure Deasserted", Ok), row(0x1, "Predictive Failure Asserted", PredictiveFailure)],
    ),
    (EventReadingType::LIMIT, &[row(0x0, "Limit Not Exceeded", Ok), row(0x1, "Limit Exceeded", NonCritical)]),
    (EventReadingType::PERFORMANCE, &[row(0x0, "Performance Met", Ok), row(0x1, "Performance Lags", NonCritical)]),
    (
        EventReadingType::SEVERITY,
        &[
            row(0x0, "Transition to OK", Ok),
            row(0x1, "Transition to Non-critical from OK", NonCritical),
            row(0x2, "Transition to Critical from less severe", Critical),
            row(0x3, "Transition to Non-recoverable from less severe", NonRecoverable),
            row(0x4, "Transition to Non-critical from more severe", NonCritical),
            row(0x5, "Transition to Critical from Non-recoverable", Critical),
            row(0x6, "Transition to Non-recoverable", NonRecoverable),
            row(0x7, "Monitor", Information),
            row(0x8, "Informational", Information),
        ],
    ),
    (EventReadingType::PRESENCE, &[row(0x0, "Device Absent", Information), row(0x1, "Device Present", Ok)]),
    (EventReadingType::ENABLED, &[row(0x0, "Device Disabled", Information), row(0x1, "Device Enabled", Ok)]),
    (
        EventReadingType::AVAILABILITY,
        &[
            row(0x0, "Transition to Running", Ok),
            row(0x1, "Transition to In Test", Information),
            row(0x2, "Transition to Power Off", Information),
            row(0x3, "Transition to On Line", Ok),
            row(0x4, "Transition to Off Line", Information),
            row(0x5, "Transition to Off Duty", Information),
            row(0x6, "Transition to Degraded", NonCritical),
            row(0x7, "Transition to Power Save", Information),
            row(0x8, "Install Error", Failure),
        ],
    ),
    (
        EventReadingType::REDUNDANCY,
        &[
            row(0x0, "Fully Redundant", Ok),
            row(0x1, "Redundancy Lost", Critical),
            row(0x2, "Redundancy Degraded", NonCritical),
            row(0x3, "Non-Redundant: Sufficient from Redundant", NonCritical),
            row(0x4, "Non-Redundant: Sufficient from Insufficient", NonCritical),
            row(0x5, "Non-Redundant: Insufficient Resources", Critical),
            row(0x6, "Redundancy Degraded from Fully Redundant", NonCritical),
            row(0x7, "Redundancy Degraded from Non-Redundant", NonCritical),
        ],
    ),
    (
        EventReadingType::ACPI_DEVICE_POWER,
        &[
            row(0x0, "D0 Power State", Information),
            row(0x1, "D1 Power State", Information),
            row(0x2, "D2 Power State", Information),
            row(0x3, "D3 Power State", Information),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::offset::check_order;
    use std::fmt::Write;

    #[test]
    fn table_has_no_gaps_and_matches_the_list() {
        let mut list = String::new();
        for (index, (code, rows)) in GENERIC_OFFSETS.iter().enumerate() {
            assert_eq!(usize::from(code.0), index + 1);
            check_order(rows);
            for (offset, row) in rows.iter().enumerate() {
                assert_eq!((usize::from(row.offset), row.data2), (offset, None));
                writeln!(list, "{:02X} {:X} {}", code.0, row.offset, row.text.trim_end()).unwrap();
            }
        }
        assert_eq!(list, include_str!("../../fixtures/generic_offsets.txt"));
    }

    #[test]
    fn going_low_ends_in_a_blank() {
        let rows = EventReadingType::THRESHOLD.generic_rows();
        assert!(rows.iter().all(|row| row.text.ends_with("going low ") || row.text.ends_with("going high")));
    }

    #[test]
    fn names_of_families() {
        let names = [(0x00, "Unspecified"), (0x0B, "Generic Discrete"), (0x0C, "Reserved"), (0x6E, "Reserved")];
        for (code, name) in names {
            assert_eq!(EventReadingType(code).to_string(), name);
        }
    }

    #[test]
    fn every_generic_type_has_rows_and_no_other_has() {
        for code in 0..=255 {
            let event_type = EventReadingType(code);
            let generic = matches!(event_type.class(), EventClass::Threshold | EventClass::Generic);
            assert_eq!(generic, !event_type.generic_rows().is_empty(), "{code:02X}");
        }
    }
}
