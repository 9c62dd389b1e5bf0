//! Set User Name (IPMI 2.0 s22.28).

use std::ops::RangeInclusive;

use super::user_id::UserId;
use crate::link::rmcp_plus::rakp::UserName;
use crate::{Command, NetFn, ParseError, Privilege};

/// Names a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetUserName {
    /// User.
    pub user: UserId,
    /// Name.
    pub name: UserName,
}

impl Command for SetUserName {
    type Response = ();
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x45;
    const NAME: &'static str = "Set User Name";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Administrator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.user.get());
        let name = self.name.as_bytes();
        out.extend_from_slice(name);
        out.extend(std::iter::repeat_n(0, UserName::MAX - name.len()));
    }

    fn parse(_data: &[u8]) -> Result<(), ParseError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_empty_response, check_request};

    #[test]
    fn golden_bytes() {
        let name = UserName::new(b"admin").unwrap();
        check_request(&SetUserName { user: UserId::new(2), name }, b"\x02admin\0\0\0\0\0\0\0\0\0\0\0");
        check_empty_response::<SetUserName>();
    }
}
