//! The command line: global options as GNU `getopt` reads them (clustered, anywhere before `--`), then the command.

pub mod cli;
pub mod login;
pub mod number;
pub mod table;

use ipmi_core::Secret;
use kernel_bridge::Family;
use login::{LoginArguments, SecretSource};
use table::{Effect, OPTIONS, OptionRow};

/// The options and the command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// The usage text is asked for.
    pub help: bool,
    /// The version is asked for.
    pub version: bool,
    /// How often `-v` was given.
    pub verbose: u8,
    /// Comma separated output.
    pub csv: bool,
    /// JSON output.
    pub json: bool,
    /// BMC URL.
    pub bmc: Option<String>,
    /// Interface name.
    pub interface: Option<String>,
    /// LAN host.
    pub host: Option<String>,
    /// Number of /dev/ipmiN.
    pub device: u8,
    /// Serial device as `tty:rate`.
    pub serial: Option<String>,
    /// SDR cache file.
    pub sdr_file: Option<String>,
    /// Nothing is kept about BMCs, and nothing kept is used.
    pub no_cache: bool,
    /// Satellite controller that all requests go to.
    pub target: Option<u8>,
    /// Channel of that controller.
    pub channel: u8,
    /// Logical unit for raw commands.
    pub lun: u8,
    /// Our own address on the IPMB.
    pub my_address: Option<u8>,
    /// Controller that bridged requests go through.
    pub transit: Option<u8>,
    /// Channel of that controller.
    pub transit_channel: u8,
    /// Logging in.
    pub login: LoginArguments,
    /// Requests that `record` asks beside its own, as typed.
    pub oem: Vec<String>,
    /// How many hosts are asked at once.
    pub fanout: Option<u16>,
    /// All dates in UTC.
    pub utc: bool,
    /// Words of the command.
    pub command: Vec<String>,
}

/// A command line that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArgumentError {
    /// No such option.
    #[error("ipmi: invalid option -- '{0}'")]
    Unknown(String),
    /// An option without its value.
    #[error("ipmi: option requires an argument -- '{0}'")]
    NoValue(String),
    /// A value that is not a number in range.
    #[error("Invalid parameter given or out of range for '-{0}'.")]
    Range(String),
}

impl Arguments {
    /// Reads a command line without the program's name.
    ///
    /// # Errors
    /// At the first option that is unknown, lacks its value or has a bad one.
    pub fn parse<I: IntoIterator<Item = String>>(words: I) -> Result<Self, ArgumentError> {
        let mut arguments = Self::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if word == "--" {
                arguments.command.extend(words);
                break;
            } else if let Some(name) = word.strip_prefix("--") {
                arguments.long_option(name, &mut words)?;
            } else if word.len() > 1 && word.starts_with('-') {
                arguments.cluster(&word, &mut words)?;
            } else {
                arguments.command.push(word);
            }
            if arguments.help || arguments.version {
                break;
            }
        }
        Ok(arguments)
    }

    fn cluster(&mut self, word: &str, words: &mut impl Iterator<Item = String>) -> Result<(), ArgumentError> {
        let mut letters = word.chars();
        letters.next();
        while let Some(letter) = letters.next() {
            let row = OPTIONS.iter().find(|row| row.short == Some(letter));
            let row = row.ok_or_else(|| ArgumentError::Unknown(letter.to_string()))?;
            if row.value.is_none() {
                self.apply(row, String::new())?;
                continue;
            }
            let attached = letters.as_str();
            let value = if attached.is_empty() { words.next() } else { Some(attached.to_owned()) };
            let value = value.ok_or_else(|| ArgumentError::NoValue(letter.to_string()))?;
            return self.apply(row, value);
        }
        Ok(())
    }

    fn long_option(&mut self, word: &str, words: &mut impl Iterator<Item = String>) -> Result<(), ArgumentError> {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        let row = OPTIONS.iter().find(|row| row.long == Some(name));
        let row = row.ok_or_else(|| ArgumentError::Unknown(format!("-{name}")))?;
        match (row.value, attached) {
            (None, None) => self.apply(row, String::new()),
            (None, Some(_)) => Err(ArgumentError::Unknown(format!("-{word}"))),
            (Some(_), attached) => {
                let value = attached.or_else(|| words.next());
                self.apply(row, value.ok_or_else(|| ArgumentError::NoValue(format!("-{name}")))?)
            }
        }
    }

    fn apply(&mut self, row: &OptionRow, value: String) -> Result<(), ArgumentError> {
        let name = || row.short.map_or_else(|| format!("-{}", row.name), String::from);
        let range = || ArgumentError::Range(name());
        let byte = || number::parse::<u8>(&value).ok_or_else(range);
        let login = &mut self.login;
        match row.effect {
            Effect::Help => self.help = true,
            Effect::Version => self.version = true,
            Effect::Verbose => self.verbose = self.verbose.saturating_add(1),
            Effect::Csv => self.csv = true,
            Effect::Json => self.json = true,
            Effect::Bmc => self.bmc = Some(value),
            Effect::Interface => self.interface = Some(value),
            Effect::Host => self.host = Some(value),
            Effect::Device => self.device = byte()?,
            Effect::SerialDevice => self.serial = Some(value),
            Effect::SdrFile => self.sdr_file = Some(value),
            Effect::Target => self.target = Some(byte()?),
            Effect::Channel => self.channel = byte()?,
            Effect::Lun => self.lun = byte()?,
            Effect::Utc => self.utc = true,
            Effect::MyAddress => self.my_address = Some(byte()?),
            Effect::TransitAddress => self.transit = Some(byte()?),
            Effect::TransitChannel => self.transit_channel = byte()?,
            Effect::Port => login.port = Some(number::parse(&value).ok_or_else(range)?),
            Effect::User => login.user = Some(value),
            Effect::Password => login.password = Some(SecretSource::Given(Secret::new(value))),
            Effect::PasswordFile => login.password = Some(SecretSource::File(value.into())),
            Effect::PasswordEnvironment => login.password = Some(SecretSource::Environment),
            Effect::PasswordPrompt => login.password = Some(SecretSource::Prompt),
            Effect::Kg => login.kg = Some(SecretSource::Given(Secret::new(value))),
            Effect::KgHex => login.kg = Some(SecretSource::Hex(Secret::new(value))),
            Effect::KgEnvironment => login.kg = Some(SecretSource::Environment),
            Effect::KgPrompt => login.kg = Some(SecretSource::Prompt),
            Effect::Level => login.level = Some(value),
            Effect::AuthType => login.auth_type = Some(value),
            Effect::Cipher => login.cipher = Some(byte()?),
            Effect::Timeout => login.timeout = Some(number::parse(&value).ok_or_else(range)?),
            Effect::Retries => login.retries = Some(number::parse(&value).ok_or_else(range)?),
            Effect::Ipv4 => login.family = Family::V4,
            Effect::Ipv6 => login.family = Family::V6,
            Effect::Escape => login.escape = value.chars().next(),
            Effect::Quirk => login.quirks.push(value),
            Effect::OemType => login.oem_type = Some(value),
            Effect::Oem => self.oem.push(value),
            Effect::NoCache => self.no_cache = true,
            Effect::NoQuirks => login.no_quirks = true,
            Effect::Fanout => self.fanout = Some(number::parse(&value).filter(|fanout| *fanout > 0).ok_or_else(range)?),
            Effect::Number => {
                number::parse::<u16>(&value).ok_or_else(range)?;
            }
            Effect::Nothing => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, ArgumentError> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_cluster_and_take_attached_values() {
        let arguments = parse("-vvcI open -d2 sdr elist all").unwrap();
        assert_eq!((arguments.verbose, arguments.csv, arguments.device), (2, true, 2));
        assert_eq!(arguments.interface.as_deref(), Some("open"));
        assert_eq!(arguments.command, ["sdr", "elist", "all"]);
        assert_eq!(parse("-vcd3 mc").unwrap().device, 3);
    }

    #[test]
    fn options_may_follow_the_command_until_two_dashes() {
        assert!(parse("sdr elist fru -c").unwrap().csv);
        let arguments = parse("sdr elist fru -- -c").unwrap();
        assert!(!arguments.csv);
        assert_eq!(arguments.command, ["sdr", "elist", "fru", "-c"]);
    }

    #[test]
    fn long_options_are_additions() {
        let arguments = parse("--bmc sim: --json mc info").unwrap();
        assert_eq!((arguments.bmc.as_deref(), arguments.json), (Some("sim:"), true));
        assert_eq!(parse("--bmc=vm:h:1").unwrap().bmc.as_deref(), Some("vm:h:1"));
        assert_eq!(parse("--jsom"), Err(ArgumentError::Unknown("-jsom".into())));
        assert_eq!(parse("--json=x"), Err(ArgumentError::Unknown("-json=x".into())));
    }

    #[test]
    fn bad_values_name_the_option() {
        let error = parse("--fanout 0").unwrap_err().to_string();
        assert_eq!(error, "Invalid parameter given or out of range for '--fanout'.");
        assert_eq!(parse("-d x"), Err(ArgumentError::Range("d".into())));
        assert_eq!(parse("-t 0x120"), Err(ArgumentError::Range("t".into())));
        assert_eq!(parse("-p x"), Err(ArgumentError::Range("p".into())));
        assert_eq!(parse("-I"), Err(ArgumentError::NoValue("I".into())));
        assert_eq!(parse("-x"), Err(ArgumentError::Unknown("x".into())));
    }

    #[test]
    fn help_and_version_end_the_reading() {
        assert!(parse("-h -x").unwrap().help);
        assert!(parse("-V --nonsense").unwrap().version);
    }

    #[test]
    fn lan_options_are_accepted() {
        let arguments = parse("-I lanplus -H h -U u -P p -C 3 -L USER -p 9000 sel list").unwrap();
        assert_eq!(arguments.host.as_deref(), Some("h"));
        assert_eq!(arguments.command, ["sel", "list"]);
    }
}
