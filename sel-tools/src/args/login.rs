//! Options of ways with a login: who, with which password and key, by which protocol details.

use std::path::PathBuf;

use ipmi_core::link::session_1_5::AuthType;
use ipmi_core::{Privilege, Secret};
use kernel_bridge::Family;

/// Where a password or key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// It stands on the command line.
    Given(Secret),
    /// As hexadecimal digits on the command line.
    Hex(Secret),
    /// The first line of this file.
    File(PathBuf),
    /// The environment.
    Environment,
    /// The terminal.
    Prompt,
}

/// What the command line says about logging in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LoginArguments {
    /// `-p`.
    pub port: Option<u16>,
    /// `-U`.
    pub user: Option<String>,
    /// `-P`, `-f`, `-E`, `-a`.
    pub password: Option<SecretSource>,
    /// `-k`, `-y`, `-K`, `-Y`.
    pub kg: Option<SecretSource>,
    /// `-L` as typed.
    pub level: Option<String>,
    /// `-A` as typed.
    pub auth_type: Option<String>,
    /// `-C`.
    pub cipher: Option<u8>,
    /// `-N`, in seconds.
    pub timeout: Option<u32>,
    /// `-R`.
    pub retries: Option<u32>,
    /// `-4`, `-6`.
    pub family: Family,
    /// `-e`, where it is not `~`.
    pub escape: Option<char>,
    /// `-o`.
    pub oem_type: Option<String>,
    /// `--quirk`, each.
    pub quirks: Vec<String>,
    /// `--no-quirks`.
    pub no_quirks: bool,
}

/// Words of `-L`.
const LEVELS: &[(&str, Privilege)] = &[
    ("CALLBACK", Privilege::Callback),
    ("USER", Privilege::User),
    ("OPERATOR", Privilege::Operator),
    ("ADMINISTRATOR", Privilege::Administrator),
];

/// Words of `-A`.
const AUTH_TYPES: &[(&str, AuthType)] = &[
    ("NONE", AuthType::None),
    ("PASSWORD", AuthType::StraightPassword),
    ("MD2", AuthType::Md2),
    ("MD5", AuthType::Md5),
    ("OEM", AuthType::Oem),
];

impl LoginArguments {
    /// True for `--quirk list`.
    pub fn lists_quirks(&self) -> bool {
        self.quirks.iter().any(|name| name == "list")
    }

    /// The privilege level, and whether users are looked up by name alone.
    ///
    /// # Errors
    /// When the word is no level: a misspelt one must not become the highest.
    pub fn privilege(&self) -> Result<(Privilege, bool), String> {
        let Some(given) = &self.level else { return Ok((Privilege::Administrator, true)) };
        let (word, name_only) = given.strip_suffix('+').map_or((given.as_str(), true), |word| (word, false));
        let row = LEVELS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        row.map(|(_, level)| (*level, name_only)).ok_or_else(|| format!("Invalid privilege level {given}"))
    }

    /// The authentication type asked for.
    ///
    /// # Errors
    /// When the word is none.
    pub fn auth_type(&self) -> Result<Option<AuthType>, String> {
        let Some(word) = &self.auth_type else { return Ok(None) };
        let row = AUTH_TYPES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        row.map(|(_, auth_type)| Some(*auth_type))
            .ok_or_else(|| format!("Invalid authentication type {word}: NONE, PASSWORD, MD2, MD5, OEM"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_types_are_words() {
        let mut login = LoginArguments::default();
        assert_eq!(login.privilege(), Ok((Privilege::Administrator, true)));
        login.level = Some("user+".into());
        assert_eq!(login.privilege(), Ok((Privilege::User, false)));
        login.level = Some("FOO".into());
        assert_eq!(login.privilege().unwrap_err(), "Invalid privilege level FOO");
        assert_eq!(login.auth_type(), Ok(None));
        login.auth_type = Some("md5".into());
        assert_eq!(login.auth_type(), Ok(Some(AuthType::Md5)));
        login.auth_type = Some("MD4".into());
        assert!(login.auth_type().unwrap_err().contains("MD4"));
    }
}
