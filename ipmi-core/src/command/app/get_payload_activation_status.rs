//! Get Payload Activation Status (IPMI 2.0 s24.4).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Asks which instances of a payload are active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetPayloadActivationStatus {
    /// Payload type; 1 is SOL.
    pub payload_type: u8,
}

/// Which instances are active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadActivationStatus {
    /// How many instances there can be.
    pub capacity: u8,
    /// Bit n: instance n + 1 is active.
    pub active: u16,
}

impl Command for GetPayloadActivationStatus {
    type Response = PayloadActivationStatus;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x4A;
    const NAME: &'static str = "Get Payload Activation Status";
    const RESPONSE_LEN: RangeInclusive<usize> = 3..=3;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.payload_type & 0x3F);
    }

    fn parse(data: &[u8]) -> Result<PayloadActivationStatus, ParseError> {
        let &[capacity, low, high, ..] = data else { return Err(short::<Self>(data)) };
        Ok(PayloadActivationStatus { capacity: capacity & 0x0F, active: u16::from_le_bytes([low, high]) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetPayloadActivationStatus { payload_type: 1 }, &[1]);
        let status = check_response::<GetPayloadActivationStatus>(&[1, 1, 0]);
        assert_eq!((status.capacity, status.active), (1, 1));
    }
}
