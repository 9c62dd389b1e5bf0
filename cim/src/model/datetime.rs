//! CIM datetime: a point in time with an offset, or an interval (DSP0004 s5.2.4).

use std::cmp::Ordering;
use std::fmt;

use time::{Date, Month};

use super::{datetime_text, iso8601};
use crate::{CimError, Status};

/// A point in time or an interval, to the microsecond.
///
/// ```
/// use cim::DateTime;
///
/// let when = DateTime::parse("20240131102030.123456+060").unwrap();
/// assert_eq!(when.iso8601(), "2024-01-31T10:20:30.123456+01:00");
/// assert_eq!(DateTime::parse("P1DT2H3M4S").unwrap().to_string(), "00000001020304.000000:000");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DateTime {
    /// A point in time.
    Point {
        /// Microseconds since 1970-01-01T00:00:00Z.
        micros: i64,
        /// Minutes east of UTC to write it with.
        offset_minutes: i16,
    },
    /// A length of time in microseconds.
    Interval {
        /// Microseconds.
        micros: u64,
    },
}

const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;
/// Julian day of 1970-01-01.
const EPOCH_JULIAN_DAY: i64 = 2_440_588;

impl DateTime {
    /// The point so many seconds after 1970-01-01T00:00:00Z, written in UTC.
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Self::Point { micros: seconds.saturating_mul(MICROS_PER_SECOND), offset_minutes: 0 }
    }

    /// An interval of whole seconds.
    pub const fn interval_seconds(seconds: u64) -> Self {
        Self::Interval { micros: seconds.saturating_mul(MICROS_PER_SECOND as u64) }
    }

    /// Parses the 25 character CIM form or ISO 8601; `*` fields count as their lowest value.
    ///
    /// # Errors
    /// `TypeMismatch` naming the text.
    pub fn parse(text: &str) -> Result<Self, CimError> {
        let text = text.trim();
        datetime_text::range(text).map(|(low, _)| low).or_else(|| iso8601::parse(text)).ok_or_else(|| {
            CimError::new(
                Status::TypeMismatch,
                format!(
                    "expected a datetime such as 20240131102030.000000+000 or 2024-01-31T10:20:30Z, found {text:?}"
                ),
            )
        })
    }

    /// Order in time, whatever the offsets; `None` between a point and an interval.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Point { micros: left, .. }, Self::Point { micros: right, .. }) => Some(left.cmp(right)),
            (Self::Interval { micros: left }, Self::Interval { micros: right }) => Some(left.cmp(right)),
            _ => None,
        }
    }

    /// The ISO 8601 form used in XML: `2024-01-31T10:20:30.123456Z` or `P1DT2H3M4.000005S`.
    pub fn iso8601(&self) -> String {
        iso8601::format(self)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        datetime_text::format(self, f)
    }
}

/// A point in time in calendar fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Civil {
    pub(crate) year: i32,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
    pub(crate) micro: u32,
    /// Minutes east of UTC.
    pub(crate) offset: i16,
}

impl Civil {
    /// Midnight UTC of a day.
    pub(crate) const fn date(year: i32, month: u8, day: u8) -> Self {
        Self { year, month, day, hour: 0, minute: 0, second: 0, micro: 0, offset: 0 }
    }

    /// The point, when every field is in its range.
    pub(crate) fn point(self) -> Option<DateTime> {
        let month = Month::try_from(self.month).ok()?;
        let date = Date::from_calendar_date(self.year, month, self.day).ok()?;
        if self.hour > 23 || self.minute > 59 || self.second > 59 || self.micro > 999_999 || self.offset.abs() > 999 {
            return None;
        }
        let days = i64::from(date.to_julian_day()) - EPOCH_JULIAN_DAY;
        let seconds = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second)
            - i64::from(self.offset) * 60;
        let micros = days * MICROS_PER_DAY + seconds * MICROS_PER_SECOND + i64::from(self.micro);
        Some(DateTime::Point { micros, offset_minutes: self.offset })
    }

    /// The fields of a point; one outside the years 0 to 9999 is moved to the nearest that can be written.
    pub(crate) fn of(micros: i64, offset: i16) -> Self {
        const FIRST: i64 = -62_167_219_200 * MICROS_PER_SECOND;
        const LAST: i64 = 253_402_300_800 * MICROS_PER_SECOND - 1;
        let local = micros.saturating_add(i64::from(offset) * 60 * MICROS_PER_SECOND).clamp(FIRST, LAST);
        let days = local.div_euclid(MICROS_PER_DAY) + EPOCH_JULIAN_DAY;
        let rest = local.rem_euclid(MICROS_PER_DAY);
        let date = i32::try_from(days).ok().and_then(|days| Date::from_julian_day(days).ok()).unwrap_or(Date::MIN);
        let seconds = rest / MICROS_PER_SECOND;
        Self {
            year: date.year(),
            month: date.month().into(),
            day: date.day(),
            hour: (seconds / 3600) as u8,
            minute: (seconds / 60 % 60) as u8,
            second: (seconds % 60) as u8,
            micro: (rest % MICROS_PER_SECOND) as u32,
            offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn epoch_and_offsets() {
        assert_eq!(Civil::date(1970, 1, 1).point(), Some(DateTime::from_unix_seconds(0)));
        let plus = DateTime::parse("20240101010000.000000+060").unwrap();
        let utc = DateTime::parse("20240101000000.000000+000").unwrap();
        assert_eq!(plus.compare(&utc), Some(Ordering::Equal));
        assert_ne!(plus, utc);
        assert_eq!(utc.compare(&DateTime::interval_seconds(5)), None);
    }

    #[test]
    fn fields_survive_the_round_trip_at_the_edges() {
        for civil in
            [Civil::date(1, 1, 1), Civil::date(9999, 12, 31), Civil { offset: -720, ..Civil::date(2024, 2, 29) }]
        {
            let Some(DateTime::Point { micros, offset_minutes }) = civil.point() else { panic!("{civil:?}") };
            assert_eq!(Civil::of(micros, offset_minutes), civil);
        }
        assert_eq!(Civil::of(i64::MAX, 0).year, 9999);
        assert_eq!(Civil::of(i64::MIN, 0).year, 0);
        assert_eq!(Civil::date(2023, 2, 29).point(), None);
    }
}
