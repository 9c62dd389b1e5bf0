//! Get Channel Authentication Capabilities (IPMI 2.0 s22.13).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::link::session_1_5::AuthType;
use crate::{ChannelNumber, Command, NetFn, ParseError, Privilege};

/// Asks how a session on a channel is opened. Works outside a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetChannelAuthenticationCapabilities {
    /// Channel.
    pub channel: ChannelNumber,
    /// Asks for the data of IPMI 2.0 too; some BMCs of IPMI 1.5 refuse that.
    pub extended: bool,
    /// Level the session is wanted for.
    pub privilege: Privilege,
}

bitflags::bitflags! {
    /// Authentication types of IPMI 1.5 that a channel offers.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct AuthTypes: u8 {
        /// None.
        const NONE = 1 << 0;
        /// MD2.
        const MD2 = 1 << 1;
        /// MD5.
        const MD5 = 1 << 2;
        /// Straight password.
        const STRAIGHT_PASSWORD = 1 << 4;
        /// Defined by the manufacturer.
        const OEM = 1 << 5;
        /// The answer holds the data of IPMI 2.0.
        const EXTENDED = 1 << 7;
        const _ = !0;
    }
}

impl AuthTypes {
    /// True when `auth_type` is among them.
    pub const fn offers(self, auth_type: AuthType) -> bool {
        self.contains(match auth_type {
            AuthType::None => Self::NONE,
            AuthType::Md2 => Self::MD2,
            AuthType::Md5 => Self::MD5,
            AuthType::StraightPassword => Self::STRAIGHT_PASSWORD,
            AuthType::Oem => Self::OEM,
            AuthType::RmcpPlus | AuthType::Unknown(_) => return false,
        })
    }
}

bitflags::bitflags! {
    /// Who may log in to a channel, and how messages are authenticated.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct AuthStatus: u8 {
        /// Users without name and password.
        const ANONYMOUS = 1 << 0;
        /// Users without name.
        const NULL_USERS = 1 << 1;
        /// Users with a name.
        const NAMED_USERS = 1 << 2;
        /// Commands of privilege User need no authentication.
        const USER_LEVEL_DISABLED = 1 << 3;
        /// Messages after the activation need no authentication.
        const PER_MESSAGE_DISABLED = 1 << 4;
        /// A key of the BMC (Kg) is set; RMCP+ only.
        const TWO_KEY = 1 << 5;
        const _ = !0;
    }
}

/// How a session on a channel is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthenticationCapabilities {
    /// Channel the answer is about.
    pub channel: ChannelNumber,
    /// Authentication types of IPMI 1.5.
    pub auth_types: AuthTypes,
    /// Users and messages.
    pub status: AuthStatus,
    /// True when sessions of IPMI 1.5 are supported; `None` without extended data.
    pub ipmi_1_5: Option<bool>,
    /// True when sessions of IPMI 2.0 (RMCP+) are supported; `None` without extended data.
    pub ipmi_2_0: Option<bool>,
    /// Manufacturer of the OEM authentication type.
    pub oem: u32,
    /// Defined by that manufacturer.
    pub oem_auxiliary: u8,
}

impl Command for GetChannelAuthenticationCapabilities {
    type Response = AuthenticationCapabilities;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x38;
    const NAME: &'static str = "Get Channel Authentication Capabilities";
    const RESPONSE_LEN: RangeInclusive<usize> = 8..=8;
    const PRIVILEGE: Privilege = Privilege::Callback;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.channel.get() | u8::from(self.extended) << 7, self.privilege as u8]);
    }

    fn parse(data: &[u8]) -> Result<AuthenticationCapabilities, ParseError> {
        let &[channel, auth_types, status, versions, oem0, oem1, oem2, oem_auxiliary, ..] = data else {
            return Err(short::<Self>(data));
        };
        let auth_types = AuthTypes::from_bits_retain(auth_types);
        let version = |bit: u8| auth_types.contains(AuthTypes::EXTENDED).then_some(versions & bit != 0);
        Ok(AuthenticationCapabilities {
            channel: ChannelNumber::new(channel),
            auth_types,
            status: AuthStatus::from_bits_retain(status),
            ipmi_1_5: version(0x01),
            ipmi_2_0: version(0x02),
            oem: u32::from_le_bytes([oem0, oem1, oem2, 0]),
            oem_auxiliary,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        let channel = ChannelNumber::CURRENT;
        let command =
            GetChannelAuthenticationCapabilities { channel, extended: true, privilege: Privilege::Administrator };
        check_request(&command, &[0x8E, 0x04]);
        check_request(&GetChannelAuthenticationCapabilities { extended: false, ..command }, &[0x0E, 0x04]);
        let caps = check_response::<GetChannelAuthenticationCapabilities>(&[1, 0x97, 0x06, 3, 0, 0, 0, 0]);
        assert_eq!((caps.ipmi_1_5, caps.ipmi_2_0), (Some(true), Some(true)));
        assert!(caps.auth_types.offers(AuthType::StraightPassword) && !caps.auth_types.offers(AuthType::Oem));
        assert_eq!(caps.status, AuthStatus::NULL_USERS | AuthStatus::NAMED_USERS);
        let old = check_response::<GetChannelAuthenticationCapabilities>(&[1, 0x04, 0x14, 0, 0xA2, 2, 0, 9]);
        assert_eq!((old.ipmi_2_0, old.oem, old.oem_auxiliary), (None, 674, 9));
    }
}
