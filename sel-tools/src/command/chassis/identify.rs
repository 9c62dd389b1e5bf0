//! `chassis identify`: Chassis Identify (IPMI 2.0 s28.5).

use ipmi_core::Error;
use ipmi_core::command::chassis::{ChassisIdentify, Identify};

use crate::args::number;
use crate::command::CommandRow;
use crate::output::json::Done;
use crate::{Failure, Printer, Session, complain, line};

/// `chassis identify`.
pub const COMMAND: CommandRow = CommandRow {
    group: "chassis",
    name: "identify",
    words: "[SECONDS|force]",
    about: "Make the system show itself, 0 to stop",
    run,
};

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let identify = match words.first().map(String::as_str) {
        None => Identify::Default,
        Some("help") => {
            complain!(printer, "chassis identify <interval>")?;
            complain!(printer, "                 default is 15 seconds")?;
            complain!(printer, "                 0 to turn off")?;
            complain!(printer, "                 force to turn on indefinitely")?;
            return Err(Failure::Said);
        }
        Some("force") => Identify::Force,
        Some(word) => match number::parse::<u8>(word) {
            Some(seconds) => Identify::Seconds(seconds),
            None if number::parse::<u32>(word).is_some() => return Err(Failure::new("Given interval is too big.")),
            None => return Err(Failure::new("Invalid interval given.")),
        },
    };
    match session.bmc()?.call(&ChassisIdentify { identify }) {
        Ok(()) => {}
        Err(Error::Completion { code, .. }) => {
            complain!(printer, "Set Chassis Identify failed: {code}")?;
            if identify == Identify::Force {
                complain!(printer, "Chassis may not support Force Identify On\n")?;
            }
            return Err(Failure::Said);
        }
        Err(error) => return Err(session.refusal(&error)),
    }
    if printer.object(&Done { done: "identify" })? {
        return Ok(());
    }
    let interval = match identify {
        Identify::Default => "default (15 seconds)".to_owned(),
        Identify::Force => "indefinite".to_owned(),
        Identify::Seconds(0) => "off".to_owned(),
        Identify::Seconds(seconds) => format!("{seconds} seconds"),
    };
    line!(printer, "Chassis identify interval: {interval}")
}
