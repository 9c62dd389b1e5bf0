//! Numbers of any CIM type on one scale, so that a uint64 compares exactly with a sint8 and a real with both.

use std::cmp::Ordering;

use super::Value;

/// An integer or a real.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// Any CIM integer.
    Integer(i128),
    /// Any CIM real.
    Real(f64),
}

impl Number {
    /// Parses decimal (`-5`, `1.5`, `.5`, `1e3`) and hexadecimal (`0x64`) text.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let sign = |value: i128| if negative { -value } else { value };
        if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            // The standard parser takes a sign here.
            let hex = Some(hex).filter(|hex| !hex.starts_with(['+', '-']))?;
            return u64::from_str_radix(hex, 16).ok().map(|value| Self::Integer(sign(value.into())));
        }
        if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return None;
        }
        if digits.bytes().all(|byte| byte.is_ascii_digit())
            && let Ok(value) = digits.parse::<i128>()
        {
            return Some(Self::Integer(sign(value)));
        }
        digits.parse::<f64>().ok().map(|value| Self::Real(if negative { -value } else { value }))
    }

    /// Order on the number line; `None` when one is not a number.
    pub fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => Some(left.cmp(&right)),
            (Self::Real(left), Self::Real(right)) => left.partial_cmp(&right),
            (Self::Integer(left), Self::Real(right)) => integer_with_real(left, right),
            (Self::Real(left), Self::Integer(right)) => integer_with_real(right, left).map(Ordering::reverse),
        }
    }
}

/// Compares without rounding the integer: the real is split at its floor.
fn integer_with_real(integer: i128, real: f64) -> Option<Ordering> {
    if real.is_nan() {
        return None;
    }
    let floor = real.floor();
    // Saturates for reals beyond i128, which keeps the order right.
    match integer.cmp(&(floor as i128)) {
        Ordering::Equal if real > floor => Some(Ordering::Less),
        other => Some(other),
    }
}

impl Value {
    /// The number in a numeric value.
    pub fn number(&self) -> Option<Number> {
        Some(match *self {
            Self::Uint8(value) => Number::Integer(value.into()),
            Self::Uint16(value) | Self::Char16(value) => Number::Integer(value.into()),
            Self::Uint32(value) => Number::Integer(value.into()),
            Self::Uint64(value) => Number::Integer(value.into()),
            Self::Sint8(value) => Number::Integer(value.into()),
            Self::Sint16(value) => Number::Integer(value.into()),
            Self::Sint32(value) => Number::Integer(value.into()),
            Self::Sint64(value) => Number::Integer(value.into()),
            Self::Real32(value) => Number::Real(value.into()),
            Self::Real64(value) => Number::Real(value),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_every_spelling() {
        assert_eq!(Number::parse("-5"), Some(Number::Integer(-5)));
        assert_eq!(Number::parse("0x64"), Some(Number::Integer(100)));
        assert_eq!(Number::parse("18446744073709551615"), Some(Number::Integer(u64::MAX.into())));
        assert_eq!(Number::parse(".5"), Some(Number::Real(0.5)));
        assert_eq!(Number::parse("1e3"), Some(Number::Real(1000.0)));
        for bad in ["", "-", "abc", "12abc", "0x", "0x+1", "inf", "nan", "--5", "1.2.3"] {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn mixed_comparison_does_not_round() {
        let big = Number::Integer(9_007_199_254_740_993);
        assert_eq!(big.compare(Number::Real(9_007_199_254_740_992.0)), Some(Ordering::Greater));
        assert_eq!(Number::Integer(40).compare(Number::Real(40.5)), Some(Ordering::Less));
        assert_eq!(Number::Real(-0.5).compare(Number::Integer(-1)), Some(Ordering::Greater));
        assert_eq!(Number::Integer(1).compare(Number::Real(f64::INFINITY)), Some(Ordering::Less));
        assert_eq!(Number::Integer(1).compare(Number::Real(f64::NAN)), None);
    }
}
