//! From the command line to a BMC: `--bmc URL`, `IPMI_BMC`, `-I`, `-d`, `-D` and `-H`.

use std::path::Path;

use ipmi_core::{ChannelNumber, SlaveAddress, Target};
use kernel_bridge::{Bmc, BmcUrl, Options};

use crate::Failure;
use crate::args::Arguments;

/// The interfaces `-I` knows: name, description.
pub const INTERFACES: &[(&str, &str)] = &[
    ("open", "Linux OpenIPMI Interface [default]"),
    ("serial-kcs", "KCS over a serial line, -D tty"),
    ("vm", "OpenIPMI VM protocol over TCP, -H host:port"),
    ("sim", "Simulated BMC inside the process, -D file.emu for a recorded one"),
];

/// Interfaces ipmitool has and this build has not.
const MISSING: &[&str] = &["lan", "lanplus", "serial-terminal", "serial-basic", "imb", "free", "dummy", "usb"];

/// Opens the BMC the command line names.
///
/// # Errors
/// When it names none that exists, or the BMC cannot be reached.
pub fn open(arguments: &Arguments) -> Result<Bmc, Failure> {
    let url = url(arguments, std::env::var("IPMI_BMC").ok().filter(|url| !url.is_empty()))?;
    let mut options = Options::default();
    if let Some(address) = arguments.target.map(SlaveAddress).filter(|address| *address != SlaveAddress::BMC) {
        options.target = Target::Ipmb { channel: ChannelNumber::new(arguments.channel), address };
    }
    let bmc = match &url {
        BmcUrl::Sim { file } => simulated(&url, file.as_deref(), options)?,
        url => Bmc::open(url, &options).map_err(|error| Failure::Message(error.to_string()))?,
    };
    Ok(bmc)
}

/// The BMC's URL. `--bmc` goes before `-I` and its companions, those before the environment.
pub fn url(arguments: &Arguments, environment: Option<String>) -> Result<BmcUrl, Failure> {
    let parse = |text: &str| text.parse::<BmcUrl>().map_err(|error| Failure::Message(error.to_string()));
    if let Some(url) = &arguments.bmc {
        return parse(url);
    }
    let interface = match (&arguments.interface, &arguments.host) {
        (Some(interface), _) => Some(interface.as_str()),
        (None, Some(_)) => Some("lan"),
        (None, None) => None,
    };
    match interface {
        None if arguments.serial.is_none() && arguments.device == 0 => {
            environment.map_or_else(|| parse("open:0"), |url| parse(&url))
        }
        None | Some("open") => parse(&format!("open:{}", arguments.device)),
        Some("serial-kcs") => match &arguments.serial {
            Some(line) => parse(&format!("serial-kcs:{}", line.split(':').next().unwrap_or(line))),
            None => Err(Failure::new("No serial device specified: -D tty")),
        },
        Some("vm") => match &arguments.host {
            Some(host) => parse(&format!("vm:{host}")),
            None => Err(Failure::new("No hostname specified!")),
        },
        Some("sim") => parse(&format!("sim:{}", arguments.serial.as_deref().unwrap_or_default())),
        Some("lan" | "lanplus") if arguments.host.is_none() => Err(Failure::new("No hostname specified!")),
        Some(name) if MISSING.contains(&name) => Err(Failure::Message(format!(
            "Interface {name} is not in this build: it reaches BMCs through open, serial-kcs, vm and sim"
        ))),
        Some(name) => Err(Failure::Message(format!("Error loading interface {name}"))),
    }
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
        assert_eq!(url_of("-I vm -H 127.0.0.1:9002", None).unwrap(), "vm:127.0.0.1:9002");
        assert_eq!(url_of("-I sim -D node.emu", None).unwrap(), "sim:node.emu");
        assert_eq!(url_of("--bmc sim: -I open", None).unwrap(), "sim:");
    }

    #[test]
    fn what_is_missing_is_said() {
        assert!(url_of("-H host", None).unwrap_err().contains("Interface lan is not in this build"));
        assert_eq!(url_of("-I lanplus", None).unwrap_err(), "No hostname specified!");
        assert_eq!(url_of("-I foo", None).unwrap_err(), "Error loading interface foo");
        assert!(url_of("--bmc nonsense", None).unwrap_err().contains("nonsense"));
    }
}
