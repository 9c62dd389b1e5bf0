//! `sol payload`: Set and Get User Payload Access (IPMI 2.0 s24.6, s24.7).

use ipmi_core::command::app::{GetUserPayloadAccess, PayloadAccess, SetUserPayloadAccess, UserId};
use ipmi_core::{ChannelNumber, Error};
use serde_json::json;

use crate::args::number;
use crate::command::CommandRow;
use crate::{Failure, Printer, Session, complain, line};

/// `sol payload`.
pub const COMMAND: CommandRow = CommandRow {
    group: "sol",
    name: "payload",
    words: "enable|disable|status [CHANNEL] [USER]",
    about: "Let a user use SOL, or not",
    run,
};

const MAX_USER: u8 = 63;

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let Some((verb, rest)) = words.split_first().filter(|(_, rest)| rest.len() <= 2) else {
        return super::usage(printer);
    };
    let channel = super::channel(printer, rest.first())?;
    let user = match rest.get(1) {
        None => 1,
        Some(word) => match number::parse::<u8>(word).filter(|user| (1..=MAX_USER).contains(user)) {
            Some(user) => user,
            None => {
                complain!(printer, "Given User ID '{word}' is either invalid or out of range.")?;
                complain!(printer, "User ID is limited to range <1..{MAX_USER}>.")?;
                return Err(Failure::Said);
            }
        },
    };
    let (channel_number, user_id) = (ChannelNumber::new(channel), UserId::new(user));
    let failed = |error: Error, what: &str| super::refusal(session, &error, what);
    match verb.as_str() {
        "status" => {
            let command = GetUserPayloadAccess { channel: channel_number, user: user_id };
            let access = session.bmc()?.call(&command).map_err(|error| {
                failed(error, &format!("Error getting SOL payload status for user {user} on channel {channel}"))
            })?;
            let enabled = access.contains(PayloadAccess::SOL);
            if printer.object(&json!({ "channel": channel, "user": user, "enabled": enabled }))? {
                return Ok(());
            }
            line!(printer, "User {user} on channel {channel} is {}abled", if enabled { "en" } else { "dis" })
        }
        "enable" | "disable" => {
            let access = PayloadAccess::SOL;
            let enable = verb == "enable";
            let command = SetUserPayloadAccess { channel: channel_number, user: user_id, enable, access };
            session.bmc()?.call(&command).map_err(|error| {
                let verb = verb.trim_end_matches("able");
                failed(error, &format!("Error {verb}abling SOL payload for user {user} on channel {channel}"))
            })
        }
        _ => super::usage(printer),
    }
}
