//! Channels: medium, protocol, access settings and keys (IPMI 2.0 s6.3, s6.6, s22.22-25).

use ipmi_core::link::rmcp_plus::keys::Key20;
use ipmi_core::{Privilege, Secret};

/// Number of the IPMB.
pub const IPMB: u8 = 0x0;
/// Number of the LAN channel.
pub const LAN: u8 = 0x1;
/// Number of the serial channel.
pub const SERIAL: u8 = 0x2;
/// Number of the system interface.
pub const SYSTEM: u8 = 0xF;
/// "The channel this request came in on".
pub const CURRENT: u8 = 0xE;

/// Access mode: never available.
pub const MODE_DISABLED: u8 = 0;
/// Access mode: always available for messages.
pub const MODE_ALWAYS: u8 = 2;

/// How many sessions a channel can have (Get Channel Info).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum SessionSupport {
    /// No sessions at all.
    Less = 0,
    /// One at a time.
    Single = 1,
    /// Several.
    Multi = 2,
}

/// Access settings of a channel (Set Channel Access).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelAccess {
    /// Alerts are not sent.
    pub alerting_disabled: bool,
    /// Packets after the log-in may go without authentication code (IPMI 1.5).
    pub per_message_authentication_disabled: bool,
    /// Commands for users may go without authentication code (IPMI 1.5).
    pub user_level_authentication_disabled: bool,
    /// Access mode.
    pub mode: u8,
    /// Privilege limit.
    pub limit: u8,
}

impl ChannelAccess {
    /// Always available, up to administrators.
    pub const OPEN: Self = Self {
        alerting_disabled: false,
        per_message_authentication_disabled: false,
        user_level_authentication_disabled: false,
        mode: MODE_ALWAYS,
        limit: Privilege::Administrator as u8,
    };

    /// The privilege limit; `None` for no access.
    pub const fn privilege(&self) -> Option<Privilege> {
        Privilege::from_code(self.limit)
    }
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channel {
    /// Number.
    pub number: u8,
    /// Medium (table 6-3).
    pub medium: u8,
    /// Protocol (table 6-2).
    pub protocol: u8,
    /// Sessions.
    pub sessions: SessionSupport,
    /// Last two bytes of Get Channel Info.
    pub auxiliary: [u8; 2],
    /// Settings in force.
    pub present: ChannelAccess,
    /// Settings of the next start.
    pub non_volatile: ChannelAccess,
}

impl Channel {
    /// A channel that is open to everybody.
    pub const fn new(number: u8, medium: u8, protocol: u8, sessions: SessionSupport, auxiliary: [u8; 2]) -> Self {
        let (present, non_volatile) = (ChannelAccess::OPEN, ChannelAccess::OPEN);
        Self { number, medium, protocol, sessions, auxiliary, present, non_volatile }
    }
}

/// The channels of a BMC and the key of its RMCP+ sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channels {
    list: Vec<Channel>,
    /// K_G, 20 bytes; all zero when there is none.
    pub kg: Secret,
    /// K_R, 20 bytes. A BMC may make its random numbers with it; this one stores it.
    pub kr: Secret,
    /// The keys cannot be changed any more.
    pub kg_locked: bool,
    /// Changed since the start: belongs into a saved state.
    pub changed: bool,
}

impl Default for Channels {
    fn default() -> Self {
        use SessionSupport::{Less, Multi, Single};
        Self {
            list: vec![
                Channel::new(IPMB, 0x01, 0x01, Less, [0, 0]),
                Channel::new(LAN, 0x04, 0x01, Multi, [0, 0]),
                Channel::new(SERIAL, 0x05, 0x01, Single, [0, 0]),
                // No interrupt is assigned: it is the host side that knows one.
                Channel::new(SYSTEM, 0x0C, 0x05, Less, [0xFF, 0xFF]),
            ],
            kg: Secret::new([0; Key20::LEN]),
            kr: Secret::new([0; Key20::LEN]),
            kg_locked: false,
            changed: false,
        }
    }
}

impl Channels {
    /// Channel `number`.
    pub fn get(&self, number: u8) -> Option<&Channel> {
        self.list.iter().find(|channel| channel.number == number)
    }

    /// Channel `number`, to change it.
    pub fn get_mut(&mut self, number: u8) -> Option<&mut Channel> {
        self.list.iter_mut().find(|channel| channel.number == number)
    }

    /// Every channel.
    pub fn iter(&self) -> impl Iterator<Item = &Channel> {
        self.list.iter()
    }

    /// Takes a channel away.
    pub fn remove(&mut self, number: u8) {
        self.list.retain(|channel| channel.number != number);
    }

    /// Puts a channel in the place of the one with its number, or beside the others.
    pub fn put(&mut self, channel: Channel) {
        self.list.retain(|known| known.number != channel.number);
        self.list.push(channel);
        self.list.sort_by_key(|channel| channel.number);
    }

    /// True when a key other than the users' passwords makes the keys of RMCP+ sessions ("two-key login").
    pub fn has_kg(&self) -> bool {
        self.kg.as_bytes().iter().any(|byte| *byte != 0)
    }

    /// K_G for the handshake.
    pub fn kg(&self) -> Option<Key20> {
        if self.has_kg() { Key20::new(self.kg.as_bytes()).ok() } else { None }
    }

    /// Settings go back to those of the start.
    pub fn restart(&mut self) {
        for channel in &mut self.list {
            channel.present = channel.non_volatile;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_key_is_none_and_a_restart_brings_back_what_is_kept() {
        let mut channels = Channels::default();
        assert!(channels.kg().is_none());
        channels.kg = Secret::new([1; 20]);
        assert!(channels.kg().is_some() && !format!("{channels:?}").contains("1, 1, 1"));
        let lan = channels.get_mut(LAN).unwrap();
        lan.present.mode = MODE_DISABLED;
        channels.restart();
        assert_eq!(channels.get(LAN).unwrap().present.mode, MODE_ALWAYS);
        assert!(channels.get(3).is_none());
    }
}
