//! Get SEL Time (IPMI 2.0 s31.10).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::time::Timestamp;
use crate::{Command, NetFn, ParseError, Privilege};

/// Reads the clock of the system event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSelTime;

impl Command for GetSelTime {
    type Response = Timestamp;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x48;
    const NAME: &'static str = "Get SEL Time";
    const RESPONSE_LEN: RangeInclusive<usize> = 4..=4;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<Timestamp, ParseError> {
        data.first_chunk().map(|bytes| Timestamp::from_bytes(*bytes)).ok_or_else(|| short::<Self>(data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetSelTime, &[]);
        assert_eq!(check_response::<GetSelTime>(&[1, 2, 3, 4]), Timestamp(0x0403_0201));
    }
}
