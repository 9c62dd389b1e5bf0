//! DC output and DC load, multirecord types 01h, 02h, 09h and 0Ah (FRU specification s18.2, s18.3).

use zerocopy::little_endian::{I16, U16};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// An output of a power supply, 13 bytes. Voltages are in 10 mV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct DcOutput {
    /// `[7]` on in standby, `[4]` currents in 100 mA (type 09h), `[3:0]` output number.
    pub output: u8,
    /// Nominal voltage.
    pub nominal: I16,
    /// Largest negative deviation.
    pub negative_deviation: I16,
    /// Largest positive deviation.
    pub positive_deviation: I16,
    /// Ripple and noise, peak to peak, in millivolts.
    pub ripple: U16,
    /// Smallest current, see [`Self::current_unit`].
    pub minimum_current: U16,
    /// Largest current, see [`Self::current_unit`].
    pub maximum_current: U16,
}

/// A load on a power supply, 13 bytes. Voltages are in 10 mV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct DcLoad {
    /// `[4]` currents in 100 mA (type 0Ah), `[3:0]` output number.
    pub output: u8,
    /// Nominal voltage.
    pub nominal: I16,
    /// Lowest voltage it works with.
    pub minimum: I16,
    /// Highest voltage it works with.
    pub maximum: I16,
    /// Ripple and noise, peak to peak, in millivolts.
    pub ripple: U16,
    /// Smallest current, see [`Self::current_unit`].
    pub minimum_current: U16,
    /// Largest current, see [`Self::current_unit`].
    pub maximum_current: U16,
}

/// Milliamperes per count: extended records count in 10 or 100 mA, the others in 1 mA.
const fn current_unit(output: u8, extended: bool) -> u32 {
    match (extended, output & 0x10 != 0) {
        (false, _) => 1,
        (true, false) => 10,
        (true, true) => 100,
    }
}

impl DcOutput {
    /// Output number, 0 = unknown.
    pub const fn number(&self) -> u8 {
        self.output & 0x0F
    }

    /// True when the output is on in standby.
    pub const fn is_standby(&self) -> bool {
        self.output & 0x80 != 0
    }

    /// Milliamperes per count of the currents, for a record that is extended or not.
    pub const fn current_unit(&self, extended: bool) -> u32 {
        current_unit(self.output, extended)
    }
}

impl DcLoad {
    /// Output number, 0 = unknown.
    pub const fn number(&self) -> u8 {
        self.output & 0x0F
    }

    /// Milliamperes per count of the currents, for a record that is extended or not.
    pub const fn current_unit(&self, extended: bool) -> u32 {
        current_unit(self.output, extended)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_the_records() {
        assert_eq!((size_of::<DcOutput>(), size_of::<DcLoad>()), (13, 13));
        let bytes = [0x92, 0x50, 0xFB, 0, 0, 0, 0, 0, 0, 0, 0, 0xE8, 3];
        let output = DcOutput::ref_from_bytes(&bytes).unwrap();
        assert_eq!((output.number(), output.is_standby(), output.nominal.get()), (2, true, -1200));
        assert_eq!((output.current_unit(false), output.current_unit(true)), (1, 100));
    }
}
