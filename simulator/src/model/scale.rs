//! How a simulated analog sensor turns values into raw readings: y = M * x * 10^exponent.

/// The conversion of a linear sensor without offset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Base unit code (table 43-15).
    pub unit: u8,
    /// The sensor gives a percentage.
    pub percentage: bool,
    /// M.
    pub m: u8,
    /// Result exponent.
    pub exponent: i8,
    /// Raw readings are two's complement.
    pub signed: bool,
}

impl Scale {
    /// An unsigned scale of `m * 10^exponent` per count in `unit`.
    pub const fn new(unit: u8, m: u8, exponent: i8) -> Self {
        Self { unit, percentage: false, m, exponent, signed: false }
    }

    /// The same with two's complement readings.
    pub const fn signed(self) -> Self {
        Self { signed: true, ..self }
    }

    /// One count.
    pub fn step(&self) -> f64 {
        f64::from(self.m) * 10_f64.powi(i32::from(self.exponent))
    }

    /// The raw reading nearest to `value`, at the end of the range for values beyond it.
    pub fn raw(&self, value: f64) -> u8 {
        let counts = (value / self.step()).round();
        // Casts from float to integer saturate, and NaN becomes 0.
        if self.signed { (counts as i8).to_ne_bytes()[0] } else { counts as u8 }
    }

    /// M, tolerance, B, accuracy, direction and exponents as they stand in a full sensor record.
    pub fn factors(&self) -> [u8; 6] {
        let [exponent] = self.exponent.to_ne_bytes();
        [self.m, 0, 0, 0, 1, exponent << 4]
    }

    /// Units 1 of the record: analog format and percentage.
    pub fn units(&self) -> u8 {
        u8::from(self.signed) << 7 | u8::from(self.percentage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_the_nearest_raw_reading() {
        assert_eq!(Scale::new(4, 6, -2).raw(12.1), 202);
        assert_eq!(Scale::new(18, 80, 0).raw(1e9), 255);
        assert_eq!(Scale::new(1, 1, 0).raw(-3.0), 0);
        assert_eq!(Scale::new(1, 1, 0).signed().raw(-3.0), 0xFD);
        assert_eq!(Scale::new(1, 1, 0).raw(f64::NAN), 0);
    }

    #[test]
    fn factors_carry_the_exponent_in_the_high_nibble() {
        assert_eq!(Scale::new(4, 6, -2).factors(), [6, 0, 0, 0, 1, 0xE0]);
        assert_eq!(Scale::new(1, 1, 0).signed().units(), 0x80);
    }
}
