//! How bad a state is: the severity column of the offset tables (IPMI 2.0 table 17-5 byte 4, s42).

use std::fmt;

/// Severity of an asserted state, mildest first, so that the worst of several is their maximum.
///
/// ```
/// use ipmi_core::table::Severity;
/// assert!(Severity::Critical > Severity::NonCritical);
/// assert_eq!(Severity::Failure.text(), "Failure");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Good as it is: present, running, redundant.
    Ok,
    /// Says what happened, nothing about health.
    Information,
    /// Works, but not as it should.
    NonCritical,
    /// Works, and says it will fail.
    PredictiveFailure,
    /// Outside the range it may run in.
    Critical,
    /// The part failed, is misconfigured or lost its supply.
    Failure,
    /// Outside the range that leaves no damage.
    NonRecoverable,
}

impl Severity {
    /// Every severity, mildest first.
    pub const ALL: &'static [Self] = &[
        Self::Ok,
        Self::Information,
        Self::NonCritical,
        Self::PredictiveFailure,
        Self::Critical,
        Self::Failure,
        Self::NonRecoverable,
    ];

    /// The severity in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Information => "Information",
            Self::NonCritical => "Non-critical",
            Self::PredictiveFailure => "Predictive failure",
            Self::Critical => "Critical",
            Self::Failure => "Failure",
            Self::NonRecoverable => "Non-recoverable",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_mildest_first() {
        assert!(Severity::ALL.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
