//! The KCS register set: status bits, states, control and error codes (IPMI 2.0 s9.7-9.10).

/// One of the two byte registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Register {
    /// Base+0: Data_In when written, Data_Out when read.
    Data,
    /// Base+1 (or base+spacing): Command when written, Status when read.
    CommandStatus,
}

/// Output buffer full: set when the BMC writes Data_Out, cleared when the host reads it.
pub const OBF: u8 = 1 << 0;
/// Input buffer full: set when the host writes, cleared when the BMC has taken the byte.
pub const IBF: u8 = 1 << 1;
/// SMS attention: the BMC has a message or an event.
pub const SMS_ATN: u8 = 1 << 2;
/// The host's last write went to Command (1) or Data_In (0).
pub const COMMAND: u8 = 1 << 3;
/// The two state bits. Compare the whole field: ERROR is both bits, so testing one bit takes it for READ or WRITE.
pub const STATE_MASK: u8 = 0b1100_0000;

/// The two-bit state field of the status register (table 9-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// 00: nothing going on.
    Idle,
    /// 01: the BMC hands out response bytes.
    Read,
    /// 10: the BMC takes request bytes.
    Write,
    /// 11: protocol error or transfer aborted.
    Error,
}

impl State {
    /// The state in a status byte.
    pub const fn of(status: u8) -> Self {
        match status >> 6 {
            0 => Self::Idle,
            1 => Self::Read,
            2 => Self::Write,
            _ => Self::Error,
        }
    }

    /// The state as it stands in a status byte.
    pub const fn bits(self) -> u8 {
        match self {
            Self::Idle => 0x00,
            Self::Read => 0x40,
            Self::Write => 0x80,
            Self::Error => 0xC0,
        }
    }
}

/// Control code: ask for the error status, abort the transfer.
pub const GET_STATUS_ABORT: u8 = 0x60;
/// Control code: a request follows.
pub const WRITE_START: u8 = 0x61;
/// Control code: one more request byte follows.
pub const WRITE_END: u8 = 0x62;
/// Control code, written to Data_In: the next response byte, please.
pub const READ: u8 = 0x68;

/// The error status an abort returns (table 9-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorStatus(pub u8);

impl ErrorStatus {
    /// No error.
    pub const NONE: Self = Self(0x00);
    /// Aborted by command: the transfer was in progress when GET_STATUS/ABORT came.
    pub const ABORTED: Self = Self(0x01);
    /// Illegal control code.
    pub const ILLEGAL_CONTROL_CODE: Self = Self(0x02);
    /// Length error: the request overran the BMC's buffer.
    pub const LENGTH: Self = Self(0x06);
    /// Unspecified error.
    pub const UNSPECIFIED: Self = Self(0xFF);
}

impl std::fmt::Display for ErrorStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match *self {
            Self::NONE => "no error",
            Self::ABORTED => "aborted by command",
            Self::ILLEGAL_CONTROL_CODE => "illegal control code",
            Self::LENGTH => "length error",
            Self(0xC0..=0xFE) => return write!(f, "OEM error {:02X}h", self.0),
            Self::UNSPECIFIED => "unspecified error",
            Self(code) => return write!(f, "error status {code:02X}h"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_four_states_are_told_apart() {
        for state in [State::Idle, State::Read, State::Write, State::Error] {
            assert_eq!(State::of(state.bits() | OBF | IBF | SMS_ATN | COMMAND), state);
            assert_eq!(state.bits() & !STATE_MASK, 0);
        }
    }

    #[test]
    fn error_status_texts() {
        assert_eq!(ErrorStatus(0x06).to_string(), "length error");
        assert_eq!(ErrorStatus(0xC1).to_string(), "OEM error C1h");
        assert_eq!(ErrorStatus(0x33).to_string(), "error status 33h");
    }
}
