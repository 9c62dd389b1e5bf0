//! Get User Access (IPMI 2.0 s22.27).

use std::ops::RangeInclusive;

use super::user_id::UserId;
use crate::command::short;
use crate::{ChannelNumber, Command, NetFn, ParseError, Privilege};

/// Asks what a user may do on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetUserAccess {
    /// Channel.
    pub channel: ChannelNumber,
    /// User.
    pub user: UserId,
}

/// What a user may do on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserAccess {
    /// How many user ids there are.
    pub max_users: u8,
    /// How many of them are enabled.
    pub enabled_users: u8,
    /// How many names cannot be changed.
    pub fixed_names: u8,
    /// True when this user is enabled; `None` from BMCs that do not say.
    pub enabled: Option<bool>,
    /// Only as a callback.
    pub callback_only: bool,
    /// May authenticate a serial link.
    pub link_auth: bool,
    /// May open sessions.
    pub ipmi_messaging: bool,
    /// Highest level, as on the wire; Fh is no access.
    pub privilege_limit: u8,
}

impl Command for GetUserAccess {
    type Response = UserAccess;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x44;
    const NAME: &'static str = "Get User Access";
    const RESPONSE_LEN: RangeInclusive<usize> = 4..=4;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.channel.get(), self.user.get()]);
    }

    fn parse(data: &[u8]) -> Result<UserAccess, ParseError> {
        let &[max_users, enabled_users, fixed_names, access, ..] = data else { return Err(short::<Self>(data)) };
        Ok(UserAccess {
            max_users: max_users & 0x3F,
            enabled_users: enabled_users & 0x3F,
            fixed_names: fixed_names & 0x3F,
            enabled: match enabled_users >> 6 {
                1 => Some(true),
                2 => Some(false),
                _ => None,
            },
            callback_only: access & 0x40 != 0,
            link_auth: access & 0x20 != 0,
            ipmi_messaging: access & 0x10 != 0,
            privilege_limit: access & 0x0F,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetUserAccess { channel: ChannelNumber::CURRENT, user: UserId::new(2) }, &[0x0E, 2]);
        let access = check_response::<GetUserAccess>(&[0x3F, 0x42, 1, 0x34]);
        assert_eq!((access.max_users, access.enabled_users, access.fixed_names), (63, 2, 1));
        assert_eq!((access.enabled, access.privilege_limit), (Some(true), 4));
        assert!(access.link_auth && access.ipmi_messaging && !access.callback_only);
    }
}
