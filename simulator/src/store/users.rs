//! Users: names, passwords, what each may do on which channel, and lockout after bad passwords (IPMI 2.0 s6.9,
//! s22.26-30).

use std::time::Duration;

use ipmi_core::link::rmcp_plus::keys::Key20;
use ipmi_core::link::session_1_5::Password15;
use ipmi_core::{Privilege, Secret};

use super::lan_config::BadPassword;

/// Users a BMC has, the null user included, unless its configuration says otherwise.
pub const COUNT: u8 = 16;
/// Most users: their ids have six bits.
const MOST: u8 = 63;
/// Channels a user may have rights on.
pub const CHANNELS: usize = 12;
/// Bytes of a name.
pub const NAME: usize = 16;
/// Bytes of the longer form of a password.
pub const PASSWORD: usize = 20;
/// Privilege limit "no access".
pub const NO_ACCESS: u8 = 0xF;
/// The first user, whose name is fixed and empty.
const NULL_USER: u8 = 1;
/// The user a BMC comes with.
const FACTORY_USER: u8 = 2;

/// What a user may do on a channel (Set User Access).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserAccess {
    /// Only for callback connections.
    pub callback_only: bool,
    /// May be used for link authentication.
    pub link_authentication: bool,
    /// May log in for IPMI messages.
    pub messaging: bool,
    /// Privilege limit, 1-5, or [`NO_ACCESS`].
    pub limit: u8,
    /// Most sessions at a time, 0 for any number.
    pub session_limit: u8,
}

impl UserAccess {
    /// No access at all.
    pub const NONE: Self =
        Self { callback_only: false, link_authentication: false, messaging: false, limit: NO_ACCESS, session_limit: 0 };

    /// Everything up to `limit`.
    pub const fn up_to(limit: Privilege) -> Self {
        Self { link_authentication: true, messaging: true, limit: limit as u8, ..Self::NONE }
    }

    /// The privilege limit; `None` for no access.
    pub const fn privilege(&self) -> Option<Privilege> {
        Privilege::from_code(self.limit)
    }
}

/// A user slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Name, padded with zeros.
    pub name: [u8; NAME],
    /// Password, padded with zeros to 16 or 20 bytes, whichever form it was set with.
    pub password: Secret,
    /// Enabled by Set User Password; `None` until that command said so.
    pub enabled: Option<bool>,
    access: [UserAccess; CHANNELS],
    bad_passwords: u8,
    /// When the last bad password came.
    last_bad: Duration,
    /// Locked out: until then, or with no end.
    locked: Option<Option<Duration>>,
}

impl Default for User {
    fn default() -> Self {
        Self {
            name: [0; NAME],
            password: Secret::new([0; 16]),
            enabled: None,
            access: [UserAccess::NONE; CHANNELS],
            bad_passwords: 0,
            last_bad: Duration::ZERO,
            locked: None,
        }
    }
}

impl User {
    /// A user for every channel.
    pub fn new(name: &[u8], password: &[u8], limit: Privilege) -> Self {
        let mut user = Self { enabled: Some(true), access: [UserAccess::up_to(limit); CHANNELS], ..Self::default() };
        user.set_name(name);
        user.set_password(password, if password.len() > 16 { PASSWORD } else { 16 });
        user
    }

    /// Name without padding.
    pub fn name(&self) -> &[u8] {
        let end = self.name.iter().position(|byte| *byte == 0).unwrap_or(NAME);
        self.name.get(..end).unwrap_or_default()
    }

    /// Sets the name; what is over 16 bytes is cut off.
    pub fn set_name(&mut self, name: &[u8]) {
        self.name = [0; NAME];
        self.name.iter_mut().zip(name).for_each(|(to, from)| *to = *from);
    }

    /// Sets the password in the form of `size` bytes.
    pub fn set_password(&mut self, password: &[u8], size: usize) {
        self.password = padded(password, size);
    }

    /// True when `password` is the user's. Compared in constant time.
    pub fn has_password(&self, password: &[u8]) -> bool {
        padded(password, PASSWORD) == padded(self.password.as_bytes(), PASSWORD)
    }

    /// The key of RMCP+ log-ins.
    pub fn key(&self) -> Option<Key20> {
        Key20::new(self.password.as_bytes()).ok()
    }

    /// The password of IPMI 1.5 log-ins; `None` when it was set in the longer form, which 1.5 cannot carry.
    pub fn password_1_5(&self) -> Option<Password15> {
        Password15::new(self.password.as_bytes()).ok()
    }

    /// What the user may do on `channel`.
    pub fn access(&self, channel: u8) -> UserAccess {
        self.access.get(usize::from(channel)).copied().unwrap_or(UserAccess::NONE)
    }

    /// Changes what the user may do on `channel`.
    pub fn access_mut(&mut self, channel: u8) -> Option<&mut UserAccess> {
        self.access.get_mut(usize::from(channel))
    }

    /// True when the user can log in for IPMI messages on `channel`.
    pub fn may_log_in(&self, channel: u8, now: Duration) -> bool {
        let access = self.access(channel);
        self.enabled == Some(true) && access.messaging && access.privilege().is_some() && !self.is_locked(now)
    }

    /// True while the user is locked out.
    pub fn is_locked(&self, now: Duration) -> bool {
        self.locked.is_some_and(|until| until.is_none_or(|until| now < until))
    }

    /// Counts a bad password; true when that locks the user out.
    pub fn bad_password(&mut self, policy: BadPassword, now: Duration) -> bool {
        if policy.threshold == 0 || self.is_locked(now) {
            return false;
        }
        let forgotten = policy.forget_after.is_some_and(|time| now.saturating_sub(self.last_bad) >= time);
        self.bad_passwords = if forgotten { 1 } else { self.bad_passwords.saturating_add(1) };
        self.last_bad = now;
        if self.bad_passwords < policy.threshold {
            return false;
        }
        self.bad_passwords = 0;
        self.locked = Some(policy.lockout.map(|time| now.saturating_add(time)));
        true
    }

    /// Forgets bad passwords: after a log-in, or when the user is enabled again.
    pub fn forgive(&mut self) {
        self.bad_passwords = 0;
        self.locked = None;
    }
}

fn padded(password: &[u8], size: usize) -> Secret {
    let mut bytes = vec![0; size];
    bytes.iter_mut().zip(password).for_each(|(to, from)| *to = *from);
    Secret::new(bytes)
}

/// The users of a BMC, by id from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Users {
    slots: Vec<User>,
    /// The first so many have names that cannot be changed.
    fixed_names: u8,
    /// Get User Access says whether users are enabled.
    pub says_status: bool,
    /// Changed since the start: belongs into a saved state.
    pub changed: bool,
}

impl Default for Users {
    /// An administrator `admin` with the password `admin`, and the null user disabled.
    fn default() -> Self {
        let mut users = Self::empty();
        if let Some(user) = users.get_mut(FACTORY_USER) {
            *user = User::new(b"admin", b"admin", Privilege::Administrator);
        }
        users
    }
}

impl Users {
    /// Nobody: every slot is free, the null user is disabled.
    pub fn empty() -> Self {
        let mut slots = vec![User::default(); usize::from(COUNT)];
        if let Some(null) = slots.first_mut() {
            null.enabled = Some(false);
        }
        Self { slots, fixed_names: NULL_USER, says_status: true, changed: false }
    }

    /// Adds a user in the first free slot; an empty name is the null user. False when there is no slot.
    pub fn add(&mut self, user: User) -> bool {
        if user.name().is_empty() {
            return self.slots.first_mut().map(|slot| *slot = user).is_some();
        }
        let free = self.slots.iter_mut().skip(1).find(|slot| slot.name().is_empty());
        free.map(|slot| *slot = user).is_some()
    }

    /// User `id`.
    pub fn get(&self, id: u8) -> Option<&User> {
        self.slots.get(usize::from(id.checked_sub(1)?))
    }

    /// User `id`, to change it.
    pub fn get_mut(&mut self, id: u8) -> Option<&mut User> {
        self.slots.get_mut(usize::from(id.checked_sub(1)?))
    }

    /// Every user with its id.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &User)> {
        (1..).zip(&self.slots)
    }

    /// How many users there can be.
    pub fn count(&self) -> u8 {
        u8::try_from(self.slots.len()).unwrap_or(u8::MAX)
    }

    /// Makes room for so many users, 1 to 63, the first of them with fixed names; those have all the same access.
    pub fn resize(&mut self, count: u8, fixed_names: u8, access: UserAccess) {
        self.slots.resize(usize::from(count.clamp(1, MOST)), User::default());
        self.slots.iter_mut().for_each(|user| user.access = [access; CHANNELS]);
        self.fixed_names = fixed_names;
    }

    /// How many users have a fixed name.
    pub fn fixed_names(&self) -> u8 {
        self.fixed_names
    }

    /// True when the name of user `id` cannot be changed.
    pub fn has_fixed_name(&self, id: u8) -> bool {
        (1..=self.fixed_names).contains(&id)
    }

    /// The user who logs in as `name` on `channel`: the first enabled one in id order. With a `level`, one whose limit
    /// is that level goes before those who may do more, and those who may do less do not count.
    pub fn find(&self, name: &[u8], level: Option<Privilege>, channel: u8, now: Duration) -> Option<u8> {
        let named = || self.iter().filter(|(_, user)| user.name() == name && user.may_log_in(channel, now));
        let limit = |user: &User| user.access(channel).privilege();
        let found = match level {
            None => named().next(),
            Some(_) => named()
                .find(|(_, user)| limit(user) == level)
                .or_else(|| named().find(|(_, user)| limit(user) >= level)),
        };
        found.map(|(id, _)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_700_000_000);

    #[test]
    fn the_first_enabled_user_of_a_name_is_found() {
        let mut users = Users::default();
        assert_eq!(users.find(b"admin", None, 1, NOW), Some(2));
        assert!(users.add(User::new(b"admin", b"two", Privilege::User)));
        assert_eq!(users.find(b"admin", None, 1, NOW), Some(2));
        assert_eq!(users.find(b"admin", Some(Privilege::User), 1, NOW), Some(3));
        assert_eq!(users.find(b"admin", Some(Privilege::Operator), 1, NOW), Some(2));
        assert_eq!(users.find(b"admin", Some(Privilege::Oem), 1, NOW), None);
        users.get_mut(2).unwrap().enabled = Some(false);
        assert_eq!(users.find(b"admin", None, 1, NOW), Some(3));
        assert_eq!(users.find(b"", None, 1, NOW), None);
        assert!(users.add(User::new(b"", b"", Privilege::User)));
        assert_eq!(users.find(b"", None, 1, NOW), Some(1));
        assert_eq!(users.find(b"", None, 15, NOW), None);
    }

    #[test]
    fn slots_run_out() {
        let mut users = Users::empty();
        let added = (0..100).filter(|_| users.add(User::new(b"x", b"", Privilege::User))).count();
        assert_eq!(added, usize::from(COUNT) - 1);
        assert!(users.get(0).is_none() && users.get(COUNT + 1).is_none());
    }

    #[test]
    fn passwords_of_both_forms() {
        let mut user = User::new(b"a", b"secret", Privilege::User);
        assert!(user.has_password(b"secret\0\0") && !user.has_password(b"Secret"));
        assert!(user.password_1_5().is_some());
        user.set_password(b"twenty bytes of pass", PASSWORD);
        assert!(user.has_password(b"twenty bytes of pass") && !user.has_password(b"twenty bytes of "));
        assert!(user.password_1_5().is_none());
        assert!(!format!("{user:?}").contains("116, 119"));
    }

    #[test]
    fn bad_passwords_lock_out_for_a_time_or_for_good() {
        let policy = BadPassword {
            log: false,
            threshold: 2,
            forget_after: Some(Duration::from_secs(10)),
            lockout: Some(Duration::from_secs(20)),
        };
        let mut user = User::new(b"a", b"b", Privilege::User);
        assert!(!user.bad_password(policy, NOW));
        assert!(!user.bad_password(policy, NOW + Duration::from_secs(10)));
        assert!(user.bad_password(policy, NOW + Duration::from_secs(11)));
        assert!(user.is_locked(NOW + Duration::from_secs(30)) && !user.is_locked(NOW + Duration::from_secs(31)));
        let policy = BadPassword { threshold: 1, lockout: None, ..policy };
        assert!(user.bad_password(policy, NOW + Duration::from_secs(40)));
        assert!(user.is_locked(NOW * 2));
        user.forgive();
        assert!(!user.is_locked(NOW * 2));
        assert!(!user.bad_password(BadPassword { threshold: 0, ..policy }, NOW));
    }
}
