//! Deactivate Payload (IPMI 2.0 s24.2).

use std::ops::RangeInclusive;

use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Stops a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeactivatePayload {
    /// Payload type; 1 is SOL.
    pub payload_type: u8,
    /// Instance, from 1.
    pub instance: u8,
}

impl Command for DeactivatePayload {
    type Response = ();
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x49;
    const NAME: &'static str = "Deactivate Payload";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.payload_type & 0x3F, self.instance & 0x0F]);
        out.extend([0; 4]);
    }

    fn parse(_data: &[u8]) -> Result<(), ParseError> {
        Ok(())
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Payload already deactivated",
            0x81 => "Payload disabled",
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
        check_request(&DeactivatePayload { payload_type: 1, instance: 1 }, &[1, 1, 0, 0, 0, 0]);
        check_empty_response::<DeactivatePayload>();
    }
}
