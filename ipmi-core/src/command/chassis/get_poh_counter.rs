//! Get POH Counter (IPMI 2.0 s28.14).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Reads the power-on hours counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetPohCounter;

/// The answer to [`GetPohCounter`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PohCounter {
    /// Minutes one count stands for.
    pub minutes_per_count: u8,
    /// Counts so far.
    pub counts: u32,
}

impl PohCounter {
    /// Minutes the system was on.
    pub const fn minutes(&self) -> u64 {
        self.counts as u64 * self.minutes_per_count as u64
    }
}

impl Command for GetPohCounter {
    type Response = PohCounter;
    const NET_FN: NetFn = NetFn::CHASSIS;
    const CMD: u8 = 0x0F;
    const NAME: &'static str = "Get POH Counter";
    const RESPONSE_LEN: RangeInclusive<usize> = 5..=5;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<PohCounter, ParseError> {
        let &[minutes_per_count, c0, c1, c2, c3, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(PohCounter { minutes_per_count, counts: u32::from_le_bytes([c0, c1, c2, c3]) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetPohCounter, &[]);
        let counter = check_response::<GetPohCounter>(&[60, 0x10, 0x27, 0, 0]);
        assert_eq!(counter.minutes(), 600_000);
        assert_eq!(PohCounter { minutes_per_count: 255, counts: u32::MAX }.minutes(), 255 * u64::from(u32::MAX));
    }
}
