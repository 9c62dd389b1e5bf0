//! The BMC's end of Serial over LAN (IPMI 2.0 s15.9-15.11): characters of the system become packets that are sent until
//! the console acknowledges them; what the console types is taken once.

use std::collections::VecDeque;
use std::time::Duration;

use ipmi_core::ParseError;
use ipmi_core::link::sol::{BmcPayload, ConsolePayload, SolOperation, SolStatus, is_behind, next_sequence};

/// Characters of the system kept for the console. A UART has no more patience: what comes beyond is lost and told.
const BUFFER: usize = 16 * 1024;
/// A console that was silent through all retries is tried this seldom from then on, for as long as its session lasts:
/// one whose user stopped the output says nothing and loses nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// The SOL configuration parameters a session goes by (IPMI 2.0 table 26-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SolTimes {
    /// Most characters in a packet.
    pub packet: usize,
    /// Parameter 3: how long characters are collected before a packet that is not full goes out.
    pub accumulate: Duration,
    /// Parameter 3: as many characters go out at once.
    pub threshold: usize,
    /// Parameter 4: time without an acknowledgement after which a packet is sent again.
    pub retry: Duration,
    /// Parameter 4: how often it is sent again at this pace, before it is tried more seldom.
    pub retries: u32,
}

/// What the console wants of the system.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Typed {
    /// Characters for the system.
    pub characters: Vec<u8>,
    /// A break for the system.
    pub sends_break: bool,
    /// Ring: wakes the system.
    pub ring: bool,
}

#[derive(Debug)]
struct InFlight {
    sequence: u8,
    data: Vec<u8>,
    status: SolStatus,
    sendings: u32,
    again_at: Duration,
}

/// The BMC's end of one SOL session.
#[derive(Debug)]
pub struct SolEnd {
    times: SolTimes,
    output: VecDeque<u8>,
    collected_since: Option<Duration>,
    sequence: u8,
    in_flight: Option<InFlight>,
    /// The last packet taken: number and how many of its characters.
    taken: (u8, u8),
    acknowledge: bool,
    /// The packet for which there was no room, until the console is told; 0 for none.
    refused: u8,
    overrun: bool,
    paused: bool,
    ended: bool,
}

impl SolEnd {
    /// A session that begins.
    pub fn new(times: SolTimes) -> Self {
        Self {
            times,
            output: VecDeque::new(),
            collected_since: None,
            sequence: 0,
            in_flight: None,
            taken: (0, 0),
            acknowledge: false,
            refused: 0,
            overrun: false,
            paused: false,
            ended: false,
        }
    }

    /// How many characters of the system find room.
    pub fn room(&self) -> usize {
        if self.paused { 0 } else { BUFFER.saturating_sub(self.output.len()) }
    }

    /// Takes characters of the system. Those that find no room are lost, and the console is told.
    pub fn put(&mut self, characters: &[u8], now: Duration) {
        let room = BUFFER.saturating_sub(self.output.len()).min(characters.len());
        self.overrun |= room < characters.len();
        self.output.extend(characters.iter().take(room));
        if !self.output.is_empty() {
            self.collected_since.get_or_insert(now);
        }
    }

    /// Takes a payload of the console, of its characters at most `room`: the console sends the others again.
    ///
    /// # Errors
    /// When it is no SOL payload; the session goes on.
    pub fn handle_payload(&mut self, payload: &[u8], room: usize, now: Duration) -> Result<Typed, ParseError> {
        let payload = ConsolePayload::parse(payload)?;
        self.heed(&payload, now);
        let mut typed = Typed::default();
        if payload.sequence == 0 {
            return Ok(typed);
        }
        self.acknowledge = true;
        if payload.sequence == self.taken.0 {
            return Ok(typed);
        }
        if is_behind(payload.sequence, self.taken.0) {
            self.acknowledge = false;
            return Ok(typed);
        }
        if room == 0 && !payload.data.is_empty() {
            // It comes again under the same number.
            (self.acknowledge, self.refused) = (false, payload.sequence);
            return Ok(typed);
        }
        let characters = payload.data.get(..room).unwrap_or(payload.data);
        self.taken = (payload.sequence, u8::try_from(characters.len()).unwrap_or(u8::MAX));
        self.paused = payload.flags.contains(SolOperation::PAUSE_CTS);
        typed.sends_break = payload.flags.contains(SolOperation::BREAK);
        typed.ring = payload.flags.contains(SolOperation::RING);
        if payload.flags.contains(SolOperation::FLUSH_INBOUND) {
            self.output.clear();
            self.in_flight = None;
        }
        typed.characters = characters.to_vec();
        Ok(typed)
    }

    /// What the payload says about the packet under way.
    fn heed(&mut self, payload: &ConsolePayload<'_>, now: Duration) {
        let is_ours = |packet: &&mut InFlight| payload.acknowledged != 0 && packet.sequence == payload.acknowledged;
        let Some(packet) = self.in_flight.as_mut().filter(is_ours) else { return };
        if payload.flags.contains(SolOperation::NACK) {
            packet.again_at = now;
            return;
        }
        let accepted = usize::from(payload.accepted).min(packet.data.len());
        if let Some(packet) = self.in_flight.take() {
            for byte in packet.data.iter().skip(accepted).rev() {
                self.output.push_front(*byte);
            }
        }
        self.collected_since = (!self.output.is_empty()).then_some(now);
    }

    /// Ends the session: the console is told once.
    pub fn deactivate(&mut self) {
        self.ended = true;
        self.in_flight = None;
        self.output.clear();
        self.acknowledge = true;
    }

    /// The next payload to send now.
    pub fn poll_transmit(&mut self, now: Duration) -> Option<Vec<u8>> {
        if self.ended {
            return std::mem::take(&mut self.acknowledge).then(|| self.acknowledgement(SolStatus::DEACTIVATED));
        }
        let refused = std::mem::take(&mut self.refused);
        if refused != 0 {
            let flags = SolStatus::NACK | SolStatus::TRANSFER_UNAVAILABLE;
            return Some(BmcPayload { sequence: 0, acknowledged: refused, accepted: 0, flags, data: &[] }.emit());
        }
        if self.in_flight.is_none() && (self.overrun || self.is_ready(now)) {
            self.fill(now);
        }
        let SolTimes { retry, retries, .. } = self.times;
        if let Some(packet) = self.in_flight.as_mut().filter(|packet| packet.again_at <= now) {
            packet.again_at = now + if packet.sendings < retries { retry } else { retry.max(PATIENCE) };
            packet.sendings = packet.sendings.saturating_add(1);
            let (acknowledged, accepted) = if std::mem::take(&mut self.acknowledge) { self.taken } else { (0, 0) };
            let (sequence, flags) = (packet.sequence, packet.status);
            return Some(BmcPayload { sequence, acknowledged, accepted, flags, data: &packet.data }.emit());
        }
        std::mem::take(&mut self.acknowledge).then(|| self.acknowledgement(SolStatus::empty()))
    }

    /// True when enough characters were collected, or long enough.
    fn is_ready(&self, now: Duration) -> bool {
        let threshold = self.times.threshold.clamp(1, self.times.packet.max(1));
        !self.paused && (self.output.len() >= threshold || self.ready_at().is_some_and(|at| at <= now))
    }

    fn ready_at(&self) -> Option<Duration> {
        self.collected_since.filter(|_| !self.paused).map(|since| since + self.times.accumulate)
    }

    fn fill(&mut self, now: Duration) {
        self.sequence = next_sequence(self.sequence);
        let count = self.times.packet.clamp(1, BmcPayload::MAX_DATA).min(self.output.len());
        let overrun = std::mem::take(&mut self.overrun);
        self.in_flight = Some(InFlight {
            sequence: self.sequence,
            data: self.output.drain(..count).collect(),
            status: if overrun { SolStatus::TRANSMIT_OVERRUN } else { SolStatus::empty() },
            sendings: 0,
            again_at: now,
        });
        self.collected_since = (!self.output.is_empty()).then_some(now);
    }

    fn acknowledgement(&self, status: SolStatus) -> Vec<u8> {
        let (acknowledged, accepted) = self.taken;
        BmcPayload { sequence: 0, acknowledged, accepted, flags: status, data: &[] }.emit()
    }

    /// When to call [`poll_transmit`](Self::poll_transmit) next.
    pub fn poll_timeout(&self) -> Option<Duration> {
        match &self.in_flight {
            Some(packet) => Some(packet.again_at),
            None => self.ready_at(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_790_000_000);
    const TIMES: SolTimes = SolTimes {
        packet: 4,
        accumulate: Duration::from_millis(50),
        threshold: 3,
        retry: Duration::from_millis(100),
        retries: 2,
    };

    #[test]
    fn characters_are_collected_for_a_while() {
        let mut end = SolEnd::new(TIMES);
        end.put(b"a", NOW);
        assert_eq!(end.poll_transmit(NOW), None);
        let later = end.poll_timeout().unwrap();
        assert_eq!(later, NOW + TIMES.accumulate);
        assert_eq!(end.poll_transmit(later).unwrap(), b"\x01\0\0\0a");
        end.put(b"bcdefg", later);
        assert_eq!(end.poll_transmit(later), None);
        end.handle_payload(&[0, 1, 1, 0], 100, later).unwrap();
        assert_eq!(end.poll_transmit(later).unwrap(), b"\x02\0\0\0bcde");
    }

    #[test]
    fn a_packet_holds_a_character_at_least() {
        let mut end = SolEnd::new(SolTimes { packet: 0, threshold: 0, ..TIMES });
        end.put(b"ab", NOW);
        assert_eq!(end.poll_transmit(NOW).unwrap(), b"\x01\0\0\0a");
    }

    #[test]
    fn a_packet_comes_again_and_then_seldom() {
        let mut end = SolEnd::new(TIMES);
        end.put(b"abc", NOW);
        let mut now = NOW;
        for _ in 0..=TIMES.retries {
            assert_eq!(end.poll_transmit(now).unwrap(), b"\x01\0\0\0abc");
            now = end.poll_timeout().unwrap();
        }
        assert_eq!(now, NOW + TIMES.retry * TIMES.retries + PATIENCE);
        assert_eq!(end.poll_transmit(now).unwrap(), b"\x01\0\0\0abc");
        assert_eq!(end.poll_timeout(), Some(now + PATIENCE));
        end.handle_payload(&[0, 1, 3, 0], 100, now).unwrap();
        assert_eq!((end.poll_transmit(now), end.poll_timeout()), (None, None));
    }

    #[test]
    fn a_part_taken_leaves_the_rest() {
        let mut end = SolEnd::new(TIMES);
        end.put(b"abcd", NOW);
        end.poll_transmit(NOW).unwrap();
        end.handle_payload(&[0, 1, 1, 0], 100, NOW).unwrap();
        assert_eq!(end.poll_transmit(NOW).unwrap(), b"\x02\0\0\0bcd");
        end.handle_payload(&[0, 2, 0, 0x40], 100, NOW).unwrap();
        assert_eq!(end.poll_transmit(NOW).unwrap(), b"\x02\0\0\0bcd");
    }

    #[test]
    fn what_is_typed_is_taken_once() {
        let mut end = SolEnd::new(TIMES);
        let typed = end.handle_payload(b"\x03\0\0\x10ls", 100, NOW).unwrap();
        assert_eq!((typed.characters.as_slice(), typed.sends_break), (&b"ls"[..], true));
        assert_eq!(end.poll_transmit(NOW).unwrap(), [0, 3, 2, 0]);
        assert_eq!(end.handle_payload(b"\x03\0\0\x10ls", 100, NOW).unwrap(), Typed::default());
        assert_eq!(end.poll_transmit(NOW).unwrap(), [0, 3, 2, 0]);
        for length in 0..4 {
            assert!(end.handle_payload(&[1; 3][..length.min(3)], 100, NOW).is_err());
        }
    }

    #[test]
    fn what_finds_no_room_comes_again() {
        let mut end = SolEnd::new(TIMES);
        assert_eq!(end.handle_payload(b"\x01\0\0\0abc", 0, NOW).unwrap(), Typed::default());
        assert_eq!(end.poll_transmit(NOW).unwrap(), [0, 1, 0, 0x60]);
        assert_eq!(end.handle_payload(b"\x01\0\0\0abc", 2, NOW).unwrap().characters, b"ab");
        assert_eq!(end.poll_transmit(NOW).unwrap(), [0, 1, 2, 0]);
        assert_eq!(end.handle_payload(b"\x02\0\0\0c", 2, NOW).unwrap().characters, b"c");
        assert_eq!(end.poll_transmit(NOW).unwrap(), [0, 2, 1, 0]);
        assert!(end.handle_payload(b"\x03\0\0\x10", 0, NOW).unwrap().sends_break);
    }

    #[test]
    fn lost_characters_are_told_and_the_end_too() {
        let mut end = SolEnd::new(TIMES);
        end.put(&[b'x'; BUFFER + 1], NOW);
        assert_eq!(end.room(), 0);
        assert_eq!(end.poll_transmit(NOW).unwrap()[..4], [1, 0, 0, 0x08]);
        end.deactivate();
        assert_eq!(end.poll_transmit(NOW).unwrap(), [0, 0, 0, 0x10]);
        assert_eq!(end.poll_transmit(NOW), None);
    }

    #[test]
    fn a_pause_holds_the_output() {
        let mut end = SolEnd::new(TIMES);
        end.handle_payload(&[1, 0, 0, 0x08], 100, NOW).unwrap();
        end.poll_transmit(NOW).unwrap();
        end.put(b"abcd", NOW);
        assert_eq!((end.poll_transmit(NOW), end.room()), (None, 0));
        end.handle_payload(&[2, 0, 0, 0], 100, NOW).unwrap();
        assert_eq!(end.poll_transmit(NOW).unwrap(), b"\x01\x02\0\0abcd");
    }
}
