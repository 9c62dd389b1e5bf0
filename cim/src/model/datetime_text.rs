//! The 25 character CIM datetime: `yyyymmddHHMMSS.mmmmmmsUUU` and `ddddddddHHMMSS.mmmmmm:000` (DSP0004 s5.2.4).

use std::fmt;

use super::DateTime;
use super::datetime::Civil;

const LENGTH: usize = 25;

/// Parses the text into the lowest and the highest moment it can mean: both are equal unless it has `*` fields. Fields
/// may be `*` from the microseconds upwards, without gaps.
pub(crate) fn range(text: &str) -> Option<(DateTime, DateTime)> {
    if text.len() != LENGTH || !text.is_ascii() {
        return None;
    }
    match (text.get(14..15)?, text.get(21..22)?) {
        (".", "+" | "-") => point(text),
        (".", ":") => interval(text),
        _ => None,
    }
}

/// The digits of a field, `Some(None)` when it is all `*`.
fn field(text: &str) -> Option<Option<u32>> {
    if text.bytes().all(|byte| byte == b'*') {
        return Some(None);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().map(Some)
}

/// The lowest and highest microseconds: its last digits alone may be `*`.
fn micros(text: &str) -> Option<(u32, u32)> {
    let digits = text.trim_end_matches('*');
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let fill = |with: &str| format!("{digits}{}", with.repeat(text.len() - digits.len())).parse().ok();
    Some((fill("0")?, fill("9")?))
}

/// Reads fields from the most significant down; once one is open, all that follow must be.
struct Fields<'a> {
    text: &'a str,
    open: bool,
}

impl Fields<'_> {
    /// The lowest and highest value of the field at `range`, given those of an open one.
    fn next(&mut self, start: usize, end: usize, bounds: (u32, u32)) -> Option<(u32, u32)> {
        match field(self.text.get(start..end)?)? {
            None => {
                self.open = true;
                Some(bounds)
            }
            Some(_) if self.open => None,
            Some(value) => Some((value, value)),
        }
    }

    fn micros(&self) -> Option<(u32, u32)> {
        let text = self.text.get(15..21)?;
        let pair = micros(text)?;
        if self.open && pair != (0, 999_999) { None } else { Some(pair) }
    }
}

fn point(text: &str) -> Option<(DateTime, DateTime)> {
    let mut fields = Fields { text, open: false };
    let year = fields.next(0, 4, (1, 9999))?;
    let month = fields.next(4, 6, (1, 12))?;
    let last_day = u32::from(days_in_month(year.1, month.1)?);
    let day = fields.next(6, 8, (1, last_day))?;
    let hour = fields.next(8, 10, (0, 23))?;
    let minute = fields.next(10, 12, (0, 59))?;
    let second = fields.next(12, 14, (0, 59))?;
    let micro = fields.micros()?;
    // An open offset says nothing about the zone: UTC.
    let offset = i16::try_from(field(text.get(22..25)?)?.unwrap_or(0)).ok()?;
    let offset = if text.get(21..22)? == "-" { -offset } else { offset };
    let civil = |pick: fn((u32, u32)) -> u32| {
        Civil {
            year: i32::try_from(pick(year)).ok()?,
            month: u8::try_from(pick(month)).ok()?,
            day: u8::try_from(pick(day)).ok()?,
            hour: u8::try_from(pick(hour)).ok()?,
            minute: u8::try_from(pick(minute)).ok()?,
            second: u8::try_from(pick(second)).ok()?,
            micro: pick(micro),
            offset,
        }
        .point()
    };
    Some((civil(|pair| pair.0)?, civil(|pair| pair.1)?))
}

fn days_in_month(year: u32, month: u32) -> Option<u8> {
    let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
    Some(month.length(i32::try_from(year).ok()?))
}

fn interval(text: &str) -> Option<(DateTime, DateTime)> {
    if text.get(22..25)? != "000" {
        return None;
    }
    let mut fields = Fields { text, open: false };
    let days = fields.next(0, 8, (0, 99_999_999))?;
    let hour = fields.next(8, 10, (0, 23))?;
    let minute = fields.next(10, 12, (0, 59))?;
    let second = fields.next(12, 14, (0, 59))?;
    let micro = fields.micros()?;
    if hour.1 > 23 || minute.1 > 59 || second.1 > 59 {
        return None;
    }
    let length = |pick: fn((u32, u32)) -> u32| {
        let hours = u64::from(pick(days)) * 24 + u64::from(pick(hour));
        let seconds = (hours * 60 + u64::from(pick(minute))) * 60 + u64::from(pick(second));
        DateTime::Interval { micros: seconds * 1_000_000 + u64::from(pick(micro)) }
    };
    Some((length(|pair| pair.0), length(|pair| pair.1)))
}

/// Writes the CIM form.
pub(crate) fn format(value: &DateTime, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match *value {
        DateTime::Point { micros, offset_minutes } => {
            let Civil { year, month, day, hour, minute, second, micro, offset } = Civil::of(micros, offset_minutes);
            let sign = if offset < 0 { '-' } else { '+' };
            let offset = offset.unsigned_abs();
            write!(f, "{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}.{micro:06}{sign}{offset:03}")
        }
        DateTime::Interval { micros } => {
            let (seconds, micro) = (micros / 1_000_000, micros % 1_000_000);
            let days = (seconds / 86_400).min(99_999_999);
            let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
            write!(f, "{days:08}{hour:02}{minute:02}{second:02}.{micro:06}:000")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complete_forms_round_trip() {
        for text in [
            "20240131102030.123456+060",
            "19700101000000.000000+000",
            "20240229235959.999999-720",
            "00000001020304.000005:000",
            "99999999235959.999999:000",
        ] {
            let (low, high) = range(text).unwrap();
            assert_eq!(low, high);
            assert_eq!(low.to_string(), text);
        }
    }

    #[test]
    fn stars_span_a_range() {
        let text = |(low, high): (DateTime, DateTime)| (low.to_string(), high.to_string());
        assert_eq!(
            text(range("202402**************+000").or_else(|| range("202402********.******+000")).unwrap()),
            ("20240201000000.000000+000".into(), "20240229235959.999999+000".into())
        );
        assert_eq!(
            text(range("20240131102030.12****+000").unwrap()),
            ("20240131102030.120000+000".into(), "20240131102030.129999+000".into())
        );
        assert_eq!(
            text(range("0000000102****.******:000").unwrap()),
            ("00000001020000.000000:000".into(), "00000001025959.999999:000".into())
        );
    }

    #[test]
    fn damaged_forms_are_refused() {
        let good = "20240131102030.123456+060";
        for end in 0..good.len() {
            assert!(range(&good[..end]).is_none());
        }
        for bad in [
            "20241331102030.123456+060",
            "20240230102030.123456+060",
            "20240131242030.123456+060",
            "2024**31102030.123456+060",
            "20240131102030,123456+060",
            "20240131102030.12*456+060",
            "20240131102030.123456:060",
            "00000001250304.000005:000",
            "2024013110203é.12345+060",
        ] {
            assert!(range(bad).is_none(), "{bad}");
        }
    }
}
