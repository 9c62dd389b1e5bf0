//! KCS register accesses over a serial line, host end (docs/serial-kcs.md).
//!
//! The framing replaces the `in` and `out` instructions and nothing else: the KCS protocol runs in [`super::kcs`].

use super::kcs_register::Register;

/// One register access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Read a register.
    Read(Register),
    /// Write a register.
    Write(Register, u8),
    /// Wait until `status & mask == value`, as long as the other side lets us; gives the status last seen.
    Wait {
        /// Bits looked at.
        mask: u8,
        /// What they shall be.
        value: u8,
    },
    /// The next response byte: in READ state write 68h to Data_In, wait for OBF without IBF, read Data_Out. In any
    /// other state nothing is touched. Gives the status before Data_Out is read, then Data_Out (or 00h).
    Next,
}

impl Access {
    /// How many bytes the access gives.
    pub fn results(self) -> usize {
        match self {
            Self::Write(..) => 0,
            Self::Read(_) | Self::Wait { .. } => 1,
            Self::Next => 2,
        }
    }
}

pub(super) const READ: u8 = 0x10;
pub(super) const WRITE: u8 = 0x20;
pub(super) const WAIT: u8 = 0x30;
pub(super) const NEXT: u8 = 0x40;
/// The byte that makes the other side forget a half-received access.
pub const RESYNCHRONISE: u8 = 0xFF;
/// Its answer.
pub const SYNCHRONISED: u8 = 0x5A;
/// What a host sends to get in step: a half-received access swallows at most two.
pub const RESYNCHRONISE_SEQUENCE: [u8; 3] = [RESYNCHRONISE; 3];

pub(super) fn register_bit(register: Register) -> u8 {
    match register {
        Register::Data => 0,
        Register::CommandStatus => 1,
    }
}

/// Appends the bytes of an access.
///
/// ```
/// use ipmi_core::link::{kcs_register::Register, serial_kcs::{Access, emit}};
/// let mut line = Vec::new();
/// emit(Access::Write(Register::CommandStatus, 0x61), &mut line);
/// emit(Access::Wait { mask: 0x02, value: 0 }, &mut line);
/// assert_eq!(line, [0x21, 0x61, 0x30, 0x02, 0x00]);
/// ```
pub fn emit(access: Access, out: &mut Vec<u8>) {
    match access {
        Access::Read(register) => out.push(READ | register_bit(register)),
        Access::Write(register, value) => out.extend([WRITE | register_bit(register), value]),
        Access::Wait { mask, value } => out.extend([WAIT, mask, value]),
        Access::Next => out.push(NEXT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes() {
        let mut line = Vec::new();
        emit(Access::Read(Register::Data), &mut line);
        emit(Access::Read(Register::CommandStatus), &mut line);
        emit(Access::Write(Register::Data, 0x68), &mut line);
        emit(Access::Next, &mut line);
        assert_eq!(line, [0x10, 0x11, 0x20, 0x68, 0x40]);
        assert_eq!(Access::Write(Register::Data, 0).results(), 0);
    }
}
