//! Users, channel settings and the key of sessions as the state directory keeps them.

use ipmi_core::Secret;
use ipmi_core::text::hex;
use serde::{Deserialize, Serialize};

use super::channel::{ChannelAccess, Channels};
use super::users::{CHANNELS, User, UserAccess, Users};
use crate::config;

/// What commands changed about log-ins.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct SavedLogins {
    /// Every user, when one was changed.
    users: Option<Vec<SavedUser>>,
    /// The channels and the key, when one was changed.
    channels: Option<SavedChannels>,
}

#[derive(Serialize, Deserialize)]
struct SavedUser {
    name: String,
    password: String,
    enabled: Option<bool>,
    /// By channel: flags (callback only, link authentication, messaging), privilege limit, session limit.
    access: Vec<[u8; 3]>,
}

#[derive(Serialize, Deserialize)]
struct SavedChannels {
    /// Channel, access byte and privilege limit as Set Channel Access has them.
    access: Vec<[u8; 3]>,
    kg: String,
    #[serde(default)]
    kr: Option<String>,
    kg_locked: bool,
}

/// Without passwords and keys.
impl std::fmt::Debug for SavedLogins {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SavedLogins(..)")
    }
}

impl SavedLogins {
    /// What is to be kept.
    pub(crate) fn of(users: &Users, channels: &Channels) -> Self {
        let saved = |(_, user): (u8, &User)| SavedUser {
            name: hex(&user.name),
            password: hex(user.password.as_bytes()),
            enabled: user.enabled,
            access: (0..CHANNELS).filter_map(|n| u8::try_from(n).ok()).map(|n| user.access(n).to_saved()).collect(),
        };
        Self {
            users: users.changed.then(|| users.iter().map(saved).collect()),
            channels: channels.changed.then(|| SavedChannels {
                access: channels.iter().map(|channel| channel.non_volatile.to_saved(channel.number)).collect(),
                kg: hex(channels.kg.as_bytes()),
                kr: Some(hex(channels.kr.as_bytes())),
                kg_locked: channels.kg_locked,
            }),
        }
    }

    /// Puts back what was kept.
    pub(crate) fn restore(self, users: &mut Users, channels: &mut Channels) -> Result<(), String> {
        for (saved, id) in self.users.iter().flatten().zip(1..) {
            let Some(user) = users.get_mut(id) else { break };
            user.set_name(&config::hex::bytes(&saved.name)?);
            let password = config::hex::bytes(&saved.password)?;
            user.set_password(&password, password.len());
            user.enabled = saved.enabled;
            for (access, channel) in saved.access.iter().zip(0..) {
                if let Some(place) = user.access_mut(channel) {
                    *place = UserAccess::from_saved(*access);
                }
            }
            users.changed = true;
        }
        if let Some(saved) = self.channels {
            for [number, access, limit] in saved.access {
                if let Some(channel) = channels.get_mut(number) {
                    channel.non_volatile = ChannelAccess::from_bytes(access, limit);
                }
            }
            channels.kg = Secret::new(config::hex::bytes(&saved.kg)?);
            if let Some(kr) = &saved.kr {
                channels.kr = Secret::new(config::hex::bytes(kr)?);
            }
            channels.kg_locked = saved.kg_locked;
            channels.changed = true;
            channels.restart();
        }
        Ok(())
    }
}

impl UserAccess {
    fn to_saved(self) -> [u8; 3] {
        let flags =
            u8::from(self.callback_only) << 2 | u8::from(self.link_authentication) << 1 | u8::from(self.messaging);
        [flags, self.limit, self.session_limit]
    }

    fn from_saved([flags, limit, session_limit]: [u8; 3]) -> Self {
        Self {
            callback_only: flags & 4 != 0,
            link_authentication: flags & 2 != 0,
            messaging: flags & 1 != 0,
            limit,
            session_limit,
        }
    }
}

impl ChannelAccess {
    fn to_saved(self, number: u8) -> [u8; 3] {
        [number, self.byte(), self.limit]
    }

    /// What Get Channel Access answers.
    pub fn from_bytes(access: u8, limit: u8) -> Self {
        Self { limit, ..Self::OPEN.with_byte(access) }
    }

    /// The access byte of Get Channel Access.
    pub fn byte(self) -> u8 {
        u8::from(self.alerting_disabled) << 5
            | u8::from(self.per_message_authentication_disabled) << 4
            | u8::from(self.user_level_authentication_disabled) << 3
            | self.mode & 7
    }

    /// These settings with the access byte of Set Channel Access.
    pub fn with_byte(self, access: u8) -> Self {
        Self {
            alerting_disabled: access & 0x20 != 0,
            per_message_authentication_disabled: access & 0x10 != 0,
            user_level_authentication_disabled: access & 0x08 != 0,
            mode: access & 0x07,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use ipmi_core::Privilege;

    use super::*;

    #[test]
    fn what_was_changed_comes_back() {
        let (mut users, mut channels) = (Users::default(), Channels::default());
        assert!(SavedLogins::of(&users, &channels).users.is_none());
        users.add(User::new(b"eve", b"twenty bytes of pass", Privilege::Operator));
        users.changed = true;
        channels.kg = Secret::new([7; 20]);
        channels.get_mut(1).unwrap().non_volatile.per_message_authentication_disabled = true;
        channels.changed = true;
        let saved = SavedLogins::of(&users, &channels);
        let text = toml::to_string(&saved).unwrap();
        let (mut new_users, mut new_channels) = (Users::default(), Channels::default());
        let read: SavedLogins = toml::from_str(&text).unwrap();
        assert_eq!(format!("{read:?}"), "SavedLogins(..)");
        read.restore(&mut new_users, &mut new_channels).unwrap();
        assert_eq!(new_users, users);
        assert_eq!(new_channels.kg, channels.kg);
        assert!(new_channels.get(1).unwrap().present.per_message_authentication_disabled);
    }
}
