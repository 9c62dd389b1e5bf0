//! Set Watchdog Timer (IPMI 2.0 s27.6).

use std::ops::RangeInclusive;

use crate::{Command, NetFn, ParseError, Privilege};

/// Sets the watchdog; it does not run until it is reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetWatchdogTimer {
    /// No event is logged when it expires.
    pub dont_log: bool,
    /// A running timer goes on running.
    pub dont_stop: bool,
    /// Who uses it: 1 BIOS FRB2, 2 BIOS POST, 3 OS load, 4 SMS/OS, 5 OEM.
    pub usage: u8,
    /// Interrupt before: 0 none, 1 SMI, 2 NMI, 3 messaging interrupt.
    pub pre_timeout_interrupt: u8,
    /// What happens: 0 nothing, 1 hard reset, 2 power down, 3 power cycle.
    pub action: u8,
    /// How long before the interrupt comes.
    pub pre_timeout_seconds: u8,
    /// Expiration flags to clear, one bit for each use.
    pub clear_flags: u8,
    /// Time in tenths of a second.
    pub countdown: u16,
}

impl Command for SetWatchdogTimer {
    type Response = ();
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x24;
    const NAME: &'static str = "Set Watchdog Timer";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        let usage = u8::from(self.dont_log) << 7 | u8::from(self.dont_stop) << 6 | self.usage & 0x07;
        let actions = (self.pre_timeout_interrupt & 0x07) << 4 | self.action & 0x07;
        out.extend([usage, actions, self.pre_timeout_seconds, self.clear_flags]);
        out.extend(self.countdown.to_le_bytes());
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
        let command = SetWatchdogTimer {
            dont_log: true,
            dont_stop: true,
            usage: 4,
            pre_timeout_interrupt: 3,
            action: 1,
            pre_timeout_seconds: 5,
            clear_flags: 0x10,
            countdown: 600,
        };
        check_request(&command, &[0xC4, 0x31, 5, 0x10, 0x58, 0x02]);
        check_empty_response::<SetWatchdogTimer>();
    }
}
