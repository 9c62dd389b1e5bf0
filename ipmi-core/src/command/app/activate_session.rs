//! Activate Session (IPMI 2.0 s22.17).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::link::session_1_5::AuthType;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Ends the log-in of IPMI 1.5; travels with the temporary session id and, as the first message, authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivateSession {
    /// How the session is authenticated.
    pub auth_type: AuthType,
    /// Highest level the session may reach.
    pub privilege: Privilege,
    /// As Get Session Challenge returned it.
    pub challenge: [u8; 16],
    /// First sequence number of the BMC; not zero.
    pub outbound_sequence: u32,
}

/// The session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActivatedSession {
    /// How the messages that follow are authenticated.
    pub auth_type: AuthType,
    /// Session id from here on.
    pub session_id: u32,
    /// First sequence number of the console.
    pub inbound_sequence: u32,
    /// Highest level the session may reach, as on the wire.
    pub max_privilege: u8,
}

impl Command for ActivateSession {
    type Response = ActivatedSession;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x3A;
    const NAME: &'static str = "Activate Session";
    const RESPONSE_LEN: RangeInclusive<usize> = 10..=10;
    const PRIVILEGE: Privilege = Privilege::Callback;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.auth_type.code(), self.privilege as u8]);
        out.extend(self.challenge);
        out.extend(self.outbound_sequence.to_le_bytes());
    }

    fn parse(data: &[u8]) -> Result<ActivatedSession, ParseError> {
        let &[auth_type, id0, id1, id2, id3, seq0, seq1, seq2, seq3, privilege, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(ActivatedSession {
            auth_type: AuthType::from_code(auth_type),
            session_id: u32::from_le_bytes([id0, id1, id2, id3]),
            inbound_sequence: u32::from_le_bytes([seq0, seq1, seq2, seq3]),
            max_privilege: privilege & 0x0F,
        })
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x81 => "No session slot available",
            0x82 => "No session slot available for this user",
            0x83 => "No session slot available at this privilege level",
            0x84 => "Session sequence number out of range",
            0x85 => "Invalid session id",
            0x86 => "Requested privilege level exceeds the limit of user or channel",
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
        let command = ActivateSession {
            auth_type: AuthType::Md5,
            privilege: Privilege::Administrator,
            challenge: [0xC4; 16],
            outbound_sequence: 0x0403_0201,
        };
        let mut golden = vec![2, 4];
        golden.extend([0xC4; 16]);
        golden.extend([1, 2, 3, 4]);
        check_request(&command, &golden);
        let session = check_response::<ActivateSession>(&[2, 1, 0, 0, 0, 5, 0, 0, 0, 4]);
        assert_eq!((session.auth_type, session.session_id), (AuthType::Md5, 1));
        assert_eq!((session.inbound_sequence, session.max_privilege), (5, 4));
        assert!((0x81..=0x86).all(|code| ActivateSession::code_text(CompletionCode(code)).is_some()));
    }
}
