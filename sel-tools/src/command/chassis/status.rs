//! `chassis status`: Get Chassis Status (IPMI 2.0 s28.2).

use ipmi_core::command::chassis::{
    ChassisState, ChassisStatus, FrontPanelButtons, GetChassisStatus, LastPowerEvent, PowerState,
};
use serde::Serialize;

use crate::command::CommandRow;
use crate::{Failure, Printer, Session, line};

/// `chassis status`.
pub const COMMAND: CommandRow =
    CommandRow { group: "chassis", name: "status", words: "", about: "Print power state and faults", run };

/// The chassis as JSON.
#[derive(Debug, Serialize)]
struct Status {
    power_on: bool,
    power_overload: bool,
    power_interlock: bool,
    main_power_fault: bool,
    power_control_fault: bool,
    power_restore_policy: String,
    last_power_event: Vec<&'static str>,
    chassis_intrusion: bool,
    front_panel_lockout: bool,
    drive_fault: bool,
    fan_fault: bool,
}

const LAST_EVENTS: &[(LastPowerEvent, &str)] = &[
    (LastPowerEvent::AC_FAILED, "ac-failed"),
    (LastPowerEvent::OVERLOAD, "overload"),
    (LastPowerEvent::INTERLOCK, "interlock"),
    (LastPowerEvent::FAULT, "fault"),
    (LastPowerEvent::COMMAND, "command"),
];

fn run(session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    let status = session.call(&GetChassisStatus)?;
    let facts = facts(&status);
    if printer.object(&facts)? {
        return Ok(());
    }
    print(printer, &facts)?;
    status.buttons.map_or(Ok(()), |buttons| print_buttons(printer, buttons))
}

fn facts(status: &ChassisStatus) -> Status {
    let (power, state, last) = (status.power, status.state, status.last_event);
    Status {
        power_on: power.contains(PowerState::ON),
        power_overload: power.contains(PowerState::OVERLOAD),
        power_interlock: power.contains(PowerState::INTERLOCK),
        main_power_fault: power.contains(PowerState::FAULT),
        power_control_fault: power.contains(PowerState::CONTROL_FAULT),
        power_restore_policy: status.restore_policy.to_string(),
        last_power_event: LAST_EVENTS.iter().filter(|(bit, _)| last.contains(*bit)).map(|(_, name)| *name).collect(),
        chassis_intrusion: state.contains(ChassisState::INTRUSION),
        front_panel_lockout: state.contains(ChassisState::FRONT_PANEL_LOCKOUT),
        drive_fault: state.contains(ChassisState::DRIVE_FAULT),
        fan_fault: state.contains(ChassisState::FAN_FAULT),
    }
}

fn print(printer: &mut Printer<'_>, facts: &Status) -> Result<(), Failure> {
    let active = |set: bool| if set { "active" } else { "inactive" }.to_owned();
    // ipmitool puts a blank behind each event but the last kind.
    let blank = |name: &str| if name == "command" { "" } else { " " };
    let last: String = facts.last_power_event.iter().map(|name| format!("{name}{}", blank(name))).collect();
    let rows = [
        ("System Power", if facts.power_on { "on" } else { "off" }.to_owned()),
        ("Power Overload", facts.power_overload.to_string()),
        ("Power Interlock", active(facts.power_interlock)),
        ("Main Power Fault", facts.main_power_fault.to_string()),
        ("Power Control Fault", facts.power_control_fault.to_string()),
        ("Power Restore Policy", facts.power_restore_policy.clone()),
        ("Last Power Event", last),
        ("Chassis Intrusion", active(facts.chassis_intrusion)),
        ("Front-Panel Lockout", active(facts.front_panel_lockout)),
        ("Drive Fault", facts.drive_fault.to_string()),
        ("Cooling/Fan Fault", facts.fan_fault.to_string()),
    ];
    rows.iter().try_for_each(|(label, value)| line!(printer, "{label:<20} : {value}"))
}

fn print_buttons(printer: &mut Printer<'_>, buttons: FrontPanelButtons) -> Result<(), Failure> {
    if buttons.is_empty() {
        return line!(printer, "Front Panel Control  : none");
    }
    let allowed = |bit| if buttons.contains(bit) { "allowed" } else { "not allowed" };
    let disabled = |bit| if buttons.contains(bit) { "true" } else { "false" };
    let rows = [
        ("Sleep Button Disable", allowed(FrontPanelButtons::STANDBY_DISABLE_ALLOWED)),
        ("Diag Button Disable", allowed(FrontPanelButtons::DIAGNOSTIC_DISABLE_ALLOWED)),
        ("Reset Button Disable", allowed(FrontPanelButtons::RESET_DISABLE_ALLOWED)),
        ("Power Button Disable", allowed(FrontPanelButtons::POWER_OFF_DISABLE_ALLOWED)),
        ("Sleep Button Disabled", disabled(FrontPanelButtons::STANDBY_DISABLED)),
        ("Diag Button Disabled", disabled(FrontPanelButtons::DIAGNOSTIC_DISABLED)),
        ("Reset Button Disabled", disabled(FrontPanelButtons::RESET_DISABLED)),
        ("Power Button Disabled", disabled(FrontPanelButtons::POWER_OFF_DISABLED)),
    ];
    rows.iter().try_for_each(|(label, value)| line!(printer, "{label:<21}: {value}"))
}
