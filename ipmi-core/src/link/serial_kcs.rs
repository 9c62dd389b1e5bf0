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
}

impl Access {
    /// True when the access gives a byte.
    pub fn has_result(self) -> bool {
        !matches!(self, Self::Write(..))
    }
}

pub(super) const READ: u8 = 0x10;
pub(super) const WRITE: u8 = 0x20;
pub(super) const WAIT: u8 = 0x30;
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
        assert_eq!(line, [0x10, 0x11, 0x20, 0x68]);
        assert!(!Access::Write(Register::Data, 0).has_result());
    }
}
