//! Timestamps as ipmitool writes them in the C locale: local time from `TZ`, or UTC with `-Z` (IPMI 2.0 s37.1).

use time::OffsetDateTime;

use super::zone::{LocalTime, Zone};

/// Below this a timestamp counts seconds since the controller was switched on.
const INITIALIZED: u32 = 0x2000_0000;
const UNSPECIFIED: u32 = 0xFFFF_FFFF;
const A_DAY: u32 = 24 * 60 * 60;

/// Writes timestamps in one time zone.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    zone: Zone,
}

impl Clock {
    /// The zone that `TZ` or the system names, or UTC, which is then called GMT as in ipmitool.
    pub fn new(utc: bool) -> Self {
        // What gmtime calls its zone differs from what TZ=UTC does.
        Self { zone: if utc { Zone::named_utc("GMT") } else { Zone::local() } }
    }

    /// `11/23/26 03:28:39 UTC`.
    pub fn numeric(&self, stamp: u32) -> String {
        match stamp {
            UNSPECIFIED => "Unspecified".to_owned(),
            0..A_DAY => format!("S+ {}", self.time_of_day(stamp)),
            A_DAY..INITIALIZED => format!("{} {}", self.date(stamp), self.time_of_day(stamp)),
            _ => format!("{} {}", self.date(stamp), self.time(stamp)),
        }
    }

    /// `Wed May 17 08:30:00 2023 UTC`.
    pub fn string(&self, stamp: u32) -> String {
        match stamp {
            UNSPECIFIED => "Unspecified".to_owned(),
            0..A_DAY => format!("S+ {}", self.time_of_day(stamp)),
            A_DAY..INITIALIZED => {
                let (year, day) = self.year_and_day(stamp);
                format!("S+ {year} years {day} days {}", self.time_of_day(stamp))
            }
            _ => {
                let (at, zone) = self.at(stamp);
                let weekday = at.weekday().to_string();
                let month = at.month().to_string();
                format!(
                    "{} {} {:2} {:02}:{:02}:{:02} {} {zone}",
                    weekday.get(..3).unwrap_or_default(),
                    month.get(..3).unwrap_or_default(),
                    at.day(),
                    at.hour(),
                    at.minute(),
                    at.second(),
                    at.year(),
                )
            }
        }
    }

    /// `11/23/26`.
    pub fn date(&self, stamp: u32) -> String {
        match stamp {
            UNSPECIFIED => "Unspecified".to_owned(),
            0..INITIALIZED => {
                let (year, day) = self.year_and_day(stamp);
                format!("S+ {year}/{day}")
            }
            _ => {
                let (at, _) = self.at(stamp);
                format!("{:02}/{:02}/{:02}", u8::from(at.month()), at.day(), at.year() % 100)
            }
        }
    }

    /// `03:28:39 UTC`.
    pub fn time(&self, stamp: u32) -> String {
        if stamp == UNSPECIFIED {
            return "Unspecified".to_owned();
        }
        let (_, zone) = self.at(stamp);
        format!("{} {zone}", self.time_of_day(stamp))
    }

    /// ISO 8601, for JSON; nothing when the stamp is no date.
    pub fn iso(&self, stamp: u32) -> Option<String> {
        if is_relative(stamp) || stamp == UNSPECIFIED {
            return None;
        }
        let at = OffsetDateTime::from_unix_timestamp(i64::from(stamp)).ok()?;
        at.format(&time::format_description::well_known::Rfc3339).ok()
    }

    /// The stamp of a date and time of day in this zone.
    pub fn stamp_of(&self, local: LocalTime) -> Option<u32> {
        u32::try_from(self.zone.to_unix(local)?).ok()
    }

    /// The stamp whose UTC reading is this zone's reading of `unix`: BMC clocks count local time for `sel time set`.
    pub fn localtime_as_utc(&self, unix: i64) -> i64 {
        let fields = OffsetDateTime::from_unix_timestamp(unix).ok().map(LocalTime::from);
        fields.and_then(|fields| self.zone.to_unix(fields)).unwrap_or(unix)
    }

    fn time_of_day(&self, stamp: u32) -> String {
        let (at, _) = self.at(stamp);
        format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
    }

    fn year_and_day(&self, stamp: u32) -> (String, String) {
        let (at, _) = self.at(stamp);
        (format!("{:02}", at.year() % 100), format!("{:03}", at.ordinal()))
    }

    fn at(&self, stamp: u32) -> (OffsetDateTime, String) {
        let (offset, name) = if is_relative(stamp) { (0, "GMT".to_owned()) } else { self.zone.at(i64::from(stamp)) };
        let shifted = OffsetDateTime::from_unix_timestamp(i64::from(stamp) + i64::from(offset));
        (shifted.unwrap_or(OffsetDateTime::UNIX_EPOCH), name)
    }
}

/// True for stamps that count from the controller's start instead of 1970.
pub const fn is_relative(stamp: u32) -> bool {
    stamp < INITIALIZED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_look_like_the_c_locale() {
        let clock = Clock::default();
        assert_eq!(clock.numeric(1_795_404_519), "11/23/26 03:28:39 UTC");
        assert_eq!(clock.string(1_684_312_200), "Wed May 17 08:30:00 2023 UTC");
        assert_eq!(clock.string(1_528_473_900), "Fri Jun  8 16:05:00 2018 UTC");
        assert_eq!(clock.iso(1_684_312_200).as_deref(), Some("2023-05-17T08:30:00Z"));
    }

    #[test]
    fn stamps_before_the_clock_was_set() {
        let clock = Clock::default();
        assert_eq!(clock.numeric(812), "S+ 00:13:32");
        assert_eq!(clock.numeric(0xFFFF_FFFF), "Unspecified");
        assert_eq!(clock.numeric(90_061), "S+ 70/002 01:01:01");
        assert_eq!(clock.date(95), "S+ 70/001");
        assert_eq!(clock.iso(812), None);
    }
}
