//! Linearization codes (IPMI 2.0 table 43-1, byte 24): what is applied after the linear part of a conversion.

/// The function applied to `(M·x + B·10^K1)·10^K2`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Linearization {
    /// Nothing.
    #[default]
    Linear,
    /// Natural logarithm.
    Ln,
    /// Logarithm to base 10.
    Log10,
    /// Logarithm to base 2.
    Log2,
    /// e to the power of it.
    E,
    /// 10 to the power of it.
    Exp10,
    /// 2 to the power of it.
    Exp2,
    /// One divided by it.
    Reciprocal,
    /// Square.
    Square,
    /// Cube.
    Cube,
    /// Square root.
    SquareRoot,
    /// Cube root.
    CubeRoot,
    /// 70h-7Fh: factors differ per reading and come from Get Sensor Reading Factors.
    NonLinear(u8),
    /// Codes the specification reserves; used as linear.
    Reserved(u8),
}

impl Linearization {
    /// From the code; bit 7 is reserved.
    pub const fn new(code: u8) -> Self {
        match code & 0x7F {
            0 => Self::Linear,
            1 => Self::Ln,
            2 => Self::Log10,
            3 => Self::Log2,
            4 => Self::E,
            5 => Self::Exp10,
            6 => Self::Exp2,
            7 => Self::Reciprocal,
            8 => Self::Square,
            9 => Self::Cube,
            10 => Self::SquareRoot,
            11 => Self::CubeRoot,
            code @ 0x70..=0x7F => Self::NonLinear(code),
            code => Self::Reserved(code),
        }
    }

    /// The code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Linear => 0,
            Self::Ln => 1,
            Self::Log10 => 2,
            Self::Log2 => 3,
            Self::E => 4,
            Self::Exp10 => 5,
            Self::Exp2 => 6,
            Self::Reciprocal => 7,
            Self::Square => 8,
            Self::Cube => 9,
            Self::SquareRoot => 10,
            Self::CubeRoot => 11,
            Self::NonLinear(code) | Self::Reserved(code) => code & 0x7F,
        }
    }

    /// True when the factors of the record do not hold for every reading.
    pub const fn needs_factors(self) -> bool {
        matches!(self, Self::NonLinear(_))
    }

    /// Applies the function. The operations are those ipmitool uses, so that printed digits agree: base 2 logarithms
    /// are a quotient, reciprocal and powers are `pow`.
    pub fn apply(self, linear: f64) -> f64 {
        match self {
            Self::Linear | Self::NonLinear(_) | Self::Reserved(_) => linear,
            Self::Ln => linear.ln(),
            Self::Log10 => linear.log10(),
            Self::Log2 => linear.ln() / std::f64::consts::LN_2,
            Self::E => linear.exp(),
            Self::Exp10 => 10f64.powf(linear),
            Self::Exp2 => 2f64.powf(linear),
            Self::Reciprocal => linear.powf(-1.0),
            Self::Square => linear.powf(2.0),
            Self::Cube => linear.powf(3.0),
            Self::SquareRoot => linear.sqrt(),
            Self::CubeRoot => linear.cbrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_round_trips() {
        for code in 0..0x80 {
            assert_eq!(Linearization::new(code).code(), code);
            assert_eq!(Linearization::new(code | 0x80), Linearization::new(code));
        }
    }

    #[test]
    fn functions() {
        for (code, x, y) in
            [(0, 5.0, 5.0), (1, 1.0, 0.0), (2, 1000.0, 3.0), (3, 8.0, 3.0), (5, 2.0, 100.0), (6, 3.0, 8.0)]
        {
            assert!((Linearization::new(code).apply(x) - y).abs() < 1e-12, "{code}");
        }
        for (code, x, y) in
            [(4, 0.0, 1.0), (7, 4.0, 0.25), (8, -3.0, 9.0), (9, -2.0, -8.0), (10, 9.0, 3.0), (11, 27.0, 3.0)]
        {
            assert!((Linearization::new(code).apply(x) - y).abs() < 1e-12, "{code}");
        }
        assert_eq!(Linearization::Reciprocal.apply(0.0), f64::INFINITY);
        assert_eq!(Linearization::Ln.apply(0.0), f64::NEG_INFINITY);
    }
}
