//! Send Message (IPMI 2.0 s22.7).

use std::ops::RangeInclusive;

use crate::link::ipmb::IpmbMessage;
use crate::{ChannelNumber, Command, CompletionCode, NetFn, ParseError, Privilege};

/// Sends a message through a channel of the BMC: the way to satellite controllers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendMessage {
    /// Channel to send on.
    pub channel: ChannelNumber,
    /// Send with authentication (session channels).
    pub authenticated: bool,
    /// Send encrypted (session channels).
    pub encrypted: bool,
    /// How the BMC treats the message.
    pub tracking: Tracking,
    /// The message in the form the channel wants; for an IPMB a whole frame with both checksums.
    pub message: Vec<u8>,
}

impl SendMessage {
    /// Lost arbitration, bus error: the bus may be free in a moment.
    pub const BUS_TROUBLE: [CompletionCode; 2] = [CompletionCode(0x81), CompletionCode(0x82)];
    /// Nobody acknowledged the address.
    pub const NAK_ON_WRITE: CompletionCode = CompletionCode(0x83);

    /// Sends an IPMB frame.
    pub fn ipmb(channel: ChannelNumber, tracking: Tracking, message: &IpmbMessage) -> Self {
        Self { channel, authenticated: false, encrypted: false, tracking, message: message.emit() }
    }
}

/// How the BMC treats a message it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tracking {
    /// 0: the answer goes where the message says; used over the system interface.
    None,
    /// 1: the BMC remembers the request and brings the answer back to this session.
    Request,
    /// 2: the bytes are sent as they are.
    Raw,
}

impl Command for SendMessage {
    type Response = Vec<u8>;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x34;
    const NAME: &'static str = "Send Message";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=255;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        let tracking = match self.tracking {
            Tracking::None => 0,
            Tracking::Request => 1,
            Tracking::Raw => 2,
        };
        let flags = u8::from(self.authenticated) << 4 | u8::from(self.encrypted) << 5;
        out.push(tracking << 6 | flags | self.channel.get());
        out.extend_from_slice(&self.message);
    }

    fn parse(data: &[u8]) -> Result<Vec<u8>, ParseError> {
        // Empty over the system interface; some BMCs answer a tracked request right here.
        Ok(data.to_vec())
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Invalid session handle",
            0x81 => "Lost arbitration",
            0x82 => "Bus error",
            0x83 => "NAK on write",
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
        use crate::{Lun, SlaveAddress};
        let request = IpmbMessage {
            responder: SlaveAddress(0x2C),
            net_fn: NetFn::APP,
            responder_lun: Lun::BMC,
            requester: SlaveAddress::BMC,
            requester_lun: Lun::SMS,
            sequence: 1,
            cmd: 0x01,
            data: vec![],
        };
        let command = SendMessage::ipmb(ChannelNumber::new(6), Tracking::Request, &request);
        check_request(&command, &[0x46, 0x2C, 0x18, 0xBC, 0x20, 0x06, 0x01, 0xD9]);
        check_request(&SendMessage { tracking: Tracking::None, encrypted: true, message: vec![], ..command }, &[0x26]);
        assert_eq!(check_response::<SendMessage>(&[1, 2]), [1, 2]);
        assert_eq!(SendMessage::code_text(CompletionCode(0x83)), Some("NAK on write"));
    }
}
