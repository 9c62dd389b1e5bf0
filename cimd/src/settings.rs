//! What the daemon is to do: command line, environment and configuration file put together and checked.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use cim::Access;
use ipmi_core::Secret;
use kernel_bridge::BmcUrl;
use wsman::auth::Users;
use wsman::file;
use zeroize::Zeroizing;

use crate::args::Args;
use crate::certificate::Source;
use crate::config::{self, Config, UserAccess};

/// Port of plain HTTP, as WinRM has it.
const HTTP: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 5985);
/// Port of HTTPS, as WinRM has it.
const HTTPS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 5986);

/// Which BMC is served.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BmcChoice {
    /// The one at this URL.
    Url(BmcUrl),
    /// A simulated one, reached over serial KCS.
    Simulated,
}

/// What the daemon is to do.
pub(crate) struct Settings {
    /// The BMC.
    pub(crate) bmc: BmcChoice,
    /// Password of the user in the BMC's URL; empty where there is none.
    pub(crate) bmc_password: Secret,
    /// Plain HTTP listener.
    pub(crate) http: Option<SocketAddr>,
    /// HTTPS listener.
    pub(crate) https: Option<SocketAddr>,
    /// Whether passwords may come over plain HTTP.
    pub(crate) allow_unencrypted: bool,
    /// Who may do what.
    pub(crate) users: Arc<Users>,
    /// The user in the commands shown at start.
    pub(crate) example_user: String,
    /// The password in the commands shown at start, where it is no secret.
    pub(crate) example_password: Option<&'static str>,
    /// More classes: files in the order they are compiled.
    pub(crate) mof: Vec<PathBuf>,
    /// Where the certificate comes from.
    pub(crate) certificate: Source,
}

impl Settings {
    /// From the command line, the environment and the file the command line names, or the default file.
    ///
    /// # Errors
    /// Says what is wrong and where.
    pub(crate) fn gather(args: &Args) -> anyhow::Result<Self> {
        let config = match &args.config {
            Some(path) => Config::load(path)?,
            None if !args.simulate && Path::new(config::DEFAULT_PATH).exists() => {
                Config::load(Path::new(config::DEFAULT_PATH))?
            }
            None => Config::default(),
        };
        let environment = Environment {
            user: std::env::var("CIMD_USER").ok(),
            bmc: std::env::var("IPMI_BMC").ok(),
            bmc_password: std::env::var("IPMI_PASSWORD").ok().map(Secret::new),
        };
        Self::combine(args, config, environment)
    }

    /// What a configuration file alone would make the daemon do.
    ///
    /// # Errors
    /// Says what is wrong and where.
    pub(crate) fn of_file(path: &Path) -> anyhow::Result<Self> {
        use clap::Parser;
        Self::combine(&Args::parse_from(["cimd"]), Config::load(path)?, Environment::default())
    }

    fn combine(args: &Args, config: Config, environment: Environment) -> anyhow::Result<Self> {
        if args.enable_shell || config.enable_shell {
            bail!("the remote shell (enable-shell) is not served in this version");
        }
        let bmc = choose_bmc(args, &config, environment.bmc)?;
        let bmc_password = match &config.bmc_password_file {
            Some(file) => Secret::new(password(file).context("bmc-password-file")?.as_bytes()),
            None => environment.bmc_password.unwrap_or_default(),
        };
        let simulated = bmc == BmcChoice::Simulated;
        let (mut http, mut https) = (args.http.or(config.http), args.https.or(config.https));
        if http.is_none() && https.is_none() {
            if simulated { http = Some(HTTP) } else { https = Some(HTTPS) }
        }
        let allow_unencrypted = args.allow_unencrypted || config.allow_unencrypted;
        if let Some(address) = http
            && !allow_unencrypted
            && !(simulated && address.ip().is_loopback())
        {
            bail!(
                "HTTP on {address} would carry passwords and data unencrypted: use HTTPS (--https), or say \
                 --allow-unencrypted if that is what you want"
            );
        }
        let (users, example_user, example_password) = gather_users(args, &config, environment.user, simulated)?;
        let state_dir = config.state_dir.clone().map_or_else(default_state_dir, Ok);
        let certificate = match (config.tls, https) {
            (Some(tls), _) => Source::Files { certificate: tls.certificate, key: tls.key },
            (None, Some(_)) => Source::SelfSigned(state_dir?),
            (None, None) => Source::SelfSigned(state_dir.unwrap_or_default()),
        };
        let mut mof = Vec::new();
        for path in config.mof.iter().chain(&args.mof) {
            mof.extend(mof_files(path)?);
        }
        let allow_unencrypted = allow_unencrypted || simulated;
        let users = Arc::new(users);
        Ok(Self {
            bmc,
            bmc_password,
            http,
            https,
            allow_unencrypted,
            users,
            example_user,
            example_password,
            mof,
            certificate,
        })
    }
}

/// What the environment says.
#[derive(Default)]
struct Environment {
    user: Option<String>,
    bmc: Option<String>,
    bmc_password: Option<Secret>,
}

fn choose_bmc(args: &Args, config: &Config, environment: Option<String>) -> anyhow::Result<BmcChoice> {
    if args.simulate {
        return Ok(BmcChoice::Simulated);
    }
    let chosen = if args.bmc.is_empty() { &config.bmc } else { &args.bmc };
    let url = match chosen.as_slice() {
        [] => environment.unwrap_or_else(|| "open:0".to_owned()),
        [url] => url.clone(),
        several => bail!("one BMC per daemon in this version, found {}: {}", several.len(), several.join(", ")),
    };
    Ok(BmcChoice::Url(url.parse::<BmcUrl>()?))
}

/// Users, and the user and password of the example commands.
fn gather_users(
    args: &Args,
    config: &Config,
    environment: Option<String>,
    simulated: bool,
) -> anyhow::Result<(Users, String, Option<&'static str>)> {
    let mut users = Users::default();
    let mut first: Option<String> = None;
    for text in args.users.iter().chain(&environment) {
        let (name, password) = text
            .split_once(':')
            .filter(|(name, _)| !name.is_empty())
            .context("--user and CIMD_USER: expected NAME:PASSWORD")?;
        users.add(name, Zeroizing::new(password.to_owned()), Access::Full);
        first.get_or_insert_with(|| name.to_owned());
    }
    for user in &config.users {
        let password = password(&user.password_file).with_context(|| format!("user {}", user.name))?;
        let access = match user.access {
            UserAccess::Read => Access::Read,
            UserAccess::Full => Access::Full,
        };
        users.add(&user.name, password, access);
        first.get_or_insert_with(|| user.name.clone());
    }
    match first {
        Some(first) => Ok((users, first, None)),
        None if simulated => {
            users.add("admin", Zeroizing::new("admin".to_owned()), Access::Full);
            Ok((users, "admin".to_owned(), Some("admin")))
        }
        None => bail!(
            "nobody could log in: give a [[user]] with a password-file in {}, CIMD_USER=NAME:PASSWORD, or --user \
             NAME:PASSWORD",
            config::DEFAULT_PATH
        ),
    }
}

/// The first line of a password file.
fn password(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = file::read_text(path, file::MAX_PASSWORD).with_context(|| format!("cannot read {}", path.display()))?;
    let text = Zeroizing::new(text);
    if is_open_to_all(path) {
        tracing::warn!("{}: every user of this machine can read or change this password: chmod o= it", path.display());
    }
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        bail!("{}: the first line, which is the password, is empty", path.display());
    }
    Ok(Zeroizing::new(line.to_owned()))
}

/// True for a file whose mode leaves something to those who are neither its owner nor in its group.
fn is_open_to_all(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o007 != 0)
}

/// Where things are kept that outlive a run: what systemd says, or the usual place of root or of a user.
fn default_state_dir() -> anyhow::Result<PathBuf> {
    if let Some(directory) = std::env::var_os("STATE_DIRECTORY") {
        return Ok(directory.into());
    }
    if nix::unistd::geteuid().is_root() {
        return Ok("/var/lib/cimd".into());
    }
    if let Some(directory) = std::env::var_os("XDG_STATE_HOME").filter(|directory| !directory.is_empty()) {
        return Ok(Path::new(&directory).join("cimd"));
    }
    let home = std::env::var_os("HOME").context("no place for the certificate: set state-dir, or HOME")?;
    Ok(Path::new(&home).join(".local/state/cimd"))
}

/// A MOF file, or all of a directory by name.
fn mof_files(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut files = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "mof"));
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    fn settings(arguments: &[&str], config: Config) -> anyhow::Result<Settings> {
        let args = Args::parse_from(["cimd"].iter().chain(arguments));
        Settings::combine(&args, config, Environment::default())
    }

    fn refused(arguments: &[&str], config: Config) -> String {
        settings(arguments, config).err().unwrap().to_string()
    }

    #[test]
    fn simulation_is_plain_on_loopback_with_a_known_user() {
        let simulated = settings(&["--simulate"], Config::default()).unwrap();
        assert_eq!((simulated.http, simulated.https), (Some(HTTP), None));
        assert!(simulated.allow_unencrypted && simulated.example_password.is_some());
        assert!(refused(&["--simulate", "--http", "0.0.0.0:80"], Config::default()).contains("unencrypted"));
        let own = settings(&["--simulate", "--user", "me:secret"], Config::default()).unwrap();
        assert_eq!((own.example_user.as_str(), own.example_password), ("me", None));
    }

    #[test]
    fn a_real_bmc_needs_users_and_encryption() {
        assert!(refused(&[], Config::default()).contains("nobody could log in"));
        let real = settings(&["--user", "me:a:b"], Config::default()).unwrap();
        assert_eq!((real.bmc, real.http, real.https), (BmcChoice::Url("open:0".parse().unwrap()), None, Some(HTTPS)));
        assert!(refused(&["--user", "me:x", "--http", "127.0.0.1:80"], Config::default()).contains("unencrypted"));
        let plain = ["--user", "me:x", "--http", "127.0.0.1:80", "--allow-unencrypted"];
        assert!(settings(&plain, Config::default()).unwrap().https.is_none());
    }

    #[test]
    fn the_command_line_comes_before_the_file() {
        let config = || Config { bmc: vec!["vm:127.0.0.1:1".into()], https: Some(HTTPS), ..Config::default() };
        let chosen = settings(&["--user", "a:b", "--bmc", "open:3"], config()).unwrap();
        assert_eq!(chosen.bmc, BmcChoice::Url("open:3".parse().unwrap()));
        let of_file = settings(&["--user", "a:b"], config()).unwrap();
        assert_eq!(of_file.bmc, BmcChoice::Url("vm:127.0.0.1:1".parse().unwrap()));
    }

    #[test]
    fn what_cannot_be_is_refused_in_words() {
        assert!(
            refused(&["--user", "a:b", "--bmc", "open:0", "--bmc", "open:1"], Config::default()).contains("one BMC")
        );
        assert!(refused(&["--user", "a:b", "--enable-shell"], Config::default()).contains("shell"));
        assert!(refused(&["--user", "nopassword"], Config::default()).contains("NAME:PASSWORD"));
        assert!(refused(&["--user", "a:b", "--bmc", "nonsense"], Config::default()).contains("nonsense"));
    }

    #[test]
    fn a_password_file_gives_its_first_line() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pw");
        std::fs::write(&file, "se cret\nrest\n").unwrap();
        assert_eq!(password(&file).unwrap().as_str(), "se cret");
        for (mode, open) in [(0o600, false), (0o440, false), (0o644, true), (0o602, true)] {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_open_to_all(&file), open, "{mode:o}");
        }
        assert!(!is_open_to_all(Path::new("/dev/zero")));
        std::fs::write(&file, "\n").unwrap();
        assert!(password(&file).unwrap_err().to_string().contains("empty"));
        let endless = format!("{:#}", password(Path::new("/dev/zero")).unwrap_err());
        assert!(endless.contains("/dev/zero: expected at most 65536 bytes"), "{endless}");
    }
}
