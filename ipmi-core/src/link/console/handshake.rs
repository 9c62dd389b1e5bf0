//! One RMCP+ handshake: Open Session and RAKP 1 to 4 with one suite, one role and fresh ids (IPMI 2.0 s13.17-s13.28).

use super::error::Step;
use super::message::ipmi_body;
use super::session_rmcp_plus::SessionRmcpPlus;
use super::{LoginConfig, LoginError, Quirks, Random};
use crate::ParseError;
use crate::link::rmcp::RmcpHeader;
use crate::link::rmcp_plus::SecurityError;
use crate::link::rmcp_plus::cipher_suite::{
    Algorithms, AuthenticationAlgorithm, CipherSuite, ConfidentialityAlgorithm, IntegrityAlgorithm,
};
use crate::link::rmcp_plus::header::{Packet, PayloadType, SessionHeader};
use crate::link::rmcp_plus::keys::{Code, Exchange, Key20, SessionKeys};
use crate::link::rmcp_plus::open_session::{MaxPrivilege, OpenSessionRequest};
use crate::link::rmcp_plus::rakp::{BmcProof, KeyExchangeCode, Rakp, Rakp1, Rakp3, Rakp4, Role, UserName};
use crate::link::rmcp_plus::status::StatusCode;
use crate::link::session_1_5::Password15;

/// Tag, status, reserved bytes and session id: what every RAKP message begins with.
const RAKP_START: usize = 8;
/// Length of RAKP message 2 before the code.
const RAKP2_FIXED: usize = 40;

/// What stays the same through all handshakes of a log-in.
pub(super) struct Secrets {
    user: UserName,
    /// The user name as it was given.
    plain_user: UserName,
    user_key: Key20,
    /// The first 16 bytes of the password.
    cut_user_key: Key20,
    bmc_key: Option<Key20>,
    quirks: Quirks,
}

impl Secrets {
    pub(super) fn new(config: &LoginConfig) -> Result<Self, LoginError> {
        let key = |secret, bytes: &[u8]| {
            let too_long = LoginError::TooLong { secret, limit: Key20::LEN, found: bytes.len() };
            Key20::new(bytes).map_err(|_| too_long)
        };
        let password = config.password.as_bytes();
        let cut = password.get(..Password15::LEN).unwrap_or(password);
        let bmc_key = (!config.kg.is_empty()).then(|| key("key of the BMC (Kg)", config.kg.as_bytes())).transpose()?;
        let quirks = config.quirks;
        let user = if quirks.contains(Quirks::INTEL20) { padded(&config.user) } else { config.user };
        let (user_key, cut_user_key) = (key("password", password)?, key("password", cut)?);
        Ok(Self { user, plain_user: config.user, user_key, cut_user_key, bmc_key, quirks })
    }

    fn user_key(&self, authentication: AuthenticationAlgorithm) -> &Key20 {
        let cut = self.quirks.contains(Quirks::INTEL20) && authentication == AuthenticationAlgorithm::HmacMd5;
        if cut { &self.cut_user_key } else { &self.user_key }
    }

    /// What the code of RAKP message 3 is made of: BMCs with the quirk `intel20` take the name as it is there, and the
    /// role without the bit that looks it up by name alone.
    fn of_rakp3(&self, exchange: Exchange) -> Exchange {
        if !self.quirks.contains(Quirks::INTEL20) {
            return exchange;
        }
        Exchange { user_name: self.plain_user, role: exchange.role.without_lookup(), ..exchange }
    }
}

/// The name with zeros up to its greatest length.
fn padded(name: &UserName) -> UserName {
    let mut bytes = [0; UserName::MAX];
    bytes.iter_mut().zip(name.as_bytes()).for_each(|(to, from)| *to = *from);
    UserName::new(&bytes).unwrap_or(*name)
}

/// The algorithms of a suite this end implements.
pub(super) fn supported(suite: CipherSuite) -> Result<Algorithms, LoginError> {
    let known = |algorithms: &Algorithms| {
        matches!(algorithms.confidentiality, ConfidentialityAlgorithm::None | ConfidentialityAlgorithm::AesCbc128)
    };
    suite.algorithms().filter(known).ok_or(LoginError::UnsupportedSuite { suite })
}

/// The datagram of a handshake payload.
pub(super) fn outside(payload_type: PayloadType, payload: &[u8]) -> Vec<u8> {
    let mut datagram = RmcpHeader::IPMI.emit().to_vec();
    let packet = Packet { header: SessionHeader::outside(payload_type), payload };
    // No handshake payload is longer than a datagram.
    datagram.extend(packet.emit(None).unwrap_or_default());
    datagram
}

/// The handshake payload in a datagram.
pub(super) fn payload_of(datagram: &[u8]) -> Option<(PayloadType, &[u8])> {
    let packet = Packet::parse(ipmi_body(datagram)?, None).ok()?;
    (!packet.header.is_encrypted).then_some((packet.header.payload_type, packet.payload))
}

/// One handshake.
pub(super) struct Handshake {
    pub(super) tag: u8,
    pub(super) suite: CipherSuite,
    pub(super) algorithms: Algorithms,
    pub(super) role: Role,
    pub(super) console_session_id: u32,
    pub(super) bmc_session_id: u32,
    pub(super) guid: [u8; 16],
    console_random: [u8; 16],
    /// From RAKP message 2.
    proven: Option<(Exchange, SessionKeys)>,
}

impl Handshake {
    pub(super) fn new(suite: CipherSuite, role: Role, tag: u8, random: &mut Random) -> Result<Self, LoginError> {
        let mut id = [0; 4];
        random(&mut id);
        Ok(Self {
            tag,
            suite,
            algorithms: supported(suite)?,
            role,
            // Zero is no session.
            console_session_id: u32::from_le_bytes(id).max(1),
            bmc_session_id: 0,
            guid: [0; 16],
            console_random: [0; 16],
            proven: None,
        })
    }

    /// Open Session Request. The level is that of RAKP message 1: some BMCs hash the one, some the other.
    pub(super) fn open_session(&self) -> Vec<u8> {
        let request = OpenSessionRequest {
            tag: self.tag,
            max_privilege: MaxPrivilege(self.role.0 & 0x0F),
            console_session_id: self.console_session_id,
            proposal: self.algorithms.into(),
        };
        outside(PayloadType::OpenSessionRequest, &request.emit())
    }

    /// RAKP message 1 to the session the BMC opened.
    pub(super) fn rakp1(&mut self, bmc_session_id: u32, secrets: &Secrets, random: &mut Random) -> Vec<u8> {
        self.bmc_session_id = bmc_session_id;
        random(&mut self.console_random);
        let message = Rakp1 {
            tag: self.tag,
            bmc_session_id,
            console_random: self.console_random,
            role: self.role,
            user_name: secrets.user,
        };
        outside(PayloadType::Rakp1, &message.emit())
    }

    /// True when a RAKP message is for this handshake. A refusal may leave out the session id.
    fn is_for_this(&self, payload: &[u8]) -> bool {
        let &[tag, status, ref rest @ ..] = payload else { return false };
        let id = rest.get(2..6).and_then(|id| id.first_chunk()).map(|id| u32::from_le_bytes(*id));
        let fits = id == Some(self.console_session_id) || status != 0 && id.unwrap_or(0) == 0;
        tag == self.tag && fits
    }

    /// Judges RAKP message 2; `None` when it is for another handshake. The outcome is RAKP message 3.
    pub(super) fn rakp2(&mut self, payload: &[u8], secrets: &Secrets) -> Option<Result<Vec<u8>, Setback>> {
        if !self.is_for_this(payload) {
            return None;
        }
        let authentication = self.algorithms.authentication;
        let too_long = RAKP2_FIXED + authentication.code_len().unwrap_or(0) + 1;
        let may_be = secrets.quirks.contains(Quirks::SUPERMICRO20)
            || secrets.quirks.contains(Quirks::SUN20) && authentication == AuthenticationAlgorithm::HmacSha1;
        let cut = if may_be && payload.len() == too_long { payload.get(..too_long - 1) } else { None };
        let message = Rakp::<BmcProof>::parse(cut.unwrap_or(payload), authentication);
        Some(message.map_err(Setback::Malformed).and_then(|message| self.prove(message, secrets)))
    }

    fn prove(&mut self, message: Rakp<BmcProof>, secrets: &Secrets) -> Result<Vec<u8>, Setback> {
        let BmcProof { bmc_random, guid, code } = message.outcome.map_err(Setback::Refused)?;
        let authentication = self.algorithms.authentication;
        let exchange = Exchange {
            authentication,
            console_session_id: self.console_session_id,
            bmc_session_id: self.bmc_session_id,
            console_random: self.console_random,
            bmc_random,
            guid,
            role: self.role,
            user_name: secrets.user,
        };
        let user_key = secrets.user_key(authentication);
        if exchange.rakp2_code(user_key)? != code {
            return Err(Setback::WrongPassword);
        }
        let keys = exchange.session_keys(user_key, secrets.bmc_key.as_ref())?;
        let proof = secrets.of_rakp3(exchange).rakp3_code(user_key)?;
        self.guid = guid;
        self.proven = Some((exchange, keys));
        Ok(self.rakp3(Ok(KeyExchangeCode(proof))))
    }

    /// RAKP message 3, also as the news that there will be no session, so that the BMC frees its slot.
    pub(super) fn rakp3(&self, outcome: Result<KeyExchangeCode, StatusCode>) -> Vec<u8> {
        let message = Rakp3 { tag: self.tag, session_id: self.bmc_session_id, outcome };
        outside(PayloadType::Rakp3, &message.emit())
    }

    /// Judges RAKP message 4; `None` when it is for another handshake.
    pub(super) fn rakp4(&self, payload: &[u8], secrets: &Secrets) -> Option<Result<SessionRmcpPlus, Setback>> {
        self.is_for_this(payload).then(|| self.check(payload, secrets))
    }

    fn check(&self, payload: &[u8], secrets: &Secrets) -> Result<SessionRmcpPlus, Setback> {
        let Some((exchange, keys)) = &self.proven else { return Err(Setback::WrongPassword) };
        let Algorithms { authentication, integrity, .. } = self.algorithms;
        let by_integrity = secrets.quirks.contains(Quirks::INTEL20);
        let algorithm = if by_integrity { twin(integrity)? } else { authentication };
        let excess = secrets.quirks.contains(Quirks::INTEGRITYCHECKVALUE) && algorithm == AuthenticationAlgorithm::None;
        let cut = if excess { payload.get(..RAKP_START) } else { None };
        let message = Rakp4::parse(cut.unwrap_or(payload), algorithm)?;
        let value: Code = message.outcome.map_err(Setback::Refused)?.0;
        if (Exchange { authentication: algorithm, ..*exchange }).check_value(keys)? != value {
            return Err(Setback::WrongKey);
        }
        let ids = (self.console_session_id, self.bmc_session_id);
        Ok(SessionRmcpPlus::new(ids, self.algorithms, keys, secrets.user_key(authentication))?)
    }

    /// The step whose answer a message of this type is.
    pub(super) fn step(payload_type: PayloadType) -> Option<Step> {
        match payload_type {
            PayloadType::OpenSessionResponse => Some(Step::OpenSession),
            PayloadType::Rakp2 => Some(Step::Rakp1),
            PayloadType::Rakp4 => Some(Step::Rakp3),
            _ => None,
        }
    }
}

/// The authentication algorithm with the hash of an integrity algorithm.
fn twin(integrity: IntegrityAlgorithm) -> Result<AuthenticationAlgorithm, SecurityError> {
    match integrity {
        IntegrityAlgorithm::None => Ok(AuthenticationAlgorithm::None),
        IntegrityAlgorithm::HmacSha1_96 => Ok(AuthenticationAlgorithm::HmacSha1),
        IntegrityAlgorithm::HmacMd5_128 => Ok(AuthenticationAlgorithm::HmacMd5),
        IntegrityAlgorithm::HmacSha256_128 => Ok(AuthenticationAlgorithm::HmacSha256),
        other => Err(SecurityError::Unsupported { kind: "integrity", code: other.code() }),
    }
}

/// Why a handshake does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setback {
    /// The BMC says so.
    Refused(StatusCode),
    /// The BMC proves knowledge of another password.
    WrongPassword,
    /// The BMC proves knowledge of another Kg.
    WrongKey,
    /// The BMC answers with algorithms nobody asked for.
    OtherSuite(Algorithms),
    /// A message makes no sense.
    Malformed(SecurityError),
}

impl From<SecurityError> for Setback {
    fn from(source: SecurityError) -> Self {
        Self::Malformed(source)
    }
}

impl From<ParseError> for Setback {
    fn from(source: ParseError) -> Self {
        Self::Malformed(source.into())
    }
}
