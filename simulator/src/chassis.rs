//! Chassis power, identify, boot options and power-on hours (IPMI 2.0 s28).

use std::time::Duration;

/// Default identify time when the request names none (s28.5).
pub const IDENTIFY_DEFAULT: Duration = Duration::from_secs(15);
/// How long the system gets for a soft shut-down before the power goes, unless the chassis says otherwise.
const SOFT_OFF: Duration = Duration::from_secs(1);
/// Power stays off this long in a power cycle unless Set Power Cycle Interval says otherwise.
const CYCLE_INTERVAL: Duration = Duration::from_secs(1);

/// What Chassis Control asks the outside world to do (table 28-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerAction {
    /// Power off at once.
    Off,
    /// Power on.
    On,
    /// Hard reset.
    Reset,
    /// Diagnostic interrupt (NMI).
    DiagnosticInterrupt,
    /// Ask the operating system to shut down.
    GracefulShutdown,
}

/// Why the system last started (table 28-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestartCause {
    /// 0: unknown.
    Unknown = 0,
    /// 1: chassis control command.
    ChassisControl = 1,
    /// 4: watchdog expired.
    Watchdog = 4,
    /// 7: previous state restored.
    PreviousState = 7,
    /// 8: reset by platform event filtering.
    PefReset = 8,
    /// 9: power cycle by platform event filtering.
    PefPowerCycle = 9,
}

impl RestartCause {
    /// The cause with this code, as far as it happens here.
    pub fn from_code(code: u8) -> Option<Self> {
        use RestartCause::{ChassisControl, PefPowerCycle, PefReset, PreviousState, Unknown, Watchdog};
        let all = [Unknown, ChassisControl, Watchdog, PreviousState, PefReset, PefPowerCycle];
        all.into_iter().find(|cause| *cause as u8 == code)
    }
}

/// Chassis state of the BMC.
#[derive(Debug, Clone)]
pub struct Chassis {
    /// System power.
    pub power_on: bool,
    /// Power restore policy: 0 off, 1 previous, 2 on, 3 unknown.
    pub restore_policy: u8,
    /// Fault bits of the power state byte of Get Chassis Status.
    pub power_faults: u8,
    /// Last power event byte of Get Chassis Status.
    pub last_event: u8,
    /// Front panel button byte of Get Chassis Status; absent when there is no front panel.
    pub buttons: Option<u8>,
    /// Capability flags and the addresses of FRU, SDR, SEL, system management and bridge devices.
    pub capabilities: [u8; 6],
    /// Identify is on until then; [`Duration::MAX`] for ever.
    pub identify_until: Option<Duration>,
    /// Identify is supported.
    pub identify: bool,
    /// Why the system last started.
    pub restart_cause: RestartCause,
    /// Power goes off then (soft shut-down).
    pub off_at: Option<Duration>,
    /// How long the system gets for a soft shut-down.
    pub soft_off_time: Duration,
    /// Power comes back then (power cycle).
    pub on_at: Option<Duration>,
    /// Why the power comes back then.
    pub on_cause: RestartCause,
    /// Time off during a power cycle.
    pub cycle_interval: Duration,
    /// Power-on time before `on_since`.
    pub on_time: Duration,
    /// Power on since then.
    pub on_since: Option<Duration>,
    /// Bits of misc. chassis state: 0 intrusion, 1 lockout, 2 drive fault, 3 fan fault.
    pub misc: u8,
}

impl Chassis {
    /// A chassis with the power on or off.
    pub fn new(power_on: bool, now: Duration) -> Self {
        Self {
            power_on,
            restore_policy: 0,
            power_faults: 0,
            last_event: 0,
            buttons: None,
            capabilities: [0, 0x20, 0x20, 0x20, 0x20, 0x20],
            identify_until: None,
            identify: false,
            restart_cause: RestartCause::Unknown,
            off_at: None,
            soft_off_time: SOFT_OFF,
            on_at: None,
            on_cause: RestartCause::ChassisControl,
            cycle_interval: CYCLE_INTERVAL,
            on_time: Duration::ZERO,
            on_since: power_on.then_some(now),
            misc: 0,
        }
    }

    /// Switches the power; true when that changed it.
    pub fn switch(&mut self, on: bool, now: Duration) -> bool {
        if self.power_on == on {
            return false;
        }
        self.power_on = on;
        if on {
            self.on_since = Some(now);
        } else {
            self.on_time = self.power_on_time(now);
            self.on_since = None;
        }
        true
    }

    /// How long the power has been on in all.
    pub fn power_on_time(&self, now: Duration) -> Duration {
        self.on_time + self.on_since.map_or(Duration::ZERO, |since| now.saturating_sub(since))
    }

    /// Begins a soft shut-down.
    pub fn soft_off(&mut self, now: Duration) {
        self.off_at = Some(now + self.soft_off_time);
    }

    /// Identify state of Get Chassis Status: 0 off, 1 timed, 2 on until told.
    pub fn identify_state(&self, now: Duration) -> u8 {
        match self.identify_until {
            Some(Duration::MAX) => 2,
            Some(until) if now < until => 1,
            _ => 0,
        }
    }

    /// The earliest moment something happens by itself.
    pub fn deadline(&self) -> Option<Duration> {
        self.off_at.into_iter().chain(self.on_at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn power_on_time_adds_up() {
        let second = Duration::from_secs;
        let mut chassis = Chassis::new(true, second(10));
        assert!(chassis.switch(false, second(70)));
        assert!(!chassis.switch(false, second(80)));
        assert_eq!(chassis.power_on_time(second(100)), second(60));
        chassis.switch(true, second(100));
        assert_eq!(chassis.power_on_time(second(130)), second(90));
    }

    #[test]
    fn identify_ends_by_itself() {
        let mut chassis = Chassis::new(true, Duration::ZERO);
        chassis.identify_until = Some(Duration::from_secs(15));
        assert_eq!(chassis.identify_state(Duration::from_secs(14)), 1);
        assert_eq!(chassis.identify_state(Duration::from_secs(15)), 0);
        chassis.identify_until = Some(Duration::MAX);
        assert_eq!(chassis.identify_state(Duration::from_secs(9999)), 2);
    }
}
