//! Severity of a state to HealthState, OperationalStatus, Status, Availability and PerceivedSeverity.

use ipmi_core::table::Severity;

/// How an element is doing, in every form CIM has for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Health {
    /// HealthState.
    pub(crate) health_state: u16,
    /// First value of OperationalStatus.
    pub(crate) operational_status: u16,
    /// Deprecated Status text.
    pub(crate) status: &'static str,
    /// Availability of a device in this state.
    pub(crate) availability: u16,
}

const fn health(health_state: u16, operational_status: u16, status: &'static str, availability: u16) -> Health {
    Health { health_state, operational_status, status, availability }
}

impl Health {
    /// Nothing is wrong.
    pub(crate) const OK: Self = health(5, 2, "OK", 3);
    /// There is no reading to judge by.
    pub(crate) const UNKNOWN: Self = health(0, 0, "Unknown", 2);
    /// The sensor is switched off.
    pub(crate) const DORMANT: Self = health(0, 15, "Unknown", 8);
    /// Whoever knows does not answer.
    pub(crate) const LOST_COMMUNICATION: Self = health(0, 13, "Lost Comm", 2);
    /// It is starting.
    pub(crate) const STARTING: Self = health(0, 8, "Starting", 19);

    /// The health of an element in a state of this severity.
    pub(crate) const fn of(severity: Severity) -> Self {
        match severity {
            Severity::Ok | Severity::Information => Self::OK,
            Severity::NonCritical => health(10, 3, "Degraded", 4),
            Severity::PredictiveFailure => health(10, 5, "Pred Fail", 4),
            Severity::Critical => health(20, 6, "Error", 10),
            Severity::Failure => health(25, 6, "Error", 10),
            Severity::NonRecoverable => health(30, 7, "NonRecover", 10),
        }
    }

    /// The worse of two; what is unknown does not hide what is known.
    pub(crate) const fn worse(self, other: Self) -> Self {
        if other.health_state > self.health_state { other } else { self }
    }

    /// Text for OperationalStatus where no state name is at hand.
    pub(crate) const fn text(self) -> &'static str {
        match self.operational_status {
            2 => "OK",
            3 => "Degraded",
            5 => "Predictive Failure",
            6 => "Error",
            7 => "Non-Recoverable Error",
            8 => "Starting",
            13 => "Lost Communication",
            15 => "Dormant",
            _ => "Unknown",
        }
    }
}

/// PerceivedSeverity of an event.
pub(crate) const fn perceived_severity(severity: Severity) -> u16 {
    match severity {
        Severity::Ok | Severity::Information => 2,
        Severity::NonCritical | Severity::PredictiveFailure => 3,
        Severity::Critical | Severity::Failure => 6,
        Severity::NonRecoverable => 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worse_severities_are_never_healthier() {
        let states: Vec<u16> = Severity::ALL.iter().map(|&severity| Health::of(severity).health_state).collect();
        assert_eq!(states, [5, 5, 10, 10, 20, 25, 30]);
        assert!(Severity::ALL.windows(2).all(|pair| perceived_severity(pair[0]) <= perceived_severity(pair[1])));
    }

    #[test]
    fn unknown_does_not_hide_known() {
        assert_eq!(Health::UNKNOWN.worse(Health::OK), Health::OK);
        assert_eq!(Health::of(Severity::Critical).worse(Health::OK).operational_status, 6);
        assert_eq!(Health::LOST_COMMUNICATION.text(), "Lost Communication");
    }
}
