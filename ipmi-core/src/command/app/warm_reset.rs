//! Warm Reset (IPMI 2.0 s20.3).

use std::ops::RangeInclusive;

use crate::{Command, NetFn, ParseError, Privilege};

/// Restarts the controller, keeping what it was set to. It may not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WarmReset;

impl Command for WarmReset {
    type Response = ();
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x03;
    const NAME: &'static str = "Warm Reset";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Administrator;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(_data: &[u8]) -> Result<(), ParseError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_empty_response, check_request};

    #[test]
    fn golden_bytes() {
        check_request(&WarmReset, &[]);
        check_empty_response::<WarmReset>();
    }
}
