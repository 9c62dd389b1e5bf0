//! Sensor-specific offsets of power states and management, types 22h-2Ch (IPMI 2.0 table 42-3).

use crate::table::Severity::{Critical, Failure, Information, NonCritical, Ok};
use crate::table::offset::{OffsetRow, row};

/// System ACPI Power State (22h).
pub(super) const SYSTEM_ACPI_POWER_STATE: &[OffsetRow] = &[
    row(0x0, "S0/G0: working", Information),
    row(0x1, "S1: sleeping with system hw & processor context maintained", Information),
    row(0x2, "S2: sleeping, processor context lost", Information),
    row(0x3, "S3: sleeping, processor & hw context lost, memory retained", Information),
    row(0x4, "S4: non-volatile sleep/suspend-to-disk", Information),
    row(0x5, "S5/G2: soft-off", Information),
    row(0x6, "S4/S5: soft-off", Information),
    row(0x7, "G3: mechanical off", Information),
    row(0x8, "Sleeping in S1/S2/S3 state", Information),
    row(0x9, "G1: sleeping", Information),
    row(0xA, "S5: entered by override", Information),
    row(0xB, "Legacy ON state", Information),
    row(0xC, "Legacy OFF state", Information),
    row(0xE, "Unknown", Information),
];

/// Watchdog2 (23h).
pub(super) const WATCHDOG2: &[OffsetRow] = &[
    row(0x0, "Timer expired", Critical),
    row(0x1, "Hard reset", Critical),
    row(0x2, "Power down", Critical),
    row(0x3, "Power cycle", Critical),
    row(0x4, "reserved", Information),
    row(0x5, "reserved", Information),
    row(0x6, "reserved", Information),
    row(0x7, "reserved", Information),
    row(0x8, "Timer interrupt", NonCritical),
];

/// Platform Alert (24h).
pub(super) const PLATFORM_ALERT: &[OffsetRow] = &[
    row(0x0, "Platform generated page", Information),
    row(0x1, "Platform generated LAN alert", Information),
    row(0x2, "Platform Event Trap generated", Information),
    row(0x3, "Platform generated SNMP trap, OEM format", Information),
];

/// Entity Presence (25h).
pub(super) const ENTITY_PRESENCE: &[OffsetRow] =
    &[row(0x0, "Present", Ok), row(0x1, "Absent", Information), row(0x2, "Disabled", NonCritical)];

/// LAN (27h).
pub(super) const LAN: &[OffsetRow] = &[row(0x0, "Heartbeat Lost", Critical), row(0x1, "Heartbeat", Ok)];

/// Management Subsys Health (28h).
pub(super) const MANAGEMENT_SUBSYS_HEALTH: &[OffsetRow] = &[
    row(0x0, "Sensor access degraded or unavailable", NonCritical),
    row(0x1, "Controller access degraded or unavailable", NonCritical),
    row(0x2, "Management controller off-line", Critical),
    row(0x3, "Management controller unavailable", Critical),
    row(0x4, "Sensor failure", Failure),
    row(0x5, "FRU failure", Failure),
];

/// Battery (29h).
pub(super) const BATTERY: &[OffsetRow] =
    &[row(0x0, "Low", NonCritical), row(0x1, "Failed", Failure), row(0x2, "Presence Detected", Ok)];

/// FRU State (2Ch).
pub(super) const FRU_STATE: &[OffsetRow] = &[
    row(0x0, "Not Installed", Information),
    row(0x1, "Inactive", Information),
    row(0x2, "Activation Requested", Information),
    row(0x3, "Activation in Progress", Information),
    row(0x4, "Active", Ok),
    row(0x5, "Deactivation Requested", Information),
    row(0x6, "Deactivation in Progress", Information),
    row(0x7, "Communication lost", Critical),
];
