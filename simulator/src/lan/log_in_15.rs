//! The log-in of IPMI 1.5: Get Session Challenge and Activate Session (IPMI 2.0 s22.16, s22.17, s6.12.8).

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::link::rmcp_plus::window::{SequenceCounter, SequenceWindow};
use ipmi_core::link::session_1_5::{AuthType, Packet15};
use ipmi_core::{CompletionCode, NetFn, Privilege, Response};
use rand::Rng;

use super::link::{Kind, Link, Link15};
use super::{LanServer, link, policy};
use crate::bmc::Bmc;
use crate::session::{NewSession, Peer};

/// Get Session Challenge.
const CHALLENGE: u8 = 0x39;
/// Activate Session.
const ACTIVATE: u8 = 0x3A;
/// Log-ins under way at a time; the oldest makes room for a new one.
const LIMIT: usize = 32;
/// Time a log-in may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Get Session Challenge: no such user.
const INVALID_USER: CompletionCode = CompletionCode(0x81);
/// Get Session Challenge: the null user is not enabled.
const NULL_USER_DISABLED: CompletionCode = CompletionCode(0x82);
/// Activate Session: no session slot is free.
const NO_SLOT: CompletionCode = CompletionCode(0x81);
/// Activate Session: the user has all the sessions it may have.
const NO_SLOT_FOR_USER: CompletionCode = CompletionCode(0x82);
/// Activate Session: the initial sequence number is none.
const BAD_SEQUENCE: CompletionCode = CompletionCode(0x84);
/// Activate Session: the level is above the user's or the channel's limit.
const ABOVE_LIMIT: CompletionCode = CompletionCode(0x86);

/// A challenge that was given out.
#[derive(Debug)]
struct Challenge {
    temporary_id: u32,
    challenge: [u8; 16],
    auth_type: AuthType,
    user: u8,
    expires: Duration,
}

/// Log-ins under way.
#[derive(Debug, Default)]
pub(super) struct Challenges(VecDeque<Challenge>);

impl Challenges {
    pub(super) fn has(&self, id: u32) -> bool {
        self.0.iter().any(|challenge| challenge.temporary_id == id)
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.0.iter().map(|challenge| challenge.expires).min()
    }

    pub(super) fn expire(&mut self, now: Duration) {
        self.0.retain(|challenge| challenge.expires > now);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// True for the command that begins a log-in.
pub(super) fn is_challenge(message: &IpmbMessage) -> bool {
    message.net_fn == NetFn::APP && message.cmd == CHALLENGE
}

/// Types a log-in can use on the LAN.
fn usable(auth_type: AuthType) -> bool {
    matches!(auth_type, AuthType::None | AuthType::Md2 | AuthType::Md5 | AuthType::StraightPassword)
}

impl LanServer {
    /// Get Session Challenge.
    pub(super) fn challenge(&mut self, bmc: &Bmc, peer: SocketAddr, data: &[u8], now: Duration) -> Response {
        let &[auth_type, ref name @ ..] = data else {
            return Response::refused(CompletionCode::REQUEST_LENGTH_INVALID);
        };
        if name.len() != 16 {
            return Response::refused(CompletionCode::REQUEST_LENGTH_INVALID);
        }
        let auth_type = AuthType::from_code(auth_type);
        let levels = [Privilege::Callback, Privilege::User, Privilege::Operator, Privilege::Administrator];
        let enabled = levels.into_iter().any(|level| is_enabled(bmc, self.channel, auth_type, level));
        if !usable(auth_type) || !enabled {
            return Response::refused(CompletionCode::INVALID_DATA_FIELD);
        }
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        let name = name.get(..end).unwrap_or_default();
        let Some(user) = bmc.users.find(name, None, self.channel, now) else {
            tracing::debug!(%peer, "log-in of an unknown user");
            return Response::refused(if name.is_empty() { NULL_USER_DISABLED } else { INVALID_USER });
        };
        let (temporary_id, challenge) = (self.new_session_id(bmc), self.random());
        if self.challenges.0.len() >= LIMIT {
            self.challenges.0.pop_front();
        }
        let expires = now + PATIENCE;
        self.challenges.0.push_back(Challenge { temporary_id, challenge, auth_type, user, expires });
        let mut reply = temporary_id.to_le_bytes().to_vec();
        reply.extend(challenge);
        Response::ok(reply)
    }

    /// A packet with a temporary session id: only Activate Session belongs there.
    pub(super) fn activate(
        &mut self,
        bmc: &mut Bmc,
        peer: SocketAddr,
        packet: &Packet15<'_>,
        message: &IpmbMessage,
        now: Duration,
    ) {
        if message.net_fn != NetFn::APP || message.cmd != ACTIVATE || message.net_fn.is_response() {
            return;
        }
        let Some(challenge) = self.challenges.0.iter().find(|c| c.temporary_id == packet.session_id) else { return };
        let (user, auth_type, expected) = (challenge.user, challenge.auth_type, challenge.challenge);
        // Who was locked out meanwhile hears nothing: an answer to the right password would tell it.
        if bmc.users.get(user).is_none_or(|user| user.is_locked(now)) {
            return;
        }
        let Some(password) = bmc.users.get(user).and_then(crate::store::users::User::password_1_5) else { return };
        if packet.auth_type != auth_type || !packet.is_authentic(&password) {
            tracing::debug!(%peer, user, "bad password");
            policy::bad_password(bmc, user, now);
            return;
        }
        let request = Request::parse(&message.data);
        let result = request.and_then(|request| {
            if request.auth_type != auth_type || request.challenge != expected {
                return Err(CompletionCode::INVALID_DATA_FIELD);
            }
            self.open_15(bmc, user, &request, peer, now)
        });
        let sequence = request.map_or(1, |request| request.outbound);
        let response = match result {
            Err(code) => Response::refused(code),
            Ok(session) => {
                let access = bmc.channels.get(self.channel).map(|channel| channel.present);
                let unauthenticated = auth_type == AuthType::None
                    || access.is_some_and(|access| access.per_message_authentication_disabled);
                let first = self.rng.next_u32().max(1);
                let mut outbound = SequenceCounter::starting_at(sequence);
                outbound.take(); // This answer has the first.
                self.challenges.0.retain(|challenge| challenge.temporary_id != packet.session_id);
                let link = Link15 {
                    session_id: session.id,
                    auth_type,
                    password: password.clone(),
                    inbound: SequenceWindow::ipmi_1_5(first),
                    outbound,
                    unauthenticated,
                    authenticated_last: true,
                };
                self.links.insert(session.id, Link { peer, heard: now, kind: Kind::V15(link) });
                let mut reply = vec![if unauthenticated { 0 } else { auth_type.code() }];
                reply.extend(session.id.to_le_bytes());
                reply.extend(first.to_le_bytes());
                reply.push(session.limit as u8);
                Response::ok(reply)
            }
        };
        let frame = message.reply(&response).emit();
        let answer = Packet15::sealed(auth_type, sequence, packet.session_id, &frame, &password);
        if let Some(answer) = answer {
            self.send(peer, link::datagram(&answer));
        }
    }

    /// Opens the session that was asked for.
    fn open_15(
        &mut self,
        bmc: &mut Bmc,
        user: u8,
        request: &Request,
        peer: SocketAddr,
        now: Duration,
    ) -> Result<NewSession, CompletionCode> {
        let limit = policy::user_limit(bmc, user, self.channel, now).ok_or(ABOVE_LIMIT)?;
        if request.level > limit || !is_enabled(bmc, self.channel, request.auth_type, request.level) {
            return Err(ABOVE_LIMIT);
        }
        if request.outbound == 0 {
            return Err(BAD_SEQUENCE);
        }
        if policy::is_session_limit_reached(bmc, user, self.channel) {
            return Err(NO_SLOT_FOR_USER);
        }
        let id = self.new_session_id(bmc);
        let new = NewSession {
            id,
            user,
            privilege: request.level.min(Privilege::User),
            limit: request.level,
            channel: self.channel,
            rmcp_plus: false,
            peer: Peer::Lan(peer),
        };
        bmc.sessions.open(new).ok_or(NO_SLOT)?;
        if let Some(user) = bmc.users.get_mut(user) {
            user.forgive();
        }
        Ok(new)
    }
}

fn is_enabled(bmc: &Bmc, channel: u8, auth_type: AuthType, level: Privilege) -> bool {
    // Codes beyond the bits of the mask are reserved.
    1_u8.checked_shl(auth_type.code().into()).is_some_and(|bit| policy::auth_types(bmc, channel, level) & bit != 0)
}

/// The data of Activate Session.
#[derive(Debug, Clone, Copy)]
struct Request {
    auth_type: AuthType,
    level: Privilege,
    challenge: [u8; 16],
    outbound: u32,
}

impl Request {
    fn parse(data: &[u8]) -> Result<Self, CompletionCode> {
        let Ok([auth_type, level, rest @ ..]) = <&[u8; 22]>::try_from(data) else {
            return Err(CompletionCode::REQUEST_LENGTH_INVALID);
        };
        let (challenge, outbound) = rest.split_first_chunk().ok_or(CompletionCode::REQUEST_LENGTH_INVALID)?;
        Ok(Self {
            auth_type: AuthType::from_code(*auth_type),
            level: Privilege::from_code(*level & 0xF).ok_or(CompletionCode::INVALID_DATA_FIELD)?,
            challenge: *challenge,
            outbound: u32::from_le_bytes(outbound.try_into().unwrap_or_default()),
        })
    }
}
