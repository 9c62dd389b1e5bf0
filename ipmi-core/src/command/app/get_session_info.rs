//! Get Session Info (IPMI 2.0 s22.20).

use std::ops::RangeInclusive;

use super::user_id::UserId;
use crate::command::short;
use crate::{ChannelNumber, Command, NetFn, ParseError, Privilege};

/// Asks about the sessions of the BMC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSessionInfo {
    /// Session asked about.
    pub session: SessionSelector,
}

/// Which session is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionSelector {
    /// The one the question comes in on.
    Current,
    /// The nth active one, from 1 to FDh.
    Nth(u8),
    /// By its handle.
    Handle(u8),
    /// By its id.
    Id(u32),
}

/// How many sessions there are, and one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionInfo {
    /// Handle of the session; zero when there is none.
    pub handle: u8,
    /// How many sessions there can be.
    pub possible: u8,
    /// How many there are.
    pub active: u8,
    /// The session, when there is one.
    pub session: Option<ActiveSession>,
    /// The console, for a session over LAN.
    pub console: Option<LanConsole>,
}

/// Who has a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActiveSession {
    /// User.
    pub user: UserId,
    /// Level, as on the wire.
    pub privilege: u8,
    /// True for RMCP+.
    pub rmcp_plus: bool,
    /// Channel.
    pub channel: ChannelNumber,
}

/// Where the console of a session over LAN is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LanConsole {
    /// IPv4 address.
    pub address: [u8; 4],
    /// MAC address.
    pub mac: [u8; 6],
    /// UDP port.
    pub port: u16,
}

impl Command for GetSessionInfo {
    type Response = SessionInfo;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x3D;
    const NAME: &'static str = "Get Session Info";
    const RESPONSE_LEN: RangeInclusive<usize> = 3..=18;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        match self.session {
            SessionSelector::Current => out.push(0),
            SessionSelector::Nth(index) => out.push(index),
            SessionSelector::Handle(handle) => out.extend([0xFE, handle]),
            SessionSelector::Id(id) => {
                out.push(0xFF);
                out.extend(id.to_le_bytes());
            }
        }
    }

    fn parse(data: &[u8]) -> Result<SessionInfo, ParseError> {
        let &[handle, possible, active, ref rest @ ..] = data else { return Err(short::<Self>(data)) };
        let (session, rest) = match *rest {
            [user, privilege, channel, ref rest @ ..] => {
                let session = ActiveSession {
                    user: UserId::new(user),
                    privilege: privilege & 0x0F,
                    rmcp_plus: channel >> 4 == 1,
                    channel: ChannelNumber::new(channel),
                };
                (Some(session), rest)
            }
            _ => (None, rest),
        };
        let console = match *rest {
            [a0, a1, a2, a3, m0, m1, m2, m3, m4, m5, port0, port1, ..] => Some(LanConsole {
                address: [a0, a1, a2, a3],
                mac: [m0, m1, m2, m3, m4, m5],
                port: u16::from_le_bytes([port0, port1]),
            }),
            _ => None,
        };
        Ok(SessionInfo { handle, possible: possible & 0x3F, active: active & 0x3F, session, console })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetSessionInfo { session: SessionSelector::Current }, &[0]);
        check_request(&GetSessionInfo { session: SessionSelector::Handle(7) }, &[0xFE, 7]);
        check_request(&GetSessionInfo { session: SessionSelector::Id(0x0403_0201) }, &[0xFF, 1, 2, 3, 4]);
        let golden = [1, 63, 2, 2, 4, 0x11, 127, 0, 0, 1, 1, 2, 3, 4, 5, 6, 0x6F, 0x02];
        let info = check_response::<GetSessionInfo>(&golden);
        assert_eq!((info.handle, info.possible, info.active), (1, 63, 2));
        let session = info.session.unwrap();
        assert!(session.rmcp_plus && session.user == UserId::new(2) && session.channel.get() == 1);
        assert_eq!(info.console.unwrap().port, 623);
        assert_eq!(GetSessionInfo::parse(&golden[..3]).map(|info| info.session), Ok(None));
    }
}
