//! What log-ins over the LAN may do, as the BMC's configuration says (LAN parameters 2, 22-24, 26; IPMI 2.0 s23.1).

use ipmi_core::Privilege;

use crate::bmc::Bmc;
use crate::store::users::BadPasswordPolicy;

/// Medium of a channel on which RMCP+ is spoken (table 6-3).
pub const LAN_MEDIUM: u8 = 0x04;
/// Straight password, MD5, MD2 and none: every type IPMI itself defines.
const AUTH_TYPES: u8 = 0x17;
/// Every suite with an implementation.
const SUITES: [u8; 11] = [1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17];

/// Authentication types enabled for a privilege level on a channel, as bits (table 22-15).
pub fn auth_types(_bmc: &Bmc, _channel: u8, _level: u8) -> u8 {
    AUTH_TYPES
}

/// Cipher suites a channel offers, in the order of their numbers.
pub fn offered_suites(_bmc: &Bmc, _channel: u8) -> Vec<u8> {
    SUITES.to_vec()
}

/// Highest level of a session with this suite; `None` when the suite is not to be used.
pub fn suite_limit(bmc: &Bmc, channel: u8, suite: u8) -> Option<Privilege> {
    offered_suites(bmc, channel).contains(&suite).then_some(Privilege::Oem)
}

/// What happens after bad passwords.
pub fn bad_passwords(_bmc: &Bmc, _channel: u8) -> BadPasswordPolicy {
    BadPasswordPolicy::default()
}
