//! Set Session Privilege Level (IPMI 2.0 s22.18).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Raises or lowers the level of the session it comes in on; a new session starts as User.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetSessionPrivilegeLevel {
    /// Level wanted; `None` only asks.
    pub privilege: Option<Privilege>,
}

impl Command for SetSessionPrivilegeLevel {
    /// The level, as on the wire.
    type Response = u8;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x3B;
    const NAME: &'static str = "Set Session Privilege Level";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=1;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.privilege.map_or(0, |privilege| privilege as u8));
    }

    fn parse(data: &[u8]) -> Result<u8, ParseError> {
        let &[level, ..] = data else { return Err(short::<Self>(data)) };
        Ok(level & 0x0F)
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Requested level not available for this user",
            0x81 => "Requested level exceeds the limit of channel or user",
            0x82 => "Cannot disable user level authentication",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&SetSessionPrivilegeLevel { privilege: Some(Privilege::Administrator) }, &[4]);
        check_request(&SetSessionPrivilegeLevel { privilege: None }, &[0]);
        assert_eq!(check_response::<SetSessionPrivilegeLevel>(&[4]), 4);
        assert!(SetSessionPrivilegeLevel::code_text(CompletionCode(0x81)).is_some());
    }
}
