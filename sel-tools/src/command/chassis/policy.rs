//! `chassis policy`: Set Power Restore Policy (IPMI 2.0 s28.8).

use ipmi_core::Error;
use ipmi_core::command::chassis::{PowerRestorePolicy, SetPowerRestorePolicy, SupportedPolicies};
use serde_json::json;

use crate::command::CommandRow;
use crate::{Failure, Printer, Session, complain, line};

/// `chassis policy`.
pub const COMMAND: CommandRow = CommandRow {
    group: "chassis",
    name: "policy",
    words: "list|always-on|previous|always-off",
    about: "Set what the system does when power returns",
    run,
};

const USAGE: &[&str] = &[
    "chassis policy <state>",
    "   list        : return supported policies",
    "   always-on   : turn on when power is restored",
    "   previous    : return to previous state when power is restored",
    "   always-off  : stay off after power is restored",
];

const NAMES: &[(SupportedPolicies, &str)] = &[
    (SupportedPolicies::ALWAYS_OFF, "always-off"),
    (SupportedPolicies::ALWAYS_ON, "always-on"),
    (SupportedPolicies::PREVIOUS, "previous"),
];

fn run(session: &Session, printer: &mut Printer<'_>, words: &[String]) -> Result<(), Failure> {
    let policy = match words.first().map(String::as_str) {
        None | Some("help") => {
            USAGE.iter().try_for_each(|text| complain!(printer, "{text}"))?;
            return Err(Failure::Said);
        }
        Some("list") => None,
        Some("always-on") => Some(PowerRestorePolicy::AlwaysOn),
        Some("previous") => Some(PowerRestorePolicy::Previous),
        Some("always-off") => Some(PowerRestorePolicy::AlwaysOff),
        Some(other) => return Err(Failure::Message(format!("Invalid chassis policy: {other}"))),
    };
    let supported = session.bmc()?.call(&SetPowerRestorePolicy { policy }).map_err(|error| match error {
        Error::Completion { code, .. } => Failure::Message(format!("Power Restore Policy command failed: {code}")),
        other => session.refusal(&other),
    })?;
    let names = || NAMES.iter().filter(|(bit, _)| supported.contains(*bit)).map(|(_, name)| *name);
    let set = policy.map(|policy| policy.to_string());
    if printer.object(&json!({ "supported": names().collect::<Vec<_>>(), "set": set }))? {
        return Ok(());
    }
    match set {
        Some(name) => line!(printer, "Set chassis power restore policy to {name}"),
        None => {
            // The last of the three names is the one without a blank after it.
            let text: String =
                names().map(|name| if name == "previous" { name.into() } else { format!("{name} ") }).collect();
            line!(printer, "Supported chassis power policy:  {text}")
        }
    }
}
