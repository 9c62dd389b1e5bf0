//! The host end of SSIF, the SMBus system interface (IPMI 2.0 s12): messages in block writes and reads of 32 bytes.
//!
//! [`SsifHost::poll`] says which SMBus transfer comes next, [`SsifHost::complete`] takes what came of it. A BMC that is
//! at work refuses transfers or hands out empty blocks; the host then waits and asks again until the deadline.

use std::time::{Duration, Instant};

/// Most bytes of one SMBus block.
pub const BLOCK: usize = 32;
/// The longest response taken.
pub const MAX_RESPONSE: usize = 1024;

/// SMBus commands (table 12-1).
const WRITE_SINGLE: u8 = 0x02;
const READ_START: u8 = 0x03;
const WRITE_START: u8 = 0x06;
const WRITE_MIDDLE: u8 = 0x07;
const WRITE_END: u8 = 0x08;
const READ_NEXT: u8 = 0x09;

/// What the first block of a response in several parts begins with; no response begins so itself.
const MULTI_PART: [u8; 2] = [0x00, 0x01];
/// Number of the last part.
const LAST_PART: u8 = 0xFF;
/// Bit of NetFn/LUN that makes a request's a response's.
const RESPONSE: u8 = 0x04;
/// Writes refused in a row after which nobody is there.
const WRITE_TRIES: u32 = 8;
/// How often reading begins anew after a block that came damaged or out of order.
const READ_RESTARTS: u32 = 3;
/// Time after a request within which a block that is the last response's may still be that: QEMU's `smbus-ipmi` goes on
/// handing it out until the BMC has answered, instead of refusing. The kernel's driver waits 60 ms before every read.
const STALE: Duration = Duration::from_millis(100);
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// What a BMC's SSIF can do (Get System Interface Capabilities, s22.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Most bytes of a request, NetFn/LUN and command included.
    pub max_request: usize,
    /// Transfers may carry a packet error code.
    pub packet_error_code: bool,
}

impl Capabilities {
    /// What every SSIF can do.
    pub const LEAST: Self = Self { max_request: BLOCK, packet_error_code: false };

    /// From the data of a response to Get System Interface Capabilities for SSIF; [`Self::LEAST`] when it is too short.
    ///
    /// ```
    /// use ipmi_core::link::ssif::Capabilities;
    /// let capable = Capabilities { max_request: 255, packet_error_code: true };
    /// assert_eq!(Capabilities::parse(&[0, 0x88, 255, 255]), capable);
    /// assert_eq!(Capabilities::parse(&[0, 0x00, 255, 255]).max_request, 32);
    /// ```
    pub fn parse(data: &[u8]) -> Self {
        let &[_, flags, max_request, ..] = data else { return Self::LEAST };
        let limit = match flags >> 6 {
            0 => BLOCK,
            1 => 2 * BLOCK,
            _ => usize::from(u8::MAX),
        };
        let max_request = usize::from(max_request).clamp(BLOCK, limit);
        Self { max_request, packet_error_code: flags & 0x08 != 0 }
    }
}

/// Why a transfer gave no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SsifError {
    /// The deadline passed.
    #[error("no response in time")]
    Timeout,
    /// Every write was refused.
    #[error("nobody takes what is written")]
    Absent,
    /// A part of the response is not the next one, again and again.
    #[error("expected part {expected} of the response, found {found}")]
    Order {
        /// Number of the part that should have come.
        expected: u8,
        /// Number that came.
        found: u8,
    },
    /// Blocks came damaged, again and again.
    #[error("the response comes damaged")]
    Damaged,
    /// The request is shorter than a message or longer than the BMC takes, or the response longer than
    /// [`MAX_RESPONSE`].
    #[error("message of {len} bytes does not fit the interface, which takes 2 to {most}")]
    Length {
        /// Its length.
        len: usize,
        /// The longest that fits.
        most: usize,
    },
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// An SMBus block write.
    Write {
        /// SMBus command.
        command: u8,
        /// 1 to 32 bytes.
        data: Vec<u8>,
    },
    /// An SMBus block read.
    Read {
        /// SMBus command.
        command: u8,
    },
    /// Nothing before this time.
    Wait(Instant),
    /// The response: NetFn/LUN, command, completion code, data.
    Done(Vec<u8>),
    /// The exchange is over without one.
    Failed(SsifError),
    /// No exchange is going on.
    Idle,
}

/// What came of an SMBus transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer<'a> {
    /// The block was taken.
    Written,
    /// A block, without its length.
    Read(&'a [u8]),
    /// Not acknowledged, lost against another master or ended early: nothing was transferred.
    Refused,
    /// The packet error code is wrong.
    Damaged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    /// So many bytes of the request are written.
    Writing(usize),
    ReadingFirst,
    /// The number of the next part.
    ReadingNext(u8),
    Done,
    Failed(SsifError),
}

/// The host end of an SSIF, one exchange at a time.
#[derive(Debug)]
pub struct SsifHost {
    phase: Phase,
    capabilities: Capabilities,
    request: Vec<u8>,
    response: Vec<u8>,
    /// The first block of the response being read, and of the one before, which may come again.
    first_block: Vec<u8>,
    last_block: Vec<u8>,
    /// When the request was written.
    written: Option<Instant>,
    deadline: Option<Instant>,
    not_before: Option<Instant>,
    pause: Duration,
    refusals: u32,
    restarts: u32,
}

impl Default for SsifHost {
    fn default() -> Self {
        Self::new(Capabilities::LEAST)
    }
}

impl SsifHost {
    /// A host for a BMC that can do this.
    pub fn new(capabilities: Capabilities) -> Self {
        Self {
            phase: Phase::Idle,
            capabilities,
            request: Vec::new(),
            response: Vec::new(),
            first_block: Vec::new(),
            last_block: Vec::new(),
            written: None,
            deadline: None,
            not_before: None,
            pause: SHORTEST_PAUSE,
            refusals: 0,
            restarts: 0,
        }
    }

    /// Starts the exchange of a request of NetFn/LUN, command, data. What was going on is forgotten.
    pub fn start(&mut self, request: &[u8], deadline: Instant) {
        let capabilities = self.capabilities;
        let mut last_block = std::mem::take(&mut self.first_block);
        if last_block.is_empty() {
            last_block = std::mem::take(&mut self.last_block);
        }
        *self = Self { request: request.to_vec(), deadline: Some(deadline), last_block, ..Self::new(capabilities) };
        let (len, most) = (request.len(), capabilities.max_request);
        let fits = (2..=most).contains(&len);
        self.phase = if fits { Phase::Writing(0) } else { Phase::Failed(SsifError::Length { len, most }) };
    }

    /// What to do next.
    pub fn poll(&mut self, now: Instant) -> Step {
        match self.phase {
            Phase::Idle => return Step::Idle,
            Phase::Done => {
                self.phase = Phase::Idle;
                return Step::Done(std::mem::take(&mut self.response));
            }
            Phase::Failed(error) => {
                self.phase = Phase::Idle;
                return Step::Failed(error);
            }
            Phase::Writing(_) | Phase::ReadingFirst | Phase::ReadingNext(_) => {}
        }
        if self.deadline.is_none_or(|deadline| now >= deadline) {
            self.phase = Phase::Idle;
            return Step::Failed(SsifError::Timeout);
        }
        if let Some(time) = self.not_before.filter(|time| *time > now) {
            return Step::Wait(self.deadline.map_or(time, |deadline| deadline.min(time)));
        }
        match self.phase {
            Phase::Writing(sent) => {
                let left = self.request.get(sent..).unwrap_or_default();
                let command = match (sent, left.len() > BLOCK) {
                    (0, false) => WRITE_SINGLE,
                    (0, true) => WRITE_START,
                    (_, true) => WRITE_MIDDLE,
                    (_, false) => WRITE_END,
                };
                Step::Write { command, data: left.iter().take(BLOCK).copied().collect() }
            }
            Phase::ReadingNext(_) => Step::Read { command: READ_NEXT },
            _ => Step::Read { command: READ_START },
        }
    }

    /// Takes what came of the transfer asked for last.
    pub fn complete(&mut self, transfer: Transfer<'_>, now: Instant) {
        match (self.phase, transfer) {
            (Phase::Writing(sent), Transfer::Written) => self.written(sent + BLOCK, now),
            (Phase::Writing(_), _) => {
                self.refusals += 1;
                if self.refusals >= WRITE_TRIES {
                    self.phase = Phase::Failed(SsifError::Absent);
                }
                self.later(now);
            }
            (Phase::ReadingFirst, Transfer::Read(block)) => self.first(block, now),
            (Phase::ReadingNext(number), Transfer::Read(block)) => self.next(number, block, now),
            (Phase::ReadingFirst | Phase::ReadingNext(_), Transfer::Damaged) => {
                self.read_again(SsifError::Damaged, now);
            }
            (Phase::ReadingFirst | Phase::ReadingNext(_), _) => self.later(now),
            (Phase::Idle | Phase::Done | Phase::Failed(_), _) => {}
        }
    }

    fn written(&mut self, sent: usize, now: Instant) {
        self.refusals = 0;
        self.pause = SHORTEST_PAUSE;
        if sent < self.request.len() {
            self.not_before = None;
            self.phase = Phase::Writing(sent);
        } else {
            self.phase = Phase::ReadingFirst;
            self.written = Some(now);
            self.later(now);
        }
    }

    /// The next transfer waits, longer each time.
    fn later(&mut self, now: Instant) {
        self.not_before = Some(now + self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }

    fn first(&mut self, block: &[u8], now: Instant) {
        if block == self.last_block && self.written.is_some_and(|written| now < written + STALE) {
            return self.later(now);
        }
        self.first_block = block.to_vec();
        if let Some(data) = block.strip_prefix(&MULTI_PART) {
            self.response = data.to_vec();
            self.not_before = None;
            self.pause = SHORTEST_PAUSE;
            self.phase = Phase::ReadingNext(0);
        } else {
            self.response = block.to_vec();
            self.finish(now);
        }
    }

    fn next(&mut self, expected: u8, block: &[u8], now: Instant) {
        // Nothing yet: the block is asked for again.
        let Some((&found, data)) = block.split_first() else { return self.later(now) };
        if found != expected && found != LAST_PART {
            return self.read_again(SsifError::Order { expected, found }, now);
        }
        let len = self.response.len() + data.len();
        if len > MAX_RESPONSE {
            self.phase = Phase::Failed(SsifError::Length { len, most: MAX_RESPONSE });
            return;
        }
        self.response.extend(data);
        self.not_before = None;
        if found == LAST_PART {
            self.finish(now);
        } else {
            self.phase = Phase::ReadingNext(expected.saturating_add(1));
        }
    }

    /// Takes the response if it is one to this request. An empty one, or one to a request given up, is not yet it.
    fn finish(&mut self, now: Instant) {
        let ours = match (self.request.as_slice(), self.response.as_slice()) {
            // Some BMCs answer with LUN 0 whatever was asked.
            ([net_fn, cmd, ..], [answering, answered, _, ..]) => {
                (net_fn | RESPONSE) >> 2 == answering >> 2 && cmd == answered
            }
            _ => false,
        };
        if ours {
            self.phase = Phase::Done;
        } else {
            self.phase = Phase::ReadingFirst;
            self.later(now);
        }
    }

    fn read_again(&mut self, error: SsifError, now: Instant) {
        self.restarts += 1;
        if self.restarts > READ_RESTARTS {
            self.phase = Phase::Failed(error);
        } else {
            self.phase = Phase::ReadingFirst;
            self.later(now);
        }
    }
}

#[cfg(test)]
#[path = "ssif_tests.rs"]
mod tests;
