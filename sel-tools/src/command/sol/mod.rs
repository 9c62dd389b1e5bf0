//! `sol`: Serial over LAN, the console of the system and its configuration (IPMI 2.0 s15, s24, s26).

pub mod activate;
pub mod console;
pub mod deactivate;
pub mod escape;
pub mod info;
pub mod looptest;
pub mod payload;
pub mod set;

use ipmi_core::{CompletionCode, Error};
use kernel_bridge::BmcUrl;

use crate::args::number;
use crate::command::group::{GROUPS, Group};
use crate::{Failure, Printer, Session, command, complain};

/// Payload type of SOL.
const SOL: u8 = 1;
/// The channel the request comes in on.
const THIS_CHANNEL: u8 = 0xE;
const MAX_INSTANCE: u8 = 15;

/// Prints the usage and fails.
fn usage(printer: &mut Printer<'_>) -> Result<(), Failure> {
    let group: Option<&Group> = GROUPS.iter().find(|group| group.name == "sol");
    group.map_or(Err(Failure::Said), |group| command::usage(group, printer, true))
}

/// A channel number a SOL command takes.
fn channel(printer: &mut Printer<'_>, word: Option<&String>) -> Result<u8, Failure> {
    let Some(word) = word else { return Ok(THIS_CHANNEL) };
    match number::parse::<u8>(word).filter(|channel| matches!(channel, 0..=0xB | 0xE | 0xF)) {
        Some(channel) => Ok(channel),
        None => {
            complain!(printer, "Given Channel number '{word}' is either invalid or out of range.")?;
            complain!(printer, "Channel number must be from ranges: <0x0..0xB>, <0xE..0xF>")?;
            Err(Failure::Said)
        }
    }
}

/// The number in `instance=N`; `None` for other words.
fn instance(word: &str) -> Option<Result<u8, Failure>> {
    let number = word.strip_prefix("instance=")?;
    let instance = number::parse::<u8>(number).filter(|instance| (1..=MAX_INSTANCE).contains(instance));
    Some(instance.ok_or_else(|| Failure::Message(format!("Error: Instance must range from 1 to {MAX_INSTANCE}"))))
}

/// The completion code of a refusal.
const fn code(error: &Error) -> Option<CompletionCode> {
    match error {
        Error::Completion { code, .. } => Some(*code),
        _ => None,
    }
}

/// A refusal in ipmitool's words: what failed and the name of the code.
fn refusal(session: &Session, error: &Error, what: &str) -> Failure {
    match code(error) {
        Some(code) => Failure::Message(format!("{what}: {code}")),
        None => session.refusal(error),
    }
}

/// Fails unless the way to the BMC has Serial over LAN.
fn require_lanplus(session: &Session) -> Result<(), Failure> {
    let environment = std::env::var("IPMI_BMC").ok().filter(|url| !url.is_empty());
    match crate::connect::url(&session.arguments, environment)? {
        BmcUrl::Lanplus { .. } => Ok(()),
        _ => Err(Failure::new("Error: This command is only available over the lanplus interface")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_have_a_range() {
        assert_eq!(instance("instance=15").unwrap().unwrap(), 15);
        assert!(instance("instance=0").unwrap().is_err());
        assert!(instance("instance=99").unwrap().is_err());
        assert!(instance("usesolkeepalive").is_none());
    }
}
