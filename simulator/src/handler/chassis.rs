//! Chassis commands (IPMI 2.0 s28).

use std::time::Duration;

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{ANY_LENGTH, Answer, Call, Row, Scope, Source, row};
use crate::chassis::{IDENTIFY_DEFAULT, PowerAction, RestartCause};
use crate::store::boot_options::BootOptions;

/// Minutes one count of Get POH Counter stands for.
const MINUTES_PER_COUNT: u8 = 60;
/// Boot options are of version 1.
const BOOT_OPTIONS_VERSION: u8 = 0x01;
/// Set Power Restore Policy: report what is supported, change nothing.
const POLICY_NO_CHANGE: u8 = 3;
/// Last power event: switched on by a command.
const ON_BY_COMMAND: u8 = 0x10;

pub(super) const ROWS: &[Row] = &[
    row(NetFn::CHASSIS, 0x00, 0..=0, Privilege::User, Scope::Bmc, get_capabilities),
    row(NetFn::CHASSIS, 0x01, 0..=0, Privilege::User, Scope::Bmc, get_status),
    row(NetFn::CHASSIS, 0x02, 1..=1, Privilege::Operator, Scope::Bmc, control),
    row(NetFn::CHASSIS, 0x04, 0..=2, Privilege::Operator, Scope::Bmc, identify),
    row(NetFn::CHASSIS, 0x05, 5..=6, Privilege::Administrator, Scope::Bmc, set_capabilities),
    row(NetFn::CHASSIS, 0x06, 1..=1, Privilege::Operator, Scope::Bmc, set_power_restore_policy),
    row(NetFn::CHASSIS, 0x07, 0..=0, Privilege::User, Scope::Bmc, get_restart_cause),
    row(NetFn::CHASSIS, 0x08, 1..=ANY_LENGTH, Privilege::Operator, Scope::Bmc, set_boot_options),
    row(NetFn::CHASSIS, 0x09, 3..=3, Privilege::Operator, Scope::Bmc, get_boot_options),
    row(NetFn::CHASSIS, 0x0A, 1..=1, Privilege::Administrator, Scope::Bmc, set_front_panel_enables),
    row(NetFn::CHASSIS, 0x0B, 1..=1, Privilege::Administrator, Scope::Bmc, set_power_cycle_interval),
    row(NetFn::CHASSIS, 0x0F, 0..=0, Privilege::User, Scope::Bmc, get_poh_counter),
];

fn get_capabilities(call: &mut Call<'_>) -> Answer {
    Ok(call.bmc.chassis.capabilities.to_vec())
}

fn get_status(call: &mut Call<'_>) -> Answer {
    let chassis = &call.bmc.chassis;
    let identify = if chassis.identify { 0x40 | chassis.identify_state(call.now) << 4 } else { 0 };
    let mut status = vec![
        chassis.restore_policy << 5 | chassis.power_faults & 0x1E | u8::from(chassis.power_on),
        chassis.last_event,
        identify | (chassis.misc & 0x0F),
    ];
    status.extend(chassis.buttons);
    Ok(status)
}

fn control(call: &mut Call<'_>) -> Answer {
    let on = call.bmc.chassis.power_on;
    call.bmc.settings.boot.chassis_controlled();
    match call.byte(0) & 0x0F {
        0 => call.bmc.power_off(call.now),
        1 => {
            call.bmc.chassis.last_event = ON_BY_COMMAND;
            call.bmc.power_on(RestartCause::ChassisControl, call.now);
        }
        // The rest needs a running system (s28.3).
        2..=5 if !on => return Err(CompletionCode::NOT_IN_PRESENT_STATE),
        2 => {
            call.bmc.chassis.last_event = ON_BY_COMMAND;
            call.bmc.power_cycle(RestartCause::ChassisControl, call.now);
        }
        3 => call.bmc.reset_system(RestartCause::ChassisControl, call.now),
        4 => call.bmc.act(PowerAction::DiagnosticInterrupt),
        5 => {
            call.bmc.act(PowerAction::GracefulShutdown);
            call.bmc.chassis.soft_off(call.now);
        }
        _ => return Err(CompletionCode::INVALID_DATA_FIELD),
    }
    Ok(Vec::new())
}

fn identify(call: &mut Call<'_>) -> Answer {
    let force = call.byte(1) & 1 != 0;
    call.bmc.chassis.identify_until = match call.data.first() {
        _ if force => Some(Duration::MAX),
        None => Some(call.now + IDENTIFY_DEFAULT),
        Some(0) => None,
        Some(seconds) => Some(call.now + Duration::from_secs(u64::from(*seconds))),
    };
    Ok(Vec::new())
}

fn set_capabilities(call: &mut Call<'_>) -> Answer {
    for (slot, byte) in call.bmc.chassis.capabilities.iter_mut().zip(call.data) {
        *slot = *byte;
    }
    call.bmc.dirty = true;
    Ok(Vec::new())
}

fn set_power_restore_policy(call: &mut Call<'_>) -> Answer {
    let policy = call.byte(0) & 7;
    if policy > POLICY_NO_CHANGE {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    if policy != POLICY_NO_CHANGE {
        call.bmc.chassis.restore_policy = policy;
        call.bmc.dirty = true;
    }
    Ok(vec![0x07])
}

fn get_restart_cause(call: &mut Call<'_>) -> Answer {
    Ok(vec![call.bmc.chassis.restart_cause as u8, 0])
}

fn set_boot_options(call: &mut Call<'_>) -> Answer {
    let (selector, data) = (call.byte(0), call.data.get(1..).unwrap_or(&[]));
    let limited = matches!(call.source, Source::Session(login) if login.privilege < Privilege::Administrator);
    if limited && BootOptions::bypasses_password(selector, data) {
        return Err(CompletionCode::INSUFFICIENT_PRIVILEGE);
    }
    let saved = call.bmc.settings.boot.set(selector, data, call.now)?;
    call.bmc.dirty |= saved;
    Ok(Vec::new())
}

fn get_boot_options(call: &mut Call<'_>) -> Answer {
    let mut answer = vec![BOOT_OPTIONS_VERSION];
    answer.extend(call.bmc.settings.boot.get(call.byte(0) & 0x7F, call.byte(1), call.byte(2))?);
    Ok(answer)
}

// Buttons that cannot be disabled stay as they are.
fn set_front_panel_enables(call: &mut Call<'_>) -> Answer {
    let disable = call.byte(0) & 0x0F;
    let buttons = call.bmc.chassis.buttons.as_mut().ok_or(CompletionCode::INVALID_COMMAND)?;
    *buttons = *buttons & 0xF0 | disable & (*buttons >> 4);
    Ok(Vec::new())
}

fn set_power_cycle_interval(call: &mut Call<'_>) -> Answer {
    call.bmc.chassis.cycle_interval = Duration::from_secs(u64::from(call.byte(0)));
    call.bmc.dirty = true;
    Ok(Vec::new())
}

fn get_poh_counter(call: &mut Call<'_>) -> Answer {
    let minutes = call.bmc.chassis.power_on_time(call.now).as_secs() / 60;
    let count = u32::try_from(minutes / u64::from(MINUTES_PER_COUNT)).unwrap_or(u32::MAX);
    let mut answer = vec![MINUTES_PER_COUNT];
    answer.extend(count.to_le_bytes());
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{NOW, ask, bmc, refuse};
    use super::*;

    #[test]
    fn power_follows_chassis_control() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 0, 0x01, &[])[0] & 1, 1);
        ask(&mut bmc, 0, 0x02, &[0]);
        assert_eq!(ask(&mut bmc, 0, 0x01, &[])[0] & 1, 0);
        assert_eq!(refuse(&mut bmc, 0, 0x02, &[2]), 0xD5);
        ask(&mut bmc, 0, 0x02, &[1]);
        assert_eq!(ask(&mut bmc, 0, 0x01, &[])[0] & 1, 1);
        assert_eq!(bmc.take_actions(), [PowerAction::Off, PowerAction::On]);
        assert_eq!(ask(&mut bmc, 0, 0x07, &[]), [1, 0]);
    }

    #[test]
    fn a_power_cycle_comes_back_by_itself() {
        let mut bmc = bmc();
        ask(&mut bmc, 0, 0x02, &[2]);
        assert!(!bmc.chassis.power_on);
        assert!(bmc.poll(NOW).is_some());
        bmc.poll(NOW + Duration::from_secs(2));
        assert!(bmc.chassis.power_on);
    }

    #[test]
    fn a_soft_shutdown_takes_a_moment() {
        let mut bmc = bmc();
        ask(&mut bmc, 0, 0x02, &[5]);
        assert!(bmc.chassis.power_on);
        bmc.poll(NOW + Duration::from_secs(2));
        assert!(!bmc.chassis.power_on);
    }

    #[test]
    fn boot_options_are_kept() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 0, 0x09, &[5, 0, 0]), [1, 5, 0, 0, 0, 0, 0]);
        ask(&mut bmc, 0, 0x08, &[5, 0x80, 0x04, 0, 0, 0]);
        assert_eq!(ask(&mut bmc, 0, 0x09, &[5, 0, 0]), [1, 5, 0x80, 0x04, 0, 0, 0]);
        assert_eq!(refuse(&mut bmc, 0, 0x09, &[50, 0, 0]), 0x80);
    }

    #[test]
    fn front_panel_buttons_are_disabled_where_that_is_allowed() {
        let mut bmc = bmc();
        assert_eq!(refuse(&mut bmc, 0, 0x0A, &[1]), 0xC1);
        bmc.chassis.buttons = Some(0x30);
        ask(&mut bmc, 0, 0x0A, &[0x0F]);
        assert_eq!(ask(&mut bmc, 0, 0x01, &[])[3], 0x33);
    }

    #[test]
    fn identify_shows_in_the_status() {
        let mut bmc = bmc();
        ask(&mut bmc, 0, 0x04, &[]);
        assert_eq!(ask(&mut bmc, 0, 0x01, &[])[2] & 0x70, 0x50);
        ask(&mut bmc, 0, 0x04, &[0]);
        assert_eq!(ask(&mut bmc, 0, 0x01, &[])[2] & 0x70, 0x40);
        ask(&mut bmc, 0, 0x04, &[0, 1]);
        assert_eq!(ask(&mut bmc, 0, 0x01, &[])[2] & 0x70, 0x60);
    }
}
