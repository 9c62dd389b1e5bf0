//! One row of an event offset table, and the lookup that picks the table (IPMI 2.0 s42.1, tables 42-2 and 42-3).

use super::{EventReadingType, SensorType, Severity, sensor_offset};

/// A state or event a sensor can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OffsetRow {
    /// State bit or event offset, 0-14.
    pub offset: u8,
    /// Event data 2 this row needs; `None` fits every event of the offset.
    pub data2: Option<u8>,
    /// Text as ipmitool prints it, trailing blanks included.
    pub text: &'static str,
    /// How bad the asserted state is.
    pub severity: Severity,
}

pub(super) const fn row(offset: u8, text: &'static str, severity: Severity) -> OffsetRow {
    OffsetRow { offset, data2: None, text, severity }
}

pub(super) const fn refined(offset: u8, data2: u8, text: &'static str, severity: Severity) -> OffsetRow {
    OffsetRow { offset, data2: Some(data2), text, severity }
}

/// The row of `offset` that fits: one refined by `data2` if there is one, else the plain one.
///
/// Pass `data2` only when event data 1 \[7:6\] says that it is in use.
pub fn find(rows: &'static [OffsetRow], offset: u8, data2: Option<u8>) -> Option<&'static OffsetRow> {
    let mut of_offset = rows.iter().filter(|row| row.offset == offset);
    of_offset.find(|row| row.data2.is_none() || row.data2 == data2)
}

/// All rows of a sensor: generic ones by event/reading type, sensor-specific ones by sensor type; empty when unknown.
pub fn rows(event_type: EventReadingType, sensor_type: SensorType) -> &'static [OffsetRow] {
    if event_type == EventReadingType::SENSOR_SPECIFIC {
        sensor_offset::rows(sensor_type)
    } else {
        event_type.generic_rows()
    }
}

/// The row of one state or event of a sensor.
///
/// ```
/// use ipmi_core::table::{EventReadingType, SensorType, offset};
/// let row = offset::lookup(EventReadingType::SENSOR_SPECIFIC, SensorType::POWER_SUPPLY, 6, Some(1)).unwrap();
/// assert_eq!(row.text, "Config Error: Revision Mismatch");
/// ```
pub fn lookup(
    event_type: EventReadingType,
    sensor_type: SensorType,
    offset: u8,
    data2: Option<u8>,
) -> Option<&'static OffsetRow> {
    find(rows(event_type, sensor_type), offset, data2)
}

/// The row of a state or event that the specification has and ipmitool does not print.
///
/// ```
/// use ipmi_core::table::{EventReadingType, SensorType, offset};
/// let row = offset::document_row(EventReadingType::SENSOR_SPECIFIC, SensorType::SESSION_AUDIT, 0).unwrap();
/// assert_eq!(row.text, "Session Activated");
/// ```
pub fn document_row(event_type: EventReadingType, sensor_type: SensorType, offset: u8) -> Option<&'static OffsetRow> {
    let sensor_specific = event_type == EventReadingType::SENSOR_SPECIFIC;
    sensor_specific.then(|| sensor_offset::document_row(sensor_type, offset))?
}

#[cfg(test)]
pub(super) fn check_order(rows: &[OffsetRow]) {
    // Refined rows stand before the plain row of their offset: `find` takes the first that fits.
    let key = |row: &OffsetRow| (row.offset, row.data2.map_or(0x100, u16::from));
    assert!(rows.windows(2).all(|pair| key(&pair[0]) < key(&pair[1])), "{rows:?}");
    assert!(rows.iter().all(|row| row.offset < 15));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refined_row_wins_and_plain_row_is_the_fallback() {
        let find = |data2| {
            lookup(EventReadingType::SENSOR_SPECIFIC, SensorType::SYSTEM_FIRMWARES, 0, data2).map(|row| row.text)
        };
        assert_eq!(find(Some(1)), Some("No system memory installed"));
        assert_eq!(find(Some(0xEE)), Some("Unknown Error"));
        assert_eq!(find(None), Some("Unknown Error"));
    }

    #[test]
    fn unknown_types_and_offsets_have_no_row() {
        for event_type in 0..=255 {
            for sensor_type in [0, 0x2D, 0xC0, 0xFF] {
                assert!(lookup(EventReadingType(event_type), SensorType(sensor_type), 15, Some(0)).is_none());
            }
        }
    }
}
