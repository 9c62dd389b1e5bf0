//! What log-ins over the LAN may do, as the BMC's configuration says (LAN parameters 2, 22-24, 26; IPMI 2.0 s23.1).

use std::time::Duration;

use ipmi_core::Privilege;

use crate::bmc::Bmc;
use crate::store::channel::MODE_DISABLED;

/// Medium of a channel on which RMCP+ is spoken (table 6-3).
pub const LAN_MEDIUM: u8 = 0x04;
/// Types of a channel that is no LAN: straight password, MD5, MD2.
const SERIAL_AUTH_TYPES: u8 = 0x16;
/// Suites a console that leaves the choice to the BMC gets, the best first.
pub const PREFERENCE: [u8; 12] = [17, 3, 12, 8, 16, 2, 11, 7, 15, 1, 6, 0];

/// Authentication types enabled for a privilege level on a channel, as bits (table 22-15).
pub fn auth_types(bmc: &Bmc, channel: u8, level: Privilege) -> u8 {
    match bmc.channels.get(channel) {
        Some(channel) if channel.medium == LAN_MEDIUM => bmc.settings.lan.auth_types(level),
        _ => SERIAL_AUTH_TYPES,
    }
}

/// Cipher suites a channel offers, in the order of the configuration.
pub fn offered_suites(bmc: &Bmc, channel: u8) -> Vec<u8> {
    match bmc.channels.get(channel) {
        Some(channel) if channel.medium == LAN_MEDIUM => bmc.settings.lan.cipher_suites(),
        _ => Vec::new(),
    }
}

/// Highest level of a session with this suite; `None` when the suite is not to be used.
pub fn suite_limit(bmc: &Bmc, suite: u8) -> Option<Privilege> {
    bmc.settings.lan.suite_privilege(suite)
}

/// True when the channel takes messages.
pub fn is_available(bmc: &Bmc, channel: u8) -> bool {
    bmc.channels.get(channel).is_some_and(|channel| channel.present.mode != MODE_DISABLED)
}

/// Highest level `user` reaches on `channel`; `None` when it cannot log in there.
pub fn user_limit(bmc: &Bmc, user: u8, channel: u8, now: Duration) -> Option<Privilege> {
    let user = bmc.users.get(user).filter(|user| user.may_log_in(channel, now))?;
    let of_channel = bmc.channels.get(channel)?.present.privilege()?;
    Some(user.access(channel).privilege()?.min(of_channel))
}

/// True when `user` has as many sessions on `channel` as it may have.
pub fn is_session_limit_reached(bmc: &Bmc, user: u8, channel: u8) -> bool {
    let limit = bmc.users.get(user).map_or(0, |user| user.access(channel).session_limit);
    let active = bmc.sessions.iter().filter(|session| session.user == user && session.channel == channel).count();
    limit != 0 && active >= usize::from(limit)
}

/// Counts a bad password of `user`, which locks it out in the end.
pub fn bad_password(bmc: &mut Bmc, user: u8, now: Duration) {
    let policy = bmc.settings.lan.bad_password();
    let locked = bmc.users.get_mut(user).is_some_and(|user| user.bad_password(policy, now));
    if locked {
        tracing::info!(user, "locked out after bad passwords");
        if policy.log {
            // Session Audit, "invalid password disable"; data: user id, channel.
            bmc.log_event([bmc.main.address, 0, 0x04, 0x2A, 0, 0x6F], [0xA3, user & 0x3F, 0x01], now);
        }
    }
}
