//! The payload of Serial over LAN, both directions (IPMI 2.0 s15.9, tables 15-2 and 15-3).

use super::cursor::Cursor;
use crate::ParseError;

bitflags::bitflags! {
    /// What the console asks for.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct SolOperation: u8 {
        /// The packet named was not taken.
        const NACK = 1 << 6;
        /// Assert ring (wake on ring).
        const RING = 1 << 5;
        /// Send a break.
        const BREAK = 1 << 4;
        /// Deassert CTS: pause the system's output.
        const PAUSE_CTS = 1 << 3;
        /// Drop DCD and DSR.
        const DROP_DCD_DSR = 1 << 2;
        /// Throw away what goes to the console.
        const FLUSH_INBOUND = 1 << 1;
        /// Throw away what goes to the system.
        const FLUSH_OUTBOUND = 1 << 0;
        const _ = !0;
    }

    /// What the BMC says.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct SolStatus: u8 {
        /// The packet named was not taken, or not all of it.
        const NACK = 1 << 6;
        /// Characters cannot be transferred now: wait before sending again.
        const TRANSFER_UNAVAILABLE = 1 << 5;
        /// SOL is or is being deactivated.
        const DEACTIVATED = 1 << 4;
        /// Characters from the system were lost.
        const TRANSMIT_OVERRUN = 1 << 3;
        /// The system sent a break.
        const BREAK = 1 << 2;
        const _ = !0;
    }
}

/// A payload from the console to the BMC.
pub type ConsolePayload<'a> = SolPayload<'a, SolOperation>;
/// A payload from the BMC to the console.
pub type BmcPayload<'a> = SolPayload<'a, SolStatus>;

/// One SOL payload; `F` tells the direction.
///
/// ```
/// use ipmi_core::link::sol::{ConsolePayload, SolOperation};
/// let typed = ConsolePayload { sequence: 1, acknowledged: 0, accepted: 0, flags: SolOperation::BREAK, data: b"ls\r" };
/// assert_eq!(typed.emit(), *b"\x01\x00\x00\x10ls\r");
/// assert_eq!(ConsolePayload::parse(&typed.emit()), Ok(typed));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SolPayload<'a, F> {
    /// Number of this packet, 1-15; 0 when it only acknowledges.
    pub sequence: u8,
    /// Number of the packet acknowledged, 1-15; 0 for none.
    pub acknowledged: u8,
    /// How many characters of that packet were taken.
    pub accepted: u8,
    /// Operation or status.
    pub flags: F,
    /// Characters.
    pub data: &'a [u8],
}

impl<'a, F: bitflags::Flags<Bits = u8> + Copy> SolPayload<'a, F> {
    /// Bytes before the characters; payload sizes in Activate Payload count them.
    pub const HEADER_LEN: usize = 4;
    /// Most characters in a packet: the acknowledgement counts them in a byte.
    pub const MAX_DATA: usize = 255;

    /// Reads a payload.
    ///
    /// # Errors
    /// When it is shorter than its header or carries more characters than can be acknowledged.
    pub fn parse(payload: &'a [u8]) -> Result<Self, ParseError> {
        let mut cursor = Cursor::new("SOL payload", payload);
        let [sequence, acknowledged, accepted, flags] = cursor.array()?;
        cursor.at_most(Self::MAX_DATA)?;
        let (sequence, acknowledged) = (sequence & 0x0F, acknowledged & 0x0F);
        Ok(Self { sequence, acknowledged, accepted, flags: F::from_bits_retain(flags), data: cursor.rest() })
    }

    /// The bytes of the payload. Characters beyond [`MAX_DATA`](Self::MAX_DATA) are left out.
    pub fn emit(&self) -> Vec<u8> {
        let mut out = vec![self.sequence & 0x0F, self.acknowledged & 0x0F, self.accepted, self.flags.bits()];
        out.extend(self.data.iter().take(Self::MAX_DATA));
        out
    }
}

/// True for a number behind `last`: of the half of the numbers that a packet overtaken on the way has.
pub const fn is_behind(sequence: u8, last: u8) -> bool {
    last != 0 && sequence != 0 && (sequence + 15 - last) % 15 > 7
}

/// The number after `sequence`: 1-15, then 1 again; 0 is never used.
pub const fn next_sequence(sequence: u8) -> u8 {
    if sequence >= 15 { 1 } else { sequence + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_from_the_bmc_and_every_shorter_prefix() {
        let golden = [0x0F, 0x02, 0x03, 0x64, b'#'];
        let payload = BmcPayload::parse(&golden).unwrap();
        let flags = SolStatus::NACK | SolStatus::TRANSFER_UNAVAILABLE | SolStatus::BREAK;
        assert_eq!(payload, BmcPayload { sequence: 15, acknowledged: 2, accepted: 3, flags, data: b"#" });
        assert_eq!(payload.emit(), golden);
        for len in 0..4 {
            assert!(BmcPayload::parse(&golden[..len]).is_err(), "{len}");
        }
    }

    #[test]
    fn reserved_bits_and_lengths() {
        let payload = ConsolePayload::parse(&[0xF1, 0xF2, 0, 0x80]).unwrap();
        assert_eq!((payload.sequence, payload.acknowledged, payload.flags.bits()), (1, 2, 0x80));
        assert!(ConsolePayload::parse(&[0; 259]).is_ok());
        assert!(ConsolePayload::parse(&[0; 260]).is_err());
    }

    #[test]
    fn sequence_numbers_skip_zero() {
        assert_eq!((next_sequence(0), next_sequence(14), next_sequence(15)), (1, 15, 1));
    }

    #[test]
    fn numbers_behind_are_told_from_numbers_ahead() {
        assert!(is_behind(15, 1) && is_behind(3, 4) && is_behind(9, 1));
        assert!(!is_behind(1, 15) && !is_behind(4, 4) && !is_behind(8, 1) && !is_behind(3, 0));
    }
}
