//! From the command line to a BMC: `--bmc URL`, `IPMI_BMC`, `-I`, `-d`, `-D`, `-H` and the options of a login.

use std::path::Path;

use ipmi_core::link::rmcp_plus::keys::Key20;
use ipmi_core::link::rmcp_plus::rakp::UserName;
use ipmi_core::link::session_1_5::{AuthType, Password15};
use ipmi_core::{ChannelNumber, SlaveAddress, Target};
use kernel_bridge::url::{HostPort, RMCP_PORT};
use kernel_bridge::{Bmc, BmcUrl, Options, SessionOptions, Transit};

use crate::args::Arguments;
use crate::{Failure, credentials};

/// The interfaces `-I` knows: name, description.
pub const INTERFACES: &[(&str, &str)] = &[
    ("open", "Linux OpenIPMI Interface [default]"),
    ("lan", "IPMI v1.5 LAN Interface"),
    ("lanplus", "IPMI v2.0 RMCP+ LAN Interface"),
    ("serial-terminal", "Serial Interface, Terminal Mode, -D tty:baud"),
    ("serial-basic", "Serial Interface, Basic Mode, -D tty:baud"),
    ("kcs", "KCS registers through /dev/port [default: as the firmware says], -D 0xca2"),
    ("ssif", "SMBus system interface through i2c-dev, -D /dev/i2c-0?address=0x10"),
    ("serial-kcs", "KCS over a serial line, -D tty"),
    ("vm", "OpenIPMI VM protocol over TCP, -H host:port"),
    ("sim", "Simulated BMC inside the process, -D file.toml or file.emu for another one"),
];

/// Interfaces ipmitool has and this build has not.
const MISSING: &[&str] = &["imb", "free", "dummy", "usb"];
/// What ipmitool says when there is no session; scripts look for it.
const NO_SESSION_1_5: &str = "Error: Unable to establish IPMI v1.5 / RMCP session";
const NO_SESSION_2_0: &str = "Error: Unable to establish IPMI v2 / RMCP+ session";

/// Opens the BMC the command line names.
///
/// # Errors
/// When it names none that exists, or the BMC cannot be reached.
pub fn open(arguments: &Arguments) -> Result<Bmc, Failure> {
    let url = url(arguments, std::env::var("IPMI_BMC").ok().filter(|url| !url.is_empty()))?;
    let options = options(arguments, &url)?;
    let no_password = logs_in(&url) && options.session.password.is_empty();
    let opened = match &url {
        BmcUrl::Sim { file } => return simulated(&url, file.as_deref(), options),
        url => Bmc::open(url, &options),
    };
    opened.map_err(|error| {
        let error = error.to_string();
        // Silence, or a host that is not there, has nothing to do with it.
        let hint =
            if no_password && error.contains("password") { " (the password is empty: see -P, -f, -E)" } else { "" };
        Failure::Message(match &url {
            BmcUrl::Lan { .. } => format!("{NO_SESSION_1_5}: {error}{hint}"),
            BmcUrl::Lanplus { .. } => format!("{NO_SESSION_2_0}: {error}{hint}"),
            _ => error,
        })
    })
}

/// How the BMC at `url` is talked to.
fn options(arguments: &Arguments, url: &BmcUrl) -> Result<Options, Failure> {
    let mut options = Options::default();
    if let Some(address) = arguments.my_address {
        options.my_address = SlaveAddress(address);
    }
    // As ipmitool has it, an address of 0 or of the BMC itself is none.
    let none = [SlaveAddress(0), options.my_address];
    if let Some(address) = arguments.target.map(SlaveAddress).filter(|address| !none.contains(address)) {
        options.target = Target::Ipmb { channel: ChannelNumber::new(arguments.channel), address };
        let transit = arguments.transit.map(SlaveAddress).filter(|transit| !none.contains(transit));
        options.transit =
            transit.map(|address| Transit { channel: ChannelNumber::new(arguments.transit_channel), address });
    }
    options.session = session(arguments, url)?;
    // A simulator inside the process begins anew with each run.
    if !arguments.no_cache && !matches!(url, BmcUrl::Sim { .. }) {
        options.cache = crate::cache::directory();
    }
    Ok(options)
}

/// True for ways with a user and a password.
pub fn logs_in(url: &BmcUrl) -> bool {
    longest_password(url).is_some()
}

/// The interface and the longest password it takes, for ways with a login.
fn longest_password(url: &BmcUrl) -> Option<(&'static str, usize)> {
    match url {
        BmcUrl::Lanplus { .. } => Some(("lanplus", Key20::LEN)),
        BmcUrl::Lan { .. } => Some(("lan", Password15::LEN)),
        BmcUrl::SerialBasic { .. } | BmcUrl::SerialTerminal { .. } => Some(("serial", Password15::LEN)),
        _ => None,
    }
}

/// Who logs in and how; checked here, so that nothing is sent when it cannot work.
fn session(arguments: &Arguments, url: &BmcUrl) -> Result<SessionOptions, Failure> {
    let login = &arguments.login;
    kernel_bridge::quirk::check(&login.quirks).map_err(Failure::Message)?;
    let mut quirks = login.quirks.clone();
    if let Some(name) = &login.oem_type {
        quirks.extend(crate::oem_types::quirk(name).map_err(Failure::Message)?.map(str::to_owned));
    }
    let mut session = SessionOptions {
        auth_type: login.auth_type().map_err(Failure::Message)?,
        family: login.family,
        timeout: login.timeout.map(|seconds| std::time::Duration::from_secs(seconds.into())),
        quirks,
        automatic_quirks: !login.no_quirks,
        ..SessionOptions::default()
    };
    let Some((name, longest)) = longest_password(url) else { return Ok(session) };
    let over_lan = matches!(url, BmcUrl::Lan { .. } | BmcUrl::Lanplus { .. });
    session.user = login.user.clone().unwrap_or_default();
    if session.user.len() > UserName::MAX {
        return Err(Failure::new("Username is too long (> 16 bytes)"));
    }
    session.retries = login.retries.unwrap_or(session.retries);
    (session.privilege, session.name_only_lookup) = login.privilege().map_err(Failure::Message)?;
    // A line is logged in to when somebody says who: a password in the environment is there for all that is done over
    // LAN.
    if over_lan || login.user.is_some() || login.password.is_some() {
        session.password = credentials::password(login, over_lan && session.auth_type != Some(AuthType::None))?;
    }
    if session.password.as_bytes().len() > longest {
        return Err(Failure::Message(format!("{name}: password is longer than {longest} bytes.")));
    }
    session.kg = credentials::kg(login)?;
    Ok(session)
}

/// The BMC's URL. `--bmc` goes before `-I` and its companions, those before the environment.
pub fn url(arguments: &Arguments, environment: Option<String>) -> Result<BmcUrl, Failure> {
    let parse = |text: &str| text.parse::<BmcUrl>().map_err(|error| Failure::Message(error.to_string()));
    if let Some(url) = &arguments.bmc {
        return parse(url).map(|url| with_suite(url, arguments.login.cipher));
    }
    let interface = match (&arguments.interface, &arguments.host) {
        (Some(interface), _) => Some(interface.as_str()),
        (None, Some(_)) => Some("lan"),
        (None, None) => None,
    };
    match interface {
        None if arguments.serial.is_none() && arguments.device == 0 => {
            let url = environment.map_or_else(|| parse("open:0"), |url| parse(&url))?;
            Ok(with_suite(url, arguments.login.cipher))
        }
        None | Some("open") => parse(&format!("open:{}", arguments.device)),
        Some("lan") => Ok(BmcUrl::Lan { user: None, host: host(arguments)? }),
        Some("lanplus") => Ok(BmcUrl::Lanplus { user: None, host: host(arguments)?, cipher: arguments.login.cipher }),
        Some("kcs") => parse(&format!("kcs:{}", arguments.serial.as_deref().unwrap_or_default())),
        Some("ssif") => match &arguments.serial {
            Some(bus) => parse(&format!("ssif:{bus}")),
            None => Err(Failure::new("No bus specified: -D /dev/i2c-N")),
        },
        Some("serial-kcs") => parse(&format!("serial-kcs:{}", line(arguments)?.0)),
        Some(name @ ("serial-basic" | "serial-terminal")) => match line(arguments)? {
            (path, Some(baud)) => parse(&format!("{name}:{path}?baud={baud}")),
            (path, None) => parse(&format!("{name}:{path}")),
        },
        Some("vm") => match &arguments.host {
            Some(host) => parse(&format!("vm:{host}")),
            None => Err(Failure::new("No hostname specified!")),
        },
        Some("sim") => parse(&format!("sim:{}", arguments.serial.as_deref().unwrap_or_default())),
        Some(name) if MISSING.contains(&name) => Err(Failure::Message(format!(
            "Interface {name} is not in this build: see the list of interfaces in `ipmi --help`"
        ))),
        Some(name) => Err(Failure::Message(format!(
            "Error loading interface {name}: see the list of interfaces in `ipmi --help`"
        ))),
    }
}

/// `-C` holds for a URL that names no suite.
fn with_suite(url: BmcUrl, suite: Option<u8>) -> BmcUrl {
    match url {
        BmcUrl::Lanplus { user, host, cipher } => BmcUrl::Lanplus { user, host, cipher: cipher.or(suite) },
        other => other,
    }
}

/// `-H` with `-p`; a port in the host's word goes first.
fn host(arguments: &Arguments) -> Result<HostPort, Failure> {
    let host = arguments.host.as_deref().ok_or_else(|| Failure::new("No hostname specified!"))?;
    HostPort::parse(host, Some(arguments.login.port.unwrap_or(RMCP_PORT)))
        .map_err(|reason| Failure::Message(format!("-H {host}: {reason}")))
}

/// `-D tty:baud[:s]`: the line and its speed.
fn line(arguments: &Arguments) -> Result<(&str, Option<&str>), Failure> {
    let line = arguments.serial.as_deref().ok_or_else(|| Failure::new("No serial device specified: -D tty"))?;
    let mut parts = line.split(':');
    Ok((parts.next().unwrap_or(line), parts.next().filter(|baud| !baud.is_empty())))
}

fn simulated(url: &BmcUrl, file: Option<&Path>, options: Options) -> Result<Bmc, Failure> {
    let failed = |reason: String| Failure::Message(format!("{url}: {reason}"));
    crate::simulated::open(url.to_string(), file, options).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(line: &str, environment: Option<&str>) -> Result<String, String> {
        let arguments = Arguments::parse(line.split_whitespace().map(str::to_owned)).unwrap();
        match url(&arguments, environment.map(str::to_owned)) {
            Ok(url) => Ok(url.to_string()),
            Err(Failure::Message(message)) => Err(message),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn interfaces_become_urls() {
        assert_eq!(url_of("", None).unwrap(), "open:0");
        assert_eq!(url_of("-d 2", Some("sim:")).unwrap(), "open:2");
        assert_eq!(url_of("", Some("sim:")).unwrap(), "sim:");
        assert_eq!(url_of("-I open", Some("sim:")).unwrap(), "open:0");
        assert_eq!(url_of("-I serial-kcs -D /dev/pts/3:115200", None).unwrap(), "serial-kcs:/dev/pts/3");
        assert_eq!(url_of("-H node1 -p 9000", None).unwrap(), "lan://node1:9000");
        assert_eq!(url_of("-I lanplus -H node1:1623 -p 9000 -C 17", None).unwrap(), "lanplus://node1:1623?cipher=17");
        assert_eq!(url_of("-I lanplus -H fe80::1%eth0", None).unwrap(), "lanplus://[fe80::1%eth0]:623");
        assert_eq!(url_of("-I serial-basic -D /dev/pts/3:9600:s", None).unwrap(), "serial-basic:/dev/pts/3?baud=9600");
        assert_eq!(url_of("-I kcs -D 0xca8", None).unwrap(), "kcs:0xca8");
        assert_eq!(url_of("-I kcs", None).unwrap(), "kcs:");
        assert_eq!(url_of("-I ssif -D /dev/i2c-1?address=0x20", None).unwrap(), "ssif:/dev/i2c-1?address=0x20");
        assert_eq!(url_of("-I vm -H 127.0.0.1:9002", None).unwrap(), "vm:127.0.0.1:9002");
        assert_eq!(url_of("-I sim -D node.emu", None).unwrap(), "sim:node.emu");
        assert_eq!(url_of("--bmc sim: -I open", None).unwrap(), "sim:");
        assert_eq!(url_of("--bmc lanplus://n -C 3", None).unwrap(), "lanplus://n:623?cipher=3");
        assert_eq!(url_of("--bmc lanplus://n?cipher=17 -C 3", None).unwrap(), "lanplus://n:623?cipher=17");
        assert_eq!(url_of("-C 8", Some("lanplus://n")).unwrap(), "lanplus://n:623?cipher=8");
    }

    #[test]
    fn a_target_of_zero_or_of_the_bmc_is_none() {
        let target = |line: &str| {
            let arguments = Arguments::parse(line.split_whitespace().map(str::to_owned)).unwrap();
            let Ok(options) = options(&arguments, &"sim:".parse().unwrap()) else { panic!("{line}") };
            options.target
        };
        assert_eq!([target("-t 0"), target("-t 0x20"), target("-m 0x2c -t 0x2c")], [Target::Bmc; 3]);
        assert!(matches!(target("-t 0x2c"), Target::Ipmb { address: SlaveAddress(0x2C), .. }));
    }

    #[test]
    fn what_is_missing_is_said() {
        assert!(url_of("-I usb", None).unwrap_err().contains("Interface usb is not in this build"));
        assert!(url_of("-I lan -H [::1", None).unwrap_err().contains("-H [::1"));
        assert_eq!(url_of("-I lanplus", None).unwrap_err(), "No hostname specified!");
        assert!(url_of("-I foo", None).unwrap_err().starts_with("Error loading interface foo"));
        assert!(url_of("--bmc nonsense", None).unwrap_err().contains("nonsense"));
    }
}
