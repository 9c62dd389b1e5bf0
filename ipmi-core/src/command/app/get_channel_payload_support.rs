//! Get Channel Payload Support (IPMI 2.0 s24.8).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{ChannelNumber, Command, NetFn, ParseError, Privilege};

/// Asks which payload types a channel knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetChannelPayloadSupport {
    /// Channel.
    pub channel: ChannelNumber,
}

/// Payload types a channel knows, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PayloadSupport {
    /// Types 0-Fh: bit 0 IPMI, bit 1 SOL, bit 2 OEM explicit.
    pub standard: u16,
    /// Types 10h-1Fh: the handshake.
    pub session_setup: u16,
    /// Types 20h-2Fh: the manufacturer's.
    pub oem: u16,
}

impl Command for GetChannelPayloadSupport {
    type Response = PayloadSupport;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x4E;
    const NAME: &'static str = "Get Channel Payload Support";
    const RESPONSE_LEN: RangeInclusive<usize> = 8..=8;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.channel.get());
    }

    fn parse(data: &[u8]) -> Result<PayloadSupport, ParseError> {
        let &[s0, s1, h0, h1, o0, o1, _, _, ..] = data else { return Err(short::<Self>(data)) };
        Ok(PayloadSupport {
            standard: u16::from_le_bytes([s0, s1]),
            session_setup: u16::from_le_bytes([h0, h1]),
            oem: u16::from_le_bytes([o0, o1]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetChannelPayloadSupport { channel: ChannelNumber::CURRENT }, &[0x0E]);
        let support = check_response::<GetChannelPayloadSupport>(&[3, 0, 0x3F, 0, 1, 0, 0, 0]);
        assert_eq!((support.standard, support.session_setup, support.oem), (3, 0x3F, 1));
    }
}
