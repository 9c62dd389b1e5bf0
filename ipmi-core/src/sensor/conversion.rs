//! Reading conversion (IPMI 2.0 s36.3): raw bytes to values and back.

use super::Linearization;
use crate::sdr::AnalogFormat;

/// `y = L[(M·x + B·10^K1)·10^K2]`, with the tolerance and accuracy that go with it.
///
/// ```
/// use ipmi_core::sensor::ReadingFactors;
/// let volts = ReadingFactors { m: 64, k2: -3, ..ReadingFactors::default() };
/// assert_eq!(volts.convert(188), Some(12.032));
/// assert_eq!(volts.nearest_raw(12.8), Some(200));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReadingFactors {
    /// M, signed 10 bit.
    pub m: i16,
    /// B, signed 10 bit.
    pub b: i16,
    /// Exponent of B, signed 4 bit ("B exp").
    pub k1: i8,
    /// Exponent of the result, signed 4 bit ("R exp").
    pub k2: i8,
    /// Function applied last.
    pub linearization: Linearization,
    /// How raw bytes are signed.
    pub format: AnalogFormat,
    /// Tolerance in half raw counts, 6 bit.
    pub tolerance: u8,
    /// Accuracy mantissa, 10 bit, in hundredths of a percent.
    pub accuracy: u16,
    /// Accuracy exponent, 2 bit.
    pub accuracy_exponent: u8,
}

impl Default for ReadingFactors {
    /// The raw byte as it is.
    fn default() -> Self {
        Self {
            m: 1,
            b: 0,
            k1: 0,
            k2: 0,
            linearization: Linearization::Linear,
            format: AnalogFormat::Unsigned,
            tolerance: 0,
            accuracy: 0,
            accuracy_exponent: 0,
        }
    }
}

impl ReadingFactors {
    /// From the six bytes at offsets 24-29 of a full sensor record, which Get Sensor Reading Factors also returns
    /// after the next raw reading, and the record's linearization and analog format.
    pub fn from_bytes(bytes: [u8; 6], linearization: u8, format: AnalogFormat) -> Self {
        let [m_low, m_tolerance, b_low, b_accuracy, accuracy, exponents] = bytes;
        Self {
            m: ten_bits(m_low, m_tolerance),
            b: ten_bits(b_low, b_accuracy),
            k1: four_bits(exponents),
            k2: four_bits(exponents >> 4),
            linearization: Linearization::new(linearization),
            format,
            tolerance: m_tolerance & 0x3F,
            accuracy: u16::from(b_accuracy & 0x3F) | u16::from(accuracy >> 4) << 6,
            accuracy_exponent: accuracy >> 2 & 3,
        }
    }

    /// The six bytes; direction bits are left 0. Numbers beyond their field are cut to it.
    pub const fn to_bytes(&self) -> [u8; 6] {
        let [m_low, m_high] = self.m.to_le_bytes();
        let [b_low, b_high] = self.b.to_le_bytes();
        let [accuracy, _] = (self.accuracy & 0x3F).to_le_bytes();
        let [accuracy_high, _] = (self.accuracy >> 6 & 0x0F).to_le_bytes();
        let [k1] = self.k1.to_le_bytes();
        let [k2] = self.k2.to_le_bytes();
        [
            m_low,
            (m_high & 3) << 6 | self.tolerance & 0x3F,
            b_low,
            (b_high & 3) << 6 | accuracy,
            accuracy_high << 4 | (self.accuracy_exponent & 3) << 2,
            (k2 & 0x0F) << 4 | k1 & 0x0F,
        ]
    }

    /// These factors with those a controller gave for one reading of a non-linear sensor.
    pub fn with_bytes(self, bytes: [u8; 6]) -> Self {
        Self::from_bytes(bytes, self.linearization.code(), self.format)
    }

    /// True when raw readings stand for numbers at all.
    pub fn is_analog(&self) -> bool {
        self.format != AnalogFormat::None
    }

    /// The raw byte as a signed number, `None` without an analog format.
    ///
    /// One's complement FFh is minus zero, 0.
    pub const fn signed(&self, raw: u8) -> Option<i32> {
        match self.format {
            AnalogFormat::Unsigned => Some(raw as i32),
            AnalogFormat::OnesComplement if raw & 0x80 != 0 => Some(raw.wrapping_add(1).cast_signed() as i32),
            AnalogFormat::OnesComplement | AnalogFormat::TwosComplement => Some(raw.cast_signed() as i32),
            AnalogFormat::None => None,
        }
    }

    /// The value of a raw reading. May be infinite or not a number, as the factors demand.
    ///
    /// The order of operations is ipmitool's, so that the same digits come out.
    pub fn convert(&self, raw: u8) -> Option<f64> {
        let x = self.signed(raw)?;
        let product = f64::from(i32::from(self.m) * x);
        let linear = (product + f64::from(self.b) * power(self.k1)) * power(self.k2);
        Some(self.linearization.apply(linear))
    }

    /// The value of a hysteresis: a difference, so B does not count.
    pub fn convert_hysteresis(&self, raw: u8) -> Option<f64> {
        let x = self.signed(raw)?;
        Some(self.linearization.apply(f64::from(i32::from(self.m) * x) * power(self.k2)))
    }

    /// The tolerance as a plus-minus value.
    pub fn tolerance_value(&self) -> Option<f64> {
        if !self.is_analog() {
            return None;
        }
        let linear = f64::from(self.m) * f64::from(self.tolerance) / 2.0 * power(self.k2);
        Some(self.linearization.apply(linear))
    }

    /// The accuracy in percent.
    pub fn accuracy_percent(&self) -> f64 {
        f64::from(self.accuracy) * 10f64.powi(i32::from(self.accuracy_exponent & 3)) / 100.0
    }

    /// The raw reading whose value is nearest to `value`; half-way values go to the greater reading, values out of
    /// range to the end of the range. `None` when no raw reading stands for a number, or all for the same.
    ///
    /// ipmitool cuts negative readings toward zero and wraps values out of range; this does neither.
    pub fn nearest_raw(&self, value: f64) -> Option<u8> {
        if self.m == 0 || value.is_nan() {
            return None;
        }
        let mut best: Option<(f64, i32, u8)> = None;
        for raw in 0..=u8::MAX {
            let (Some(x), Some(candidate)) = (self.signed(raw), self.convert(raw)) else { continue };
            if !candidate.is_finite() {
                continue;
            }
            let distance = (candidate - value.clamp(f64::MIN, f64::MAX)).abs();
            let better = best.is_none_or(|(nearest, at, _)| distance < nearest || (distance == nearest && x > at));
            if better {
                best = Some((distance, x, raw));
            }
        }
        best.map(|(_, _, raw)| raw)
    }
}

/// A signed 10-bit number from its low byte and a byte with its high bits on top.
fn ten_bits(low: u8, high: u8) -> i16 {
    i16::from_le_bytes([low << 6, (high & 0xC0) | low >> 2]) >> 6
}

/// A signed 4-bit number from the low nibble.
const fn four_bits(nibble: u8) -> i8 {
    (nibble << 4).cast_signed() >> 4
}

/// `pow`, not repeated multiplication: the last bit decides how %.3f rounds.
fn power(exponent: i8) -> f64 {
    10f64.powf(f64::from(exponent))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn factors(m: i16, b: i16, k1: i8, k2: i8) -> ReadingFactors {
        ReadingFactors { m, b, k1, k2, ..Default::default() }
    }

    #[test]
    fn golden_values() {
        // A Dell fan and a Dell inlet temperature, as the machines report them.
        assert_eq!(factors(120, 0, 0, 0).convert(0x2C), Some(5280.0));
        assert_eq!(factors(1, -128, 0, 0).convert(0x99), Some(25.0));
        assert_eq!(ReadingFactors { tolerance: 2, ..factors(65, 0, 0, -3) }.tolerance_value(), Some(0.065));
    }

    #[test]
    fn both_complements() {
        let ones = ReadingFactors { format: AnalogFormat::OnesComplement, ..Default::default() };
        let twos = ReadingFactors { format: AnalogFormat::TwosComplement, ..Default::default() };
        assert_eq!((ones.signed(0xF0), ones.signed(0xFF), ones.signed(0x80)), (Some(-15), Some(0), Some(-127)));
        assert_eq!((twos.signed(0xF0), twos.signed(0xFF), twos.signed(0x80)), (Some(-16), Some(-1), Some(-128)));
        assert_eq!(ReadingFactors { format: AnalogFormat::None, ..Default::default() }.convert(1), None);
    }

    #[test]
    fn nearest_raw_rounds_and_clamps() {
        let fan = factors(100, 0, 0, 0);
        assert_eq!(fan.nearest_raw(449.0), Some(4));
        assert_eq!(fan.nearest_raw(450.0), Some(5));
        assert_eq!((fan.nearest_raw(-1.0), fan.nearest_raw(1e9)), (Some(0), Some(255)));
        assert_eq!(fan.nearest_raw(f64::NAN), None);
        assert_eq!(factors(0, 5, 0, 0).nearest_raw(5.0), None);
        let signed = ReadingFactors { format: AnalogFormat::TwosComplement, ..Default::default() };
        assert_eq!(signed.nearest_raw(-3.6), Some(0xFC));
        let reciprocal = ReadingFactors { linearization: Linearization::Reciprocal, ..Default::default() };
        assert_eq!(reciprocal.nearest_raw(0.25), Some(4));
    }

    #[test]
    fn hysteresis_ignores_b() {
        assert_eq!(factors(2, -50, 1, 0).convert_hysteresis(3), Some(6.0));
    }

    #[test]
    fn accuracy() {
        let factors = ReadingFactors { accuracy: 5, accuracy_exponent: 2, ..Default::default() };
        assert_eq!(factors.accuracy_percent(), 5.0);
    }

    proptest! {
        #[test]
        fn bytes_round_trip(bytes: [u8; 6], linearization in 0u8..0x80) {
            let factors = ReadingFactors::from_bytes(bytes, linearization, AnalogFormat::Unsigned);
            let mut expected = bytes;
            expected[4] &= 0xFC;
            prop_assert_eq!(factors.to_bytes(), expected);
            prop_assert!((-512..512).contains(&factors.m) && (-8..8).contains(&factors.k2));
        }

        #[test]
        fn linear_readings_invert(m in prop_oneof![-512i16..0, 1i16..512], b in -512i16..512, k1 in -8i8..4, raw: u8) {
            let factors = factors(m, b, k1, 0);
            let value = factors.convert(raw).unwrap();
            prop_assert_eq!(factors.nearest_raw(value), Some(raw));
        }
    }
}
