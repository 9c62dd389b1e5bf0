//! Get Chassis Status (IPMI 2.0 s28.2).

use std::ops::RangeInclusive;

use super::PowerRestorePolicy;
use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Asks for power, faults and the state of the front panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetChassisStatus;

/// The answer to [`GetChassisStatus`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChassisStatus {
    /// Power and its faults.
    pub power: PowerState,
    /// What happens when power returns.
    pub restore_policy: PowerRestorePolicy,
    /// Why power last changed.
    pub last_event: LastPowerEvent,
    /// Intrusion, faults, lockout.
    pub state: ChassisState,
    /// State of chassis identify; `None` when the controller does not tell.
    pub identify: Option<IdentifyState>,
    /// Front panel buttons; absent when the controller does not tell.
    pub buttons: Option<FrontPanelButtons>,
}

bitflags::bitflags! {
    /// Current power state, byte 1.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct PowerState: u8 {
        /// System power is on.
        const ON = 1 << 0;
        /// Shut down by overload.
        const OVERLOAD = 1 << 1;
        /// Shut down by an interlock.
        const INTERLOCK = 1 << 2;
        /// Fault in the main power subsystem.
        const FAULT = 1 << 3;
        /// The controller could not do what a power command asked for.
        const CONTROL_FAULT = 1 << 4;
    }
}

bitflags::bitflags! {
    /// Why power last changed, byte 2.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct LastPowerEvent: u8 {
        /// AC failed.
        const AC_FAILED = 1 << 0;
        /// Overload.
        const OVERLOAD = 1 << 1;
        /// Interlock.
        const INTERLOCK = 1 << 2;
        /// Power fault.
        const FAULT = 1 << 3;
        /// An IPMI command turned it on.
        const COMMAND = 1 << 4;
    }
}

bitflags::bitflags! {
    /// Other chassis state, byte 3 \\[3:0\\].
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct ChassisState: u8 {
        /// Chassis is open.
        const INTRUSION = 1 << 0;
        /// Front panel power and reset buttons are locked.
        const FRONT_PANEL_LOCKOUT = 1 << 1;
        /// A drive failed.
        const DRIVE_FAULT = 1 << 2;
        /// Cooling or a fan failed.
        const FAN_FAULT = 1 << 3;
    }
}

bitflags::bitflags! {
    /// Front panel buttons, byte 4.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct FrontPanelButtons: u8 {
        /// Power off button is disabled.
        const POWER_OFF_DISABLED = 1 << 0;
        /// Reset button is disabled.
        const RESET_DISABLED = 1 << 1;
        /// Diagnostic interrupt button is disabled.
        const DIAGNOSTIC_DISABLED = 1 << 2;
        /// Standby button is disabled.
        const STANDBY_DISABLED = 1 << 3;
        /// Power off button may be disabled.
        const POWER_OFF_DISABLE_ALLOWED = 1 << 4;
        /// Reset button may be disabled.
        const RESET_DISABLE_ALLOWED = 1 << 5;
        /// Diagnostic interrupt button may be disabled.
        const DIAGNOSTIC_DISABLE_ALLOWED = 1 << 6;
        /// Standby button may be disabled.
        const STANDBY_DISABLE_ALLOWED = 1 << 7;
    }
}

/// State of chassis identify, byte 3 \\[5:4\\].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentifyState {
    /// 0: off.
    Off,
    /// 1: on for a while.
    Timed,
    /// 2: on until turned off.
    Indefinite,
    /// 3: reserved.
    Reserved,
}

impl Command for GetChassisStatus {
    type Response = ChassisStatus;
    const NET_FN: NetFn = NetFn::CHASSIS;
    const CMD: u8 = 0x01;
    const NAME: &'static str = "Get Chassis Status";
    const RESPONSE_LEN: RangeInclusive<usize> = 3..=4;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<ChassisStatus, ParseError> {
        let &[power, last_event, misc, ref buttons @ ..] = data else {
            return Err(short::<Self>(data));
        };
        let identify = match (misc >> 4) & 3 {
            0 => IdentifyState::Off,
            1 => IdentifyState::Timed,
            2 => IdentifyState::Indefinite,
            _ => IdentifyState::Reserved,
        };
        Ok(ChassisStatus {
            power: PowerState::from_bits_truncate(power),
            restore_policy: PowerRestorePolicy::from_code(power >> 5),
            last_event: LastPowerEvent::from_bits_truncate(last_event),
            state: ChassisState::from_bits_truncate(misc),
            identify: (misc & 0x40 != 0).then_some(identify),
            buttons: buttons.first().map(|bits| FrontPanelButtons::from_bits_retain(*bits)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetChassisStatus, &[]);
        let status = check_response::<GetChassisStatus>(&[0x21, 0x10, 0x55, 0x82]);
        assert_eq!((status.power, status.restore_policy), (PowerState::ON, PowerRestorePolicy::Previous));
        assert_eq!(status.last_event, LastPowerEvent::COMMAND);
        assert_eq!(status.state, ChassisState::INTRUSION | ChassisState::DRIVE_FAULT);
        assert_eq!(status.identify, Some(IdentifyState::Timed));
        let buttons = FrontPanelButtons::RESET_DISABLED | FrontPanelButtons::STANDBY_DISABLE_ALLOWED;
        assert_eq!(status.buttons, Some(buttons));
    }

    #[test]
    fn reserved_bits_say_nothing() {
        let status = GetChassisStatus::parse(&[0xE0, 0xE0, 0xB0]).unwrap();
        assert_eq!(status.restore_policy, PowerRestorePolicy::Unknown);
        assert!(status.power.is_empty() && status.last_event.is_empty() && status.state.is_empty());
        assert_eq!((status.identify, status.buttons), (None, None));
    }
}
