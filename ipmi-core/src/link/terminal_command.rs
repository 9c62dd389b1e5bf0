//! Text commands of serial terminal mode (IPMI 2.0 s14.7.8, table 14-11).
//!
//! Words are taken in either case, as the specification's own examples write them; names and passwords as they are.

use super::serial_terminal::parse_hex;
use crate::Secret;

/// A text command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextCommand {
    /// `SYS PWD -U name [password]`, `SYS PWD -N [password]`.
    LogIn {
        /// User name; empty is the null user.
        user: String,
        /// Password.
        password: Secret,
    },
    /// `SYS PWD -X`.
    LogOut,
    /// `SYS TMODE`: does nothing.
    NoOperation,
    /// `SYS RESET`.
    Reset,
    /// `SYS POWER ON`, `SYS POWER OFF`.
    Power {
        /// Which.
        on: bool,
    },
    /// `SYS IDENTIFY`.
    Identify(Identify),
    /// `SYS HEALTH QUERY [-V]`.
    Health {
        /// One line each, in words.
        verbose: bool,
    },
    /// `SYS SET BOOT`: the boot flags, five bytes.
    SetBoot([u8; 5]),
    /// `SYS SET BOOTOPT`: the request data of Set System Boot Options.
    SetBootOption(Vec<u8>),
    /// `SYS GET BOOTOPT`: the request data of Get System Boot Options.
    GetBootOption([u8; 3]),
    /// `SYS SET TCFG`: shows the terminal configuration, after changing the volatile or the kept one.
    Configure(Option<Configure>),
    /// `SYS xxxxxx ...`: a manufacturer's own, by its IANA number.
    Oem(u32),
}

/// How identification is switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identify {
    /// For as long as the BMC likes, 15 s by default.
    Default,
    /// `-ON`: until told otherwise.
    On,
    /// `-ON xx`: for so many seconds.
    Seconds(u8),
    /// `-OFF`.
    Off,
}

/// A change of the terminal configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Configure {
    /// `-N`: also for the time after a restart; else, `-V`, until then.
    pub kept: bool,
    /// The two bytes of parameter 29.
    pub bytes: [u8; 2],
}

impl TextCommand {
    /// Reads what stands between the brackets; `None` when it is no text command.
    ///
    /// ```
    /// use ipmi_core::link::terminal_command::TextCommand;
    /// assert_eq!(TextCommand::parse("sys power off"), Some(TextCommand::Power { on: false }));
    /// assert_eq!(TextCommand::parse("SYS POWER"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let (first, rest) = words.split_first()?;
        let (second, rest) = rest.split_first()?;
        if !first.eq_ignore_ascii_case("SYS") {
            return None;
        }
        match (second.to_ascii_uppercase().as_str(), rest) {
            ("PWD", rest) => log_in(rest),
            ("TMODE", []) => Some(Self::NoOperation),
            ("RESET", []) => Some(Self::Reset),
            ("POWER", [word]) if is(word, "ON") => Some(Self::Power { on: true }),
            ("POWER", [word]) if is(word, "OFF") => Some(Self::Power { on: false }),
            ("IDENTIFY", rest) => identify(rest).map(Self::Identify),
            ("HEALTH", [query]) if is(query, "QUERY") => Some(Self::Health { verbose: false }),
            ("HEALTH", [query, switch]) if is(query, "QUERY") && is(switch, "-V") => {
                Some(Self::Health { verbose: true })
            }
            ("SET", [word, rest @ ..]) if is(word, "BOOT") => Some(Self::SetBoot(hex(rest)?.try_into().ok()?)),
            ("SET", [word, rest @ ..]) if is(word, "BOOTOPT") => {
                hex(rest).filter(|bytes| !bytes.is_empty()).map(Self::SetBootOption)
            }
            ("GET", [word, rest @ ..]) if is(word, "BOOTOPT") => Some(Self::GetBootOption(hex(rest)?.try_into().ok()?)),
            ("SET", [word, rest @ ..]) if is(word, "TCFG") => configure(rest).map(Self::Configure),
            (word, _) => oem(word),
        }
    }
}

fn is(word: &str, expected: &str) -> bool {
    word.eq_ignore_ascii_case(expected)
}

fn hex(words: &[&str]) -> Option<Vec<u8>> {
    parse_hex(words.join(" ").as_bytes()).ok()
}

fn log_in(words: &[&str]) -> Option<TextCommand> {
    let (switch, rest) = words.split_first()?;
    let (user, password) = match (switch.to_ascii_uppercase().as_str(), rest) {
        ("-X", []) => return Some(TextCommand::LogOut),
        ("-U", [user]) => (*user, ""),
        ("-U", [user, password]) => (*user, *password),
        ("-N", []) => ("", ""),
        ("-N", [password]) => ("", *password),
        _ => return None,
    };
    Some(TextCommand::LogIn { user: user.to_owned(), password: Secret::new(password.as_bytes()) })
}

fn identify(words: &[&str]) -> Option<Identify> {
    match words {
        [] => Some(Identify::Default),
        [switch] if is(switch, "-ON") => Some(Identify::On),
        [switch, seconds] if is(switch, "-ON") => match hex(&[seconds])?.as_slice() {
            [seconds] => Some(Identify::Seconds(*seconds)),
            _ => None,
        },
        [switch] if is(switch, "-OFF") => Some(Identify::Off),
        _ => None,
    }
}

fn configure(words: &[&str]) -> Option<Option<Configure>> {
    let Some((switch, rest)) = words.split_first() else { return Some(None) };
    let kept = match switch.to_ascii_uppercase().as_str() {
        "-V" => false,
        "-N" => true,
        _ => return None,
    };
    Some(Some(Configure { kept, bytes: hex(rest)?.try_into().ok()? }))
}

fn oem(word: &str) -> Option<TextCommand> {
    let number = (word.len() == 6).then(|| u32::from_str_radix(word, 16).ok()).flatten()?;
    Some(TextCommand::Oem(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn log_in(user: &str, password: &str) -> Option<TextCommand> {
        Some(TextCommand::LogIn { user: user.into(), password: Secret::new(password.as_bytes()) })
    }

    #[test]
    fn every_command() {
        let parse = TextCommand::parse;
        assert_eq!(parse("SYS PWD -U ADMIN Geheim]"), log_in("ADMIN", "Geheim]"));
        assert_eq!(parse("sys pwd -u admin"), log_in("admin", ""));
        assert_eq!(parse("SYS PWD -N"), log_in("", ""));
        assert_eq!(parse("SYS PWD -N test"), log_in("", "test"));
        assert_eq!(parse("SYS PWD -X"), Some(TextCommand::LogOut));
        assert_eq!(parse(" SYS  TMODE "), Some(TextCommand::NoOperation));
        assert_eq!(parse("SYS RESET"), Some(TextCommand::Reset));
        assert_eq!(parse("SYS POWER ON"), Some(TextCommand::Power { on: true }));
        assert_eq!(parse("SYS IDENTIFY"), Some(TextCommand::Identify(Identify::Default)));
        assert_eq!(parse("SYS IDENTIFY -ON"), Some(TextCommand::Identify(Identify::On)));
        assert_eq!(parse("SYS IDENTIFY -ON 1E"), Some(TextCommand::Identify(Identify::Seconds(30))));
        assert_eq!(parse("SYS IDENTIFY -OFF"), Some(TextCommand::Identify(Identify::Off)));
        assert_eq!(parse("SYS HEALTH QUERY"), Some(TextCommand::Health { verbose: false }));
        assert_eq!(parse("SYS HEALTH QUERY -V"), Some(TextCommand::Health { verbose: true }));
        assert_eq!(parse("SYS SET BOOT 80 18 00 00 00"), Some(TextCommand::SetBoot([0x80, 0x18, 0, 0, 0])));
        assert_eq!(parse("SYS SET BOOTOPT 03 1f"), Some(TextCommand::SetBootOption(vec![3, 0x1F])));
        assert_eq!(parse("SYS GET BOOTOPT 05 00 00"), Some(TextCommand::GetBootOption([5, 0, 0])));
        assert_eq!(parse("SYS SET TCFG"), Some(TextCommand::Configure(None)));
        let change = |kept| Some(TextCommand::Configure(Some(Configure { kept, bytes: [0x24, 0x11] })));
        assert_eq!(parse("SYS SET TCFG -V 24 11"), change(false));
        assert_eq!(parse("SYS SET TCFG -n 2411"), change(true));
        assert_eq!(parse("SYS 000157 anything"), Some(TextCommand::Oem(343)));
    }

    #[test]
    fn other_texts_are_none() {
        for text in [
            "",
            "SYS",
            "TMODE",
            "SYS NONSENSE",
            "SYS TMODE now",
            "SYS PWD",
            "SYS PWD -U",
            "SYS PWD -U a b c",
            "SYS PWD -X now",
            "SYS POWER",
            "SYS POWER UP",
            "SYS IDENTIFY -ON 1",
            "SYS IDENTIFY -ON 0102",
            "SYS HEALTH",
            "SYS HEALTH QUERY -W",
            "SYS SET BOOT 80",
            "SYS SET BOOTOPT",
            "SYS GET BOOTOPT 05",
            "SYS SET TCFG -V",
            "SYS SET TCFG -Q 24 11",
            "SYS 00015",
        ] {
            assert_eq!(TextCommand::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in ".{0,80}") {
            let _ = TextCommand::parse(&text);
            let _ = TextCommand::parse(&format!("SYS {text}"));
        }
    }
}
