//! Get User Payload Access (IPMI 2.0 s24.7).

use std::ops::RangeInclusive;

use super::{PayloadAccess, UserId};
use crate::command::short;
use crate::{ChannelNumber, Command, NetFn, ParseError, Privilege};

/// Asks which payloads a user may use on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetUserPayloadAccess {
    /// Channel.
    pub channel: ChannelNumber,
    /// User.
    pub user: UserId,
}

impl Command for GetUserPayloadAccess {
    type Response = PayloadAccess;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x4D;
    const NAME: &'static str = "Get User Payload Access";
    const RESPONSE_LEN: RangeInclusive<usize> = 4..=4;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.channel.get(), self.user.get()]);
    }

    fn parse(data: &[u8]) -> Result<PayloadAccess, ParseError> {
        let bytes = data.first_chunk().ok_or_else(|| short::<Self>(data))?;
        Ok(PayloadAccess::from_bits_retain(u32::from_le_bytes(*bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetUserPayloadAccess { channel: ChannelNumber::new(1), user: UserId::new(2) }, &[1, 2]);
        let access = check_response::<GetUserPayloadAccess>(&[0x02, 0, 0x01, 0]);
        assert_eq!(access, PayloadAccess::SOL | PayloadAccess::from_bits_retain(1 << 16));
    }
}
