//! Sensor-specific offsets the specification has and ipmitool does not print (IPMI 2.0 table 42-3).

use crate::table::SensorType;
use crate::table::Severity::{Information, NonCritical};
use crate::table::offset::{OffsetRow, row};

/// Rows kept apart from the main table, so that output compared with ipmitool stays the same.
pub const DOCUMENT_ONLY: &[(SensorType, &[OffsetRow])] = &[
    (SensorType::EVENT_LOGGING_DISABLED, &[row(0x6, "Correctable machine check error logging disabled", NonCritical)]),
    (
        SensorType::SESSION_AUDIT,
        &[
            row(0x0, "Session Activated", Information),
            row(0x1, "Session Deactivated", Information),
            row(0x2, "Invalid Username or Password", NonCritical),
            row(0x3, "Invalid password disable", NonCritical),
        ],
    ),
];

/// The row of an offset that only the document lists.
pub fn document_row(sensor_type: SensorType, offset: u8) -> Option<&'static OffsetRow> {
    let (_, rows) = DOCUMENT_ONLY.iter().find(|(code, _)| *code == sensor_type)?;
    rows.iter().find(|row| row.offset == offset)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::offset::find;
    use crate::table::sensor_offset::rows;

    #[test]
    fn no_row_stands_in_both_tables() {
        for (sensor_type, only) in DOCUMENT_ONLY {
            assert!(only.iter().all(|row| find(rows(*sensor_type), row.offset, None).is_none()));
        }
        assert!(document_row(SensorType::SESSION_AUDIT, 3).is_some());
        assert!(document_row(SensorType::FAN, 0).is_none());
    }
}
