//! Get Watchdog Timer (IPMI 2.0 s27.7).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Asks for the watchdog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetWatchdogTimer;

/// The watchdog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchdogTimer {
    /// No event is logged when it expires.
    pub dont_log: bool,
    /// It runs.
    pub running: bool,
    /// Who uses it: 1 BIOS FRB2, 2 BIOS POST, 3 OS load, 4 SMS/OS, 5 OEM.
    pub usage: u8,
    /// Interrupt before: 0 none, 1 SMI, 2 NMI, 3 messaging interrupt.
    pub pre_timeout_interrupt: u8,
    /// What happens: 0 nothing, 1 hard reset, 2 power down, 3 power cycle.
    pub action: u8,
    /// How long before the interrupt comes.
    pub pre_timeout_seconds: u8,
    /// Uses in which it expired, one bit each.
    pub expiration_flags: u8,
    /// Time it starts with, in tenths of a second.
    pub initial_countdown: u16,
    /// Time left, in tenths of a second.
    pub present_countdown: u16,
}

impl Command for GetWatchdogTimer {
    type Response = WatchdogTimer;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x25;
    const NAME: &'static str = "Get Watchdog Timer";
    const RESPONSE_LEN: RangeInclusive<usize> = 8..=8;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<WatchdogTimer, ParseError> {
        let &[usage, actions, pre_timeout_seconds, expiration_flags, i0, i1, p0, p1, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(WatchdogTimer {
            dont_log: usage & 0x80 != 0,
            running: usage & 0x40 != 0,
            usage: usage & 0x07,
            pre_timeout_interrupt: actions >> 4 & 0x07,
            action: actions & 0x07,
            pre_timeout_seconds,
            expiration_flags,
            initial_countdown: u16::from_le_bytes([i0, i1]),
            present_countdown: u16::from_le_bytes([p0, p1]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetWatchdogTimer, &[]);
        let timer = check_response::<GetWatchdogTimer>(&[0x44, 0x31, 5, 0x10, 0x58, 0x02, 0x57, 0x02]);
        assert!(timer.running && !timer.dont_log);
        assert_eq!((timer.usage, timer.pre_timeout_interrupt, timer.action), (4, 3, 1));
        assert_eq!((timer.initial_countdown, timer.present_countdown), (600, 599));
    }
}
