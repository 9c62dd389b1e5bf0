//! Get Channel Access (IPMI 2.0 s22.23).

use std::ops::RangeInclusive;

#[cfg(test)]
use super::channel_access::AccessMode;
use super::channel_access::{ChannelAccess, Store};
use crate::command::short;
use crate::{ChannelNumber, Command, CompletionCode, NetFn, ParseError, Privilege};

/// Asks when a channel can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetChannelAccess {
    /// Channel.
    pub channel: ChannelNumber,
    /// Which of the two settings.
    pub store: Store,
}

impl Command for GetChannelAccess {
    type Response = ChannelAccess;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x41;
    const NAME: &'static str = "Get Channel Access";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=2;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.channel.get(), self.store.code() << 6]);
    }

    fn parse(data: &[u8]) -> Result<ChannelAccess, ParseError> {
        let &[access, limit, ..] = data else { return Err(short::<Self>(data)) };
        Ok(ChannelAccess::from_bytes(access, limit))
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x82 => "Command not supported for this channel",
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
        let command = GetChannelAccess { channel: ChannelNumber::new(1), store: Store::Volatile };
        check_request(&command, &[1, 0x80]);
        check_request(&GetChannelAccess { store: Store::NonVolatile, ..command }, &[1, 0x40]);
        let access = check_response::<GetChannelAccess>(&[0x22, 4]);
        assert!(access.alerting_disabled && !access.per_message_auth_disabled);
        assert_eq!((access.mode, access.privilege_limit), (AccessMode::Always, 4));
    }
}
