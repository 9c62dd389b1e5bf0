//! Analog data format of a sensor (IPMI 2.0 table 43-1, byte 21, bits 7:6).

/// How raw bytes become numbers (byte 21, bits 7:6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum AnalogFormat {
    /// Unsigned.
    #[default]
    Unsigned,
    /// Signed, one's complement.
    OnesComplement,
    /// Signed, two's complement.
    TwosComplement,
    /// No analog reading.
    None,
}

impl AnalogFormat {
    /// From the two bits.
    pub const fn new(bits: u8) -> Self {
        match bits & 3 {
            0 => Self::Unsigned,
            1 => Self::OnesComplement,
            2 => Self::TwosComplement,
            _ => Self::None,
        }
    }

    /// The two bits.
    pub const fn code(self) -> u8 {
        match self {
            Self::Unsigned => 0,
            Self::OnesComplement => 1,
            Self::TwosComplement => 2,
            Self::None => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip() {
        for bits in 0..4 {
            assert_eq!(AnalogFormat::new(bits | 0xF0).code(), bits);
        }
    }
}
