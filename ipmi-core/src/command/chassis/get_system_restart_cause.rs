//! Get System Restart Cause (IPMI 2.0 s28.11).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{ChannelNumber, Command, NetFn, ParseError, Privilege};

/// Asks why the system last restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSystemRestartCause;

/// The answer to [`GetSystemRestartCause`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemRestart {
    /// Why.
    pub cause: RestartCause,
    /// Channel the command came in on, if it was one.
    pub channel: ChannelNumber,
}

/// Why a system restarted. Unlisted codes are values too.
///
/// ```
/// use ipmi_core::command::chassis::RestartCause;
/// assert_eq!(RestartCause(4).to_string(), "watchdog expired");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RestartCause(pub u8);

impl RestartCause {
    /// Texts as ipmitool prints them; the index is the code.
    pub const TEXTS: &'static [&'static str] = &[
        "unknown",
        "chassis power control command",
        "reset via pushbutton",
        "power-up via pushbutton",
        "watchdog expired",
        "OEM",
        "power-up due to always-restore power policy",
        "power-up due to restore-previous power policy",
        "reset via PEF",
        "power-cycle via PEF",
        "soft reset",
        "power-up via RTC wakeup",
    ];
}

impl std::fmt::Display for RestartCause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match Self::TEXTS.get(usize::from(self.0)) {
            Some(text) => f.pad(text),
            None => write!(f, "Unknown (0x{:02X})", self.0),
        }
    }
}

impl Command for GetSystemRestartCause {
    type Response = SystemRestart;
    const NET_FN: NetFn = NetFn::CHASSIS;
    const CMD: u8 = 0x07;
    const NAME: &'static str = "Get System Restart Cause";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=2;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<SystemRestart, ParseError> {
        let &[cause, channel, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(SystemRestart { cause: RestartCause(cause & 0x0F), channel: ChannelNumber::new(channel) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetSystemRestartCause, &[]);
        let restart = check_response::<GetSystemRestartCause>(&[0xF8, 0x01]);
        assert_eq!((restart.cause, restart.channel), (RestartCause(8), ChannelNumber::new(1)));
        assert_eq!(restart.cause.to_string(), "reset via PEF");
        assert_eq!(RestartCause(15).to_string(), "Unknown (0x0F)");
    }
}
