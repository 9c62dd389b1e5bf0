//! The configuration file: what the command line can say, and users whose passwords are not in argv.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;
use wsman::file;

/// Where the file is looked for when `--config` names none.
pub(crate) const DEFAULT_PATH: &str = "/etc/cimd/cimd.toml";

/// The file as it is written. Every key has the meaning of the flag of the same name.
#[derive(Debug, Default, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Config {
    /// BMC URLs.
    pub(crate) bmc: Vec<String>,
    /// File with the password of the user in the BMC's URL, for ways with a login.
    pub(crate) bmc_password_file: Option<PathBuf>,
    /// Plain HTTP listener.
    pub(crate) http: Option<SocketAddr>,
    /// HTTPS listener.
    pub(crate) https: Option<SocketAddr>,
    /// Basic authentication over plain HTTP.
    pub(crate) allow_unencrypted: bool,
    /// Remote shell.
    pub(crate) enable_shell: bool,
    /// More classes.
    pub(crate) mof: Vec<PathBuf>,
    /// Where the certificate made on first start is kept.
    pub(crate) state_dir: Option<PathBuf>,
    /// Certificate for HTTPS, when not the self-signed one.
    pub(crate) tls: Option<Tls>,
    /// Users.
    #[serde(rename = "user")]
    pub(crate) users: Vec<User>,
}

/// A certificate and its key, as PEM files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tls {
    /// Certificate chain, the server's own first.
    pub(crate) certificate: PathBuf,
    /// Private key (PKCS #8, PKCS #1 or SEC 1).
    pub(crate) key: PathBuf,
}

/// A user and the file that holds the password, and nothing else, on its first line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct User {
    /// Name.
    pub(crate) name: String,
    /// File with the password.
    pub(crate) password_file: PathBuf,
    /// What the user may do.
    #[serde(default)]
    pub(crate) access: UserAccess,
}

/// What a configured user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UserAccess {
    /// Read instances.
    Read,
    /// Read, change and call methods.
    #[default]
    Full,
}

impl Config {
    /// Reads and checks a file. Relative paths in it count from its directory.
    ///
    /// # Errors
    /// Names the file, and for what is wrong in it the line.
    pub(crate) fn load(path: &Path) -> anyhow::Result<Self> {
        let text =
            file::read_text(path, file::MAX_CONFIG).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> anyhow::Result<Self> {
        let mut config: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            anyhow::anyhow!("{}:{line}: {}", path.display(), error.message())
        })?;
        for user in &config.users {
            if user.name.is_empty() || user.name.contains(':') {
                bail!("{}: user name {:?} is empty or contains a colon", path.display(), user.name);
            }
        }
        let base = path.parent().unwrap_or(Path::new(""));
        config
            .mof
            .iter_mut()
            .chain(&mut config.state_dir)
            .chain(&mut config.bmc_password_file)
            .for_each(|file| *file = base.join(&*file));
        config.users.iter_mut().for_each(|user| user.password_file = base.join(&user.password_file));
        if let Some(tls) = &mut config.tls {
            tls.certificate = base.join(&tls.certificate);
            tls.key = base.join(&tls.key);
        }
        Ok(config)
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_read() {
        let text = "bmc = [\"open:0\"]\nhttp = \"127.0.0.1:5985\"\nhttps = \"0.0.0.0:5986\"\nallow-unencrypted = true\n\
                    enable-shell = false\nmof = [\"more\"]\nstate-dir = \"/s\"\nbmc-password-file = \"bmc\"\n[tls]\ncertificate = \"c.pem\"\nkey = \"k.pem\"\n\
                    [[user]]\nname = \"a\"\npassword-file = \"pw\"\naccess = \"read\"\n";
        let config = Config::parse(Path::new("/etc/cimd/cimd.toml"), text).unwrap();
        assert_eq!(config.mof, [PathBuf::from("/etc/cimd/more")]);
        assert_eq!(config.state_dir, Some(PathBuf::from("/s")));
        assert_eq!(config.bmc_password_file, Some(PathBuf::from("/etc/cimd/bmc")));
        assert_eq!(config.tls.unwrap().key, PathBuf::from("/etc/cimd/k.pem"));
        assert_eq!(config.users.len(), 1);
        assert_eq!(config.users[0].access, UserAccess::Read);
    }

    #[test]
    fn errors_name_file_and_line() {
        let error = |text: &str| Config::parse(Path::new("f.toml"), text).unwrap_err().to_string();
        assert!(error("bmc = []\nhtpp = \"x\"\n").starts_with("f.toml:2: unknown field `htpp`"));
        assert!(error("\n\nhttp = \"nowhere\"\n").starts_with("f.toml:3: "));
        assert!(error("[[user]]\nname = \"a:b\"\npassword-file = \"p\"\n").contains("colon"));
        assert!(error("[[user]]\nname = \"a\"\npassword = \"p\"\n").contains("unknown field `password`"));
    }

    #[test]
    fn endless_files_are_an_error() {
        let error = Config::load(Path::new("/dev/zero")).unwrap_err();
        assert_eq!(format!("{error:#}"), "cannot read /dev/zero: expected at most 4194304 bytes, found more");
    }

    #[test]
    fn missing_file_is_named() {
        assert!(Config::load(Path::new("/nowhere/cimd.toml")).unwrap_err().to_string().contains("/nowhere/cimd.toml"));
    }
}
