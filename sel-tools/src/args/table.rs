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
    /// UDP port of the BMC.
    Port,
    /// User name.
    User,
    /// Password.
    Password,
    /// File with the password.
    PasswordFile,
    /// Password from the environment.
    PasswordEnvironment,
    /// Password from the terminal.
    PasswordPrompt,
    /// Key of the BMC.
    Kg,
    /// Key of the BMC in hexadecimal digits.
    KgHex,
    /// Key of the BMC from the environment.
    KgEnvironment,
    /// Key of the BMC from the terminal.
    KgPrompt,
    /// Privilege level of the session.
    Level,
    /// Authentication type of IPMI 1.5 sessions.
    AuthType,
    /// Cipher suite of RMCP+ sessions.
    Cipher,
    /// Seconds until a packet is sent again.
    Timeout,
    /// How often a packet is sent again.
    Retries,
    /// IPv4 addresses only.
    Ipv4,
    /// IPv6 addresses only.
    Ipv6,
    /// Character that begins commands to a console session.
    Escape,
    /// Own address on the IPMB.
    MyAddress,
    /// Address of the controller a dual-bridged request goes through.
    TransitAddress,
    /// Channel of that controller.
    TransitChannel,
    /// A deviation of BMCs to be prepared for.
    Quirk,
    /// A request that `record` asks too.
    Oem,
    /// No deviation is detected by itself.
    NoQuirks,
    /// Nothing is kept about BMCs.
    NoCache,
    /// How many hosts are asked at once.
    Fanout,
    /// A number ipmitool checks; it changes nothing here.
    Number,
    /// The kind of a BMC, as ipmitool knows it.
    OemType,
    /// Accepted and without effect.
    Nothing,
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
    valued(
        "H",
        "hostname",
        Effect::Host,
        &[
            "Remote host name for LAN interface: HOST, HOST:PORT, or several:",
            "a,b  node[001-200]  HOST:[20000-20999]  10.0.0.0/28  @file",
        ],
    ),
    valued("p", "port", Effect::Port, &["Remote RMCP port [default=623]"]),
    valued("U", "username", Effect::User, &["Remote session username"]),
    valued("f", "file", Effect::PasswordFile, &["Read remote session password from file"]),
    valued("z", "size", Effect::Number, &["Change Size of Communication Channel (OEM)"]),
    valued("S", "sdr", Effect::SdrFile, &["Use local file for remote SDR cache"]),
    valued(
        "D",
        "tty:b[:s]",
        Effect::SerialDevice,
        &["Specify the serial device, baud rate to use", "and, optionally, specify that interface is the system one"],
    ),
    flag("4", Effect::Ipv4, &["Use only IPv4"]),
    flag("6", Effect::Ipv6, &["Use only IPv6"]),
    flag("a", Effect::PasswordPrompt, &["Prompt for remote password"]),
    flag("Y", Effect::KgPrompt, &["Prompt for the Kg key for IPMIv2 authentication"]),
    valued("e", "char", Effect::Escape, &["Set SOL escape character"]),
    valued("C", "ciphersuite", Effect::Cipher, &["Cipher suite to be used by lanplus interface"]),
    valued("k", "key", Effect::Kg, &["Use Kg key for IPMIv2 authentication"]),
    valued("y", "hex_key", Effect::KgHex, &["Use hexadecimal-encoded Kg key for IPMIv2 authentication"]),
    valued(
        "L",
        "level",
        Effect::Level,
        &[
            "Remote session privilege level [default=ADMINISTRATOR]",
            "Append a '+' to use name/privilege lookup in RAKP1",
        ],
    ),
    valued("A", "authtype", Effect::AuthType, &["Force use of auth type NONE, PASSWORD, MD2, MD5 or OEM"]),
    valued("P", "password", Effect::Password, &["Remote session password"]),
    flag("E", Effect::PasswordEnvironment, &["Read password from IPMI_PASSWORD environment variable"]),
    flag("K", Effect::KgEnvironment, &["Read kgkey from IPMI_KGKEY environment variable"]),
    valued("m", "address", Effect::MyAddress, &["Set local IPMB address"]),
    valued("b", "channel", Effect::Channel, &["Set destination channel for bridged request"]),
    valued("t", "address", Effect::Target, &["Bridge request to remote target address"]),
    valued("B", "channel", Effect::TransitChannel, &["Set transit channel for bridged request (dual bridge)"]),
    valued("T", "address", Effect::TransitAddress, &["Set transit address for bridge request (dual bridge)"]),
    valued("l", "lun", Effect::Lun, &["Set destination lun for raw commands"]),
    valued("o", "oemtype", Effect::OemType, &["Setup for OEM (use 'list' to see available OEM types)"]),
    valued("O", "seloem", Effect::Nothing, &["Use file for OEM SEL event descriptions"]),
    valued("N", "seconds", Effect::Timeout, &["Specify timeout for lan [default=2] / lanplus [default=1] interface"]),
    valued("R", "retry", Effect::Retries, &["Set the number of retries for lan/lanplus interface [default=4]"]),
    flag("Z", Effect::Utc, &["Display all dates in UTC"]),
    flag("s", Effect::Nothing, &[]),
    flag("g", Effect::Nothing, &[]),
    long(
        "bmc",
        Some("URL"),
        Effect::Bmc,
        &[
            "BMC to talk to: open:0, lanplus://USER@HOST, lan://USER@HOST, kcs:0xca2, ssif:/dev/i2c-0?address=0x10,",
            "serial-kcs:/dev/pts/3, vm:HOST:PORT, sim: ... (or set IPMI_BMC); `ipmi discover` lists this machine's",
        ],
    ),
    long("json", None, Effect::Json, &["Print JSON: one object, or an array with an object for each row"]),
    long(
        "fanout",
        Some("N"),
        Effect::Fanout,
        &["How many hosts are asked at once when -H names several [default=256]"],
    ),
    long("quirk", Some("NAME"), Effect::Quirk, &["Be prepared for this deviation of a BMC; `--quirk list` lists them"]),
    long(
        "oem",
        Some("REQUEST"),
        Effect::Oem,
        &["A request that `record` asks too: NETFN:CMD[:DATA], e.g. 0x30:0x25:0102"],
    ),
    long("no-quirks", None, Effect::NoQuirks, &["Do not look for deviations by itself"]),
    long(
        "no-cache",
        None,
        Effect::NoCache,
        &["Do not keep sensor data records in $IPMI_CACHE_DIR, $XDG_CACHE_HOME/ipmi", "or ~/.cache/ipmi"],
    ),
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
