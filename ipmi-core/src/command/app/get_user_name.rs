//! Get User Name (IPMI 2.0 s22.29).

use std::ops::RangeInclusive;

use super::user_id::UserId;
use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Asks for the name of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetUserName {
    /// User.
    pub user: UserId,
}

impl Command for GetUserName {
    /// The name, padded with zeros.
    type Response = [u8; 16];
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x46;
    const NAME: &'static str = "Get User Name";
    const RESPONSE_LEN: RangeInclusive<usize> = 16..=16;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.user.get());
    }

    fn parse(data: &[u8]) -> Result<[u8; 16], ParseError> {
        data.first_chunk().copied().ok_or_else(|| short::<Self>(data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetUserName { user: UserId::new(2) }, &[2]);
        let name = check_response::<GetUserName>(b"admin\0\0\0\0\0\0\0\0\0\0\0");
        assert_eq!(&name[..5], b"admin");
    }
}
