//! Numbers as C's `printf` writes them.

/// `%.{precision}f`: like Rust's, but infinities and not-a-number as glibc spells them.
///
/// ```
/// use sel_tools::output::number::fixed;
/// assert_eq!(fixed(12.125, 2), "12.12");
/// assert_eq!(fixed(f64::NEG_INFINITY, 3), "-inf");
/// ```
pub fn fixed(value: f64, precision: usize) -> String {
    if value.is_nan() {
        return if value.is_sign_negative() { "-nan" } else { "nan" }.to_owned();
    }
    format!("{value:.precision$}")
}

/// A whole number without decimals, anything else with `precision` of them.
pub fn trimmed(value: f64, precision: usize) -> String {
    fixed(value, if is_whole(value) { 0 } else { precision })
}

/// True when the value survives C's conversion to `int` unchanged.
pub fn is_whole(value: f64) -> bool {
    value.trunc() == value && value.abs() <= f64::from(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_lose_their_decimals() {
        assert_eq!(trimmed(24.0, 2), "24");
        assert_eq!(trimmed(-0.5, 3), "-0.500");
        assert_eq!(trimmed(1e10, 2), "10000000000.00");
    }

    #[test]
    fn odd_values_are_spelt_like_glibc() {
        assert_eq!(fixed(f64::INFINITY, 3), "inf");
        assert_eq!(fixed(f64::NAN.copysign(1.0), 3), "nan");
        assert_eq!(fixed(f64::NAN.copysign(-1.0), 3), "-nan");
    }
}
