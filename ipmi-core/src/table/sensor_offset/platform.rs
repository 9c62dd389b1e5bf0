//! Sensor-specific offsets of hardware, types 05h-0Dh (IPMI 2.0 table 42-3).

use crate::table::Severity::{Critical, Failure, Information, NonCritical, Ok, PredictiveFailure};
use crate::table::offset::{OffsetRow, refined, row};

/// Physical Security (05h).
pub(super) const PHYSICAL_SECURITY: &[OffsetRow] = &[
    row(0x0, "General Chassis intrusion", Critical),
    row(0x1, "Drive Bay intrusion", Critical),
    row(0x2, "I/O Card area intrusion", Critical),
    row(0x3, "Processor area intrusion", Critical),
    row(0x4, "System unplugged from LAN", NonCritical),
    row(0x5, "Unauthorized dock", Critical),
    row(0x6, "FAN area intrusion", Critical),
];

/// Platform Security (06h).
pub(super) const PLATFORM_SECURITY: &[OffsetRow] = &[
    row(0x0, "Front Panel Lockout violation attempted", NonCritical),
    row(0x1, "Pre-boot password violation - user password", NonCritical),
    row(0x2, "Pre-boot password violation - setup password", NonCritical),
    row(0x3, "Pre-boot password violation - network boot password", NonCritical),
    row(0x4, "Other pre-boot password violation", NonCritical),
    row(0x5, "Out-of-band access password violation", NonCritical),
];

/// Processor (07h).
pub(super) const PROCESSOR: &[OffsetRow] = &[
    row(0x0, "IERR", Failure),
    row(0x1, "Thermal Trip", Failure),
    row(0x2, "FRB1/BIST failure", Failure),
    row(0x3, "FRB2/Hang in POST failure", Failure),
    row(0x4, "FRB3/Processor startup/init failure", Failure),
    row(0x5, "Configuration Error", Failure),
    row(0x6, "SM BIOS Uncorrectable CPU-complex Error", Failure),
    row(0x7, "Presence detected", Ok),
    row(0x8, "Disabled", NonCritical),
    row(0x9, "Terminator presence detected", Ok),
    row(0xA, "Throttled", NonCritical),
    row(0xB, "Uncorrectable machine check exception", Failure),
    row(0xC, "Correctable machine check error", NonCritical),
];

/// Power Supply (08h).
pub(super) const POWER_SUPPLY: &[OffsetRow] = &[
    row(0x0, "Presence detected", Ok),
    row(0x1, "Failure detected", Failure),
    row(0x2, "Predictive failure", PredictiveFailure),
    row(0x3, "Power Supply AC lost", Failure),
    row(0x4, "AC lost or out-of-range", Failure),
    row(0x5, "AC out-of-range, but present", NonCritical),
    refined(0x6, 0x00, "Config Error: Vendor Mismatch", Failure),
    refined(0x6, 0x01, "Config Error: Revision Mismatch", Failure),
    refined(0x6, 0x02, "Config Error: Processor Missing", Failure),
    refined(0x6, 0x03, "Config Error: Power Supply Rating Mismatch", Failure),
    refined(0x6, 0x04, "Config Error: Voltage Rating Mismatch", Failure),
    row(0x6, "Config Error", Failure),
    row(0x7, "Power Supply Inactive", Information),
];

/// Power Unit (09h).
pub(super) const POWER_UNIT: &[OffsetRow] = &[
    row(0x0, "Power off/down", Information),
    row(0x1, "Power cycle", Information),
    row(0x2, "240VA power down", Failure),
    row(0x3, "Interlock power down", Failure),
    row(0x4, "AC lost", Failure),
    row(0x5, "Soft-power control failure", Failure),
    row(0x6, "Failure detected", Failure),
    row(0x7, "Predictive failure", PredictiveFailure),
];

/// Memory (0Ch).
pub(super) const MEMORY: &[OffsetRow] = &[
    row(0x0, "Correctable ECC", NonCritical),
    row(0x1, "Uncorrectable ECC", Failure),
    row(0x2, "Parity", Failure),
    row(0x3, "Memory Scrub Failed", Failure),
    row(0x4, "Memory Device Disabled", NonCritical),
    row(0x5, "Correctable ECC logging limit reached", NonCritical),
    row(0x6, "Presence Detected", Ok),
    row(0x7, "Configuration Error", Failure),
    row(0x8, "Spare", Information),
    row(0x9, "Throttled", NonCritical),
    row(0xA, "Critical Overtemperature", Failure),
];

/// Drive Slot / Bay (0Dh).
pub(super) const DRIVE_SLOT_BAY: &[OffsetRow] = &[
    row(0x0, "Drive Present", Ok),
    row(0x1, "Drive Fault", Failure),
    row(0x2, "Predictive Failure", PredictiveFailure),
    row(0x3, "Hot Spare", Ok),
    row(0x4, "Parity Check In Progress", Information),
    row(0x5, "In Critical Array", Critical),
    row(0x6, "In Failed Array", Failure),
    row(0x7, "Rebuild In Progress", NonCritical),
    row(0x8, "Rebuild Aborted", Critical),
];
