//! `chassis poh`: Get POH Counter (IPMI 2.0 s28.14).

use ipmi_core::Error;
use ipmi_core::command::chassis::GetPohCounter;
use serde_json::json;

use crate::command::CommandRow;
use crate::{Failure, Printer, Session, line, put};

/// `chassis poh`.
pub const COMMAND: CommandRow =
    CommandRow { group: "chassis", name: "poh", words: "", about: "Print how long the system has been on", run };

fn run(session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    let counter = session.bmc()?.call(&GetPohCounter).map_err(|error| match error {
        Error::Completion { code, .. } => Failure::Message(format!("Get Chassis Power-On-Hours failed: {code}")),
        other => session.refusal(&other),
    })?;
    let total = counter.minutes();
    if printer.object(&json!({ "minutes": total, "minutes_per_count": counter.minutes_per_count }))? {
        return Ok(());
    }
    let (days, hours, minutes) = (total / 1440, total / 60 % 24, total % 60);
    put!(printer, "POH Counter  : {days} days, {hours} hours")?;
    if minutes > 0 {
        put!(printer, ", {minutes} minutes")?;
    }
    line!(printer)
}
