//! The console's end of Serial over LAN (IPMI 2.0 s15.9-15.11): what is typed becomes packets that are sent until they
//! are acknowledged, what the BMC sends is taken once and acknowledged.
//!
//! One packet is under way in each direction. A packet that comes again with more characters than before gives only
//! the new ones: some BMCs append to a packet whose acknowledgement was lost.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::sol::{BmcPayload, ConsolePayload, SolOperation, SolStatus, is_behind, next_sequence};
use crate::ParseError;

/// Most characters typed ahead of what the BMC has taken.
const TYPED_AHEAD: usize = 4096;
/// Characters waiting to be shown beyond which no packet is taken: the BMC sends it again.
const SHOWN_LATE: usize = 64 * 1024;
/// A number behind that comes this often in a row is where the BMC counts from: some begin anew within a session.
const INSISTS: u32 = 4;
/// How long the BMC is left alone after it said that it cannot transfer characters.
const UNAVAILABLE_WAIT: Duration = Duration::from_millis(500);

/// When packets are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SolTiming {
    /// Time without an acknowledgement after which a packet is sent again.
    pub retry: Duration,
    /// How often it is sent again before the console counts as lost.
    pub retries: u32,
}

impl Default for SolTiming {
    fn default() -> Self {
        Self { retry: Duration::from_millis(500), retries: 12 }
    }
}

/// What the console has to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SolEvent {
    /// Characters of the system.
    Output(Vec<u8>),
    /// The system sent a break.
    Break,
    /// The BMC lost characters of the system: its buffer was full.
    Overrun,
    /// The BMC ended SOL.
    Deactivated,
    /// The BMC does not acknowledge what is typed.
    Lost,
}

/// A packet that is not acknowledged yet.
#[derive(Debug)]
struct InFlight {
    sequence: u8,
    data: Vec<u8>,
    flags: SolOperation,
    sendings: u32,
    again_at: Instant,
}

/// The console's end.
///
/// ```
/// use std::time::Instant;
/// use ipmi_core::link::sol_console::{SolConsole, SolEvent, SolTiming};
/// let now = Instant::now();
/// let mut console = SolConsole::new(200, SolTiming::default());
/// assert_eq!(console.write(b"ls\r"), 3);
/// assert_eq!(console.poll_transmit(now).unwrap(), b"\x01\x00\x00\x00ls\r");
/// console.handle_payload(b"\x01\x01\x03\x00ls", now).unwrap();
/// assert_eq!(console.poll_event(), Some(SolEvent::Output(b"ls".to_vec())));
/// assert_eq!(console.poll_transmit(now).unwrap(), [0, 1, 2, 0]);
/// ```
#[derive(Debug)]
pub struct SolConsole {
    packet: usize,
    timing: SolTiming,
    sequence: u8,
    typed: VecDeque<u8>,
    operations: SolOperation,
    in_flight: Option<InFlight>,
    /// The last packet taken: number and how many of its characters.
    taken: (u8, usize),
    acknowledge: bool,
    /// A number behind the last one, and how often it came.
    behind: (u8, u32),
    events: VecDeque<SolEvent>,
    waiting: usize,
    ended: bool,
}

impl SolConsole {
    /// A console that sends up to `packet` characters at once: the BMC's inbound payload size without the header.
    pub fn new(packet: usize, timing: SolTiming) -> Self {
        Self {
            packet: packet.clamp(1, ConsolePayload::MAX_DATA),
            timing,
            sequence: 0,
            typed: VecDeque::new(),
            operations: SolOperation::empty(),
            in_flight: None,
            taken: (0, 0),
            acknowledge: false,
            behind: (0, 0),
            events: VecDeque::new(),
            waiting: 0,
            ended: false,
        }
    }

    /// From here on sends up to `packet` characters at once.
    pub fn set_packet(&mut self, packet: usize) {
        self.packet = packet.clamp(1, ConsolePayload::MAX_DATA);
    }

    /// Characters typed that the BMC has not acknowledged.
    pub fn unacknowledged(&self) -> usize {
        self.typed.len() + self.in_flight.as_ref().map_or(0, |packet| packet.data.len())
    }

    /// Takes what was typed; returns how many characters found room.
    pub fn write(&mut self, typed: &[u8]) -> usize {
        let room = TYPED_AHEAD.saturating_sub(self.typed.len()).min(typed.len());
        self.typed.extend(typed.iter().take(room));
        room
    }

    /// Asks the BMC to do something beside transferring characters: break, ring, flush.
    pub fn operate(&mut self, operation: SolOperation) {
        self.operations |= operation;
    }

    /// True when everything typed was acknowledged.
    pub fn is_idle(&self) -> bool {
        self.typed.is_empty() && self.operations.is_empty() && self.in_flight.is_none()
    }

    /// Takes a payload of the BMC.
    ///
    /// # Errors
    /// When it is no SOL payload; the console goes on.
    pub fn handle_payload(&mut self, payload: &[u8], now: Instant) -> Result<(), ParseError> {
        let payload = BmcPayload::parse(payload)?;
        self.heed(&payload, now);
        if payload.sequence != 0 && !self.ended {
            self.take(&payload);
        }
        if payload.flags.contains(SolStatus::DEACTIVATED) && !self.ended {
            self.ended = true;
            self.events.push_back(SolEvent::Deactivated);
        }
        Ok(())
    }

    /// What the payload says about the packet under way.
    fn heed(&mut self, payload: &BmcPayload<'_>, now: Instant) {
        let Some(in_flight) = self.in_flight.as_mut().filter(|packet| packet.sequence == payload.acknowledged) else {
            return;
        };
        if payload.acknowledged == 0 {
            return;
        }
        let accepted = usize::from(payload.accepted).min(in_flight.data.len());
        if payload.flags.contains(SolStatus::NACK) {
            let wait =
                if payload.flags.contains(SolStatus::TRANSFER_UNAVAILABLE) { UNAVAILABLE_WAIT } else { Duration::ZERO };
            if accepted == 0 {
                in_flight.again_at = now + wait;
                return;
            }
        }
        // What was not taken goes out again under a new number, before what was typed since.
        if let Some(packet) = self.in_flight.take() {
            for byte in packet.data.iter().skip(accepted).rev() {
                self.typed.push_front(*byte);
            }
        }
    }

    /// Takes the characters of a packet, those that were not taken before.
    fn take(&mut self, payload: &BmcPayload<'_>) {
        let (last, count) = self.taken;
        if self.is_overtaken(payload.sequence, last) {
            return;
        }
        let known = if payload.sequence == last { count } else { 0 };
        let is_new = payload.sequence != last;
        if self.waiting > SHOWN_LATE && payload.data.len() > known {
            return;
        }
        if is_new {
            for (flag, event) in [(SolStatus::TRANSMIT_OVERRUN, SolEvent::Overrun), (SolStatus::BREAK, SolEvent::Break)]
            {
                if payload.flags.contains(flag) {
                    self.events.push_back(event);
                }
            }
        }
        let new = payload.data.get(known..).unwrap_or(&[]);
        if !new.is_empty() {
            self.waiting += new.len();
            self.events.push_back(SolEvent::Output(new.to_vec()));
        }
        self.taken = (payload.sequence, payload.data.len().max(known));
        self.acknowledge = true;
    }

    /// True for a packet sent before the last one that was taken.
    fn is_overtaken(&mut self, sequence: u8, last: u8) -> bool {
        if !is_behind(sequence, last) {
            self.behind = (0, 0);
            return false;
        }
        let times = if self.behind.0 == sequence { self.behind.1 + 1 } else { 1 };
        self.behind = (sequence, times);
        times < INSISTS
    }

    /// Sends again what is due, and gives up when it was sent often enough.
    pub fn handle_timeout(&mut self, now: Instant) {
        if let Some(packet) = &self.in_flight
            && packet.again_at <= now
            && packet.sendings > self.timing.retries
        {
            self.in_flight = None;
            self.ended = true;
            self.events.push_back(SolEvent::Lost);
        }
    }

    /// The next payload to send now.
    pub fn poll_transmit(&mut self, now: Instant) -> Option<Vec<u8>> {
        if self.ended {
            return std::mem::take(&mut self.acknowledge).then(|| self.acknowledgement());
        }
        if self.in_flight.is_none() && !(self.typed.is_empty() && self.operations.is_empty()) {
            self.sequence = next_sequence(self.sequence);
            let count = self.packet.min(self.typed.len());
            self.in_flight = Some(InFlight {
                sequence: self.sequence,
                data: self.typed.drain(..count).collect(),
                flags: std::mem::replace(&mut self.operations, SolOperation::empty()),
                sendings: 0,
                again_at: now,
            });
        }
        let retry = self.timing.retry;
        if let Some(packet) = self.in_flight.as_mut().filter(|packet| packet.again_at <= now) {
            packet.sendings += 1;
            packet.again_at = now + retry;
            let (acknowledged, accepted) = if std::mem::take(&mut self.acknowledge) { self.taken } else { (0, 0) };
            let accepted = u8::try_from(accepted).unwrap_or(u8::MAX);
            let payload = ConsolePayload {
                sequence: packet.sequence,
                acknowledged,
                accepted,
                flags: packet.flags,
                data: &packet.data,
            };
            return Some(payload.emit());
        }
        std::mem::take(&mut self.acknowledge).then(|| self.acknowledgement())
    }

    fn acknowledgement(&self) -> Vec<u8> {
        let (acknowledged, accepted) = self.taken;
        let accepted = u8::try_from(accepted).unwrap_or(u8::MAX);
        ConsolePayload { sequence: 0, acknowledged, accepted, flags: SolOperation::empty(), data: &[] }.emit()
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) and [`poll_transmit`](Self::poll_transmit) next.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.in_flight.as_ref().map(|packet| packet.again_at)
    }

    /// What happened, in order.
    pub fn poll_event(&mut self) -> Option<SolEvent> {
        let event = self.events.pop_front();
        if let Some(SolEvent::Output(output)) = &event {
            self.waiting = self.waiting.saturating_sub(output.len());
        }
        event
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACKET: usize = 4;

    fn console() -> (SolConsole, Instant) {
        (SolConsole::new(PACKET, SolTiming::default()), Instant::now())
    }

    fn outputs(console: &mut SolConsole) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(event) = console.poll_event() {
            if let SolEvent::Output(output) = event {
                all.extend(output);
            }
        }
        all
    }

    #[test]
    fn one_packet_is_under_way_and_sent_again_unchanged() {
        let (mut console, now) = console();
        console.write(b"abcdef");
        assert_eq!(console.poll_transmit(now).unwrap(), b"\x01\0\0\0abcd");
        assert_eq!(console.poll_transmit(now), None);
        let later = console.poll_timeout().unwrap();
        assert_eq!(console.poll_transmit(later).unwrap(), b"\x01\0\0\0abcd");
        console.handle_payload(&[0, 1, 4, 0], later).unwrap();
        assert_eq!(console.poll_transmit(later).unwrap(), b"\x02\0\0\0ef");
        console.handle_payload(&[0, 2, 2, 0], later).unwrap();
        assert!(console.is_idle());
        assert_eq!(console.poll_timeout(), None);
    }

    #[test]
    fn what_was_not_taken_goes_out_under_a_new_number() {
        let (mut console, now) = console();
        console.write(b"abcdef");
        console.poll_transmit(now).unwrap();
        console.handle_payload(&[0, 1, 3, 0], now).unwrap();
        assert_eq!(console.poll_transmit(now).unwrap(), b"\x02\0\0\0def");
    }

    #[test]
    fn a_refusal_is_heeded() {
        let (mut console, now) = console();
        console.write(b"ab");
        console.poll_transmit(now).unwrap();
        console.handle_payload(&[0, 1, 0, 0x40], now).unwrap();
        assert_eq!(console.poll_transmit(now).unwrap(), b"\x01\0\0\0ab");
        console.handle_payload(&[0, 1, 0, 0x60], now).unwrap();
        assert_eq!(console.poll_transmit(now), None);
        assert_eq!(console.poll_timeout(), Some(now + UNAVAILABLE_WAIT));
    }

    #[test]
    fn a_packet_is_shown_once_and_acknowledged_each_time() {
        let (mut console, now) = console();
        for _ in 0..2 {
            console.handle_payload(b"\x05\0\0\0xy", now).unwrap();
            assert_eq!(console.poll_transmit(now).unwrap(), [0, 5, 2, 0]);
        }
        console.handle_payload(b"\x05\0\0\0xyz", now).unwrap();
        assert_eq!(console.poll_transmit(now).unwrap(), [0, 5, 3, 0]);
        console.handle_payload(b"\x06\0\0\0xy", now).unwrap();
        assert_eq!(outputs(&mut console), b"xyzxy");
    }

    #[test]
    fn a_packet_overtaken_on_the_way_is_not_shown_again() {
        let (mut console, now) = console();
        for payload in [b"\x0F\0\0\0a", b"\x01\0\0\0b", b"\x0F\0\0\0a", b"\x02\0\0\0c"] {
            console.handle_payload(payload, now).unwrap();
        }
        assert_eq!(outputs(&mut console), b"abc");
        for _ in 0..INSISTS {
            console.handle_payload(b"\x0D\0\0\0d", now).unwrap();
        }
        assert_eq!(outputs(&mut console), b"d");
    }

    #[test]
    fn losses_breaks_and_the_end_are_told() {
        let (mut console, now) = console();
        console.handle_payload(b"\x01\0\0\x0Cx", now).unwrap();
        assert_eq!(console.poll_event(), Some(SolEvent::Overrun));
        assert_eq!(console.poll_event(), Some(SolEvent::Break));
        assert_eq!(console.poll_event(), Some(SolEvent::Output(b"x".to_vec())));
        console.handle_payload(&[0, 0, 0, 0x10], now).unwrap();
        assert_eq!(console.poll_event(), Some(SolEvent::Deactivated));
    }

    #[test]
    fn a_bmc_that_never_acknowledges_is_lost() {
        let (mut console, mut now) = console();
        console.operate(SolOperation::BREAK);
        let mut sendings = 0;
        while let Some(at) = console.poll_timeout().or(Some(now)).filter(|_| sendings < 100) {
            now = at;
            console.handle_timeout(now);
            if console.poll_event() == Some(SolEvent::Lost) {
                break;
            }
            assert_eq!(console.poll_transmit(now).unwrap(), [1, 0, 0, 0x10]);
            sendings += 1;
        }
        assert_eq!(sendings, SolTiming::default().retries + 1);
    }

    #[test]
    fn a_console_nobody_reads_takes_no_more() {
        let (mut console, now) = console();
        let mut sequence = 0;
        loop {
            sequence = next_sequence(sequence);
            let data = [b'x'; 200];
            let payload = BmcPayload { sequence, acknowledged: 0, accepted: 0, flags: SolStatus::empty(), data: &data };
            console.handle_payload(&payload.emit(), now).unwrap();
            if console.poll_transmit(now).is_none() {
                break;
            }
        }
        let shown = outputs(&mut console).len();
        assert!((SHOWN_LATE..SHOWN_LATE + 400).contains(&shown), "{shown}");
        assert_eq!(console.write(&[0; 2 * TYPED_AHEAD]), TYPED_AHEAD);
    }

    #[test]
    fn short_payloads_are_errors() {
        let (mut console, now) = console();
        for length in 0..4 {
            assert!(console.handle_payload(&[1, 0, 0, 0][..length], now).is_err());
        }
        assert_eq!(console.poll_transmit(now), None);
    }
}
