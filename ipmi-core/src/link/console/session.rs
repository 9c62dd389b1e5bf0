//! An open session as a console sees it: sealing what goes out, judging what comes in (IPMI 2.0 s6.11, s6.12, s13.28).

use super::session_1_5::Session15;
use super::session_rmcp_plus::SessionRmcpPlus;
use super::{Protocol, Quirks, Random};
use crate::link::rmcp::{RmcpClass, RmcpHeader};
use crate::link::rmcp_plus::SecurityError;
use crate::link::rmcp_plus::cipher_suite::{Algorithms, CipherSuite, IntegrityAlgorithm};
use crate::link::rmcp_plus::header::PayloadType;
use crate::link::session_1_5::AuthType;
use crate::{ParseError, Privilege};

/// What both ends agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// Protocol.
    pub protocol: Protocol,
    /// RMCP+: cipher suite, when the algorithms make a standard one.
    pub cipher_suite: Option<CipherSuite>,
    /// RMCP+: algorithms.
    pub algorithms: Option<Algorithms>,
    /// IPMI 1.5: how messages are authenticated.
    pub auth_type: Option<AuthType>,
    /// Level of the session.
    pub privilege: Privilege,
    /// RMCP+: the id by which the BMC addresses the console; IPMI 1.5: the session id.
    pub console_session_id: u32,
    /// The id by which the console addresses the BMC; Close Session names it.
    pub bmc_session_id: u32,
    /// RMCP+: GUID of the BMC, as on the wire.
    pub guid: Option<[u8; 16]>,
    /// RMCP+: the user was looked up by name alone.
    pub name_only_lookup: bool,
    /// Quirks in effect.
    pub quirks: Quirks,
}

impl Agreed {
    /// True when every packet of the BMC proves that it is the BMC's.
    pub fn authenticates(&self) -> bool {
        match (self.algorithms, self.auth_type) {
            (Some(algorithms), _) => algorithms.integrity != IntegrityAlgorithm::None,
            (None, Some(auth_type)) => auth_type != AuthType::None,
            (None, None) => false,
        }
    }
}

/// What a datagram is to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// A payload that the BMC sent, in clear.
    Payload(PayloadType, Vec<u8>),
    /// For another session, or no session packet at all.
    NotOurs,
    /// For this session, and not to be used.
    Rejected(Rejected),
}

/// Why a datagram of a session is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rejected {
    /// Lengths or fields make no sense.
    #[error("malformed packet: {0}")]
    Malformed(SecurityError),
    /// The session is authenticated, the packet is not.
    #[error("packet without authentication")]
    NotAuthenticated,
    /// The session has no authentication, the packet claims one.
    #[error("packet with authentication that was not agreed")]
    UnexpectedlyAuthenticated,
    /// The session is encrypted, the packet is not.
    #[error("packet in clear")]
    NotEncrypted,
    /// The session is not encrypted, the packet claims to be.
    #[error("packet with encryption that was not agreed")]
    UnexpectedlyEncrypted,
    /// The authentication code is wrong.
    #[error("wrong authentication code")]
    WrongAuthCode,
    /// The sequence number came before.
    #[error("repeated sequence number")]
    Replayed,
    /// The sequence number lies behind the window.
    #[error("old sequence number")]
    Old,
    /// The sequence number is zero.
    #[error("sequence number zero")]
    ZeroSequence,
    /// The sequence number is the expected one with its bytes in the other order.
    #[error("sequence number with its bytes swapped")]
    SwappedSequence,
    /// The session id is zero.
    #[error("session id zero")]
    ZeroId,
}

impl Rejected {
    /// The quirk of BMCs that send such packets, where bearing it lets nobody else in.
    pub(super) fn remedy(self) -> Option<Quirks> {
        match self {
            Self::UnexpectedlyAuthenticated => Some(Quirks::UNEXPECTEDAUTH),
            Self::SwappedSequence => Some(Quirks::ENDIANSEQ),
            Self::ZeroId => Some(Quirks::IDZERO),
            _ => None,
        }
    }
}

impl From<SecurityError> for Rejected {
    fn from(source: SecurityError) -> Self {
        match source {
            SecurityError::Mismatch("integrity code") => Self::WrongAuthCode,
            other => Self::Malformed(other),
        }
    }
}

impl From<ParseError> for Rejected {
    fn from(source: ParseError) -> Self {
        Self::Malformed(source.into())
    }
}

/// An open session.
pub struct Session {
    agreed: Agreed,
    random: Random,
    kind: Kind,
}

pub(super) enum Kind {
    Ipmi15(Session15),
    RmcpPlus(Box<SessionRmcpPlus>),
}

impl Session {
    pub(super) fn new(agreed: Agreed, random: Random, kind: Kind) -> Self {
        Self { agreed, random, kind }
    }

    pub(super) fn grant(&mut self, privilege: Privilege) {
        self.agreed.privilege = privilege;
    }

    /// What both ends agreed on.
    pub fn agreed(&self) -> &Agreed {
        &self.agreed
    }

    /// The datagram for `payload`, under the next sequence number.
    ///
    /// # Errors
    /// When the payload is too long, or not an IPMI message in a session of IPMI 1.5.
    pub fn seal(&mut self, payload_type: PayloadType, payload: &[u8]) -> Result<Vec<u8>, SecurityError> {
        let mut datagram = RmcpHeader::IPMI.emit().to_vec();
        datagram.extend(match &mut self.kind {
            Kind::Ipmi15(session) => session.seal(payload_type, payload)?,
            Kind::RmcpPlus(session) => session.seal(payload_type, payload, &mut self.random)?,
        });
        Ok(datagram)
    }

    /// Judges a datagram: whose it is, whether it is authentic, new and as agreed, and what it says.
    pub fn open(&mut self, datagram: &[u8]) -> Opened {
        let Ok((header, body)) = RmcpHeader::parse(datagram) else { return Opened::NotOurs };
        if header.class != RmcpClass::Ipmi || header.is_ack {
            return Opened::NotOurs;
        }
        let opened = match &mut self.kind {
            Kind::Ipmi15(session) => session.open(body),
            Kind::RmcpPlus(session) => session.open(body),
        };
        match opened {
            None => Opened::NotOurs,
            Some(Ok((payload_type, payload))) => Opened::Payload(payload_type, payload),
            Some(Err(reason)) => Opened::Rejected(reason),
        }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("agreed", &self.agreed).finish_non_exhaustive()
    }
}
