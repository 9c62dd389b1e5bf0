//! Numbers of a configuration file that have a range.

use std::fmt::Display;
use std::ops::RangeInclusive;

/// Requires `value`, which the file calls `name`, to be one of `range`.
pub(super) fn within<T: PartialOrd + Display>(name: &str, value: T, range: RangeInclusive<T>) -> Result<T, String> {
    if range.contains(&value) {
        Ok(value)
    } else {
        Err(format!("{name}: expected {} to {}, found {value}", range.start(), range.end()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_it() {
        assert_eq!((within("n", 1, 1..=3), within("n", 3, 1..=3)), (Ok(1), Ok(3)));
        assert_eq!(within("n", 4, 1..=3), Err("n: expected 1 to 3, found 4".to_owned()));
    }
}
