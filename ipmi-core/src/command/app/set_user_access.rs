//! Set User Access (IPMI 2.0 s22.26).

use std::ops::RangeInclusive;

use super::user_id::UserId;
use crate::{ChannelNumber, Command, NetFn, ParseError, Privilege};

/// Sets what a user may do on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetUserAccess {
    /// Channel.
    pub channel: ChannelNumber,
    /// User.
    pub user: UserId,
    /// Callback only, link authentication, IPMI messaging; `None` leaves them.
    pub flags: Option<[bool; 3]>,
    /// Highest level; Fh is no access.
    pub privilege_limit: u8,
    /// How many sessions the user may have at a time; zero is no limit.
    pub session_limit: Option<u8>,
}

impl Command for SetUserAccess {
    type Response = ();
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x43;
    const NAME: &'static str = "Set User Access";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Administrator;

    fn emit(&self, out: &mut Vec<u8>) {
        let flags = self.flags.map_or(0, |[callback_only, link_auth, ipmi_messaging]| {
            0x80 | u8::from(callback_only) << 6 | u8::from(link_auth) << 5 | u8::from(ipmi_messaging) << 4
        });
        out.extend([flags | self.channel.get(), self.user.get(), self.privilege_limit & 0x0F]);
        out.extend(self.session_limit);
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
        let command = SetUserAccess {
            channel: ChannelNumber::new(1),
            user: UserId::new(2),
            flags: Some([false, true, true]),
            privilege_limit: 4,
            session_limit: None,
        };
        check_request(&command, &[0xB1, 2, 4]);
        check_request(&SetUserAccess { flags: None, session_limit: Some(3), ..command }, &[1, 2, 4, 3]);
        check_empty_response::<SetUserAccess>();
    }
}
