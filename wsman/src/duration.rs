//! xs:duration as timeouts use it (XML Schema part 2 s3.2.6).

use std::time::Duration;

/// Reads a duration. Years and months, whose length varies, are taken as 365 and 30 days.
///
/// ```
/// use std::time::Duration;
/// assert_eq!(wsman::duration::parse("PT60.000S"), Some(Duration::from_secs(60)));
/// assert_eq!(wsman::duration::parse("-PT1S"), None);
/// ```
pub fn parse(text: &str) -> Option<Duration> {
    let rest = text.trim().strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (rest, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let date = fields(date, &[('Y', 365 * 86_400), ('M', 30 * 86_400), ('D', 86_400)])?;
    let time = fields(time, &[('H', 3_600), ('M', 60), ('S', 1)])?;
    date.checked_add(time)
}

fn fields(mut text: &str, units: &[(char, u64)]) -> Option<Duration> {
    let mut total = Duration::ZERO;
    for &(unit, seconds) in units {
        let Some((number, rest)) = text.split_once(unit) else { continue };
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) if unit == 'S' && !fraction.is_empty() => (whole, fraction),
            Some(_) => return None,
            None => (number, ""),
        };
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let nanos: u32 = format!("{:0<9}", fraction.get(..9.min(fraction.len()))?).parse().ok()?;
        let part = Duration::new(whole.parse::<u64>().ok()?.checked_mul(seconds)?, nanos);
        total = total.checked_add(part)?;
        text = rest;
    }
    text.is_empty().then_some(total)
}

/// Writes seconds the way Windows does: `PT60.000S`.
pub fn format_seconds(duration: Duration) -> String {
    format!("PT{}.{:03}S", duration.as_secs(), duration.subsec_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_clients_send() {
        for (text, millis) in [
            ("PT20S", 20_000),
            ("PT60.000S", 60_000),
            ("PT0.500S", 500),
            ("P0DT0H1M0S", 60_000),
            ("P1DT2H3M4.000005S", 93_784_000),
            ("PT2147483.647S", 2_147_483_647),
            ("P1Y", 31_536_000_000),
        ] {
            assert_eq!(parse(text).map(|duration| duration.as_millis()), Some(millis), "{text}");
        }
        for text in
            ["", "P", "PT", "P1", "1S", "PT-1S", "-PT1S", "PT1.S", "PT1.5M", "PTS", "PT1S1M", "P99999999999999999999D"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn writes() {
        assert_eq!(format_seconds(Duration::from_millis(60_500)), "PT60.500S");
    }
}
