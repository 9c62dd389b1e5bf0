//! Get Channel Info (IPMI 2.0 s22.24).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{ChannelNumber, Command, NetFn, ParseError, Privilege};

/// Asks what a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetChannelInfo {
    /// Channel.
    pub channel: ChannelNumber,
}

/// What a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelInfo {
    /// Its number, never Eh.
    pub channel: ChannelNumber,
    /// Medium (table 6-3): 4 is 802.3 LAN, 5 serial, Ch the system interface.
    pub medium: u8,
    /// Protocol (table 6-2): 1 is IPMB, 5 KCS.
    pub protocol: u8,
    /// Sessions: 0 none, 1 one, 2 several, 3 one or several by configuration.
    pub session_support: u8,
    /// How many sessions are active.
    pub active_sessions: u8,
    /// Enterprise number of who defined the protocol.
    pub vendor: u32,
    /// Defined by the channel; of the system interface the interrupts.
    pub auxiliary: [u8; 2],
}

impl Command for GetChannelInfo {
    type Response = ChannelInfo;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x42;
    const NAME: &'static str = "Get Channel Info";
    const RESPONSE_LEN: RangeInclusive<usize> = 9..=9;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.channel.get());
    }

    fn parse(data: &[u8]) -> Result<ChannelInfo, ParseError> {
        let &[channel, medium, protocol, sessions, vendor0, vendor1, vendor2, aux0, aux1, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(ChannelInfo {
            channel: ChannelNumber::new(channel),
            medium: medium & 0x7F,
            protocol: protocol & 0x1F,
            session_support: sessions >> 6,
            active_sessions: sessions & 0x3F,
            vendor: u32::from_le_bytes([vendor0, vendor1, vendor2, 0]),
            auxiliary: [aux0, aux1],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetChannelInfo { channel: ChannelNumber::CURRENT }, &[0x0E]);
        let info = check_response::<GetChannelInfo>(&[1, 4, 1, 0x81, 0xF2, 0x1B, 0, 0, 0]);
        assert_eq!((info.channel.get(), info.medium, info.protocol), (1, 4, 1));
        assert_eq!((info.session_support, info.active_sessions, info.vendor), (2, 1, 7154));
    }
}
