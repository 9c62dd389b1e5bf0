//! Set User Password (IPMI 2.0 s22.30).

use std::ops::RangeInclusive;

use super::user_id::UserId;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege, Secret};

/// Enables or disables a user, sets or tests the password. The caller checks its length: what is longer is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUserPassword {
    /// User.
    pub user: UserId,
    /// The password is stored with 20 bytes, which IPMI 1.5 cannot use; otherwise with 16.
    pub twenty_bytes: bool,
    /// What is done.
    pub operation: PasswordOperation,
}

/// What is done with a user's password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordOperation {
    /// The user is disabled.
    Disable,
    /// The user is enabled.
    Enable,
    /// The password is set.
    Set(Secret),
    /// The password is compared.
    Test(Secret),
}

/// Longest password of the old form.
const SHORT: usize = 16;
/// Longest password of the new form.
const LONG: usize = 20;

impl Command for SetUserPassword {
    type Response = ();
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x47;
    const NAME: &'static str = "Set User Password";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Administrator;

    fn emit(&self, out: &mut Vec<u8>) {
        let (code, password): (u8, &[u8]) = match &self.operation {
            PasswordOperation::Disable => (0, &[]),
            PasswordOperation::Enable => (1, &[]),
            PasswordOperation::Set(password) => (2, password.as_bytes()),
            PasswordOperation::Test(password) => (3, password.as_bytes()),
        };
        let length = if self.twenty_bytes { LONG } else { SHORT };
        out.extend([u8::from(self.twenty_bytes) << 7 | self.user.get(), code]);
        if code > 1 {
            out.extend(password.iter().copied().chain(std::iter::repeat(0)).take(length));
        }
    }

    fn parse(_data: &[u8]) -> Result<(), ParseError> {
        Ok(())
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Password test failed",
            0x81 => "Password size does not match",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_empty_response, check_request};

    #[test]
    fn golden_bytes() {
        let user = UserId::new(2);
        let operation = PasswordOperation::Set(Secret::new(*b"secret"));
        let command = SetUserPassword { user, twenty_bytes: false, operation };
        check_request(&command, b"\x02\x02secret\0\0\0\0\0\0\0\0\0\0");
        check_request(
            &SetUserPassword { twenty_bytes: true, ..command },
            b"\x82\x02secret\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
        );
        let enable = SetUserPassword { user, twenty_bytes: false, operation: PasswordOperation::Enable };
        check_request(&enable, &[2, 1]);
        check_empty_response::<SetUserPassword>();
    }
}
