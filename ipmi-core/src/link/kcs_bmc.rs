//! The BMC end of KCS: two registers, requests out, responses in (IPMI 2.0 s9.11-9.14).
//!
//! The host's accesses come in through [`KcsBmc::write`] and [`KcsBmc::read`]; a complete request leaves as a
//! [`KcsRequest`], its response returns through [`KcsBmc::respond`]. While the BMC works on a request IBF stays set, so
//! a host that follows the specification waits.

use super::kcs_register::{
    COMMAND, ErrorStatus, GET_STATUS_ABORT, IBF, OBF, READ, Register, SMS_ATN, STATE_MASK, State, WRITE_END,
    WRITE_START,
};

/// The longest request taken unless told otherwise.
pub const DEFAULT_MAX_REQUEST: usize = 255;
/// The longest response handed out; what is longer is cut.
pub const MAX_RESPONSE: usize = 1024;

/// A complete request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KcsRequest {
    /// Names this request in [`KcsBmc::respond`], so that a late response to an aborted one cannot answer the next.
    pub ticket: u32,
    /// NetFn/LUN, command, data.
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    /// After WRITE_START: request bytes come.
    Write,
    /// After WRITE_END: the last request byte comes.
    WriteLast,
    /// The request is out; the response is awaited.
    Busy,
    /// Response bytes are read.
    Read,
    /// After GET_STATUS/ABORT: the host writes 00h, then reads the error status.
    AbortWaitZero,
    /// The error status is in Data_Out.
    AbortRead,
    /// Only GET_STATUS/ABORT or WRITE_START leads out.
    Error,
}

/// The BMC end of a KCS interface.
///
/// ```
/// use ipmi_core::link::{kcs_bmc::KcsBmc, kcs_register::Register};
/// let mut bmc = KcsBmc::new();
/// bmc.write(Register::CommandStatus, 0x61);
/// bmc.write(Register::Data, 0x18);
/// bmc.write(Register::CommandStatus, 0x62);
/// let request = bmc.write(Register::Data, 0x01).unwrap();
/// assert_eq!(request.bytes, [0x18, 0x01]);
/// assert!(bmc.respond(request.ticket, &[0x1C, 0x01, 0xC1]));
/// assert_eq!(bmc.read(Register::Data), 0x1C);
/// ```
#[derive(Debug, Clone)]
pub struct KcsBmc {
    status: u8,
    data_out: u8,
    phase: Phase,
    input: Vec<u8>,
    max_request: usize,
    output: Vec<u8>,
    next_out: usize,
    error: ErrorStatus,
    ticket: u32,
}

impl Default for KcsBmc {
    fn default() -> Self {
        Self::new()
    }
}

impl KcsBmc {
    /// An idle interface that takes requests of up to [`DEFAULT_MAX_REQUEST`] bytes.
    pub fn new() -> Self {
        Self::with_max_request(DEFAULT_MAX_REQUEST)
    }

    /// An idle interface that takes requests of up to `max_request` bytes; longer ones end in a length error.
    pub fn with_max_request(max_request: usize) -> Self {
        Self {
            status: State::Idle.bits(),
            data_out: 0,
            phase: Phase::Idle,
            input: Vec::new(),
            max_request,
            output: Vec::new(),
            next_out: 0,
            error: ErrorStatus::NONE,
            ticket: 0,
        }
    }

    /// The status register, without the side effects of an access (there are none).
    pub fn status(&self) -> u8 {
        self.status
    }

    /// Sets or clears SMS_ATN: there is a message or an event for system management software.
    pub fn set_sms_atn(&mut self, on: bool) {
        if on {
            self.status |= SMS_ATN;
        } else {
            self.status &= !SMS_ATN;
        }
    }

    /// The host reads a register.
    pub fn read(&mut self, register: Register) -> u8 {
        match register {
            Register::Data => {
                self.status &= !OBF;
                self.data_out
            }
            Register::CommandStatus => self.status,
        }
    }

    /// The host writes a register. Returns the request this access completes, if it does.
    pub fn write(&mut self, register: Register, value: u8) -> Option<KcsRequest> {
        match register {
            Register::CommandStatus => {
                self.status |= COMMAND;
                self.control(value);
                None
            }
            Register::Data => {
                self.status &= !COMMAND;
                self.data(value)
            }
        }
    }

    /// Hands over the response to request `ticket`: NetFn/LUN, command, completion code, data. False when nobody waits
    /// for it any more (the host aborted), which is no error.
    pub fn respond(&mut self, ticket: u32, response: &[u8]) -> bool {
        if self.phase != Phase::Busy || ticket != self.ticket {
            return false;
        }
        let Some((first, _)) = response.split_first() else {
            self.fail(ErrorStatus::UNSPECIFIED);
            return true;
        };
        self.output.clear();
        self.output.extend(response.iter().take(MAX_RESPONSE));
        self.next_out = 1;
        self.phase = Phase::Read;
        self.set_state(State::Read);
        self.put(*first);
        self.status &= !IBF;
        true
    }

    fn control(&mut self, code: u8) {
        self.status &= !IBF;
        match code {
            WRITE_START => {
                self.input.clear();
                self.error = ErrorStatus::NONE;
                self.status &= !OBF;
                self.phase = Phase::Write;
                self.set_state(State::Write);
            }
            WRITE_END if self.phase == Phase::Write => {
                self.phase = Phase::WriteLast;
                self.set_state(State::Write);
            }
            GET_STATUS_ABORT => {
                if self.error == ErrorStatus::NONE && self.phase != Phase::Idle {
                    self.error = ErrorStatus::ABORTED;
                }
                self.input.clear();
                self.status &= !OBF;
                self.phase = Phase::AbortWaitZero;
                self.set_state(State::Write);
            }
            _ => self.fail(ErrorStatus::ILLEGAL_CONTROL_CODE),
        }
    }

    fn data(&mut self, value: u8) -> Option<KcsRequest> {
        match self.phase {
            Phase::Write | Phase::WriteLast if self.input.len() >= self.max_request => self.fail(ErrorStatus::LENGTH),
            Phase::Write => self.input.push(value),
            Phase::WriteLast => {
                self.input.push(value);
                self.phase = Phase::Busy;
                self.status |= IBF;
                self.ticket = self.ticket.wrapping_add(1);
                return Some(KcsRequest { ticket: self.ticket, bytes: std::mem::take(&mut self.input) });
            }
            Phase::Read if value == READ => {
                if let Some(byte) = self.output.get(self.next_out).copied() {
                    self.next_out += 1;
                    self.put(byte);
                } else {
                    self.finish();
                }
            }
            Phase::AbortWaitZero => {
                self.phase = Phase::AbortRead;
                self.set_state(State::Read);
                self.put(self.error.0);
            }
            Phase::AbortRead => {
                self.error = ErrorStatus::NONE;
                self.finish();
            }
            Phase::Idle | Phase::Busy | Phase::Read | Phase::Error => self.fail(ErrorStatus::ILLEGAL_CONTROL_CODE),
        }
        None
    }

    /// The transfer is over: IDLE, with one dummy byte in Data_Out for the host to take (s9.12).
    fn finish(&mut self) {
        self.phase = Phase::Idle;
        self.set_state(State::Idle);
        self.put(0);
    }

    fn fail(&mut self, error: ErrorStatus) {
        self.error = error;
        self.input.clear();
        self.phase = Phase::Error;
        self.status &= !IBF;
        self.set_state(State::Error);
        self.put(0);
    }

    fn set_state(&mut self, state: State) {
        self.status = self.status & !STATE_MASK | state.bits();
    }

    fn put(&mut self, byte: u8) {
        self.data_out = byte;
        self.status |= OBF;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_request(bmc: &mut KcsBmc, bytes: &[u8]) -> Option<KcsRequest> {
        bmc.write(Register::CommandStatus, WRITE_START);
        let (last, first) = bytes.split_last().unwrap();
        for byte in first {
            bmc.write(Register::Data, *byte);
        }
        bmc.write(Register::CommandStatus, WRITE_END);
        bmc.write(Register::Data, *last)
    }

    fn abort(bmc: &mut KcsBmc) -> ErrorStatus {
        bmc.write(Register::CommandStatus, GET_STATUS_ABORT);
        assert_eq!(bmc.status() & IBF, 0);
        bmc.write(Register::Data, 0);
        assert_eq!(State::of(bmc.status()), State::Read);
        let status = ErrorStatus(bmc.read(Register::Data));
        bmc.write(Register::Data, READ);
        assert_eq!(State::of(bmc.status()), State::Idle);
        assert_ne!(bmc.status() & OBF, 0);
        bmc.read(Register::Data);
        status
    }

    #[test]
    fn a_transfer_register_by_register() {
        let mut bmc = KcsBmc::new();
        assert_eq!(bmc.status(), 0);
        bmc.write(Register::CommandStatus, WRITE_START);
        assert_eq!(bmc.status(), 0x88);
        bmc.write(Register::Data, 0x18);
        assert_eq!(bmc.status(), 0x80);
        bmc.write(Register::CommandStatus, WRITE_END);
        let request = bmc.write(Register::Data, 0x01).unwrap();
        assert_eq!((request.bytes.as_slice(), bmc.status()), ([0x18, 0x01].as_slice(), 0x82));
        assert!(bmc.respond(request.ticket, &[0x1C, 0x01, 0x00]));
        for byte in [0x1C, 0x01, 0x00] {
            assert_eq!(bmc.status(), 0x41);
            assert_eq!(bmc.read(Register::Data), byte);
            bmc.write(Register::Data, READ);
        }
        assert_eq!(bmc.status(), 0x01);
        bmc.read(Register::Data);
        assert_eq!(bmc.status(), 0x00);
    }

    #[test]
    fn illegal_codes_end_in_error_and_abort_tells_why() {
        let mut bmc = KcsBmc::new();
        bmc.write(Register::CommandStatus, 0x77);
        assert_eq!(State::of(bmc.status()), State::Error);
        assert_eq!(abort(&mut bmc), ErrorStatus::ILLEGAL_CONTROL_CODE);
        bmc.write(Register::CommandStatus, WRITE_END);
        assert_eq!(State::of(bmc.status()), State::Error);
        assert_eq!(abort(&mut bmc), ErrorStatus::ILLEGAL_CONTROL_CODE);
        assert_eq!(abort(&mut bmc), ErrorStatus::NONE);
    }

    #[test]
    fn long_requests_are_refused() {
        let mut bmc = KcsBmc::with_max_request(4);
        assert!(write_request(&mut bmc, &[0x18, 1, 2, 3]).is_some());
        assert_eq!(abort(&mut bmc), ErrorStatus::ABORTED);
        assert!(write_request(&mut bmc, &[0x18, 1, 2, 3, 4]).is_none());
        assert_eq!(State::of(bmc.status()), State::Error);
        assert!(bmc.input.is_empty());
    }

    #[test]
    fn a_late_response_to_an_aborted_request_is_dropped() {
        let mut bmc = KcsBmc::new();
        let old = write_request(&mut bmc, &[0x18, 1]).unwrap();
        assert_eq!(abort(&mut bmc), ErrorStatus::ABORTED);
        assert!(!bmc.respond(old.ticket, &[0x1C, 1, 0]));
        let new = write_request(&mut bmc, &[0x18, 4]).unwrap();
        assert!(!bmc.respond(old.ticket, &[0x1C, 1, 0]));
        assert!(bmc.respond(new.ticket, &[0x1C, 4, 0]));
    }

    #[test]
    fn sms_atn_survives_transfers() {
        let mut bmc = KcsBmc::new();
        bmc.set_sms_atn(true);
        let request = write_request(&mut bmc, &[0x18, 1]).unwrap();
        bmc.respond(request.ticket, &[0x1C, 1, 0]);
        assert_ne!(bmc.status() & SMS_ATN, 0);
        bmc.set_sms_atn(false);
        assert_eq!(bmc.status() & SMS_ATN, 0);
    }
}
