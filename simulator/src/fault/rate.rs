//! How often something happens, in parts of a million.

use std::fmt;

use rand::RngExt;
use rand::rngs::StdRng;

/// Parts of a whole.
const WHOLE: u32 = 1_000_000;
/// Parts of one percent.
const PERCENT: f64 = 10_000.0;

/// A chance between never and always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rate(u32);

impl Rate {
    /// Reads a percentage with its sign: `1%`, `0.5%`.
    pub fn parse(text: &str) -> Option<Self> {
        let percent = text.strip_suffix('%')?.parse::<f64>().ok()?;
        // NaN is in no range.
        (0.0..=100.0).contains(&percent).then(|| Self((percent * PERCENT).round() as u32))
    }

    /// True when it does not happen at all.
    pub const fn is_never(self) -> bool {
        self.0 == 0
    }

    /// Draws once. Nothing is drawn for what never happens, so that one fault does not depend on the words for others.
    pub(super) fn happens(self, random: &mut StdRng) -> bool {
        self.0 != 0 && random.random_range(0..WHOLE) < self.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", f64::from(self.0) / PERCENT)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn it_happens_as_often_as_it_says() {
        let mut random = StdRng::seed_from_u64(1);
        for (text, expected) in
            [("0%", 0..=0), ("1%", 900..=1100), ("25%", 24_000..=26_000), ("100%", 100_000..=100_000)]
        {
            let rate = Rate::parse(text).unwrap();
            let count = (0..100_000).filter(|_| rate.happens(&mut random)).count();
            assert!(expected.contains(&count), "{text}: {count}");
            assert_eq!(rate.to_string(), text);
        }
    }
}
