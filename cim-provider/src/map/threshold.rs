//! Thresholds: IPMI's six to CIM's property names and codes. The orders differ: CIM interleaves lower and upper.

use ipmi_core::sdr::ThresholdMask;
use ipmi_core::sensor::{Threshold, ThresholdStatus};
use ipmi_core::table::Severity;

/// One threshold in CIM terms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ThresholdRow {
    /// The IPMI threshold.
    pub(crate) threshold: Threshold,
    /// Property that holds it.
    pub(crate) property: &'static str,
    /// State of a sensor beyond it.
    pub(crate) state: &'static str,
    /// How bad that is.
    pub(crate) severity: Severity,
}

const fn row(threshold: Threshold, property: &'static str, state: &'static str, severity: Severity) -> ThresholdRow {
    ThresholdRow { threshold, property, state, severity }
}

/// Every threshold in the order of the codes of SupportedThresholds: the index is the code.
pub(crate) const THRESHOLDS: [ThresholdRow; 6] = [
    row(Threshold::LowerNonCritical, "LowerThresholdNonCritical", "Lower Non-Critical", Severity::NonCritical),
    row(Threshold::UpperNonCritical, "UpperThresholdNonCritical", "Upper Non-Critical", Severity::NonCritical),
    row(Threshold::LowerCritical, "LowerThresholdCritical", "Lower Critical", Severity::Critical),
    row(Threshold::UpperCritical, "UpperThresholdCritical", "Upper Critical", Severity::Critical),
    row(Threshold::LowerNonRecoverable, "LowerThresholdFatal", "Lower Fatal", Severity::NonRecoverable),
    row(Threshold::UpperNonRecoverable, "UpperThresholdFatal", "Upper Fatal", Severity::NonRecoverable),
];

/// State of a threshold sensor within all thresholds.
pub(crate) const NORMAL: &str = "Normal";
/// State of a sensor without a reading.
pub(crate) const UNKNOWN: &str = "Unknown";

/// The codes of the thresholds in a mask.
pub(crate) fn codes(mask: ThresholdMask) -> Vec<u16> {
    (0..).zip(THRESHOLDS).filter(|(_, row)| mask.contains(row.threshold.mask())).map(|(code, _)| code).collect()
}

/// The worst state of a set of crossed thresholds.
pub(crate) fn worst(crossed: ThresholdMask) -> (&'static str, Severity) {
    match ThresholdStatus::of_state(crossed.bits()) {
        ThresholdStatus::Ok => (NORMAL, Severity::Ok),
        ThresholdStatus::Crossed(threshold) => THRESHOLDS
            .iter()
            .find(|row| row.threshold == threshold)
            .map_or((NORMAL, Severity::Ok), |row| (row.state, row.severity)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_interleave_lower_and_upper() {
        assert_eq!(codes(ThresholdMask::LNC | ThresholdMask::UNC), [0, 1]);
        assert_eq!(codes(ThresholdMask::LCR | ThresholdMask::UCR | ThresholdMask::UNR), [2, 3, 5]);
        assert_eq!(codes(ThresholdMask::all()), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn the_worst_crossed_threshold_names_the_state() {
        assert_eq!(worst(ThresholdMask::empty()).0, "Normal");
        assert_eq!(worst(ThresholdMask::UNC | ThresholdMask::UCR).0, "Upper Critical");
        assert_eq!(worst(ThresholdMask::all()).1, Severity::NonRecoverable);
    }
}
