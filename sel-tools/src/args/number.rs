//! Numbers as C's `strtol` with base 0 reads them: decimal, 0x hexadecimal, 0 octal.

/// The number in `text`, or nothing when there is anything else in it or it does not fit.
///
/// ```
/// use sel_tools::args::number::parse;
/// assert_eq!(parse::<u8>("0x20"), Some(0x20));
/// assert_eq!(parse::<u8>("010"), Some(8));
/// assert_eq!(parse::<u8>("256"), None);
/// assert_eq!(parse::<u8>("1x"), None);
/// ```
pub fn parse<T: TryFrom<i64>>(text: &str) -> Option<T> {
    let text = text.trim_start();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    // from_str_radix takes a sign of its own.
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let lower = digits.to_ascii_lowercase();
    let magnitude = if let Some(hex) = lower.strip_prefix("0x") {
        if hex.starts_with(['+', '-']) {
            return None;
        }
        i64::from_str_radix(hex, 16).ok()?
    } else if lower.len() > 1 && lower.starts_with('0') {
        i64::from_str_radix(&lower, 8).ok()?
    } else {
        lower.parse().ok()?
    };
    T::try_from(if negative { -magnitude } else { magnitude }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_and_rubbish() {
        assert_eq!(parse::<i32>("-5"), Some(-5));
        assert_eq!(parse::<i32>("+5"), Some(5));
        for text in ["", "-", "0x", "0x-1", "--1", "first", "1 ", "08"] {
            assert_eq!(parse::<i32>(text), None, "{text:?}");
        }
        assert_eq!(parse::<u16>("-1"), None);
    }
}
