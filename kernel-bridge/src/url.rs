//! BMC URLs: how a user names a BMC and the way to it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::percent;

pub use ipmi_core::link::rmcp::PORT as RMCP_PORT;

/// Why a text is no BMC URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("BMC URL {url:?}: {reason}")]
pub struct UrlError {
    /// The text.
    pub url: String,
    /// What is wrong with it.
    pub reason: String,
}

/// A device of the Linux IPMI driver.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum OpenDevice {
    /// `/dev/ipmiN`, `/dev/ipmi/N` or `/dev/ipmidev/N`, whichever is there.
    Number(u32),
    /// Exactly this one.
    Path(PathBuf),
}

/// A BMC and the way to it.
///
/// ```
/// use kernel_bridge::BmcUrl;
/// let url: BmcUrl = "serial-kcs:/dev/pts/3".parse().unwrap();
/// assert_eq!(url, BmcUrl::SerialKcs { path: "/dev/pts/3".into() });
/// assert_eq!(url.to_string(), "serial-kcs:/dev/pts/3");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BmcUrl {
    /// `open:0`: the Linux IPMI driver.
    Open(OpenDevice),
    /// `kcs:0xca2?spacing=4`: KCS registers in I/O space; `kcs:`: where the firmware says that they are.
    Kcs {
        /// Address of the data register; as the firmware says when absent.
        base: Option<u16>,
        /// Distance to the command/status register: 1, 4 or 16.
        spacing: u8,
    },
    /// `serial-kcs:/dev/pts/3`: KCS register accesses over a serial line.
    SerialKcs {
        /// The line.
        path: PathBuf,
    },
    /// `serial-basic:/dev/ttyS0?baud=115200`: serial basic mode.
    SerialBasic {
        /// The line.
        path: PathBuf,
        /// Its speed.
        baud: u32,
    },
    /// `serial-terminal:/dev/ttyS0?baud=115200`: serial terminal mode.
    SerialTerminal {
        /// The line.
        path: PathBuf,
        /// Its speed.
        baud: u32,
    },
    /// `ssif:/dev/i2c-0?address=0x10`: the SMBus system interface.
    Ssif {
        /// The bus.
        path: PathBuf,
        /// The BMC's 7-bit address.
        address: u8,
    },
    /// `vm:127.0.0.1:9002`: the VM protocol over TCP.
    Vm(HostPort),
    /// `lan://user@host:623`: IPMI 1.5 sessions. User names are percent-encoded.
    Lan {
        /// User name, if given.
        user: Option<String>,
        /// The BMC.
        host: HostPort,
    },
    /// `lanplus://user@host:623?cipher=17`: RMCP+ sessions.
    Lanplus {
        /// User name, if given.
        user: Option<String>,
        /// The BMC.
        host: HostPort,
        /// Cipher suite, if given.
        cipher: Option<u8>,
    },
    /// `sim:`, `sim:FILE`: a simulator inside the process.
    Sim {
        /// Its configuration (.toml) or OpenIPMI script (.emu); the built-in server when absent.
        file: Option<PathBuf>,
    },
}

/// A host name or address with a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostPort {
    /// Name or address, IPv6 without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
}

impl HostPort {
    /// Reads `HOST`, `HOST:PORT`, `[V6]:PORT` or a bare IPv6 address; without `default` the port has to be there.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str, default: Option<u16>) -> Result<Self, String> {
        host_port(text, default)
    }
}

const DEFAULT_BAUD: u32 = 115_200;
/// Address of an SSIF unless something else is said (IPMI 2.0 s12).
const SSIF_ADDRESS: u8 = 0x10;

impl FromStr for BmcUrl {
    type Err = UrlError;

    fn from_str(url: &str) -> Result<Self, UrlError> {
        parse(url).map_err(|reason| UrlError { url: without_password(url), reason })
    }
}

/// Error messages must not show a password that was put into the URL by mistake.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => format!("{scheme}://{}@{host}", user.split(':').next().unwrap_or_default()),
        None => url.to_owned(),
    }
}

fn parse(url: &str) -> Result<BmcUrl, String> {
    let (scheme, rest) =
        url.split_once(':').ok_or("expected SCHEME:ADDRESS, for example open:0 or serial-kcs:/dev/pts/3")?;
    match scheme {
        "open" => open(rest),
        "kcs" => kcs(rest),
        "serial-kcs" => Ok(BmcUrl::SerialKcs { path: path(rest)? }),
        "serial-basic" => serial(rest).map(|(path, baud)| BmcUrl::SerialBasic { path, baud }),
        "serial-terminal" => serial(rest).map(|(path, baud)| BmcUrl::SerialTerminal { path, baud }),
        "ssif" => ssif(rest),
        "vm" => {
            let host = host_port(rest, None)?;
            Ok(BmcUrl::Vm(host))
        }
        "lan" => {
            let (user, host, query) = session(rest)?;
            no_query(query)?;
            Ok(BmcUrl::Lan { user, host })
        }
        "lanplus" => {
            let (user, host, query) = session(rest)?;
            let cipher = number_option(query, "cipher")?;
            Ok(BmcUrl::Lanplus { user, host, cipher })
        }
        "sim" => Ok(BmcUrl::Sim { file: (!rest.is_empty()).then(|| rest.into()) }),
        other => Err(format!(
            "unknown scheme {other:?}; known are open, kcs, serial-kcs, serial-basic, serial-terminal, ssif, vm, lan, lanplus, sim"
        )),
    }
}

fn open(rest: &str) -> Result<BmcUrl, String> {
    if rest.is_empty() {
        return Ok(BmcUrl::Open(OpenDevice::Number(0)));
    }
    if rest.starts_with('/') {
        return Ok(BmcUrl::Open(OpenDevice::Path(rest.into())));
    }
    let number = rest.parse().map_err(|_| "expected a device number or a path".to_owned())?;
    Ok(BmcUrl::Open(OpenDevice::Number(number)))
}

fn kcs(rest: &str) -> Result<BmcUrl, String> {
    if rest.is_empty() {
        return Ok(BmcUrl::Kcs { base: None, spacing: 1 });
    }
    let (base, query) = split_query(rest);
    let base = address(base).ok_or("expected an I/O address, for example kcs:0xca2")?;
    let spacing = number_option(query, "spacing")?.unwrap_or(1);
    if ![1, 4, 16].contains(&spacing) {
        return Err(format!("register spacing is 1, 4 or 16, not {spacing}"));
    }
    Ok(BmcUrl::Kcs { base: Some(base), spacing })
}

fn ssif(rest: &str) -> Result<BmcUrl, String> {
    let (line, query) = split_query(rest);
    let address = match query {
        None => Some(u16::from(SSIF_ADDRESS)),
        Some(query) => {
            let value = query.strip_prefix("address=").ok_or_else(|| unknown_option(query, "address"))?;
            address(value)
        }
    };
    let address =
        address.and_then(|address| u8::try_from(address).ok()).filter(|address| (0x08..0x78).contains(address));
    let address = address.ok_or("address: expected a 7-bit SMBus address, 0x08 to 0x77")?;
    Ok(BmcUrl::Ssif { path: path(line)?, address })
}

/// A number, hexadecimal after 0x.
fn address(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    digits.map_or_else(|| text.parse().ok(), |hex| u16::from_str_radix(hex, 16).ok())
}

fn serial(rest: &str) -> Result<(PathBuf, u32), String> {
    let (line, query) = split_query(rest);
    Ok((path(line)?, number_option(query, "baud")?.unwrap_or(DEFAULT_BAUD)))
}

fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("expected a path".to_owned()) } else { Ok(text.into()) }
}

type Session<'a> = (Option<String>, HostPort, Option<&'a str>);

fn session(rest: &str) -> Result<Session<'_>, String> {
    let rest = rest.strip_prefix("//").ok_or("expected // after the scheme, for example lanplus://admin@host")?;
    let (address, query) = split_query(rest);
    let (user, host) = match address.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, address),
    };
    if user.is_some_and(|user| user.contains(':')) {
        return Err("a password does not belong in the URL: use -f, -E, IPMI_PASSWORD or the prompt".to_owned());
    }
    let user = user.map(percent::decode).transpose().map_err(|reason| format!("user name: {reason}"))?;
    Ok((user, host_port(host, Some(RMCP_PORT))?, query))
}

fn host_port(text: &str, default: Option<u16>) -> Result<HostPort, String> {
    let (host, port) = if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or("expected ] after the IPv6 address")?;
        let port = rest.strip_prefix(':');
        if port.is_none() && !rest.is_empty() {
            return Err(format!("expected :PORT after ], found {rest:?}"));
        }
        (host, port)
    } else if text.matches(':').count() > 1 {
        (text, None)
    } else {
        text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)))
    };
    if host.is_empty() {
        return Err("expected HOST:PORT".to_owned());
    }
    let foreign = |character: &char| character.is_control() || character.is_whitespace() || "[]@/".contains(*character);
    if let Some(character) = host.chars().find(foreign) {
        return Err(format!("expected a host name or address, found {character:?} in it"));
    }
    let port = match port {
        Some(port) => port.parse().map_err(|_| format!("expected a port number, found {port:?}"))?,
        None => default.ok_or("expected HOST:PORT")?,
    };
    Ok(HostPort { host: host.to_owned(), port })
}

fn split_query(text: &str) -> (&str, Option<&str>) {
    text.split_once('?').map_or((text, None), |(before, query)| (before, Some(query)))
}

fn no_query(query: Option<&str>) -> Result<(), String> {
    query.map_or(Ok(()), |query| Err(format!("unknown option {query:?}")))
}

fn number_option<T: FromStr>(query: Option<&str>, name: &str) -> Result<Option<T>, String> {
    let Some(query) = query else { return Ok(None) };
    match query.split_once('=') {
        Some((key, value)) if key == name => {
            value.parse().map(Some).map_err(|_| format!("{name}: expected a number, found {value:?}"))
        }
        _ => Err(unknown_option(query, name)),
    }
}

fn unknown_option(query: &str, known: &str) -> String {
    format!("unknown option {query:?}; known is {known}=NUMBER")
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for BmcUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at =
            |user: &Option<String>| user.as_ref().map_or(String::new(), |user| format!("{}@", percent::encode(user)));
        match self {
            Self::Open(OpenDevice::Number(number)) => write!(f, "open:{number}"),
            Self::Open(OpenDevice::Path(path)) => write!(f, "open:{}", path.display()),
            Self::Kcs { base: None, .. } => f.write_str("kcs:"),
            Self::Kcs { base: Some(base), spacing: 1 } => write!(f, "kcs:{base:#x}"),
            Self::Kcs { base: Some(base), spacing } => write!(f, "kcs:{base:#x}?spacing={spacing}"),
            Self::SerialKcs { path } => write!(f, "serial-kcs:{}", path.display()),
            Self::SerialBasic { path, baud } => write!(f, "serial-basic:{}?baud={baud}", path.display()),
            Self::SerialTerminal { path, baud } => write!(f, "serial-terminal:{}?baud={baud}", path.display()),
            Self::Ssif { path, address } => write!(f, "ssif:{}?address={address:#04x}", path.display()),
            Self::Vm(host) => write!(f, "vm:{host}"),
            Self::Lan { user, host } => write!(f, "lan://{}{host}", at(user)),
            Self::Lanplus { user, host, cipher: None } => write!(f, "lanplus://{}{host}", at(user)),
            Self::Lanplus { user, host, cipher: Some(suite) } => {
                write!(f, "lanplus://{}{host}?cipher={suite}", at(user))
            }
            Self::Sim { file: None } => f.write_str("sim:"),
            Self::Sim { file: Some(file) } => write!(f, "sim:{}", file.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_survives_display() {
        for text in [
            "open:0",
            "open:/dev/ipmi0",
            "kcs:",
            "kcs:0xca2",
            "kcs:0xca2?spacing=4",
            "serial-kcs:/dev/pts/3",
            "serial-basic:/dev/ttyS0?baud=19200",
            "serial-terminal:/dev/ttyS0?baud=115200",
            "ssif:/dev/i2c-0?address=0x0f",
            "vm:127.0.0.1:9002",
            "vm:[::1]:9002",
            "lan://admin@host:623",
            "lanplus://host:623",
            "lanplus://admin@[fe80::1%eth0]:1623?cipher=17",
            "lanplus://oper%40site%3A7@host:623",
            "sim:",
            "sim:server.toml",
        ] {
            let url: BmcUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), text);
        }
    }

    #[test]
    fn defaults_are_filled_in() {
        assert_eq!("open:".parse(), Ok(BmcUrl::Open(OpenDevice::Number(0))));
        assert_eq!("ssif:/dev/i2c-3".parse::<BmcUrl>().unwrap().to_string(), "ssif:/dev/i2c-3?address=0x10");
        assert_eq!("lan://host".parse::<BmcUrl>().unwrap().to_string(), "lan://host:623");
        assert_eq!("serial-basic:/dev/x".parse::<BmcUrl>().unwrap().to_string(), "serial-basic:/dev/x?baud=115200");
    }

    #[test]
    fn user_names_are_percent_encoded() {
        let host = HostPort { host: "host".to_owned(), port: 623 };
        let url = BmcUrl::Lan { user: Some("a@b:c%41".to_owned()), host };
        assert_eq!(url.to_string(), "lan://a%40b%3Ac%2541@host:623");
        assert_eq!(url.to_string().parse(), Ok(url));
    }

    #[test]
    fn wrong_urls_say_why() {
        for (text, word) in [
            ("/dev/ipmi0", "SCHEME:ADDRESS"),
            ("ipmi:0", "unknown scheme"),
            ("open:first", "device number"),
            ("kcs:here", "I/O address"),
            ("kcs:0xca2?spacing=3", "spacing"),
            ("serial-kcs:", "path"),
            ("serial-basic:/dev/x?speed=1", "unknown option"),
            ("ssif:/dev/i2c-0?address=0x80", "7-bit"),
            ("ssif:/dev/i2c-0?speed=1", "unknown option"),
            ("ssif:", "path"),
            ("vm:localhost", "HOST:PORT"),
            ("vm:localhost:port", "port number"),
            ("lan:host", "//"),
            ("lanplus://[::1", "]"),
            ("vm:[::1]9002", ":PORT"),
            ("lan://user@[[::1]:623", "'['"),
            ("lan://100%@host", "hexadecimal digits after %"),
            ("vm:a\u{1B}b:1", "host name"),
        ] {
            let error = text.parse::<BmcUrl>().unwrap_err().to_string();
            assert!(error.contains(word), "{text}: {error}");
        }
        let error = "lanplus://admin:secret@host".parse::<BmcUrl>().unwrap_err().to_string();
        assert!(!error.contains("secret") && error.contains("password"), "{error}");
    }
}
