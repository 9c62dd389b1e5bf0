//! Chassis Identify (IPMI 2.0 s28.5).

use std::ops::RangeInclusive;

use crate::{Command, NetFn, ParseError, Privilege};

/// Lets the chassis show itself, usually with a lamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChassisIdentify {
    /// How long.
    pub identify: Identify,
}

/// How long the chassis shows itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identify {
    /// 15 seconds.
    Default,
    /// So many seconds; 0 turns it off.
    Seconds(u8),
    /// Until turned off.
    Force,
}

impl Command for ChassisIdentify {
    type Response = ();
    const NET_FN: NetFn = NetFn::CHASSIS;
    const CMD: u8 = 0x04;
    const NAME: &'static str = "Chassis Identify";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        match self.identify {
            Identify::Default => {}
            Identify::Seconds(seconds) => out.push(seconds),
            Identify::Force => out.extend([0, 1]),
        }
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
        check_request(&ChassisIdentify { identify: Identify::Default }, &[]);
        check_request(&ChassisIdentify { identify: Identify::Seconds(60) }, &[60]);
        check_request(&ChassisIdentify { identify: Identify::Force }, &[0, 1]);
        check_empty_response::<ChassisIdentify>();
    }
}
