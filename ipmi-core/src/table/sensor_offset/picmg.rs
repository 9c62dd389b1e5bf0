//! Sensor-specific offsets PICMG defines: hot swap and IPMB link states (PICMG 3.0, AMC.0; types F0h-F2h).

use crate::table::Severity::{Critical, Information, NonCritical, Ok};
use crate::table::offset::{OffsetRow, row};

/// PICMG FRU hot swap (F0h).
pub(super) const FRU_HOT_SWAP: &[OffsetRow] = &[
    row(0x0, "Transition to M0", Information),
    row(0x1, "Transition to M1", Information),
    row(0x2, "Transition to M2", Information),
    row(0x3, "Transition to M3", Information),
    row(0x4, "Transition to M4", Ok),
    row(0x5, "Transition to M5", Information),
    row(0x6, "Transition to M6", Information),
    row(0x7, "Transition to M7", Critical),
];

/// PICMG physical IPMB-0 link (F1h).
pub(super) const IPMB_LINK: &[OffsetRow] = &[
    row(0x0, "IPMB-A disabled, IPMB-B disabled", Critical),
    row(0x1, "IPMB-A enabled, IPMB-B disabled", NonCritical),
    row(0x2, "IPMB-A disabled, IPMB-B enabled", NonCritical),
    row(0x3, "IPMB-A enabled, IPMB-B enabled", Ok),
];

/// PICMG module hot swap (F2h).
pub(super) const MODULE_HOT_SWAP: &[OffsetRow] = &[
    row(0x0, "Module Handle Closed", Information),
    row(0x1, "Module Handle Opened", Information),
    row(0x2, "Quiesced", Information),
];
