//! `power`: power state of the system, Get Chassis Status and Chassis Control (IPMI 2.0 s28.2, s28.3).

use ipmi_core::Error;
use ipmi_core::command::chassis::{ChassisAction, ChassisControl, GetChassisStatus, PowerState};
use serde_json::json;

use crate::command::{CommandRow, Run};
use crate::{Failure, Printer, Session, line};

const fn row(name: &'static str, about: &'static str, run: Run) -> CommandRow {
    CommandRow { group: "power", name, words: "", about, run }
}

/// `power status`.
pub const STATUS: CommandRow =
    row("status", "Print whether the system is on", |session, printer, _| status(session, printer));
/// `power on`.
pub const ON: CommandRow = row("on", "Switch the system on", |s, p, _| control(s, p, ChassisAction::PowerUp));
/// `power off`.
pub const OFF: CommandRow = row("off", "Switch the system off", |s, p, _| control(s, p, ChassisAction::PowerDown));
/// `power cycle`.
pub const CYCLE: CommandRow =
    row("cycle", "Switch the system off and on again", |s, p, _| control(s, p, ChassisAction::PowerCycle));
/// `power reset`.
pub const RESET: CommandRow = row("reset", "Reset the system", |s, p, _| control(s, p, ChassisAction::HardReset));
/// `power diag`.
pub const DIAG: CommandRow =
    row("diag", "Send a diagnostic interrupt (NMI)", |s, p, _| control(s, p, ChassisAction::DiagnosticInterrupt));
/// `power soft`.
pub const SOFT: CommandRow =
    row("soft", "Ask the operating system to shut down", |s, p, _| control(s, p, ChassisAction::SoftShutdown));

fn status(session: &Session, printer: &mut Printer<'_>) -> Result<(), Failure> {
    let on = session.call(&GetChassisStatus)?.power.contains(PowerState::ON);
    if printer.object(&json!({ "power_on": on }))? {
        return Ok(());
    }
    line!(printer, "Chassis Power is {}", if on { "on" } else { "off" })
}

fn control(session: &Session, printer: &mut Printer<'_>, action: ChassisAction) -> Result<(), Failure> {
    session.bmc()?.call(&ChassisControl { action }).map_err(|error| match error {
        Error::Completion { code, .. } => {
            Failure::Message(format!("Set Chassis Power Control to {action} failed: {code}"))
        }
        other => session.refusal(&other),
    })?;
    if printer.object(&json!({ "done": action.to_string() }))? {
        return Ok(());
    }
    line!(printer, "Chassis Power Control: {action}")
}
