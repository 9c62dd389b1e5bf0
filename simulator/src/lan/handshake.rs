//! The log-in of RMCP+: Open Session and RAKP messages 1 to 4, the BMC's end (IPMI 2.0 s13.17-s13.24).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use ipmi_core::link::rmcp_plus::cipher_suite::{
    Algorithms, AuthenticationAlgorithm, CipherSuite, ConfidentialityAlgorithm, IntegrityAlgorithm,
};
use ipmi_core::link::rmcp_plus::confidentiality::Confidentiality;
use ipmi_core::link::rmcp_plus::integrity::Integrity;
use ipmi_core::link::rmcp_plus::keys::{Exchange, Key20};
use ipmi_core::link::rmcp_plus::open_session::{OpenSessionRequest, OpenSessionResponse, Proposal};
use ipmi_core::link::rmcp_plus::rakp::{BmcProof, CheckValue, Rakp1, Rakp2, Rakp3, Rakp4};
use ipmi_core::link::rmcp_plus::status::StatusCode;
use ipmi_core::{ParseError, Privilege};

use super::link::{Kind, Link, LinkPlus, Numbers};
use super::{LanServer, policy};
use crate::bmc::Bmc;
use crate::session::{NewSession, Peer};

/// Log-ins under way at a time; the oldest makes room for a new one.
const LIMIT: usize = 32;
/// Time a log-in may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A log-in under way.
#[derive(Debug)]
struct Handshake {
    bmc_session_id: u32,
    console_session_id: u32,
    algorithms: Algorithms,
    /// Highest level the suite allows and the console asked for.
    limit: Privilege,
    expires: Duration,
    /// Set by RAKP message 1.
    proving: Option<Proving>,
}

#[derive(Debug)]
struct Proving {
    exchange: Exchange,
    user: u8,
    limit: Privilege,
    key: Key20,
    /// RAKP message 1 and the answer, for a console that missed it.
    message: Vec<u8>,
    answer: Vec<u8>,
}

/// Log-ins under way.
#[derive(Debug, Default)]
pub(super) struct Handshakes(VecDeque<Handshake>);

impl Handshakes {
    pub(super) fn has(&self, id: u32) -> bool {
        self.0.iter().any(|handshake| handshake.bmc_session_id == id)
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.0.iter().map(|handshake| handshake.expires).min()
    }

    pub(super) fn expire(&mut self, now: Duration) {
        self.0.retain(|handshake| handshake.expires > now);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut Handshake> {
        self.0.iter_mut().find(|handshake| handshake.bmc_session_id == id)
    }

    fn remove(&mut self, id: u32) {
        self.0.retain(|handshake| handshake.bmc_session_id != id);
    }
}

/// Finds the suite that fits what the console proposes.
fn choose(bmc: &Bmc, channel: u8, proposal: &Proposal) -> Result<(CipherSuite, Algorithms), StatusCode> {
    if matches!(proposal.authentication, Some(AuthenticationAlgorithm::Unknown(_))) {
        return Err(StatusCode::INVALID_AUTHENTICATION_ALGORITHM);
    }
    if matches!(proposal.integrity, Some(IntegrityAlgorithm::Unknown(_))) {
        return Err(StatusCode::INVALID_INTEGRITY_ALGORITHM);
    }
    if matches!(proposal.confidentiality, Some(ConfidentialityAlgorithm::Unknown(_))) {
        return Err(StatusCode::INVALID_CONFIDENTIALITY_ALGORITHM);
    }
    let offered = policy::offered_suites(bmc, channel);
    let candidates = policy::PREFERENCE.into_iter().filter(|suite| offered.contains(suite)).map(CipherSuite);
    candidates
        .filter_map(|suite| Some((suite, suite.algorithms()?)))
        .find(|(_, algorithms)| {
            proposal.authentication.is_none_or(|wanted| wanted == algorithms.authentication)
                && proposal.integrity.is_none_or(|wanted| wanted == algorithms.integrity)
                && proposal.confidentiality.is_none_or(|wanted| wanted == algorithms.confidentiality)
        })
        .ok_or(StatusCode::NO_MATCHING_CIPHER_SUITE)
}

impl LanServer {
    /// Open Session Request.
    pub(super) fn open_session(&mut self, bmc: &Bmc, payload: &[u8], now: Duration) -> Option<Vec<u8>> {
        let request = match OpenSessionRequest::parse(payload) {
            Ok(request) => request,
            // Whole, but wrong: its sender is told.
            Err(ParseError::Invalid { .. }) => {
                let &[tag, _, _, _, a, b, c, d, ..] = payload else { return None };
                let (status, console_session_id) = (StatusCode::ILLEGAL_PARAMETER, u32::from_le_bytes([a, b, c, d]));
                return Some(OpenSessionResponse::Refused { tag, status, console_session_id }.emit());
            }
            Err(_) => return None,
        };
        let (tag, console_session_id) = (request.tag, request.console_session_id);
        let response = match self.accept(bmc, &request, now) {
            Ok((bmc_session_id, limit, algorithms)) => OpenSessionResponse::Accepted {
                tag,
                max_privilege: limit.into(),
                console_session_id,
                bmc_session_id,
                algorithms,
            },
            Err(status) => OpenSessionResponse::Refused { tag, status, console_session_id },
        };
        Some(response.emit())
    }

    fn accept(
        &mut self,
        bmc: &Bmc,
        request: &OpenSessionRequest,
        now: Duration,
    ) -> Result<(u32, Privilege, Algorithms), StatusCode> {
        if request.console_session_id == 0 {
            return Err(StatusCode::INVALID_SESSION_ID);
        }
        let (suite, algorithms) = choose(bmc, self.channel, &request.proposal)?;
        let allowed = policy::suite_limit(bmc, suite.0).ok_or(StatusCode::NO_MATCHING_CIPHER_SUITE)?;
        let limit = match (request.max_privilege.level(), request.max_privilege.0) {
            (None, 0) => allowed,
            (Some(level), _) if level <= allowed => level,
            (Some(_), _) => return Err(StatusCode::UNAUTHORIZED_ROLE),
            (None, _) => return Err(StatusCode::INVALID_ROLE),
        };
        if bmc.sessions.active() >= bmc.sessions.limit() {
            return Err(StatusCode::INSUFFICIENT_RESOURCES);
        }
        let bmc_session_id = self.new_session_id(bmc);
        if self.handshakes.0.len() >= LIMIT {
            self.handshakes.0.pop_front();
        }
        let (console_session_id, expires) = (request.console_session_id, now + PATIENCE);
        self.handshakes.0.push_back(Handshake {
            bmc_session_id,
            console_session_id,
            algorithms,
            limit,
            expires,
            proving: None,
        });
        Ok((bmc_session_id, limit, algorithms))
    }

    /// RAKP message 1.
    pub(super) fn rakp1(&mut self, bmc: &Bmc, payload: &[u8], now: Duration) -> Option<Vec<u8>> {
        let bmc_random = self.random();
        let &[tag, _, _, _, a, b, c, d, ..] = payload else { return None };
        let refuse = |session_id, status| Some(Rakp2 { tag, session_id, outcome: Err(status) }.emit());
        let id = u32::from_le_bytes([a, b, c, d]);
        let Some(handshake) = self.handshakes.get_mut(id) else { return refuse(0, StatusCode::INVALID_SESSION_ID) };
        let session_id = handshake.console_session_id;
        if let Some(proving) = handshake.proving.as_ref().filter(|proving| proving.message == payload) {
            return Some(proving.answer.clone());
        }
        let outcome = match Rakp1::parse(payload) {
            Ok(message) => prove(bmc, self.channel, handshake, &message, bmc_random, now),
            Err(ParseError::Trailing { field: Rakp1::NAME, .. }) => Err(StatusCode::INVALID_NAME_LENGTH),
            Err(_) => return None,
        };
        let (proving, proof) = match outcome {
            Ok(proven) => proven,
            Err(status) => {
                self.handshakes.remove(id);
                return refuse(session_id, status);
            }
        };
        let answer = Rakp2 { tag, session_id, outcome: Ok(proof) }.emit();
        handshake.proving = Some(Proving { message: payload.to_vec(), answer: answer.clone(), ..proving });
        Some(answer)
    }

    /// RAKP message 3.
    pub(super) fn rakp3(&mut self, bmc: &mut Bmc, peer: SocketAddr, payload: &[u8], now: Duration) -> Option<Vec<u8>> {
        let &[tag, _, _, _, a, b, c, d, ..] = payload else { return None };
        let id = u32::from_le_bytes([a, b, c, d]);
        if let Some(Link { kind: Kind::Plus(link), .. }) = self.links.get(&id) {
            let (message, answer) = &link.opened_by;
            return (message == payload).then(|| answer.clone());
        }
        let refuse = |session_id, status| Some(Rakp4 { tag, session_id, outcome: Err(status) }.emit());
        let Some(handshake) = self.handshakes.get_mut(id) else { return refuse(0, StatusCode::INVALID_SESSION_ID) };
        let (session_id, algorithms) = (handshake.console_session_id, handshake.algorithms);
        let message = Rakp3::parse(payload, algorithms.authentication);
        let proving = handshake.proving.take()?;
        self.handshakes.remove(id);
        let user = proving.user;
        // Who was locked out meanwhile hears the same whatever the password.
        if bmc.users.get(user).is_none_or(|user| user.is_locked(now)) {
            return refuse(session_id, StatusCode::UNAUTHORIZED_NAME);
        }
        let proven = message.is_ok_and(|message| {
            let expected = proving.exchange.rakp3_code(&proving.key);
            message.outcome.is_ok_and(|code| Ok(code.0) == expected)
        });
        if !proven {
            // A console that found the BMC's proof wrong says so here: it has another password.
            tracing::debug!(%peer, user, "bad password or key");
            policy::bad_password(bmc, user, now);
            return refuse(session_id, StatusCode::INVALID_INTEGRITY_CHECK);
        }
        match self.open_plus(bmc, id, algorithms, &proving, peer, now) {
            Err(status) => refuse(session_id, status),
            Ok((mut link, check_value)) => {
                let answer = Rakp4 { tag, session_id, outcome: Ok(check_value) }.emit();
                link.opened_by = (payload.to_vec(), answer.clone());
                self.links.insert(id, Link { peer, heard: now, kind: Kind::Plus(Box::new(link)) });
                Some(answer)
            }
        }
    }

    fn open_plus(
        &mut self,
        bmc: &mut Bmc,
        id: u32,
        algorithms: Algorithms,
        proving: &Proving,
        peer: SocketAddr,
        now: Duration,
    ) -> Result<(LinkPlus, CheckValue), StatusCode> {
        // What was checked at message 1 may have changed since.
        let limit = policy::user_limit(bmc, proving.user, self.channel, now).ok_or(StatusCode::UNAUTHORIZED_NAME)?;
        let limit = limit.min(proving.limit);
        let failed = |_| StatusCode::ILLEGAL_PARAMETER;
        let kg = bmc.channels.kg();
        let exchange = &proving.exchange;
        let keys = exchange.session_keys(&proving.key, kg.as_ref()).map_err(failed)?;
        let authentication = algorithms.authentication;
        let integrity = Integrity::new(algorithms.integrity, authentication, &keys, &proving.key).map_err(failed)?;
        let confidentiality =
            Confidentiality::new(algorithms.confidentiality, authentication, &keys).map_err(failed)?;
        let check_value = CheckValue(exchange.check_value(&keys).map_err(failed)?);
        let new = NewSession {
            id,
            user: proving.user,
            privilege: limit.min(Privilege::User),
            limit,
            channel: self.channel,
            rmcp_plus: true,
            peer: Peer::Lan(peer),
        };
        let session = bmc.sessions.open(new).ok_or(StatusCode::INSUFFICIENT_RESOURCES)?;
        (session.encrypts, session.authenticates) = (confidentiality.is_encrypting(), integrity.code_len() != 0);
        if let Some(user) = bmc.users.get_mut(proving.user) {
            user.forgive();
        }
        let link = LinkPlus {
            console_session_id: exchange.console_session_id,
            integrity,
            confidentiality,
            authenticated: Numbers::new(),
            plain: Numbers::new(),
            opened_by: (Vec::new(), Vec::new()),
        };
        Ok((link, check_value))
    }
}

/// Looks the user up and computes the BMC's proof.
fn prove(
    bmc: &Bmc,
    channel: u8,
    handshake: &Handshake,
    message: &Rakp1,
    bmc_random: [u8; 16],
    now: Duration,
) -> Result<(Proving, BmcProof), StatusCode> {
    let role = message.role;
    let wanted = match (role.privilege(), role.0 & 0xF) {
        (Some(level), _) => Some(level),
        (None, 0) => None,
        (None, _) => return Err(StatusCode::INVALID_ROLE),
    };
    if wanted.is_some_and(|level| level > handshake.limit) {
        return Err(StatusCode::UNAUTHORIZED_ROLE);
    }
    let level = if role.is_name_only() { None } else { wanted };
    let name = message.user_name.as_bytes();
    let user = bmc.users.find(name, level, channel, now).ok_or(StatusCode::UNAUTHORIZED_NAME)?;
    let limit = policy::user_limit(bmc, user, channel, now).ok_or(StatusCode::UNAUTHORIZED_NAME)?;
    if wanted.is_some_and(|level| level > limit) {
        return Err(StatusCode::UNAUTHORIZED_ROLE);
    }
    if policy::is_session_limit_reached(bmc, user, channel) {
        return Err(StatusCode::INSUFFICIENT_RESOURCES);
    }
    let key = bmc.users.get(user).and_then(crate::store::users::User::key).ok_or(StatusCode::UNAUTHORIZED_NAME)?;
    let guid = bmc.profile.system_guid.unwrap_or_default();
    let exchange = Exchange {
        authentication: handshake.algorithms.authentication,
        console_session_id: handshake.console_session_id,
        bmc_session_id: handshake.bmc_session_id,
        console_random: message.console_random,
        bmc_random,
        guid,
        role,
        user_name: message.user_name,
    };
    let code = exchange.rakp2_code(&key).map_err(|_| StatusCode::INVALID_AUTHENTICATION_ALGORITHM)?;
    let limit = wanted.unwrap_or(handshake.limit).min(limit).min(handshake.limit);
    let proving = Proving { exchange, user, limit, key, message: Vec::new(), answer: Vec::new() };
    Ok((proving, BmcProof { bmc_random, guid, code }))
}
