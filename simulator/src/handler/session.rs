//! Commands about sessions: privilege level, close, information (IPMI 2.0 s22.18-20).
//!
//! Get Session Challenge and Activate Session belong to the log-in and are the LAN server's.

use std::net::{IpAddr, SocketAddr};

use ipmi_core::link::session_1_5::{AuthType, authentication_code};
use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{Answer, Call, Row, Scope, Source, channel, row};
use crate::session::{Peer, Session};
use crate::store::channel::{Channel, SessionSupport};

/// Set Session Privilege Level: the user does not have this level.
const NOT_FOR_USER: CompletionCode = CompletionCode(0x80);
/// Set Session Privilege Level: the session or channel does not go that far.
const ABOVE_LIMIT: CompletionCode = CompletionCode(0x81);
/// Close Session: no session has this id.
const NO_SUCH_ID: CompletionCode = CompletionCode(0x87);
/// Close Session: no session has this handle.
const NO_SUCH_HANDLE: CompletionCode = CompletionCode(0x88);
/// Hardware address reported for consoles: the simulator does not see it.
const NO_MAC: [u8; 6] = [0; 6];

pub(super) const ROWS: &[Row] = &[
    row(NetFn::APP, 0x3B, 1..=1, Privilege::User, Scope::Bmc, set_session_privilege_level),
    row(NetFn::APP, 0x3C, 4..=5, Privilege::Callback, Scope::Bmc, close_session),
    row(NetFn::APP, 0x3D, 1..=5, Privilege::User, Scope::Bmc, get_session_info),
    row(NetFn::APP, 0x3F, 19..=19, Privilege::Operator, Scope::Bmc, get_auth_code),
];

fn set_session_privilege_level(call: &mut Call<'_>) -> Answer {
    let Source::Session(login) = call.source else { return Err(CompletionCode::COMMAND_DISABLED) };
    let wanted = call.byte(0) & 0xF;
    let now = call.now;
    let channel = call.bmc.channels.get(login.channel).and_then(|channel| channel.present.privilege());
    let user = call.bmc.users.get(login.user).filter(|user| user.may_log_in(login.channel, now));
    let user = user.and_then(|user| user.access(login.channel).privilege());
    let session = call.bmc.sessions.get_mut(login.id).ok_or(CompletionCode::UNSPECIFIED)?;
    if wanted == 0 {
        return Ok(vec![session.privilege as u8]);
    }
    let wanted = Privilege::from_code(wanted).ok_or(CompletionCode::INVALID_DATA_FIELD)?;
    if Some(wanted) > user {
        return Err(NOT_FOR_USER);
    }
    if wanted > session.limit || Some(wanted) > channel {
        return Err(ABOVE_LIMIT);
    }
    session.privilege = wanted;
    Ok(vec![wanted as u8])
}

fn close_session(call: &mut Call<'_>) -> Answer {
    let id = u32::from_le_bytes([call.byte(0), call.byte(1), call.byte(2), call.byte(3)]);
    let id = if id == 0 && call.data.len() == 5 {
        call.bmc.sessions.by_handle(call.byte(4)).map(|session| session.id).ok_or(NO_SUCH_HANDLE)?
    } else {
        id
    };
    // Anybody may end its own session, only administrators those of others.
    if let Source::Session(login) = call.source
        && login.id != id
        && login.privilege < Privilege::Administrator
    {
        return Err(CompletionCode::INSUFFICIENT_PRIVILEGE);
    }
    if call.bmc.sessions.close(id) { Ok(Vec::new()) } else { Err(NO_SUCH_ID) }
}

fn get_session_info(call: &mut Call<'_>) -> Answer {
    let sessions = &call.bmc.sessions;
    let (index, argument) = (call.byte(0), call.rest(1));
    let found = match (index, argument) {
        (0, []) => match call.source {
            Source::Session(login) => sessions.get(login.id),
            _ => None,
        },
        (0xFE, &[handle]) => Some(sessions.by_handle(handle).ok_or(CompletionCode::NOT_PRESENT)?),
        (0xFF, &[a, b, c, d]) => {
            Some(sessions.get(u32::from_le_bytes([a, b, c, d])).ok_or(CompletionCode::NOT_PRESENT)?)
        }
        (0xFE | 0xFF, _) => return Err(CompletionCode::REQUEST_LENGTH_INVALID),
        (index, []) if usize::from(index) <= sessions.limit() => sessions.by_index(index),
        (_, []) => return Err(CompletionCode::PARAMETER_OUT_OF_RANGE),
        _ => return Err(CompletionCode::REQUEST_LENGTH_INVALID),
    };
    let count = |count: usize| u8::try_from(count).unwrap_or(0x3F) & 0x3F;
    let (limit, active) = (count(sessions.limit()), count(sessions.active()));
    Ok(match found {
        None => vec![0, limit, active],
        Some(session) => describe(session, limit, active),
    })
}

// Bits 7:6 of the first byte are 0 for the algorithms of IPMI 1.5, the only ones here.
fn get_auth_code(call: &mut Call<'_>) -> Answer {
    let auth_type = AuthType::from_code(call.byte(0));
    let channel = channel::number(call, call.byte(1));
    let has_sessions = |channel: &Channel| channel.sessions != SessionSupport::Less;
    call.bmc.channels.get(channel).filter(|channel| has_sessions(channel)).ok_or(CompletionCode::INVALID_DATA_FIELD)?;
    let user = call.bmc.users.get(call.byte(2) & 0x3F).ok_or(CompletionCode::PARAMETER_OUT_OF_RANGE)?;
    let password = user.password_1_5().ok_or(CompletionCode::INVALID_DATA_FIELD)?;
    let data = call.rest(3).try_into().map_err(|_| CompletionCode::REQUEST_LENGTH_INVALID)?;
    let code = authentication_code(auth_type, &password, data).ok_or(CompletionCode::INVALID_DATA_FIELD)?;
    Ok(code.to_vec())
}

fn describe(session: &Session, limit: u8, active: u8) -> Vec<u8> {
    let protocol = u8::from(session.rmcp_plus) << 4;
    let mut info =
        vec![session.handle, limit, active, session.user, session.privilege as u8, protocol | session.channel];
    match session.peer {
        Peer::Lan(address) => {
            info.extend(ipv4(address));
            info.extend(NO_MAC);
            info.extend(address.port().to_le_bytes());
        }
        // Activity type messaging, destination selector, no PPP address.
        Peer::Serial => info.extend([0; 8]),
    }
    info
}

/// Four bytes are all there is for an address: an IPv6 one is reported by its last four.
fn ipv4(address: SocketAddr) -> [u8; 4] {
    match address.ip() {
        IpAddr::V4(address) => address.octets(),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => address.octets(),
            None => {
                let [.., a, b, c, d] = address.octets();
                [a, b, c, d]
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use ipmi_core::{NetFn, Privilege, Request, Response};

    use super::super::testing::{NOW, ask, bmc, refuse};
    use crate::bmc::Bmc;
    use crate::session::{NewSession, Peer};

    fn open(bmc: &mut Bmc, id: u32) {
        let peer = Peer::Lan(SocketAddr::from(([10, 1, 2, 3], 0x1234)));
        let (privilege, limit) = (Privilege::User, Privilege::Operator);
        bmc.sessions.open(NewSession { id, user: 2, privilege, limit, channel: 1, rmcp_plus: true, peer }).unwrap();
    }

    fn in_session(bmc: &mut Bmc, id: u32, cmd: u8, data: &[u8]) -> Response {
        let source = bmc.sessions.get(id).unwrap().source();
        bmc.handle_from(source, &Request::new(NetFn::APP, cmd, data), NOW)
    }

    #[test]
    fn privilege_goes_up_to_the_limits() {
        let mut bmc = bmc();
        open(&mut bmc, 9);
        assert_eq!(in_session(&mut bmc, 9, 0x3B, &[0]).data, [2]);
        assert_eq!(in_session(&mut bmc, 9, 0x02, &[]).code.0, 0xD4);
        assert_eq!(in_session(&mut bmc, 9, 0x3B, &[3]).data, [3]);
        assert_eq!(in_session(&mut bmc, 9, 0x3B, &[4]).code.0, 0x81);
        assert_eq!(in_session(&mut bmc, 9, 0x3B, &[5]).code.0, 0x80);
        assert_eq!(refuse(&mut bmc, 6, 0x3B, &[3]), 0xD6);
    }

    #[test]
    fn information_about_sessions() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x3D, &[0]), [0, 63, 0]);
        open(&mut bmc, 9);
        let expected = [1, 63, 1, 2, 2, 0x11, 10, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0x34, 0x12];
        assert_eq!(in_session(&mut bmc, 9, 0x3D, &[0]).data, expected);
        assert_eq!(ask(&mut bmc, 6, 0x3D, &[1]), expected);
        assert_eq!(ask(&mut bmc, 6, 0x3D, &[0xFE, 1]), expected);
        assert_eq!(ask(&mut bmc, 6, 0x3D, &[0xFF, 9, 0, 0, 0]), expected);
        assert_eq!(ask(&mut bmc, 6, 0x3D, &[2]), [0, 63, 1]);
        assert_eq!(refuse(&mut bmc, 6, 0x3D, &[0xFE, 2]), 0xCB);
        assert_eq!(refuse(&mut bmc, 6, 0x3D, &[64]), 0xC9);
        assert_eq!(refuse(&mut bmc, 6, 0x3D, &[0xFF, 9]), 0xC7);
    }

    #[test]
    fn authentication_codes_are_digests_of_the_password() {
        let mut bmc = bmc();
        let mut request = vec![2, 1, 2];
        request.extend([0; 16]);
        // MD5 of `admin` and 11 zeros, 16 zeros, `admin` and 11 zeros, computed by another program.
        let expected = [0x10, 0x69, 0x10, 0x73, 0x8A, 0x0D, 0x08, 0xBE, 0x36, 0x58, 0xF8, 0x16, 0x1A, 0xCE, 0xB5, 0xCE];
        assert_eq!(ask(&mut bmc, 6, 0x3F, &request), expected);
        request[0] = 1;
        assert_ne!(ask(&mut bmc, 6, 0x3F, &request), expected);
        for (at, byte, code) in [(0, 4, 0xCC), (1, 0x0F, 0xCC), (2, 0, 0xC9)] {
            let mut wrong = request.clone();
            wrong[at] = byte;
            assert_eq!(refuse(&mut bmc, 6, 0x3F, &wrong), code);
        }
        assert_eq!(refuse(&mut bmc, 6, 0x3F, &request[..18]), 0xC7);
    }

    #[test]
    fn only_administrators_close_sessions_of_others() {
        let mut bmc = bmc();
        open(&mut bmc, 9);
        open(&mut bmc, 10);
        assert_eq!(in_session(&mut bmc, 9, 0x3C, &[10, 0, 0, 0]).code.0, 0xD4);
        assert_eq!(in_session(&mut bmc, 9, 0x3C, &[9, 0, 0, 0]).code.0, 0);
        assert_eq!(refuse(&mut bmc, 6, 0x3C, &[9, 0, 0, 0]), 0x87);
        assert_eq!(refuse(&mut bmc, 6, 0x3C, &[0, 0, 0, 0, 9]), 0x88);
        assert_eq!(ask(&mut bmc, 6, 0x3C, &[0, 0, 0, 0, 2]), []);
    }
}
