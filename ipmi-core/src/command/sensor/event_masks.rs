//! Assertion and deassertion masks as the event commands carry them (IPMI 2.0 s35.10-s35.13).

/// Which events or states are meant: bit n is offset n.
///
/// ```
/// use ipmi_core::command::sensor::EventMasks;
/// assert_eq!(EventMasks { assertion: 0x0280, deassertion: 1 }.to_bytes(), [0x80, 0x02, 0x01, 0x00]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct EventMasks {
    /// Assertion events.
    pub assertion: u16,
    /// Deassertion events.
    pub deassertion: u16,
}

impl EventMasks {
    /// Four bytes, least significant first.
    pub const fn to_bytes(self) -> [u8; 4] {
        let ([a0, a1], [d0, d1]) = (self.assertion.to_le_bytes(), self.deassertion.to_le_bytes());
        [a0, a1, d0, d1]
    }

    /// Reads up to four bytes; controllers leave off what they do not support, which counts as 0.
    pub(crate) fn from_prefix(bytes: &[u8]) -> Self {
        let byte = |index| bytes.get(index).copied().unwrap_or_default();
        Self { assertion: u16::from_le_bytes([byte(0), byte(1)]), deassertion: u16::from_le_bytes([byte(2), byte(3)]) }
    }
}
