//! Get Channel Authentication Capabilities before a log-in, and whether the channel takes the user (IPMI 2.0 s22.13).

use super::message::frame;
use super::{LoginConfig, LoginError, Quirks};
use crate::ChannelNumber;
use crate::command::app::{AuthStatus, GetChannelAuthenticationCapabilities};
use crate::link::ipmb::IpmbMessage;

/// Checks that the channel takes a user of this kind.
pub(super) fn check_user(config: &LoginConfig, status: AuthStatus) -> Result<(), LoginError> {
    let fitting = match (config.user.as_bytes().is_empty(), config.password.is_empty()) {
        (true, true) => AuthStatus::ANONYMOUS | AuthStatus::NULL_USERS,
        (true, false) => AuthStatus::NULL_USERS,
        (false, _) => AuthStatus::NAMED_USERS,
    };
    if status.intersects(fitting) || config.quirks.contains(Quirks::AUTHCAP) {
        return Ok(());
    }
    Err(LoginError::UnknownUser)
}

/// The question about the channel it comes in on.
pub(super) fn capabilities_request(config: &LoginConfig, extended: bool, sequence: u8) -> IpmbMessage {
    let (channel, privilege) = (ChannelNumber::CURRENT, config.privilege);
    frame(&GetChannelAuthenticationCapabilities { channel, extended, privilege }, sequence)
}
