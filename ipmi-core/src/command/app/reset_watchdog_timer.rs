//! Reset Watchdog Timer (IPMI 2.0 s27.5).

use std::ops::RangeInclusive;

use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Starts the watchdog, or starts it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResetWatchdogTimer;

impl Command for ResetWatchdogTimer {
    type Response = ();
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x22;
    const NAME: &'static str = "Reset Watchdog Timer";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(_data: &[u8]) -> Result<(), ParseError> {
        Ok(())
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Attempt to start un-initialized watchdog",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_empty_response, check_request};

    #[test]
    fn golden_bytes() {
        check_request(&ResetWatchdogTimer, &[]);
        check_empty_response::<ResetWatchdogTimer>();
    }
}
