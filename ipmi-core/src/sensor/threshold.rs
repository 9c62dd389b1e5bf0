//! Thresholds and the status they put a sensor in (IPMI 2.0 s35.9, s35.14).

use crate::ParseError;
use crate::sdr::ThresholdMask;

/// One of the six thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Threshold {
    /// Lower non-critical.
    LowerNonCritical,
    /// Lower critical.
    LowerCritical,
    /// Lower non-recoverable.
    LowerNonRecoverable,
    /// Upper non-critical.
    UpperNonCritical,
    /// Upper critical.
    UpperCritical,
    /// Upper non-recoverable.
    UpperNonRecoverable,
}

impl Threshold {
    /// All of them, in the order of Get Sensor Thresholds.
    pub const ALL: [Self; 6] = [
        Self::LowerNonCritical,
        Self::LowerCritical,
        Self::LowerNonRecoverable,
        Self::UpperNonCritical,
        Self::UpperCritical,
        Self::UpperNonRecoverable,
    ];

    /// Its bit in masks.
    pub const fn mask(self) -> ThresholdMask {
        match self {
            Self::LowerNonCritical => ThresholdMask::LNC,
            Self::LowerCritical => ThresholdMask::LCR,
            Self::LowerNonRecoverable => ThresholdMask::LNR,
            Self::UpperNonCritical => ThresholdMask::UNC,
            Self::UpperCritical => ThresholdMask::UCR,
            Self::UpperNonRecoverable => ThresholdMask::UNR,
        }
    }

    /// The abbreviation ipmitool uses: lnc, lcr, lnr, unc, ucr, unr.
    pub const fn abbreviation(self) -> &'static str {
        match self {
            Self::LowerNonCritical => "lnc",
            Self::LowerCritical => "lcr",
            Self::LowerNonRecoverable => "lnr",
            Self::UpperNonCritical => "unc",
            Self::UpperCritical => "ucr",
            Self::UpperNonRecoverable => "unr",
        }
    }

    /// The name ipmitool prints.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LowerNonCritical => "Lower Non-Critical",
            Self::LowerCritical => "Lower Critical",
            Self::LowerNonRecoverable => "Lower Non-Recoverable",
            Self::UpperNonCritical => "Upper Non-Critical",
            Self::UpperCritical => "Upper Critical",
            Self::UpperNonRecoverable => "Upper Non-Recoverable",
        }
    }

    /// The threshold an event of event/reading type 01h with this offset is about.
    pub const fn of_event(offset: u8) -> Option<Self> {
        match offset {
            0 | 1 => Some(Self::LowerNonCritical),
            2 | 3 => Some(Self::LowerCritical),
            4 | 5 => Some(Self::LowerNonRecoverable),
            6 | 7 => Some(Self::UpperNonCritical),
            8 | 9 => Some(Self::UpperCritical),
            10 | 11 => Some(Self::UpperNonRecoverable),
            _ => None,
        }
    }
}

/// Raw thresholds as Get Sensor Thresholds returns them.
///
/// ```
/// use ipmi_core::sensor::{Threshold, Thresholds};
/// let thresholds = Thresholds::parse(&[0b01_1000, 0, 0, 0, 80, 90, 0]).unwrap();
/// assert_eq!(thresholds.raw(Threshold::UpperCritical), Some(90));
/// assert_eq!(thresholds.raw(Threshold::LowerCritical), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Thresholds {
    /// Which of the values count.
    pub readable: ThresholdMask,
    /// Lower non-critical.
    pub lnc: u8,
    /// Lower critical.
    pub lcr: u8,
    /// Lower non-recoverable.
    pub lnr: u8,
    /// Upper non-critical.
    pub unc: u8,
    /// Upper critical.
    pub ucr: u8,
    /// Upper non-recoverable.
    pub unr: u8,
}

impl Thresholds {
    /// Reads the mask and the six values; values some controllers leave off count as not readable.
    ///
    /// # Errors
    /// When there is no mask.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let (&mask, values) =
            bytes.split_first().ok_or(ParseError::Truncated { field: "thresholds", expected: 1, found: 0 })?;
        let mut thresholds = Self { readable: ThresholdMask::from_bits_truncate(mask), ..Self::default() };
        let mut values = values.iter();
        for threshold in Threshold::ALL {
            match values.next() {
                Some(&value) => *thresholds.slot(threshold) = value,
                None => thresholds.readable.remove(threshold.mask()),
            }
        }
        Ok(thresholds)
    }

    /// Mask and values, as in the response of Get and the request of Set Sensor Thresholds.
    pub const fn to_bytes(&self) -> [u8; 7] {
        [self.readable.bits(), self.lnc, self.lcr, self.lnr, self.unc, self.ucr, self.unr]
    }

    fn slot(&mut self, threshold: Threshold) -> &mut u8 {
        match threshold {
            Threshold::LowerNonCritical => &mut self.lnc,
            Threshold::LowerCritical => &mut self.lcr,
            Threshold::LowerNonRecoverable => &mut self.lnr,
            Threshold::UpperNonCritical => &mut self.unc,
            Threshold::UpperCritical => &mut self.ucr,
            Threshold::UpperNonRecoverable => &mut self.unr,
        }
    }

    /// The raw value, if it can be read.
    pub fn raw(&self, threshold: Threshold) -> Option<u8> {
        let mut copy = *self;
        self.readable.contains(threshold.mask()).then(|| *copy.slot(threshold))
    }

    /// Sets a value and marks it as one that counts.
    pub fn set(&mut self, threshold: Threshold, raw: u8) {
        *self.slot(threshold) = raw;
        self.readable |= threshold.mask();
    }
}

/// What the state byte of a threshold sensor says (Get Sensor Reading, byte 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ThresholdStatus {
    /// No threshold is crossed.
    Ok,
    /// The most severe threshold that is crossed.
    Crossed(Threshold),
}

impl ThresholdStatus {
    /// Picks the most severe comparison; of two equally severe ones the lower wins, as in ipmitool. Reserved bits
    /// are masked: some controllers set them.
    pub fn of_state(state: u8) -> Self {
        const PRECEDENCE: [Threshold; 6] = [
            Threshold::LowerNonRecoverable,
            Threshold::UpperNonRecoverable,
            Threshold::LowerCritical,
            Threshold::UpperCritical,
            Threshold::LowerNonCritical,
            Threshold::UpperNonCritical,
        ];
        let state = ThresholdMask::from_bits_truncate(state);
        PRECEDENCE.into_iter().find(|threshold| state.contains(threshold.mask())).map_or(Self::Ok, Self::Crossed)
    }

    /// ok, or the threshold's abbreviation: lnc, lcr, lnr, unc, ucr, unr.
    pub const fn abbreviation(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Crossed(threshold) => threshold.abbreviation(),
        }
    }

    /// ok, nc, cr or nr.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Crossed(Threshold::LowerNonCritical | Threshold::UpperNonCritical) => "nc",
            Self::Crossed(Threshold::LowerCritical | Threshold::UpperCritical) => "cr",
            Self::Crossed(Threshold::LowerNonRecoverable | Threshold::UpperNonRecoverable) => "nr",
        }
    }

    /// ok, or the threshold's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Crossed(threshold) => threshold.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_severe_wins_and_reserved_bits_do_not_count() {
        for (state, text) in
            [(0x00, "ok"), (0xC0, "ok"), (0x01, "lnc"), (0x03, "lcr"), (0x07, "lnr"), (0x08, "unc"), (0x18, "ucr")]
        {
            assert_eq!(ThresholdStatus::of_state(state).abbreviation(), text);
        }
        assert_eq!(ThresholdStatus::of_state(0x3F).name(), "Lower Non-Recoverable");
        assert_eq!(ThresholdStatus::of_state(0x3B).short(), "nr");
        assert_eq!(ThresholdStatus::of_state(0x1B).abbreviation(), "lcr");
    }

    #[test]
    fn thresholds_round_trip_and_tolerate_short_answers() {
        let bytes = [0x3F, 1, 2, 3, 4, 5, 6];
        assert_eq!(Thresholds::parse(&bytes).unwrap().to_bytes(), bytes);
        let short = Thresholds::parse(&bytes[..3]).unwrap();
        assert_eq!((short.raw(Threshold::LowerCritical), short.raw(Threshold::LowerNonRecoverable)), (Some(2), None));
        assert!(Thresholds::parse(&[]).is_err());
        let mut thresholds = Thresholds::default();
        thresholds.set(Threshold::UpperCritical, 90);
        assert_eq!(thresholds.to_bytes(), [0x10, 0, 0, 0, 0, 90, 0]);
    }
}
