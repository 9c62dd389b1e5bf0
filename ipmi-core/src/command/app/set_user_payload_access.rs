//! Set User Payload Access (IPMI 2.0 s24.6).

use std::ops::RangeInclusive;

use super::UserId;
use crate::{ChannelNumber, Command, NetFn, ParseError, Privilege};

bitflags::bitflags! {
    /// Payloads a user may use: standard types 0-15 in the low word, OEM types 20h-2Fh in the high one.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct PayloadAccess: u32 {
        /// Serial over LAN.
        const SOL = 1 << 1;
        const _ = !0;
    }
}

/// Lets a user use payloads on a channel, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetUserPayloadAccess {
    /// Channel.
    pub channel: ChannelNumber,
    /// User.
    pub user: UserId,
    /// The payloads named become usable; else they become unusable.
    pub enable: bool,
    /// Payloads; the others stay as they are.
    pub access: PayloadAccess,
}

impl Command for SetUserPayloadAccess {
    type Response = ();
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x4C;
    const NAME: &'static str = "Set User Payload Access";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Administrator;

    fn emit(&self, out: &mut Vec<u8>) {
        let operation = u8::from(!self.enable) << 6;
        out.extend([self.channel.get(), operation | self.user.get()]);
        out.extend(self.access.bits().to_le_bytes());
    }

    fn parse(_data: &[u8]) -> Result<(), ParseError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_empty_response, check_request};

    #[test]
    fn golden_bytes() {
        let (channel, user, access) = (ChannelNumber::new(1), UserId::new(2), PayloadAccess::SOL);
        check_request(&SetUserPayloadAccess { channel, user, enable: true, access }, &[1, 2, 2, 0, 0, 0]);
        check_request(&SetUserPayloadAccess { channel, user, enable: false, access }, &[1, 0x42, 2, 0, 0, 0]);
        check_empty_response::<SetUserPayloadAccess>();
    }
}
