//! Users and keys as command lines and files write them: `NAME:PASSWORD[:PRIVILEGE]`, a key as text or as `0x` and digits.

use ipmi_core::{Privilege, Secret};
use serde::Deserialize;

use super::hex;
use crate::store::users::{COUNT, NAME, PASSWORD, User, Users};

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
    /// Administrator where it is left out.
    privilege: Option<String>,
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

/// The users of a configuration file, in place of those a BMC comes with.
pub(super) fn configured(list: &[UserConfig]) -> Result<Users, String> {
    let mut users = Users::empty();
    for UserConfig { id, name, password, privilege: level } in list {
        let level = level.as_deref().unwrap_or("administrator");
        let level = privilege(level).ok_or_else(|| format!("user `{name}`: expected a privilege, found `{level}`"))?;
        let mut user = user(name, password.as_deref().unwrap_or_default(), level)?;
        if password.is_none() {
            user.enabled = Some(false);
        }
        let placed = match id {
            Some(id) => users.get_mut(*id).map(|slot| *slot = user).is_some(),
            None => users.add(user),
        };
        if !placed {
            return Err(format!("user `{name}`: expected a free slot from 1 to {COUNT}"));
        }
    }
    Ok(users)
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
    fn keys_as_text_and_as_digits() {
        assert_eq!(key("abc").unwrap().as_bytes()[..4], *b"abc\0");
        assert_eq!(key("0x0102").unwrap().as_bytes()[..3], [1, 2, 0]);
        assert!(key("0x01020").is_err() && key("0xzz").is_err() && key("a key that is too long").is_err());
    }
}
