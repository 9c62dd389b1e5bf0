//! Cold Reset (IPMI 2.0 s20.2).

use std::ops::RangeInclusive;

use crate::{Command, NetFn, ParseError, Privilege};

/// Restarts the controller as if it had lost power. It may not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ColdReset;

impl Command for ColdReset {
    type Response = ();
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x02;
    const NAME: &'static str = "Cold Reset";
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
        check_request(&ColdReset, &[]);
        check_empty_response::<ColdReset>();
    }
}
