//! Which UnitModifier a sensor gets: the coarsest one that keeps every reading whole.

use ipmi_core::sensor::{Linearization, ReadingFactors};

/// Digits a non-linear sensor keeps: its readings are seldom whole at any scale.
const NON_LINEAR_EXPONENT: i32 = -3;
/// Finest scale.
const FINEST: i32 = -6;
/// Coarsest scale; the largest readings a record can describe still fit.
const COARSEST: i32 = 20;

/// Figures are whole multiples of ten to the power of `exponent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scale {
    /// The exponent, before what the unit itself adds.
    pub(crate) exponent: i32,
}

impl Scale {
    /// The scale of a sensor: the largest exponent of 0 to -6 at which M and B steps are whole, coarser only when the
    /// largest reading would not fit a sint32.
    pub(crate) fn of(factors: &ReadingFactors) -> Self {
        let wanted = if factors.linearization == Linearization::Linear {
            let k2 = i32::from(factors.k2);
            let step = exponent_of(factors.m, k2);
            let offset = exponent_of(factors.b, k2 + i32::from(factors.k1));
            step.min(offset).clamp(FINEST, 0)
        } else {
            NON_LINEAR_EXPONENT
        };
        let largest = (0..=u8::MAX)
            .filter_map(|raw| factors.convert(raw))
            .filter(|value| value.is_finite())
            .fold(0.0_f64, |largest, value| largest.max(value.abs()));
        let exponent = (wanted..COARSEST).find(|&exponent| largest / power(exponent) <= f64::from(i32::MAX));
        Self { exponent: exponent.unwrap_or(COARSEST) }
    }

    /// A value as a figure; `None` when it is not a number or does not fit.
    pub(crate) fn figure(self, value: f64) -> Option<i32> {
        let scaled = (value / power(self.exponent)).round();
        let fits = scaled >= f64::from(i32::MIN) && scaled <= f64::from(i32::MAX);
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        fits.then_some(scaled as i32)
    }

    /// The value of a figure.
    pub(crate) fn value(self, figure: i32) -> f64 {
        f64::from(figure) * power(self.exponent)
    }
}

/// The largest exponent at which `mantissa * 10^exponent` is whole; 0 makes no demand.
fn exponent_of(mantissa: i16, exponent: i32) -> i32 {
    let mut rest = mantissa;
    let mut zeros = 0;
    while rest != 0 && rest % 10 == 0 {
        rest /= 10;
        zeros += 1;
    }
    if mantissa == 0 { 0 } else { exponent + zeros }
}

fn power(exponent: i32) -> f64 {
    10f64.powi(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(m: i16, b: i16, k1: i8, k2: i8) -> ReadingFactors {
        ReadingFactors { m, b, k1, k2, ..ReadingFactors::default() }
    }

    #[test]
    fn examples_of_the_mapping() {
        let rail = factors(62, 0, 0, -3);
        assert_eq!(Scale::of(&rail).exponent, -3);
        assert_eq!(Scale::of(&rail).figure(12.03), Some(12030));
        assert_eq!(Scale::of(&factors(60, 0, 0, 0)).exponent, 0);
        assert_eq!(Scale::of(&factors(1, 0, 0, 0)).exponent, 0);
        assert_eq!(Scale::of(&factors(1, -128, 0, 0)).exponent, 0);
    }

    #[test]
    fn trailing_zeros_coarse_steps_and_offsets_count() {
        assert_eq!(Scale::of(&factors(600, 0, 0, -4)).exponent, -2);
        assert_eq!(Scale::of(&factors(100, 5, -1, 0)).exponent, -1);
        assert_eq!(Scale::of(&factors(3, 0, 0, 2)).exponent, 0);
        assert_eq!(Scale::of(&factors(1, 0, 0, -8)).exponent, FINEST);
    }

    #[test]
    fn every_reading_of_every_factor_set_fits() {
        for m in [-512, -1, 0, 1, 511] {
            for b in [-512, 0, 511] {
                for k1 in [-8, 0, 7] {
                    for k2 in [-8, 0, 7] {
                        for code in 0..=0x7F {
                            let linearization = Linearization::new(code);
                            let factors = ReadingFactors { linearization, ..factors(m, b, k1, k2) };
                            let scale = Scale::of(&factors);
                            if code > 0x0B || scale.exponent == COARSEST {
                                continue;
                            }
                            let finite = |raw| factors.convert(raw).filter(|value| value.is_finite());
                            assert!((0..=255).filter_map(finite).all(|value| scale.figure(value).is_some()));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_a_number_has_no_figure() {
        let scale = Scale { exponent: 0 };
        assert_eq!((scale.figure(f64::NAN), scale.figure(f64::INFINITY), scale.figure(3e9)), (None, None, None));
        assert!((Scale { exponent: -3 }.value(12030) - 12.03).abs() < 1e-9);
    }
}
