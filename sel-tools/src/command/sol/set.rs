//! `sol set`: Set SOL Configuration Parameters (IPMI 2.0 s26.2).

use ipmi_core::ChannelNumber;
use ipmi_core::Error;
use ipmi_core::command::parameter::ParameterValue;
use ipmi_core::command::transport::SetSolConfigurationParameters;

use super::info::{BIT_RATES, PROGRESS, Parameters};
use crate::args::number;
use crate::command::CommandRow;
use crate::{Failure, Printer, Session, complain};

/// `sol set`.
pub const COMMAND: CommandRow = CommandRow {
    group: "sol",
    name: "set",
    words: "PARAMETER VALUE [CHANNEL]",
    about: "Change the configuration of SOL",
    run,
};

const USAGE: &[&str] = &[
    "",
    "SOL set parameters and values: ",
    "",
    "  set-in-progress             set-complete | set-in-progress | commit-write",
    "  enabled                     true | false",
    "  force-encryption            true | false",
    "  force-authentication        true | false",
    "  privilege-level             user | operator | admin | oem",
    "  character-accumulate-level  <in 5 ms increments>",
    "  character-send-threshold    N",
    "  retry-count                 N",
    "  retry-interval              <in 10 ms increments>",
    "  non-volatile-bit-rate       serial | 9.6 | 19.2 | 38.4 | 57.6 | 115.2",
    "  volatile-bit-rate           serial | 9.6 | 19.2 | 38.4 | 57.6 | 115.2",
    "",
];

/// What a parameter's word is made of.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Progress,
    /// This bit.
    Flag(u8),
    Privilege,
    /// A number from, to, in this byte of two; the other byte stays.
    Number(u8, u8, usize),
    BitRate,
}

/// Name, number of the parameter, kind.
const PARAMETERS: &[(&str, u8, Kind)] = &[
    ("set-in-progress", 0, Kind::Progress),
    ("enabled", 1, Kind::Flag(0)),
    ("force-encryption", 2, Kind::Flag(7)),
    ("force-authentication", 2, Kind::Flag(6)),
    ("privilege-level", 2, Kind::Privilege),
    ("character-accumulate-level", 3, Kind::Number(1, 255, 0)),
    ("character-send-threshold", 3, Kind::Number(0, 255, 1)),
    ("retry-count", 4, Kind::Number(0, 7, 0)),
    ("retry-interval", 4, Kind::Number(0, 255, 1)),
    ("non-volatile-bit-rate", 5, Kind::BitRate),
    ("volatile-bit-rate", 6, Kind::BitRate),
];

const LEVELS: [(u8, &str); 4] = [(2, "user"), (3, "operator"), (4, "admin"), (5, "oem")];

/// A value as typed, ready to be put into the bytes of its parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Value {
    offset: usize,
    /// Bits that stay as they are.
    keep: u8,
    bits: u8,
}

impl Value {
    const fn whole(bits: u8) -> Self {
        Self { offset: 0, keep: 0, bits }
    }

    /// Reads a value; the error is what `ipmitool` says about one that is none.
    fn read(name: &str, kind: Kind, word: &str) -> Result<Self, String> {
        let wrong = |valid: &str| format!("Invalid value {word} for parameter {name}\nValid values are {valid}");
        match kind {
            Kind::Progress => {
                let value = (0..).zip(PROGRESS).find(|(_, known)| *known == word);
                let value = value.map(|(value, _)| Self::whole(value));
                value.ok_or_else(|| wrong("set-complete, set-in-progress and commit-write"))
            }
            Kind::Flag(bit) => match word {
                "true" => Ok(Self { offset: 0, keep: !(1 << bit), bits: 1 << bit }),
                "false" => Ok(Self { offset: 0, keep: !(1 << bit), bits: 0 }),
                _ => Err(wrong("true and false")),
            },
            Kind::Privilege => {
                let level = LEVELS.iter().find(|(_, known)| *known == word);
                let level = level.map(|(level, _)| Self { offset: 0, keep: 0xF0, bits: *level });
                level.ok_or_else(|| wrong("user, operator, admin, and oem"))
            }
            Kind::Number(from, to, offset) => {
                let value = number::parse::<u8>(word).filter(|value| (from..=to).contains(value));
                value.map(|bits| Self { offset, keep: 0, bits }).ok_or_else(|| wrong(&format!("{from}-{to}")))
            }
            Kind::BitRate => {
                let rate = BIT_RATES.iter().find(|(_, known)| *known == word).map(|(code, _)| *code);
                let rate = rate.or((word == "serial").then_some(0)).map(Self::whole);
                rate.ok_or_else(|| {
                    format!(
                        "Invalid value \"{word}\" for parameter \"{name}\"\nValid values are serial, 9.6 19.2, 38.4, \
                         57.6 and 115.2"
                    )
                })
            }
        }
    }

    fn apply(self, bytes: &mut [u8]) {
        if let Some(byte) = bytes.get_mut(self.offset) {
            *byte = *byte & self.keep | self.bits;
        }
    }
}

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let (name, word, channel) = match words {
        [name, word] => (name, word, None),
        [name, word, channel] => (name, word, Some(channel)),
        _ => {
            USAGE.iter().try_for_each(|text| complain!(printer, "{text}"))?;
            return Err(Failure::Said);
        }
    };
    let channel = super::channel(printer, channel)?;
    let Some(&(_, parameter, kind)) = PARAMETERS.iter().find(|(known, ..)| known == name) else {
        return Err(Failure::Message(format!("Error: invalid SOL parameter {name}")));
    };
    let value = Value::read(name, kind, word).map_err(Failure::Message)?;
    let send = |parameter, data| {
        let channel = ChannelNumber::new(channel);
        let command = SetSolConfigurationParameters(ParameterValue { channel, parameter, data });
        session.bmc()?.call(&command).map_err(|error| Refused(error).into_failure(session, name, word))
    };
    if parameter == 0 {
        return send(0, vec![value.bits]);
    }
    let length = if matches!(parameter, 3 | 4) { 2 } else { 1 };
    let mut bytes = vec![0; length];
    // Whatever shares the parameter stays as it is.
    let present = match Parameters::read(session, printer, channel) {
        Ok(present) => present,
        Err(Failure::Message(reason)) => {
            complain!(printer, "{reason}")?;
            return Err(Failure::Message(format!("Error fetching SOL parameters for {name} update")));
        }
        Err(other) => return Err(other),
    };
    for (offset, byte) in bytes.iter_mut().enumerate() {
        *byte = present.byte(usize::from(parameter), offset);
    }
    value.apply(&mut bytes);
    if let Err(failure) = guarded(session, channel, parameter, bytes, name, word) {
        if let Failure::Message(reason) = &failure {
            complain!(printer, "{reason}")?;
        }
        return Err(Failure::Message(format!("Error: set of parameter \"{name}\" failed")));
    }
    Ok(())
}

/// Sets a parameter between set-in-progress and set-complete. BMCs without that take it all the same.
fn guarded(
    session: &Session,
    channel: u8,
    parameter: u8,
    data: Vec<u8>,
    name: &str,
    word: &str,
) -> Result<(), Failure> {
    const SET_COMPLETE: u8 = 0;
    const SET_IN_PROGRESS: u8 = 1;
    const COMMIT_WRITE: u8 = 2;
    const LOCKED: u8 = 0x81;
    let bmc = session.bmc()?;
    let channel = ChannelNumber::new(channel);
    let progress =
        |state| bmc.call(&SetSolConfigurationParameters(ParameterValue { channel, parameter: 0, data: vec![state] }));
    match progress(SET_IN_PROGRESS) {
        Err(error) if super::code(&error).is_some_and(|code| code.0 == LOCKED) => {
            return Err(Refused(error).into_failure(session, "set-in-progress", word));
        }
        Err(error) if super::code(&error).is_none() => return Err(session.refusal(&error)),
        _ => {}
    }
    let result = bmc.call(&SetSolConfigurationParameters(ParameterValue { channel, parameter, data }));
    // BMCs need not know these.
    let _ = progress(COMMIT_WRITE);
    let _ = progress(SET_COMPLETE);
    result.map_err(|error| Refused(error).into_failure(session, name, word))
}

struct Refused(Error);

impl Refused {
    fn into_failure(self, session: &Session, name: &str, word: &str) -> Failure {
        let Some(code) = super::code(&self.0) else { return session.refusal(&self.0) };
        let reason = match code.0 {
            0x80 => "Parameter not supported",
            0x81 => "Attempt to set set-in-progress when not in set-complete state",
            0x82 => "Attempt to write read-only parameter",
            0x83 => "Attempt to read write-only parameter",
            _ => return Failure::Message(format!("Error setting SOL parameter '{name}' to '{word}': {code}")),
        };
        Failure::Message(format!("Error setting SOL parameter '{name}': {reason}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str, word: &str) -> Result<Value, String> {
        let (name, _, kind) = PARAMETERS.iter().find(|(known, ..)| *known == name).unwrap();
        Value::read(name, *kind, word)
    }

    #[test]
    fn values_change_their_part_only() {
        let mut bytes = [0xC2];
        value("privilege-level", "admin").unwrap().apply(&mut bytes);
        assert_eq!(bytes, [0xC4]);
        value("force-encryption", "false").unwrap().apply(&mut bytes);
        assert_eq!(bytes, [0x44]);
        let mut bytes = [12, 96];
        value("character-send-threshold", "10").unwrap().apply(&mut bytes);
        assert_eq!(bytes, [12, 10]);
        assert_eq!(value("volatile-bit-rate", "serial"), Ok(Value::whole(0)));
    }

    #[test]
    fn wrong_values_are_named() {
        assert_eq!(
            value("retry-count", "9").unwrap_err(),
            "Invalid value 9 for parameter retry-count\nValid values are 0-7"
        );
        for (name, word) in
            [("enabled", "maybe"), ("set-in-progress", "x"), ("privilege-level", "root"), ("volatile-bit-rate", "1")]
        {
            assert!(value(name, word).unwrap_err().contains("Valid values are"), "{name}");
        }
    }
}
