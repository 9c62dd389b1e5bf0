//! Set Channel Access (IPMI 2.0 s22.22).

use std::ops::RangeInclusive;

use super::channel_access::{ChannelAccess, Store};
use crate::{ChannelNumber, Command, CompletionCode, NetFn, ParseError, Privilege};

/// Sets when a channel can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetChannelAccess {
    /// Channel.
    pub channel: ChannelNumber,
    /// Which of the two settings.
    pub store: Store,
    /// True to change everything but the limit.
    pub set_access: bool,
    /// True to change the limit.
    pub set_limit: bool,
    /// What is set.
    pub access: ChannelAccess,
}

impl Command for SetChannelAccess {
    type Response = ();
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x40;
    const NAME: &'static str = "Set Channel Access";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Administrator;

    fn emit(&self, out: &mut Vec<u8>) {
        let [access, limit] = self.access.to_bytes();
        let kept = |changed: bool| if changed { self.store.code() << 6 } else { 0 };
        out.extend([self.channel.get(), kept(self.set_access) | access, kept(self.set_limit) | limit]);
    }

    fn parse(_data: &[u8]) -> Result<(), ParseError> {
        Ok(())
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x82 => "Command not supported for this channel",
            0x83 => "Access mode not supported",
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
        let access = ChannelAccess::from_bytes(0x22, 4);
        let channel = ChannelNumber::new(1);
        let command = SetChannelAccess { channel, store: Store::Volatile, set_access: true, set_limit: false, access };
        check_request(&command, &[1, 0xA2, 0x04]);
        check_request(&SetChannelAccess { store: Store::NonVolatile, set_limit: true, ..command }, &[1, 0x62, 0x44]);
        check_empty_response::<SetChannelAccess>();
    }
}
