//! Read Event Message Buffer (IPMI 2.0 s22.8).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Takes the event out of the event message buffer and frees it. System interface only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadEventMessageBuffer;

impl Command for ReadEventMessageBuffer {
    type Response = [u8; 16];
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x35;
    const NAME: &'static str = "Read Event Message Buffer";
    const RESPONSE_LEN: RangeInclusive<usize> = 16..=16;
    const PRIVILEGE: Privilege = Privilege::Administrator;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<[u8; 16], ParseError> {
        data.first_chunk().copied().ok_or_else(|| short::<Self>(data))
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Data not available (event message buffer empty)",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&ReadEventMessageBuffer, &[]);
        assert_eq!(check_response::<ReadEventMessageBuffer>(&[9; 16]), [9; 16]);
    }
}
