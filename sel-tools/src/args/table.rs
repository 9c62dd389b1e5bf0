//! The global options, one row each, in the order the usage text lists them.

/// What an option does when it is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Print the usage text.
    Help,
    /// Print the version.
    Version,
    /// One more level of verbosity.
    Verbose,
    /// Comma separated output.
    Csv,
    /// JSON output.
    Json,
    /// BMC URL.
    Bmc,
    /// Interface name.
    Interface,
    /// Host of a LAN interface.
    Host,
    /// Number of /dev/ipmiN.
    Device,
    /// Serial device with rate.
    SerialDevice,
    /// SDR cache file.
    SdrFile,
    /// Slave address of a satellite controller.
    Target,
    /// Channel of a satellite controller.
    Channel,
    /// Logical unit for raw commands.
    Lun,
    /// All dates in UTC.
    Utc,
    /// A number that only LAN sessions use; checked like ipmitool checks it.
    LanNumber,
    /// Accepted and without effect here: sessions over LAN use it.
    LanOnly,
}

/// One option.
#[derive(Debug, Clone, Copy)]
pub struct OptionRow {
    /// Letter or long name, as text.
    pub name: &'static str,
    /// The letter, if it has one. Options without a letter are additions to ipmitool's.
    pub short: Option<char>,
    /// The long name, if it has one.
    pub long: Option<&'static str>,
    /// Name of its value, if it takes one.
    pub value: Option<&'static str>,
    /// What it does.
    pub effect: Effect,
    /// Help text, a line each.
    pub help: &'static [&'static str],
}

const fn flag(name: &'static str, effect: Effect, help: &'static [&'static str]) -> OptionRow {
    OptionRow { name, short: letter(name), long: None, value: None, effect, help }
}

const fn valued(name: &'static str, value: &'static str, effect: Effect, help: &'static [&'static str]) -> OptionRow {
    OptionRow { name, short: letter(name), long: None, value: Some(value), effect, help }
}

/// The letter a one-letter name is.
const fn letter(name: &'static str) -> Option<char> {
    match name.as_bytes() {
        [byte] => Some(*byte as char),
        _ => None,
    }
}

const fn long(
    long: &'static str,
    value: Option<&'static str>,
    effect: Effect,
    help: &'static [&'static str],
) -> OptionRow {
    OptionRow { name: long, short: None, long: Some(long), value, effect, help }
}

/// Every global option.
pub const OPTIONS: &[OptionRow] = &[
    flag("h", Effect::Help, &["This help"]),
    flag("V", Effect::Version, &["Show version information"]),
    flag("v", Effect::Verbose, &["Verbose (can use multiple times)"]),
    flag("c", Effect::Csv, &["Display output in comma separated format"]),
    valued("d", "N", Effect::Device, &["Specify a /dev/ipmiN device to use (default=0)"]),
    valued("I", "intf", Effect::Interface, &["Interface to use"]),
    valued("H", "hostname", Effect::Host, &["Remote host name for LAN interface"]),
    valued("p", "port", Effect::LanNumber, &["Remote RMCP port [default=623]"]),
    valued("U", "username", Effect::LanOnly, &["Remote session username"]),
    valued("f", "file", Effect::LanOnly, &["Read remote session password from file"]),
    valued("z", "size", Effect::LanNumber, &["Change Size of Communication Channel (OEM)"]),
    valued("S", "sdr", Effect::SdrFile, &["Use local file for remote SDR cache"]),
    valued(
        "D",
        "tty:b[:s]",
        Effect::SerialDevice,
        &["Specify the serial device, baud rate to use", "and, optionally, specify that interface is the system one"],
    ),
    flag("4", Effect::LanOnly, &["Use only IPv4"]),
    flag("6", Effect::LanOnly, &["Use only IPv6"]),
    flag("a", Effect::LanOnly, &["Prompt for remote password"]),
    flag("Y", Effect::LanOnly, &["Prompt for the Kg key for IPMIv2 authentication"]),
    valued("e", "char", Effect::LanOnly, &["Set SOL escape character"]),
    valued("C", "ciphersuite", Effect::LanNumber, &["Cipher suite to be used by lanplus interface"]),
    valued("k", "key", Effect::LanOnly, &["Use Kg key for IPMIv2 authentication"]),
    valued("y", "hex_key", Effect::LanOnly, &["Use hexadecimal-encoded Kg key for IPMIv2 authentication"]),
    valued(
        "L",
        "level",
        Effect::LanOnly,
        &[
            "Remote session privilege level [default=ADMINISTRATOR]",
            "Append a '+' to use name/privilege lookup in RAKP1",
        ],
    ),
    valued("A", "authtype", Effect::LanOnly, &["Force use of auth type NONE, PASSWORD, MD2, MD5 or OEM"]),
    valued("P", "password", Effect::LanOnly, &["Remote session password"]),
    flag("E", Effect::LanOnly, &["Read password from IPMI_PASSWORD environment variable"]),
    flag("K", Effect::LanOnly, &["Read kgkey from IPMI_KGKEY environment variable"]),
    valued("m", "address", Effect::LanNumber, &["Set local IPMB address"]),
    valued("b", "channel", Effect::Channel, &["Set destination channel for bridged request"]),
    valued("t", "address", Effect::Target, &["Bridge request to remote target address"]),
    valued("B", "channel", Effect::LanNumber, &["Set transit channel for bridged request (dual bridge)"]),
    valued("T", "address", Effect::LanNumber, &["Set transit address for bridge request (dual bridge)"]),
    valued("l", "lun", Effect::Lun, &["Set destination lun for raw commands"]),
    valued("o", "oemtype", Effect::LanOnly, &["Setup for OEM (use 'list' to see available OEM types)"]),
    valued("O", "seloem", Effect::LanOnly, &["Use file for OEM SEL event descriptions"]),
    valued("N", "seconds", Effect::LanNumber, &["Specify timeout for lan [default=2] / lanplus [default=1] interface"]),
    valued("R", "retry", Effect::LanNumber, &["Set the number of retries for lan/lanplus interface [default=4]"]),
    flag("Z", Effect::Utc, &["Display all dates in UTC"]),
    flag("s", Effect::LanOnly, &[]),
    flag("g", Effect::LanOnly, &[]),
    long(
        "bmc",
        Some("URL"),
        Effect::Bmc,
        &["BMC to talk to: open:0, serial-kcs:/dev/pts/3, vm:HOST:PORT, sim: (or set IPMI_BMC)"],
    ),
    long("json", None, Effect::Json, &["Print JSON: one object, or an array with an object for each row"]),
    long("help", None, Effect::Help, &["This help"]),
    long("version", None, Effect::Version, &["Show version information"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_listed_once() {
        let mut letters: Vec<_> = OPTIONS.iter().filter_map(|row| row.short).collect();
        letters.sort_unstable();
        let before = letters.len();
        letters.dedup();
        assert_eq!(before, letters.len());
        assert!(OPTIONS.iter().all(|row| row.short.is_some() != row.long.is_some()));
    }
}
