//! Set SEL Time (IPMI 2.0 s31.11).

use std::ops::RangeInclusive;

use crate::time::Timestamp;
use crate::{Command, NetFn, ParseError, Privilege};

/// Sets the clock of the system event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetSelTime {
    /// New time.
    pub time: Timestamp,
}

impl Command for SetSelTime {
    type Response = ();
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x49;
    const NAME: &'static str = "Set SEL Time";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.time.to_bytes());
    }

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
        check_request(&SetSelTime { time: Timestamp(0x0403_0201) }, &[1, 2, 3, 4]);
        check_empty_response::<SetSelTime>();
    }
}
