//! Threshold and state masks of full and compact sensor records (IPMI 2.0 table 43-1, bytes 15-20).

use bitflags::bitflags;

bitflags! {
    /// A set of thresholds, in the bit order of Get/Set Sensor Thresholds, the readable and settable masks and the
    /// state byte of Get Sensor Reading.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct ThresholdMask: u8 {
        /// Lower non-critical.
        const LNC = 1 << 0;
        /// Lower critical.
        const LCR = 1 << 1;
        /// Lower non-recoverable.
        const LNR = 1 << 2;
        /// Upper non-critical.
        const UNC = 1 << 3;
        /// Upper critical.
        const UCR = 1 << 4;
        /// Upper non-recoverable.
        const UNR = 1 << 5;
    }
}

bitflags! {
    /// A set of threshold events, in the order of the offsets of event/reading type 01h: bit n is offset n.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct ThresholdEvents: u16 {
        /// Lower non-critical going low.
        const LNC_LOW = 1 << 0;
        /// Lower non-critical going high.
        const LNC_HIGH = 1 << 1;
        /// Lower critical going low.
        const LCR_LOW = 1 << 2;
        /// Lower critical going high.
        const LCR_HIGH = 1 << 3;
        /// Lower non-recoverable going low.
        const LNR_LOW = 1 << 4;
        /// Lower non-recoverable going high.
        const LNR_HIGH = 1 << 5;
        /// Upper non-critical going low.
        const UNC_LOW = 1 << 6;
        /// Upper non-critical going high.
        const UNC_HIGH = 1 << 7;
        /// Upper critical going low.
        const UCR_LOW = 1 << 8;
        /// Upper critical going high.
        const UCR_HIGH = 1 << 9;
        /// Upper non-recoverable going low.
        const UNR_LOW = 1 << 10;
        /// Upper non-recoverable going high.
        const UNR_HIGH = 1 << 11;
    }
}

/// A set of discrete states: bit n is offset n, 0-14. Bit 15 is reserved and set by many BMCs, so it is dropped.
///
/// ```
/// use ipmi_core::sdr::DiscreteStates;
/// assert_eq!(DiscreteStates::new(0x8005).offsets().collect::<Vec<_>>(), [0, 2]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct DiscreteStates(u16);

impl DiscreteStates {
    /// Keeps the fifteen state bits.
    pub const fn new(bits: u16) -> Self {
        Self(bits & 0x7FFF)
    }

    /// The bits.
    pub const fn bits(self) -> u16 {
        self.0
    }

    /// True when no state is set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True when the state with this offset is set.
    pub const fn contains(self, offset: u8) -> bool {
        offset < 15 && self.0 >> offset & 1 == 1
    }

    /// The offsets that are set, lowest first.
    pub fn offsets(self) -> impl Iterator<Item = u8> {
        (0..15).filter(move |&offset| self.contains(offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserved_bit_is_no_state() {
        assert!(DiscreteStates::new(0x8000).is_empty());
        assert!(!DiscreteStates::new(0xFFFF).contains(15));
        assert_eq!(DiscreteStates::new(0xFFFF).offsets().count(), 15);
    }

    #[test]
    fn threshold_masks_drop_reserved_bits() {
        assert_eq!(ThresholdMask::from_bits_truncate(0xC2), ThresholdMask::LCR);
        assert_eq!(ThresholdEvents::from_bits_truncate(0x7280), ThresholdEvents::UNC_HIGH | ThresholdEvents::UCR_HIGH);
    }
}
