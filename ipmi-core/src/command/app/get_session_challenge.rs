//! Get Session Challenge (IPMI 2.0 s22.16).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::link::rmcp_plus::rakp::UserName;
use crate::link::session_1_5::AuthType;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Begins the log-in of IPMI 1.5. Works outside a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSessionChallenge {
    /// How the session is going to be authenticated.
    pub auth_type: AuthType,
    /// Who logs in.
    pub user: UserName,
}

/// What Activate Session has to prove knowledge of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionChallenge {
    /// Session id until the activation.
    pub temporary_session_id: u32,
    /// Challenge string.
    pub challenge: [u8; 16],
}

impl Command for GetSessionChallenge {
    type Response = SessionChallenge;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x39;
    const NAME: &'static str = "Get Session Challenge";
    const RESPONSE_LEN: RangeInclusive<usize> = 20..=20;
    const PRIVILEGE: Privilege = Privilege::Callback;

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.auth_type.code());
        let name = self.user.as_bytes();
        out.extend_from_slice(name);
        out.extend(std::iter::repeat_n(0, UserName::MAX - name.len()));
    }

    fn parse(data: &[u8]) -> Result<SessionChallenge, ParseError> {
        let Some((id, rest)) = data.split_first_chunk() else { return Err(short::<Self>(data)) };
        let Some(challenge) = rest.first_chunk() else { return Err(short::<Self>(data)) };
        Ok(SessionChallenge { temporary_session_id: u32::from_le_bytes(*id), challenge: *challenge })
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x81 => "Invalid user name",
            0x82 => "Null user name not enabled",
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
        let user = UserName::new(b"admin").unwrap();
        let command = GetSessionChallenge { auth_type: AuthType::Md5, user };
        check_request(&command, b"\x02admin\0\0\0\0\0\0\0\0\0\0\0");
        let golden: Vec<u8> = (1..=20).collect();
        let challenge = check_response::<GetSessionChallenge>(&golden);
        assert_eq!(challenge.temporary_session_id, 0x0403_0201);
        assert_eq!(challenge.challenge[..], golden[4..]);
        assert!(GetSessionChallenge::code_text(CompletionCode(0x81)).is_some());
    }
}
