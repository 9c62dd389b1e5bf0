//! What a system does when power returns (IPMI 2.0 s28.2, s28.8).

use std::fmt;

/// Power restore policy.
///
/// ```
/// use ipmi_core::command::chassis::PowerRestorePolicy;
/// assert_eq!(PowerRestorePolicy::from_code(1).to_string(), "previous");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PowerRestorePolicy {
    /// 0: stay off.
    AlwaysOff,
    /// 1: go back to how it was.
    Previous,
    /// 2: power up.
    AlwaysOn,
    /// 3: not known.
    Unknown,
}

impl PowerRestorePolicy {
    /// The policy in the low two bits.
    pub const fn from_code(code: u8) -> Self {
        match code & 3 {
            0 => Self::AlwaysOff,
            1 => Self::Previous,
            2 => Self::AlwaysOn,
            _ => Self::Unknown,
        }
    }

    /// The code, 0-3.
    pub const fn code(self) -> u8 {
        match self {
            Self::AlwaysOff => 0,
            Self::Previous => 1,
            Self::AlwaysOn => 2,
            Self::Unknown => 3,
        }
    }
}

/// As ipmitool names it.
impl fmt::Display for PowerRestorePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::AlwaysOff => "always-off",
            Self::Previous => "previous",
            Self::AlwaysOn => "always-on",
            Self::Unknown => "unknown",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back() {
        assert!((0..4).all(|code| PowerRestorePolicy::from_code(code).code() == code));
    }
}
