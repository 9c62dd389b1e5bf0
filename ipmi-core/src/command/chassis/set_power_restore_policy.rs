//! Set Power Restore Policy (IPMI 2.0 s28.8).

use std::ops::RangeInclusive;

use super::PowerRestorePolicy;
use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Chooses what happens when power returns, or asks what may be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetPowerRestorePolicy {
    /// New policy; `None` and `Unknown` change nothing.
    pub policy: Option<PowerRestorePolicy>,
}

bitflags::bitflags! {
    /// Policies a chassis can follow.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SupportedPolicies: u8 {
        /// Stay off.
        const ALWAYS_OFF = 1 << 0;
        /// Go back to how it was.
        const PREVIOUS = 1 << 1;
        /// Power up.
        const ALWAYS_ON = 1 << 2;
    }
}

impl Command for SetPowerRestorePolicy {
    type Response = SupportedPolicies;
    const NET_FN: NetFn = NetFn::CHASSIS;
    const CMD: u8 = 0x06;
    const NAME: &'static str = "Set Power Restore Policy";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=1;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.policy.unwrap_or(PowerRestorePolicy::Unknown).code());
    }

    fn parse(data: &[u8]) -> Result<SupportedPolicies, ParseError> {
        let &[policies, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(SupportedPolicies::from_bits_truncate(policies))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&SetPowerRestorePolicy { policy: Some(PowerRestorePolicy::AlwaysOn) }, &[2]);
        check_request(&SetPowerRestorePolicy { policy: None }, &[3]);
        let policies = check_response::<SetPowerRestorePolicy>(&[0xF5]);
        assert_eq!(policies, SupportedPolicies::ALWAYS_OFF | SupportedPolicies::ALWAYS_ON);
    }
}
