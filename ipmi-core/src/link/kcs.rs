//! The host end of KCS: write phase, read phase, error recovery (IPMI 2.0 s9.12-9.15, figures 9-6 to 9-8).
//!
//! [`KcsHost::poll`] says which register access comes next, [`KcsHost::complete`] takes what it gave. Accesses whose
//! outcome need not be known before the next one are handed out at once, so a transport with a long way (a serial
//! line) sends them together; one that executes each access as it comes (I/O ports) completes it before it polls
//! again and follows the flow chart step by step.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::kcs_register::{
    ErrorStatus, GET_STATUS_ABORT, IBF, OBF, READ, Register, SMS_ATN, State, WRITE_END, WRITE_START,
};
use super::serial_kcs::Access;

/// The longest response taken; a BMC that hands out more is out of its mind.
pub const MAX_RESPONSE: usize = 1024;
/// How often a transfer is started anew before the host gives up (s9.15 leaves the number to the host).
pub const MAX_RECOVERIES: u32 = 3;
/// Response bytes asked for in one go over a line: most responses fit two such goes, and asking in vain costs little.
const SENT_AHEAD: usize = 32;
/// How long error recovery may take when the request's own deadline is nearer.
const RECOVERY_TIME: Duration = Duration::from_millis(500);

/// Why a transfer gave no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KcsError {
    /// The deadline passed; `status` is the status register as last seen.
    #[error("no response in time, KCS status {status:02X}h")]
    Timeout {
        /// Status register as last seen.
        status: u8,
    },
    /// The transfer failed again after every recovery; `error` is what the BMC said about it last.
    #[error("KCS transfer failed {times} times, last error status: {error}")]
    GaveUp {
        /// Transfers tried.
        times: u32,
        /// The BMC's error status.
        error: ErrorStatus,
    },
    /// The request has no bytes, or the response more than [`MAX_RESPONSE`].
    #[error("message of {len} bytes does not fit a KCS transfer")]
    Length {
        /// Its length.
        len: usize,
    },
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Do this access. If it gives a byte, hand it to [`KcsHost::complete`]; bytes come back in order.
    Access(Access),
    /// Nothing until the next byte is handed over.
    Blocked,
    /// The response: NetFn/LUN, command, completion code, data.
    Done(Vec<u8>),
    /// The transfer is over without one.
    Failed(KcsError),
    /// No transfer is going on.
    Idle,
}

/// What the next byte handed over is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// Status after a write: IBF clear, and the state is this one.
    Written(State),
    /// Status while the BMC takes an abort; the state does not matter yet.
    Taken,
    /// Status before anything is written: IBF clear.
    Ready,
    /// Status in the read phase: READ or IDLE with a byte in Data_Out.
    Readable,
    /// Data_Out, read to clear OBF.
    Discard,
    /// Data_Out: a response byte.
    ResponseByte,
    /// Data_Out: the dummy byte that ends a transfer.
    LastByte,
    /// Data_Out: the error status.
    ErrorByte,
    /// Status of a byte asked for ahead.
    Ahead,
    /// Asked for ahead, beyond the end of the response.
    Surplus,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Idle,
    Transfer,
    /// Aborting; what is said in the end if no try is left.
    Recovery,
    Done,
    Failed(KcsError),
}

/// The host end of a KCS interface, one transfer at a time.
#[derive(Debug)]
pub struct KcsHost {
    phase: Phase,
    request: Vec<u8>,
    response: Vec<u8>,
    accesses: VecDeque<Access>,
    expected: VecDeque<Expect>,
    deadline: Option<Instant>,
    recoveries: u32,
    error: ErrorStatus,
    status: u8,
    /// The last transfer did not end in IDLE: the next begins with an abort.
    dirty: bool,
    /// The request's deadline has passed; recovery only tidies up.
    late: bool,
    /// A pipelined access went wrong: the bytes still expected mean nothing.
    draining: bool,
    /// Bytes asked for ahead of their turn; 0 where the transport cannot.
    ahead: usize,
}

impl Default for KcsHost {
    fn default() -> Self {
        Self::new()
    }
}

impl KcsHost {
    /// A host that knows nothing of the interface's state and hopes that it is idle.
    pub fn new() -> Self {
        Self {
            phase: Phase::Idle,
            request: Vec::new(),
            response: Vec::new(),
            accesses: VecDeque::new(),
            expected: VecDeque::new(),
            deadline: None,
            recoveries: 0,
            error: ErrorStatus::NONE,
            status: 0,
            dirty: false,
            late: false,
            draining: false,
            ahead: 0,
        }
    }

    /// A host behind a line that knows [`Access::Next`]: response bytes are asked for many at a time.
    pub fn over_line() -> Self {
        Self { ahead: SENT_AHEAD, ..Self::new() }
    }

    /// The status register as last seen.
    pub fn status(&self) -> u8 {
        self.status
    }

    /// SMS_ATN as last seen.
    pub fn sms_attention(&self) -> bool {
        self.status & SMS_ATN != 0
    }

    /// Starts a transfer of NetFn/LUN, command, data. What was going on is forgotten.
    pub fn start(&mut self, request: &[u8], deadline: Instant) {
        self.accesses.clear();
        self.expected.clear();
        self.draining = false;
        self.late = false;
        self.recoveries = 0;
        self.error = ErrorStatus::NONE;
        self.deadline = Some(deadline);
        self.request = request.to_vec();
        self.response.clear();
        // NetFn/LUN and command: a shorter request has no last byte to put after WRITE_END that a BMC would take.
        if request.len() < 2 {
            self.phase = Phase::Failed(KcsError::Length { len: request.len() });
        } else if std::mem::take(&mut self.dirty) {
            self.recover();
        } else {
            self.write_phase();
        }
    }

    /// The line was lost or resynchronised: accesses under way will not complete. The next transfer begins with an
    /// abort.
    pub fn line_lost(&mut self) {
        self.accesses.clear();
        self.expected.clear();
        self.draining = false;
        self.dirty = true;
        self.phase = Phase::Idle;
    }

    /// What to do next.
    pub fn poll(&mut self) -> Step {
        if let Some(access) = self.accesses.pop_front() {
            return Step::Access(access);
        }
        if !self.expected.is_empty() {
            return Step::Blocked;
        }
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Done => Step::Done(std::mem::take(&mut self.response)),
            Phase::Failed(error) => Step::Failed(error),
            Phase::Idle => Step::Idle,
            // Transfer and recovery always expect a byte; were it otherwise, waiting would be for ever.
            Phase::Transfer | Phase::Recovery => {
                self.dirty = true;
                Step::Failed(KcsError::Timeout { status: self.status })
            }
        }
    }

    /// Takes the byte the oldest access gave.
    pub fn complete(&mut self, value: u8, now: Instant) {
        let Some(expected) = self.expected.pop_front() else { return };
        match expected {
            Expect::Written(_) | Expect::Taken | Expect::Ready | Expect::Readable | Expect::Ahead => {
                self.status = value;
            }
            Expect::Surplus => return,
            _ => {}
        }
        if self.draining {
            if self.expected.is_empty() {
                self.draining = false;
                self.recover();
            }
            return;
        }
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            return self.out_of_time(now);
        }
        match expected {
            Expect::Written(state) => self.check(value & IBF == 0, State::of(value) == state, expected),
            Expect::Taken | Expect::Ready => self.check(value & IBF == 0, true, expected),
            Expect::Readable => self.readable(value),
            Expect::Ahead => self.ahead_status(value),
            Expect::Discard | Expect::Surplus => {}
            Expect::ResponseByte => self.response_byte(value),
            Expect::LastByte => self.finished(),
            Expect::ErrorByte => self.error = ErrorStatus(value),
        }
    }

    fn expect(&mut self, access: Access, expected: Expect) {
        self.accesses.push_back(access);
        self.expected.push_back(expected);
    }

    fn wait_written(&mut self, expected: Expect) {
        self.expect(Access::Wait { mask: IBF, value: 0 }, expected);
    }

    fn write(&mut self, register: Register, value: u8) {
        self.accesses.push_back(Access::Write(register, value));
    }

    /// After every byte the host waits until the BMC has taken it, checks the state, and clears OBF: real BMCs (and
    /// QEMU) fill Data_Out after each write to raise an interrupt, and a byte left there would pass for the first one
    /// of the response.
    fn write_phase(&mut self) {
        self.phase = Phase::Transfer;
        self.response.clear();
        self.wait_written(Expect::Ready);
        self.expect(Access::Read(Register::Data), Expect::Discard);
        let request = std::mem::take(&mut self.request);
        if let Some((last, first)) = request.split_last() {
            self.write_step(Register::CommandStatus, WRITE_START);
            for byte in first {
                self.write_step(Register::Data, *byte);
            }
            self.write_step(Register::CommandStatus, WRITE_END);
            self.write(Register::Data, *last);
        }
        self.request = request;
        self.expect(Access::Wait { mask: IBF | OBF, value: OBF }, Expect::Readable);
    }

    fn write_step(&mut self, register: Register, value: u8) {
        self.write(register, value);
        self.wait_written(Expect::Written(State::Write));
        self.expect(Access::Read(Register::Data), Expect::Discard);
    }

    /// A status that should show the write taken. Where nothing was sent behind it, a slow BMC gets more time.
    fn check(&mut self, taken: bool, right_state: bool, expected: Expect) {
        if !taken && self.expected.is_empty() {
            self.accesses.push_front(Access::Wait { mask: IBF, value: 0 });
            self.expected.push_front(expected);
        } else if !taken && self.pending_unsent() {
            // Executed one by one: the rest has not been handed out yet, so the wait can simply go on.
            self.accesses.push_front(Access::Wait { mask: IBF, value: 0 });
            self.expected.push_front(expected);
        } else if !taken || !right_state {
            self.fail();
        }
    }

    /// True when every byte still expected belongs to an access not handed out yet.
    fn pending_unsent(&self) -> bool {
        self.accesses.iter().map(|access| access.results()).sum::<usize>() == self.expected.len()
    }

    fn readable(&mut self, status: u8) {
        let state = State::of(status);
        let waiting = Access::Wait { mask: IBF | OBF, value: OBF };
        if status & IBF != 0 || (status & OBF == 0 && matches!(state, State::Read | State::Idle)) {
            if self.expected.is_empty() || self.pending_unsent() {
                self.accesses.push_front(waiting);
                self.expected.push_front(Expect::Readable);
            } else {
                self.fail();
            }
            return;
        }
        let recovering = self.phase == Phase::Recovery;
        match state {
            // The byte was read along with the status.
            State::Read if !self.expected.is_empty() => {}
            State::Read if recovering => {
                self.expect(Access::Read(Register::Data), Expect::ErrorByte);
                self.next_byte();
            }
            State::Read => {
                self.expect(Access::Read(Register::Data), Expect::ResponseByte);
            }
            // The last byte has been read; what is in Data_Out now is the dummy.
            State::Idle if recovering || !self.response.is_empty() => match self.expected.front_mut() {
                Some(byte) => *byte = Expect::LastByte,
                None => self.expect(Access::Read(Register::Data), Expect::LastByte),
            },
            State::Idle | State::Write | State::Error => self.fail(),
        }
    }

    /// The status with a byte asked for ahead: it tells whether that is a response byte, the last one, or neither.
    fn ahead_status(&mut self, status: u8) {
        match (State::of(status), self.expected.front_mut()) {
            (State::Read, Some(_)) if status & (IBF | OBF) == OBF => {}
            (State::Idle, Some(byte)) if status & (IBF | OBF) == OBF => *byte = Expect::LastByte,
            _ => self.fail(),
        }
    }

    /// Acknowledges a byte and asks for the next: write, status and data in one go.
    fn next_byte(&mut self) {
        if self.ahead > 0 && self.phase == Phase::Transfer {
            if self.expected.is_empty() {
                for _ in 0..self.ahead {
                    self.expect(Access::Next, Expect::Ahead);
                    self.expected.push_back(Expect::ResponseByte);
                }
            }
            return;
        }
        self.write(Register::Data, READ);
        self.expect(Access::Wait { mask: IBF | OBF, value: OBF }, Expect::Readable);
        if self.phase == Phase::Transfer {
            self.expect(Access::Read(Register::Data), Expect::ResponseByte);
        }
    }

    fn response_byte(&mut self, byte: u8) {
        if self.response.len() >= MAX_RESPONSE {
            self.dirty = true;
            self.expected.iter_mut().for_each(|byte| *byte = Expect::Surplus);
            self.phase = Phase::Failed(KcsError::Length { len: MAX_RESPONSE + 1 });
            return;
        }
        self.response.push(byte);
        self.next_byte();
    }

    fn finished(&mut self) {
        self.expected.iter_mut().for_each(|byte| *byte = Expect::Surplus);
        if self.phase == Phase::Transfer {
            self.phase = Phase::Done;
        } else if self.late {
            self.phase = Phase::Failed(KcsError::Timeout { status: self.status });
        } else if self.recoveries > MAX_RECOVERIES {
            self.phase = Phase::Failed(KcsError::GaveUp { times: self.recoveries, error: self.error });
        } else {
            self.write_phase();
        }
    }

    /// The BMC is not where it should be: forget the rest and recover, once the answers under way are in.
    fn fail(&mut self) {
        // Accesses not handed out yet give no byte.
        let unsent = self.accesses.iter().map(|access| access.results()).sum::<usize>();
        self.accesses.clear();
        self.expected.truncate(self.expected.len().saturating_sub(unsent));
        if self.expected.is_empty() {
            self.recover();
        } else {
            self.draining = true;
        }
    }

    /// Aborts the transfer and fetches the error status (figure 9-8).
    fn recover(&mut self) {
        self.recoveries += 1;
        // Recovery itself failed too often: nothing more to try.
        if self.recoveries > MAX_RECOVERIES + 1 {
            self.dirty = true;
            self.phase = Phase::Failed(KcsError::GaveUp { times: self.recoveries - 1, error: self.error });
            return;
        }
        self.phase = Phase::Recovery;
        self.response.clear();
        // Not preceded by a wait for IBF: a BMC stuck in a request keeps IBF set, and the abort is what frees it.
        self.write(Register::CommandStatus, GET_STATUS_ABORT);
        self.wait_written(Expect::Taken);
        self.expect(Access::Read(Register::Data), Expect::Discard);
        self.write(Register::Data, 0);
        self.expect(Access::Wait { mask: IBF | OBF, value: OBF }, Expect::Readable);
    }

    fn out_of_time(&mut self, now: Instant) {
        if self.late {
            self.accesses.clear();
            self.expected.clear();
            self.dirty = true;
            self.phase = Phase::Failed(KcsError::Timeout { status: self.status });
            return;
        }
        // One abort leaves the interface idle for the next request; it may take a little longer than was given.
        self.late = true;
        self.deadline = Some(now + RECOVERY_TIME);
        self.fail();
    }
}

#[cfg(test)]
#[path = "kcs_tests.rs"]
mod tests;
