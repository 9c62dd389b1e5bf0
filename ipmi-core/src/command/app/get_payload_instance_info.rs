//! Get Payload Instance Info (IPMI 2.0 s24.5).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Asks who uses an instance of a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetPayloadInstanceInfo {
    /// Payload type; 1 is SOL.
    pub payload_type: u8,
    /// Instance, from 1.
    pub instance: u8,
}

/// Who uses an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadInstanceInfo {
    /// Session; zero when the instance is not active.
    pub session_id: u32,
    /// Defined by the payload; for SOL the first byte is the number of the port.
    pub specific: [u8; 8],
}

impl Command for GetPayloadInstanceInfo {
    type Response = PayloadInstanceInfo;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x4B;
    const NAME: &'static str = "Get Payload Instance Info";
    const RESPONSE_LEN: RangeInclusive<usize> = 12..=12;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.payload_type & 0x3F, self.instance & 0x0F]);
    }

    fn parse(data: &[u8]) -> Result<PayloadInstanceInfo, ParseError> {
        let Some((id, rest)) = data.split_first_chunk() else { return Err(short::<Self>(data)) };
        let Some(specific) = rest.first_chunk() else { return Err(short::<Self>(data)) };
        Ok(PayloadInstanceInfo { session_id: u32::from_le_bytes(*id), specific: *specific })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetPayloadInstanceInfo { payload_type: 1, instance: 1 }, &[1, 1]);
        let info = check_response::<GetPayloadInstanceInfo>(&[1, 2, 3, 4, 9, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!((info.session_id, info.specific[0]), (0x0403_0201, 9));
    }
}
