//! Close Session (IPMI 2.0 s22.19).

use std::ops::RangeInclusive;

use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Ends a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseSession {
    /// The session's id on the side of the BMC; zero names it by `handle`.
    pub session_id: u32,
    /// The session's handle, only with id zero.
    pub handle: Option<u8>,
}

impl Command for CloseSession {
    type Response = ();
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x3C;
    const NAME: &'static str = "Close Session";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Callback;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.session_id.to_le_bytes());
        out.extend(self.handle);
    }

    fn parse(_data: &[u8]) -> Result<(), ParseError> {
        Ok(())
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x87 => "Invalid session ID in request",
            0x88 => "Invalid session handle in request",
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
        check_request(&CloseSession { session_id: 0x0403_0201, handle: None }, &[1, 2, 3, 4]);
        check_request(&CloseSession { session_id: 0, handle: Some(7) }, &[0, 0, 0, 0, 7]);
        check_empty_response::<CloseSession>();
        assert!(CloseSession::code_text(CompletionCode(0x87)).is_some());
    }
}
