//! ISO 8601 / XML Schema forms of datetimes: `2024-01-31T10:20:30.5+01:00`, `2024-01-31`, `P1DT2H3M4.5S`.

use super::DateTime;
use super::datetime::Civil;

/// Parses a date, a date with time, or a duration without years and months. No zone means UTC.
pub(crate) fn parse(text: &str) -> Option<DateTime> {
    if !text.is_ascii() {
        return None;
    }
    if let Some(duration) = text.strip_prefix('P') {
        return self::duration(duration);
    }
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text.strip_suffix('Z').unwrap_or(text), None),
    };
    let mut civil = self::date(date)?;
    if let Some(time) = time {
        let (clock, offset) = split_zone(time)?;
        civil.offset = offset;
        clock_into(&mut civil, clock)?;
    }
    civil.point()
}

fn digits<T: std::str::FromStr>(text: &str, length: usize) -> Option<T> {
    if text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

fn date(text: &str) -> Option<Civil> {
    let mut parts = text.split('-');
    let civil = Civil::date(digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    parts.next().is_none().then_some(civil)
}

/// Splits `10:20:30+01:00` into the clock and the minutes east of UTC.
fn split_zone(text: &str) -> Option<(&str, i16)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, 0)) };
    let (clock, zone) = text.split_at_checked(at)?;
    let (sign, zone) = zone.split_at_checked(1)?;
    let (hours, minutes) = match zone.split_once(':') {
        Some(pair) => pair,
        None => zone.split_at_checked(2)?,
    };
    let minutes: i16 = digits::<i16>(hours, 2)? * 60 + if minutes.is_empty() { 0 } else { digits(minutes, 2)? };
    Some((clock, if sign == "-" { -minutes } else { minutes }))
}

fn clock_into(civil: &mut Civil, text: &str) -> Option<()> {
    let mut parts = text.splitn(3, ':');
    civil.hour = digits(parts.next()?, 2)?;
    civil.minute = digits(parts.next()?, 2)?;
    if let Some(seconds) = parts.next() {
        let (whole, micro) = fraction(seconds)?;
        civil.second = digits(whole, 2)?;
        civil.micro = micro;
    }
    Some(())
}

/// Splits `30.5` into its whole digits and the microseconds; digits beyond these are dropped.
fn fraction(text: &str) -> Option<(&str, u32)> {
    let Some((whole, part)) = text.split_once('.') else { return Some((text, 0)) };
    if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let micro = part.bytes().chain(std::iter::repeat(b'0')).take(6);
    Some((whole, micro.fold(0, |value, digit| value * 10 + u32::from(digit - b'0'))))
}

fn duration(text: &str) -> Option<DateTime> {
    let (days, clock) = text.split_once('T').map_or((text, None), |(days, clock)| (days, Some(clock)));
    if days.is_empty() && clock.is_none_or(str::is_empty) {
        return None;
    }
    let mut seconds = match days {
        "" => 0,
        days => days.strip_suffix('D')?.parse::<u64>().ok()?.checked_mul(86_400)?,
    };
    let mut micro = 0;
    let mut rest = clock.unwrap_or("");
    for (unit, scale) in [('H', 3600), ('M', 60), ('S', 1)] {
        let Some((value, after)) = rest.split_once(unit) else { continue };
        let (whole, part) = if unit == 'S' { fraction(value)? } else { (value, 0) };
        seconds = whole.parse::<u64>().ok()?.checked_mul(scale)?.checked_add(seconds)?;
        micro = part;
        rest = after;
    }
    if !rest.is_empty() {
        return None;
    }
    Some(DateTime::Interval { micros: seconds.checked_mul(1_000_000)?.checked_add(micro.into())? })
}

/// Writes a point with its offset (`Z` for UTC) or a duration. Microseconds appear when there are any.
pub(crate) fn format(value: &DateTime) -> String {
    let part = |micro: u64| if micro == 0 { String::new() } else { format!(".{micro:06}") };
    match *value {
        DateTime::Point { micros, offset_minutes } => {
            let Civil { year, month, day, hour, minute, second, micro, offset } = Civil::of(micros, offset_minutes);
            let part = part(micro.into());
            let zone = match offset {
                0 => "Z".to_owned(),
                _ => {
                    let sign = if offset < 0 { '-' } else { '+' };
                    format!("{sign}{:02}:{:02}", offset.unsigned_abs() / 60, offset.unsigned_abs() % 60)
                }
            };
            format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{part}{zone}")
        }
        DateTime::Interval { micros } => {
            let (seconds, part) = (micros / 1_000_000, part(micros % 1_000_000));
            let (days, hour, minute, second) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
            format!("P{days}DT{hour}H{minute}M{second}{part}S")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_and_durations_round_trip() {
        for text in [
            "2024-01-31T10:20:30.123456+01:00",
            "2024-01-31T10:20:30Z",
            "1969-12-31T23:59:59-05:30",
            "P1DT2H3M4.000005S",
        ] {
            assert_eq!(format(&parse(text).unwrap()), text);
        }
    }

    #[test]
    fn short_forms_mean_utc_midnight() {
        for text in ["2024-01-31", "2024-01-31Z", "2024-01-31T00:00", "2024-01-31 00:00:00.0", "2024-01-31T01:00+0100"]
        {
            let value = parse(text).unwrap();
            assert_eq!(
                value.compare(&parse("2024-01-31T00:00:00Z").unwrap()),
                Some(std::cmp::Ordering::Equal),
                "{text}"
            );
        }
        assert_eq!(parse("PT90M"), Some(DateTime::interval_seconds(5400)));
        assert_eq!(parse("P2D"), Some(DateTime::interval_seconds(172_800)));
    }

    #[test]
    fn other_text_is_refused() {
        for bad in
            ["", "P", "PT", "P1Y", "2024-13-01", "2024-1-1", "2024-01-31T", "2024-01-31T10", "24-01-31", "PT1S1H", "é"]
        {
            assert!(parse(bad).is_none(), "{bad}");
        }
        assert!(parse("P99999999999999999999D").is_none());
        assert!(parse("P999999999999999999D").is_none());
    }
}
