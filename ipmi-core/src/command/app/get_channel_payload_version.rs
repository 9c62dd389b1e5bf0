//! Get Channel Payload Version (IPMI 2.0 s24.9).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{ChannelNumber, Command, CompletionCode, NetFn, ParseError, Privilege};

/// Asks for the version of a payload type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetChannelPayloadVersion {
    /// Channel.
    pub channel: ChannelNumber,
    /// Payload type.
    pub payload_type: u8,
}

impl Command for GetChannelPayloadVersion {
    /// Major and minor version.
    type Response = (u8, u8);
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x4F;
    const NAME: &'static str = "Get Channel Payload Version";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=1;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.channel.get(), self.payload_type & 0x3F]);
    }

    fn parse(data: &[u8]) -> Result<(u8, u8), ParseError> {
        let &[version, ..] = data else { return Err(short::<Self>(data)) };
        Ok((version >> 4, version & 0x0F))
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Payload type not available on this channel",
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
        check_request(&GetChannelPayloadVersion { channel: ChannelNumber::CURRENT, payload_type: 1 }, &[0x0E, 1]);
        assert_eq!(check_response::<GetChannelPayloadVersion>(&[0x10]), (1, 0));
    }
}
