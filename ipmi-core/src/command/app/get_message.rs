//! Get Message (IPMI 2.0 s22.6).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{ChannelNumber, Command, CompletionCode, NetFn, ParseError, Privilege};

/// Takes a message out of the receive queue. System interface only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetMessage;

/// The answer to [`GetMessage`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedMessage {
    /// Channel it came in on.
    pub channel: ChannelNumber,
    /// Privilege level the BMC inferred, `None` when it did not.
    pub privilege: Option<Privilege>,
    /// The message in the channel's own form; one from an IPMB is for [`IpmbMessage::parse_queued`].
    ///
    /// [`IpmbMessage::parse_queued`]: crate::link::ipmb::IpmbMessage::parse_queued
    pub message: Vec<u8>,
}

impl Command for GetMessage {
    type Response = QueuedMessage;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x33;
    const NAME: &'static str = "Get Message";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=256;
    const PRIVILEGE: Privilege = Privilege::Administrator;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<QueuedMessage, ParseError> {
        let &[origin, ref message @ ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(QueuedMessage {
            channel: ChannelNumber::new(origin),
            privilege: Privilege::from_code(origin >> 4),
            message: message.to_vec(),
        })
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Receive message queue empty",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};
    use crate::link::ipmb::IpmbMessage;
    use crate::{Lun, Response, SlaveAddress};

    #[test]
    fn golden_bytes() {
        check_request(&GetMessage, &[]);
        let request = IpmbMessage {
            responder: SlaveAddress(0x2C),
            net_fn: NetFn::APP,
            responder_lun: Lun::BMC,
            requester: SlaveAddress::BMC,
            requester_lun: Lun::SMS,
            sequence: 5,
            cmd: 0x01,
            data: vec![],
        };
        let frame = request.reply(&Response::ok([1, 2])).emit();
        let mut golden = vec![0x40];
        golden.extend(&frame[1..]);
        assert_eq!(golden, [0x40, 0x1E, 0xC2, 0x2C, 0x14, 0x01, 0x00, 1, 2, 0xBC]);
        let message = check_response::<GetMessage>(&golden);
        assert_eq!((message.channel, message.privilege), (ChannelNumber::PRIMARY_IPMB, Some(Privilege::Administrator)));
        assert_eq!(request.response_in(&message.message), Some(Response::ok([1, 2])));
    }
}
