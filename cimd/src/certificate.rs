//! The certificate of the HTTPS listener: the one configured, or a self-signed one made on first start.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use wsman::file;

/// Where the certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// PEM files of the administrator.
    Files {
        /// Certificate chain.
        certificate: PathBuf,
        /// Private key.
        key: PathBuf,
    },
    /// A self-signed one, kept in this directory.
    SelfSigned(PathBuf),
}

const CERTIFICATE: &str = "certificate.pem";
const KEY: &str = "key.pem";

impl Source {
    /// The TLS configuration, making the certificate when there is none yet.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub(crate) fn load(&self) -> anyhow::Result<Arc<rustls::ServerConfig>> {
        let (certificate, key) = match self {
            Self::Files { certificate, key } => (certificate.clone(), key.clone()),
            Self::SelfSigned(directory) => {
                let (certificate, key) = (directory.join(CERTIFICATE), directory.join(KEY));
                if !certificate.exists() || !key.exists() {
                    make(directory)?;
                    tracing::info!(certificate = %certificate.display(), "self-signed certificate made");
                }
                (certificate, key)
            }
        };
        let read =
            |path: &Path| file::read(path, file::MAX_CONFIG).with_context(|| format!("cannot read {}", path.display()));
        wsman::server::tls_config_from_pem(&read(&certificate)?, &read(&key)?)
            .with_context(|| format!("{} with {}", certificate.display(), key.display()))
    }
}

/// Makes a key and a certificate for the names this host is reached by.
fn make(directory: &Path) -> anyhow::Result<()> {
    let failed = || format!("cannot keep a certificate in {}", directory.display());
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).with_context(failed)?;
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    names.insert(0, host_name());
    names.dedup();
    let made = rcgen::generate_simple_self_signed(names).context("cannot make a certificate")?;
    // The certificate is last: when it is there, so is its key.
    write(directory, KEY, made.signing_key.serialize_pem().as_bytes()).with_context(failed)?;
    write(directory, CERTIFICATE, made.cert.pem().as_bytes()).with_context(failed)
}

/// Writes a file that only its owner reads, whole or not at all.
fn write(directory: &Path, name: &str, contents: &[u8]) -> std::io::Result<()> {
    let new = directory.join(format!("{name}.new"));
    // What is left over, or lies there otherwise, has an owner and a mode of its own, or leads elsewhere.
    let _ = std::fs::remove_file(&new);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    file.write_all(contents)?;
    file.sync_all()?;
    std::fs::rename(new, directory.join(name))
}

/// The name of this host.
pub(crate) fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "localhost".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_for_its_owner_whatever_lay_there() {
        let directory = tempfile::tempdir().unwrap();
        let precious = directory.path().join("precious");
        std::fs::write(&precious, "precious").unwrap();
        std::os::unix::fs::symlink(&precious, directory.path().join(format!("{KEY}.new"))).unwrap();
        write(directory.path(), KEY, b"secret").unwrap();
        assert_eq!(std::fs::read_to_string(&precious).unwrap(), "precious");
        assert!(directory.path().join(KEY).symlink_metadata().unwrap().is_file());
    }

    #[test]
    fn a_certificate_is_made_once_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        let state = directory.path().join("state");
        let source = Source::SelfSigned(state.clone());
        source.load().unwrap();
        let first = std::fs::read(state.join(CERTIFICATE)).unwrap();
        source.load().unwrap();
        assert_eq!(std::fs::read(state.join(CERTIFICATE)).unwrap(), first);
        assert_eq!(std::fs::metadata(state.join(KEY)).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn files_that_are_no_certificate_are_named() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("c.pem");
        let source = Source::Files { certificate: file.clone(), key: file.clone() };
        assert!(source.load().unwrap_err().to_string().contains("c.pem"));
        std::fs::write(&file, "no PEM").unwrap();
        assert!(source.load().unwrap_err().to_string().contains("c.pem"));
    }
}
