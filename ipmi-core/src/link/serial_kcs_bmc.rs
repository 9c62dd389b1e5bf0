//! KCS register accesses over a serial line, BMC end (docs/serial-kcs.md): bytes in, answers and requests out.
//!
//! ```text
//! line ──handle_input──▶ accesses ──▶ KcsBmc ──poll_request──▶ BMC
//! line ◀──poll_output─── answers  ◀── KcsBmc ◀──respond─────── BMC
//! ```

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::kcs_bmc::{KcsBmc, KcsRequest};
use super::kcs_register::{IBF, OBF, READ as READ_CODE, Register, State};
use super::serial_kcs::{NEXT, READ, RESYNCHRONISE, SYNCHRONISED, WAIT, WRITE, register_bit};

/// How long a wait access is held.
pub const WAIT_LIMIT: Duration = Duration::from_millis(250);
/// Bytes kept while a wait is held; a host that sends more loses them.
const MAX_BACKLOG: usize = 16 * 1024;

#[derive(Debug, Clone, Copy)]
struct Wait {
    mask: u8,
    value: u8,
    until: Instant,
    /// Data_Out is read when it ends.
    then_read: bool,
}

/// The BMC end of a serial KCS line.
///
/// Call [`handle_input`](Self::handle_input) with what the line brought, then drain
/// [`poll_request`](Self::poll_request) and [`poll_output`](Self::poll_output); call
/// [`handle_timeout`](Self::handle_timeout) when [`poll_timeout`](Self::poll_timeout) is due. Calling too often or too
/// early does no harm.
#[derive(Debug, Default)]
pub struct SerialKcsBmc {
    kcs: KcsBmc,
    backlog: VecDeque<u8>,
    wait: Option<Wait>,
    output: Vec<u8>,
    requests: VecDeque<KcsRequest>,
}

impl SerialKcsBmc {
    /// A line with an idle KCS interface behind it.
    pub fn new() -> Self {
        Self::default()
    }

    /// A line in front of `kcs`.
    pub fn with_kcs(kcs: KcsBmc) -> Self {
        Self { kcs, ..Self::default() }
    }

    /// The registers.
    pub fn kcs(&self) -> &KcsBmc {
        &self.kcs
    }

    /// Takes bytes from the line.
    pub fn handle_input(&mut self, bytes: &[u8], now: Instant) {
        let room = MAX_BACKLOG.saturating_sub(self.backlog.len());
        self.backlog.extend(bytes.iter().take(room));
        self.run(now);
    }

    /// The next complete request.
    pub fn poll_request(&mut self) -> Option<KcsRequest> {
        self.requests.pop_front()
    }

    /// Bytes for the line; empty when there are none.
    pub fn poll_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    /// Hands over the response to a request; false when nobody waits for it any more.
    pub fn respond(&mut self, ticket: u32, response: &[u8], now: Instant) -> bool {
        let taken = self.kcs.respond(ticket, response);
        self.run(now);
        taken
    }

    /// Sets or clears SMS_ATN.
    pub fn set_sms_atn(&mut self, on: bool, now: Instant) {
        self.kcs.set_sms_atn(on);
        self.run(now);
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.wait.map(|wait| wait.until)
    }

    /// Lets time pass.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.run(now);
    }

    /// Does accesses in order until one must wait or the bytes run out.
    fn run(&mut self, now: Instant) {
        loop {
            if let Some(wait) = self.wait {
                let status = self.kcs.status();
                if status & wait.mask != wait.value && now < wait.until {
                    return;
                }
                self.wait = None;
                self.output.push(status);
                if wait.then_read {
                    let value = self.kcs.read(Register::Data);
                    self.output.push(value);
                }
            }
            if !self.access(now) {
                return;
            }
        }
    }

    /// Does one access; false when no complete one is there.
    fn access(&mut self, now: Instant) -> bool {
        const READ_COMMAND: u8 = READ | 1;
        const WRITE_COMMAND: u8 = WRITE | 1;
        let register = |byte: u8| {
            if byte & 1 == register_bit(Register::Data) { Register::Data } else { Register::CommandStatus }
        };
        let Some(first) = self.backlog.front().copied() else { return false };
        let needed = match first {
            WRITE | WRITE_COMMAND => 2,
            WAIT => 3,
            _ => 1,
        };
        if self.backlog.len() < needed {
            return false;
        }
        self.backlog.pop_front();
        match first {
            READ | READ_COMMAND => {
                let value = self.kcs.read(register(first));
                self.output.push(value);
            }
            WRITE | WRITE_COMMAND => {
                if let Some(value) = self.backlog.pop_front() {
                    self.requests.extend(self.kcs.write(register(first), value));
                    // The host aborted or started anew: nobody waits for the older request.
                    while self.requests.len() > 1 {
                        self.requests.pop_front();
                    }
                }
            }
            WAIT => {
                if let (Some(mask), Some(value)) = (self.backlog.pop_front(), self.backlog.pop_front()) {
                    self.wait = Some(Wait { mask, value, until: now + WAIT_LIMIT, then_read: false });
                    return true;
                }
            }
            NEXT if State::of(self.kcs.status()) == State::Read => {
                self.kcs.write(Register::Data, READ_CODE);
                let until = now + WAIT_LIMIT;
                self.wait = Some(Wait { mask: IBF | OBF, value: OBF, until, then_read: true });
            }
            NEXT => self.output.extend([self.kcs.status(), 0]),
            RESYNCHRONISE => self.output.push(SYNCHRONISED),
            _ => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accesses_in_pieces() {
        let now = Instant::now();
        let mut line = SerialKcsBmc::new();
        for byte in [0x21, 0x61, 0x30, 0x02, 0x00, 0x20, 0x18, 0x21, 0x62, 0x20, 0x01] {
            line.handle_input(&[byte], now);
        }
        assert_eq!(line.poll_output(), [0x88]);
        assert_eq!(line.poll_request().unwrap().bytes, [0x18, 0x01]);
    }

    #[test]
    fn a_wait_ends_with_the_response_or_in_time() {
        let now = Instant::now();
        let mut line = SerialKcsBmc::new();
        line.handle_input(&[0x21, 0x61, 0x20, 0x18, 0x21, 0x62, 0x20, 0x01, 0x30, 0x03, 0x01, 0x10], now);
        let request = line.poll_request().unwrap();
        assert_eq!((line.poll_output(), line.poll_timeout()), (vec![], Some(now + WAIT_LIMIT)));
        line.handle_timeout(now + WAIT_LIMIT / 2);
        assert!(line.poll_output().is_empty());
        assert!(line.respond(request.ticket, &[0x1C, 0x01, 0xC1], now));
        assert_eq!(line.poll_output(), [0x41, 0x1C]);
        line.handle_input(&[0x30, 0x01, 0x01], now);
        line.handle_timeout(now + WAIT_LIMIT);
        assert_eq!(line.poll_output(), [0x40]);
    }

    #[test]
    fn response_bytes_can_be_asked_for_beyond_the_end() {
        let now = Instant::now();
        let mut line = SerialKcsBmc::new();
        line.handle_input(&[0x21, 0x61, 0x20, 0x18, 0x21, 0x62, 0x20, 0x01], now);
        let request = line.poll_request().unwrap();
        line.respond(request.ticket, &[0x1C, 0x01, 0xC1], now);
        line.handle_input(&[0x10, 0x40, 0x40, 0x40, 0x40, 0x40], now);
        assert_eq!(line.poll_output(), [0x1C, 0x41, 0x01, 0x41, 0xC1, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00]);
    }

    #[test]
    fn resynchronisation_ends_a_half_received_access() {
        let now = Instant::now();
        for half in [vec![], vec![0x21], vec![0x30], vec![0x30, 0x00]] {
            let mut line = SerialKcsBmc::new();
            line.handle_input(&half, now);
            line.handle_input(&[RESYNCHRONISE; 3], now);
            line.handle_timeout(now + WAIT_LIMIT);
            assert_eq!(line.poll_output().last(), Some(&SYNCHRONISED), "{half:?}");
            line.handle_input(&[0x11], now);
            assert_eq!(line.poll_output().len(), 1);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let now = Instant::now();
            let mut line = SerialKcsBmc::new();
            line.handle_input(&bytes, now);
            for tick in 0..700 {
                line.handle_timeout(now + WAIT_LIMIT * tick);
            }
            prop_assert!(line.requests.len() <= 1 && line.output.len() <= 2 * bytes.len());
        }
    }
}
