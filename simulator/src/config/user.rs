//! Users and keys as command lines and files write them: `NAME:PASSWORD[:PRIVILEGE]`, a key as text or as `0x` and
//! digits.

use ipmi_core::{Privilege, Secret};
use serde::Deserialize;

use super::hex;
use super::range::within;
use crate::bmc::Bmc;
use crate::store::users::{COUNT, NAME, NO_ACCESS, PASSWORD, User, UserAccess, Users};

/// Users with fixed names where a file does not say.
const FIXED_NAMES: u8 = 1;
/// Bytes of a key.
const KEY: usize = 20;

/// The privilege level with this name.
pub(super) fn privilege(name: &str) -> Option<Privilege> {
    Some(match name.to_ascii_lowercase().as_str() {
        "callback" => Privilege::Callback,
        "user" => Privilege::User,
        "operator" => Privilege::Operator,
        "admin" | "administrator" => Privilege::Administrator,
        "oem" => Privilege::Oem,
        _ => return None,
    })
}

/// A user for every channel.
///
/// # Errors
/// When name or password is too long. The message does not repeat the password.
pub(super) fn user(name: &str, password: &str, privilege: Privilege) -> Result<User, String> {
    if name.len() > NAME {
        return Err(format!("expected a user name of at most {NAME} bytes, found {}", name.len()));
    }
    if password.len() > PASSWORD {
        return Err(format!(
            "user `{name}`: expected a password of at most {PASSWORD} bytes, found {}",
            password.len()
        ));
    }
    Ok(User::new(name.as_bytes(), password.as_bytes(), privilege))
}

/// Reads `NAME:PASSWORD[:PRIVILEGE]`. A password may hold colons; what follows the last one is a privilege only when it
/// is the name of one. Administrator is the privilege of those who name none.
fn parse(text: &str) -> Result<User, String> {
    let (name, rest) = text.split_once(':').ok_or("expected NAME:PASSWORD[:PRIVILEGE]")?;
    let named = rest.rsplit_once(':').and_then(|(password, level)| Some((password, privilege(level)?)));
    let (password, level) = named.unwrap_or((rest, Privilege::Administrator));
    user(name, password, level)
}

/// What is worth saying about `NAME:PASSWORD` with a colon in the password: its last part may have been meant as a
/// privilege. The password is not repeated.
pub fn remark(text: &str) -> Option<String> {
    let (name, rest) = text.split_once(':')?;
    let (_, level) = rest.rsplit_once(':')?;
    let known = privilege(level).is_some();
    (!known).then(|| format!("user {name}: what follows the last colon is no privilege: taken as part of the password"))
}

/// The users of a command line, in place of those a BMC comes with; an empty name is the null user.
///
/// # Errors
/// When one is not `NAME:PASSWORD[:PRIVILEGE]`, is too long or has no slot. Passwords are not repeated.
pub fn users<S: AsRef<str>>(texts: &[S]) -> Result<Users, String> {
    let mut users = Users::empty();
    for text in texts {
        if !users.add(parse(text.as_ref())?) {
            return Err("expected fewer users, found more than the BMC has slots for".into());
        }
    }
    Ok(users)
}

/// `[[user]]` of a configuration file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserConfig {
    /// The first free one where it is left out.
    id: Option<u8>,
    name: String,
    /// Nobody logs in where it is left out.
    password: Option<String>,
    /// Administrator where it is left out; `none` for no access.
    privilege: Option<String>,
    /// Whether the user may log in at all; enabled with a password where it is left out.
    status: Option<Status>,
    /// May log in for IPMI messages; yes where it is left out, like link authentication.
    messaging: Option<bool>,
    link_authentication: Option<bool>,
    /// Only for callback connections.
    #[serde(default)]
    callback_only: bool,
    /// Most sessions at a time, 0 for any number.
    #[serde(default)]
    session_limit: u8,
    /// Masks of Get User Payload Access: standard payloads 2, OEM payloads 2.
    payloads: Option<[u8; 4]>,
}

/// What Set User Password said last of a user.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Enabled,
    Disabled,
    /// Neither: nobody logs in.
    Unset,
}

/// Without the password.
impl std::fmt::Debug for UserConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UserConfig({:?})", self.name)
    }
}

/// A key in a configuration file; not shown by `Debug`.
#[derive(Deserialize)]
pub(super) struct KeyText(pub(super) String);

impl std::fmt::Debug for KeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyText(..)")
    }
}

/// `[users]`: the slots that users are in.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Slots {
    /// How many users there can be, at most 63.
    count: u8,
    /// How many of them, from the first, have fixed names.
    fixed_names: u8,
    /// Last byte of Get User Access for a slot nobody is in: flags and privilege limit.
    empty: u8,
    /// Get User Access says whether users are enabled.
    says_status: bool,
}

impl Default for Slots {
    fn default() -> Self {
        Self { count: COUNT, fixed_names: FIXED_NAMES, empty: NO_ACCESS, says_status: true }
    }
}

/// What the last byte of Get User Access says.
fn access_of(byte: u8) -> UserAccess {
    UserAccess {
        callback_only: byte & 0x40 != 0,
        link_authentication: byte & 0x20 != 0,
        messaging: byte & 0x10 != 0,
        limit: byte & 0x0F,
        session_limit: 0,
    }
}

/// Puts the users of a configuration file in place of those a BMC comes with.
pub(super) fn configure(list: &[UserConfig], slots: &Slots, bmc: &mut Bmc) -> Result<(), String> {
    let mut users = Users::empty();
    users.resize(within("users.count", slots.count, 0..=63)?, slots.fixed_names, access_of(slots.empty));
    users.says_status = slots.says_status;
    for config in list {
        let UserConfig { id, name, .. } = config;
        let user = config.user()?;
        let placed = match id {
            Some(id) => users.get_mut(*id).map(|slot| *slot = user).is_some(),
            None => users.add(user),
        };
        if !placed {
            return Err(format!("user `{name}`: expected a free slot from 1 to {}", users.count()));
        }
        if let (Some(id), Some(masks)) = (id, config.payloads) {
            bmc.settings.payloads.access.insert(*id, masks);
        }
    }
    bmc.users = users;
    Ok(())
}

impl UserConfig {
    fn user(&self) -> Result<User, String> {
        let Self { name, password, .. } = self;
        let level = self.privilege.as_deref().unwrap_or("administrator");
        let limit = match privilege(level) {
            Some(limit) => limit as u8,
            None if level.eq_ignore_ascii_case("none") => NO_ACCESS,
            None if level.eq_ignore_ascii_case("unset") => 0,
            None => return Err(format!("user `{name}`: expected a privilege, found `{level}`")),
        };
        let mut user = user(name, password.as_deref().unwrap_or_default(), Privilege::Callback)?;
        user.enabled = match self.status {
            None => Some(password.is_some()),
            Some(Status::Enabled) => Some(true),
            Some(Status::Disabled) => Some(false),
            Some(Status::Unset) => None,
        };
        let access = UserAccess {
            callback_only: self.callback_only,
            link_authentication: self.link_authentication.unwrap_or(true),
            messaging: self.messaging.unwrap_or(true),
            limit,
            session_limit: self.session_limit & 0xF,
        };
        (0..).map_while(|channel| user.access_mut(channel).map(|slot| *slot = access)).for_each(drop);
        Ok(user)
    }
}

/// A key of at most 20 bytes: text, or `0x` and 40 hexadecimal digits.
///
/// # Errors
/// When it is too long or not of digits. The key is not repeated.
pub fn key(text: &str) -> Result<Secret, String> {
    let mut bytes = match text.strip_prefix("0x") {
        Some(digits) => hex::bytes(digits).map_err(|_| "expected a key of hexadecimal digits after 0x")?,
        None => text.as_bytes().to_vec(),
    };
    if bytes.len() > KEY {
        return Err(format!("expected a key of at most {KEY} bytes, found {}", bytes.len()));
    }
    bytes.resize(KEY, 0);
    Ok(Secret::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_their_privileges() {
        let users = users(&["root:calvin", "bob:a:b:operator", "eve:x:y", ":null:user"]).unwrap();
        let user = |id| users.get(id).unwrap();
        assert!(user(2).name() == b"root" && user(2).has_password(b"calvin") && user(2).access(1).limit == 4);
        assert!(user(3).has_password(b"a:b") && user(3).access(1).limit == 3);
        assert!(user(4).has_password(b"x:y"));
        assert!(user(1).has_password(b"null") && user(1).access(1).limit == 2);
        for wrong in ["nobody", "a name that is too long:x", "a:a password that is too long"] {
            let error = super::users(&[wrong]).unwrap_err();
            assert!(!error.contains("a password that"), "{error}");
        }
        assert!(super::users(&["a:b"; 30]).is_err());
    }

    #[test]
    fn a_privilege_that_is_none_is_worth_a_remark() {
        for text in ["bob:a:b:operator", "eve:x", ":null:user", "nobody"] {
            assert_eq!(remark(text), None, "{text}");
        }
        let said = remark("eve:x:adnim").unwrap();
        assert_eq!(said, "user eve: what follows the last colon is no privilege: taken as part of the password");
    }

    #[test]
    fn users_of_a_file_have_the_access_it_says() {
        use std::time::Duration;
        let now = Duration::from_secs(1_790_000_000);
        let mut bmc = Bmc::builtin(&crate::Options::default(), now);
        let user = |text: &str| toml::from_str::<UserConfig>(text).unwrap();
        let list = [
            user(
                "id = 3\nname = \"ops\"\npassword = \"x\"\nprivilege = \"operator\"\nsession_limit = 2\npayloads = [0, 0, 0, 0]",
            ),
            user(
                "name = \"off\"\npassword = \"x\"\nstatus = \"disabled\"\nprivilege = \"none\"\nmessaging = false\ncallback_only = true",
            ),
            user("name = \"keyless\""),
            user("name = \"new\"\npassword = \"x\"\nstatus = \"unset\""),
        ];
        let slots = |text: &str| toml::from_str::<Slots>(text).unwrap();
        configure(&list, &slots("count = 10\nfixed_names = 2\nempty = 0x20"), &mut bmc).unwrap();
        let mut access = |id| bmc.handle(&ipmi_core::Request::new(ipmi_core::NetFn::APP, 0x44, [1, id]), now).data;
        assert_eq!(access(3), [10, 0x41, 2, 0x33]);
        assert_eq!(access(2), [10, 0x81, 2, 0x6F]);
        assert_eq!(access(4), [10, 0x81, 2, 0x34]);
        assert_eq!(access(5), [10, 0x01, 2, 0x34]);
        assert_eq!(access(9), [10, 0x01, 2, 0x20]);
        assert_eq!(access(11), []);
        let ask = ipmi_core::Request::new(ipmi_core::NetFn::APP, 0x4D, [1, 3]);
        assert_eq!(bmc.handle(&ask, now).data, [0; 4]);
        let wrong = configure(&[user("name = \"a\"\nprivilege = \"king\"")], &Slots::default(), &mut bmc).unwrap_err();
        assert!(wrong.contains("found `king`"), "{wrong}");
    }

    #[test]
    fn keys_as_text_and_as_digits() {
        assert_eq!(key("abc").unwrap().as_bytes()[..4], *b"abc\0");
        assert_eq!(key("0x0102").unwrap().as_bytes()[..3], [1, 2, 0]);
        assert!(key("0x01020").is_err() && key("0xzz").is_err() && key("a key that is too long").is_err());
    }
}
