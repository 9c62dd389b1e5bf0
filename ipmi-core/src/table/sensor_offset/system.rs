//! Sensor-specific offsets of the running system, types 10h-21h (IPMI 2.0 table 42-3).

use crate::table::Severity::{Critical, Failure, Information, NonCritical, Ok};
use crate::table::offset::{OffsetRow, row};

/// Event Logging Disabled (10h).
pub(super) const EVENT_LOGGING_DISABLED: &[OffsetRow] = &[
    row(0x0, "Correctable memory error logging disabled", NonCritical),
    row(0x1, "Event logging disabled", NonCritical),
    row(0x2, "Log area reset/cleared", Information),
    row(0x3, "All event logging disabled", NonCritical),
    row(0x4, "Log full", Critical),
    row(0x5, "Log almost full", NonCritical),
];

/// Watchdog1 (11h).
pub(super) const WATCHDOG1: &[OffsetRow] = &[
    row(0x0, "BIOS Reset", Critical),
    row(0x1, "OS Reset", Critical),
    row(0x2, "OS Shut Down", Critical),
    row(0x3, "OS Power Down", Critical),
    row(0x4, "OS Power Cycle", Critical),
    row(0x5, "OS NMI/Diag Interrupt", Critical),
    row(0x6, "OS Expired", NonCritical),
    row(0x7, "OS pre-timeout Interrupt", NonCritical),
];

/// System Event (12h).
pub(super) const SYSTEM_EVENT: &[OffsetRow] = &[
    row(0x0, "System Reconfigured", Information),
    row(0x1, "OEM System boot event", Information),
    row(0x2, "Undetermined system hardware failure", Failure),
    row(0x3, "Entry added to auxiliary log", Information),
    row(0x4, "PEF Action", Information),
    row(0x5, "Timestamp Clock Sync", Information),
];

/// Critical Interrupt (13h).
pub(super) const CRITICAL_INTERRUPT: &[OffsetRow] = &[
    row(0x0, "NMI/Diag Interrupt", Critical),
    row(0x1, "Bus Timeout", Critical),
    row(0x2, "I/O Channel check NMI", Critical),
    row(0x3, "Software NMI", Critical),
    row(0x4, "PCI PERR", Critical),
    row(0x5, "PCI SERR", Critical),
    row(0x6, "EISA failsafe timeout", Critical),
    row(0x7, "Bus Correctable error", NonCritical),
    row(0x8, "Bus Uncorrectable error", Failure),
    row(0x9, "Fatal NMI", Failure),
    row(0xA, "Bus Fatal Error", Failure),
    row(0xB, "Bus Degraded", NonCritical),
];

/// Button (14h).
pub(super) const BUTTON: &[OffsetRow] = &[
    row(0x0, "Power Button pressed", Information),
    row(0x1, "Sleep Button pressed", Information),
    row(0x2, "Reset Button pressed", Information),
    row(0x3, "FRU Latch", Information),
    row(0x4, "FRU Service", Information),
];

/// Chip Set (19h).
pub(super) const CHIP_SET: &[OffsetRow] =
    &[row(0x0, "Soft Power Control Failure", Failure), row(0x1, "Thermal Trip", Failure)];

/// Cable / Interconnect (1Bh).
pub(super) const CABLE_INTERCONNECT: &[OffsetRow] = &[row(0x0, "Connected", Ok), row(0x1, "Config Error", Failure)];

/// System Boot Initiated (1Dh).
pub(super) const SYSTEM_BOOT_INITIATED: &[OffsetRow] = &[
    row(0x0, "Initiated by power up", Information),
    row(0x1, "Initiated by hard reset", Information),
    row(0x2, "Initiated by warm reset", Information),
    row(0x3, "User requested PXE boot", Information),
    row(0x4, "Automatic boot to diagnostic", Information),
    row(0x5, "OS initiated hard reset", Information),
    row(0x6, "OS initiated warm reset", Information),
    row(0x7, "System Restart", Information),
];

/// Boot Error (1Eh).
pub(super) const BOOT_ERROR: &[OffsetRow] = &[
    row(0x0, "No bootable media", Critical),
    row(0x1, "Non-bootable disk in drive", Critical),
    row(0x2, "PXE server not found", Critical),
    row(0x3, "Invalid boot sector", Critical),
    row(0x4, "Timeout waiting for selection", Critical),
];

/// OS Boot (1Fh).
pub(super) const OS_BOOT: &[OffsetRow] = &[
    row(0x0, "A: boot completed", Information),
    row(0x1, "C: boot completed", Information),
    row(0x2, "PXE boot completed", Information),
    row(0x3, "Diagnostic boot completed", Information),
    row(0x4, "CD-ROM boot completed", Information),
    row(0x5, "ROM boot completed", Information),
    row(0x6, "boot completed - device not specified", Information),
    row(0x7, "Installation started", Information),
    row(0x8, "Installation completed", Information),
    row(0x9, "Installation aborted", NonCritical),
    row(0xA, "Installation failed", Critical),
];

/// OS Critical Stop (20h).
pub(super) const OS_CRITICAL_STOP: &[OffsetRow] = &[
    row(0x0, "Error during system startup", Critical),
    row(0x1, "Run-time critical stop", Critical),
    row(0x2, "OS graceful stop", Information),
    row(0x3, "OS graceful shutdown", Information),
    row(0x4, "PEF initiated soft shutdown", Information),
    row(0x5, "Agent not responding", NonCritical),
];

/// Slot / Connector (21h).
pub(super) const SLOT_CONNECTOR: &[OffsetRow] = &[
    row(0x0, "Fault Status", Failure),
    row(0x1, "Identify Status", Information),
    row(0x2, "Device Installed", Ok),
    row(0x3, "Ready for Device Installation", Information),
    row(0x4, "Ready for Device Removal", Information),
    row(0x5, "Slot Power is Off", Information),
    row(0x6, "Device Removal Request", Information),
    row(0x7, "Interlock", Information),
    row(0x8, "Slot is Disabled", NonCritical),
    row(0x9, "Spare Device", Information),
];
