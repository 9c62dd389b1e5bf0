//! The watchdog timer (IPMI 2.0 s27).

use std::time::Duration;

/// What the timer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// The pre-timeout interrupt is due: type 1 SMI, 2 NMI, 3 messaging.
    PreTimeout(u8),
    /// The timer ran out: action 0 none, 1 reset, 2 power off, 3 power cycle.
    Timeout(u8),
}

/// The watchdog timer: one count-down unit is 100 ms.
#[derive(Debug, Clone, Default)]
pub struct Watchdog {
    /// Set at least once: Reset Watchdog Timer works.
    pub initialized: bool,
    /// Don't log the next timeout.
    pub dont_log: bool,
    /// Timer use, 1 FRB2 .. 5 OEM.
    pub timer_use: u8,
    /// Pre-timeout interrupt type and timeout action as on the wire.
    pub actions: u8,
    /// Pre-timeout interval in seconds.
    pub pre_timeout: u8,
    /// Timer use expiration flags.
    pub expired: u8,
    /// Initial count-down.
    pub initial: u16,
    expires: Option<Duration>,
    pre_done: bool,
}

impl Watchdog {
    /// Takes the six bytes of Set Watchdog Timer.
    pub fn set(&mut self, bytes: [u8; 6], now: Duration) {
        let [timer_use, actions, pre_timeout, clear, low, high] = bytes;
        let keep_running = timer_use & 0x40 != 0 && self.is_running();
        self.initialized = true;
        self.dont_log = timer_use & 0x80 != 0;
        self.timer_use = timer_use & 0x07;
        self.actions = actions & 0x77;
        self.pre_timeout = pre_timeout;
        self.expired &= !clear;
        self.initial = u16::from_le_bytes([low, high]);
        self.expires = None;
        if keep_running {
            self.restart(now);
        }
    }

    /// What Get Watchdog Timer says, with the timer stopped.
    pub fn describe(&mut self, [timer_use, actions, pre_timeout, expired, low, high]: [u8; 6]) {
        self.set([timer_use & !0x40, actions, pre_timeout, 0, low, high], Duration::ZERO);
        self.expired = expired;
        self.initialized = timer_use & 7 != 0;
    }

    /// Starts or restarts the count-down.
    pub fn restart(&mut self, now: Duration) {
        self.expires = Some(now + Duration::from_millis(u64::from(self.initial) * 100));
        self.pre_done = false;
    }

    /// Stops the count-down.
    pub fn stop(&mut self) {
        self.expires = None;
    }

    /// True while counting down.
    pub fn is_running(&self) -> bool {
        self.expires.is_some()
    }

    /// The eight bytes of Get Watchdog Timer.
    pub fn emit(&self, now: Duration) -> Vec<u8> {
        let present = match self.expires {
            Some(at) => u16::try_from(at.saturating_sub(now).as_millis() / 100).unwrap_or(u16::MAX),
            None => self.initial,
        };
        let flags = u8::from(self.dont_log) << 7 | u8::from(self.is_running()) << 6 | self.timer_use;
        let mut bytes = vec![flags, self.actions, self.pre_timeout, self.expired];
        bytes.extend(self.initial.to_le_bytes());
        bytes.extend(present.to_le_bytes());
        bytes
    }

    fn pre_at(&self) -> Option<Duration> {
        let interrupt = self.actions >> 4 & 7;
        if self.pre_done || interrupt == 0 {
            return None;
        }
        Some(self.expires?.saturating_sub(Duration::from_secs(u64::from(self.pre_timeout))))
    }

    /// When [`Watchdog::poll`] will have something to say.
    pub fn deadline(&self) -> Option<Duration> {
        self.pre_at().or(self.expires)
    }

    /// What happened up to `now`.
    pub fn poll(&mut self, now: Duration) -> Option<Expiry> {
        if self.pre_at().is_some_and(|at| at <= now) {
            self.pre_done = true;
            return Some(Expiry::PreTimeout(self.actions >> 4 & 7));
        }
        if self.expires.is_some_and(|at| at <= now) {
            self.expires = None;
            self.expired |= 1 << self.timer_use;
            self.dont_log = false;
            return Some(Expiry::Timeout(self.actions & 7));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_down_warns_and_expires() {
        let ms = Duration::from_millis;
        let mut watchdog = Watchdog::default();
        watchdog.set([0x84, 0x31, 2, 0x3E, 100, 0], ms(0));
        assert_eq!(watchdog.deadline(), None);
        watchdog.restart(ms(1000));
        assert_eq!(watchdog.emit(ms(3000)), [0xC4, 0x31, 2, 0, 100, 0, 80, 0]);
        assert_eq!(watchdog.deadline(), Some(ms(9000)));
        assert_eq!(watchdog.poll(ms(9000)), Some(Expiry::PreTimeout(3)));
        assert_eq!(watchdog.poll(ms(9000)), None);
        assert_eq!(watchdog.poll(ms(11_000)), Some(Expiry::Timeout(1)));
        assert_eq!(watchdog.expired, 0x10);
        assert!(!watchdog.dont_log, "for one timeout only");
        assert_eq!(watchdog.poll(ms(12_000)), None);
    }

    #[test]
    fn setting_stops_unless_told_not_to() {
        let mut watchdog = Watchdog::default();
        watchdog.set([0x04, 0, 0, 0, 100, 0], Duration::ZERO);
        watchdog.restart(Duration::ZERO);
        watchdog.set([0x44, 0, 0, 0, 100, 0], Duration::ZERO);
        assert!(watchdog.is_running());
        watchdog.set([0x04, 0, 0, 0, 100, 0], Duration::ZERO);
        assert!(!watchdog.is_running());
    }
}
