//! Chassis Control (IPMI 2.0 s28.3).

use std::ops::RangeInclusive;

use crate::{Command, NetFn, ParseError, Privilege};

/// Switches or resets the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChassisControl {
    /// What to do.
    pub action: ChassisAction,
}

/// What [`ChassisControl`] does. `Display` gives ipmitool's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChassisAction {
    /// 0: power down at once, without asking the operating system.
    PowerDown,
    /// 1: power up.
    PowerUp,
    /// 2: down, wait at least a second, up.
    PowerCycle,
    /// 3: hard reset.
    HardReset,
    /// 4: pulse the diagnostic interrupt.
    DiagnosticInterrupt,
    /// 5: ask the operating system to shut down, by emulating a fatal overtemperature.
    SoftShutdown,
}

impl ChassisAction {
    /// Every action; the index is the code.
    pub const ALL: [Self; 6] = [
        Self::PowerDown,
        Self::PowerUp,
        Self::PowerCycle,
        Self::HardReset,
        Self::DiagnosticInterrupt,
        Self::SoftShutdown,
    ];

    /// The code, 0-5.
    pub const fn code(self) -> u8 {
        match self {
            Self::PowerDown => 0,
            Self::PowerUp => 1,
            Self::PowerCycle => 2,
            Self::HardReset => 3,
            Self::DiagnosticInterrupt => 4,
            Self::SoftShutdown => 5,
        }
    }
}

impl std::fmt::Display for ChassisAction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::PowerDown => "Down/Off",
            Self::PowerUp => "Up/On",
            Self::PowerCycle => "Cycle",
            Self::HardReset => "Reset",
            Self::DiagnosticInterrupt => "Diag",
            Self::SoftShutdown => "Soft",
        })
    }
}

impl Command for ChassisControl {
    type Response = ();
    const NET_FN: NetFn = NetFn::CHASSIS;
    const CMD: u8 = 0x02;
    const NAME: &'static str = "Chassis Control";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.action.code());
    }

    fn parse(_data: &[u8]) -> Result<(), ParseError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_empty_response, check_request};

    #[test]
    fn golden_bytes() {
        for (code, action) in (0..).zip(ChassisAction::ALL) {
            check_request(&ChassisControl { action }, &[code]);
        }
        check_empty_response::<ChassisControl>();
    }
}
