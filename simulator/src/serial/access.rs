//! Who may ask on a serial line: direct connection without log-in, the log-in of single-session channels, bridging
//! (IPMI 2.0 s6.11, s14.3, s22.16-18).

use std::time::Duration;

use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::link::session_1_5::{AuthType, single_session_code};
use ipmi_core::{CompletionCode, NetFn, Privilege, Request, Response, Secret};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::bmc::Bmc;
use crate::handler::{self, Login, Source};
use crate::lan::policy;
use crate::session::{NewSession, Peer};
use crate::store::channel::{IPMB, SERIAL};

const GET_SESSION_CHALLENGE: u8 = 0x39;
const ACTIVATE_SESSION: u8 = 0x3A;
const SEND_MESSAGE: u8 = 0x34;
/// Get Session Challenge: nobody has this name.
const INVALID_NAME: CompletionCode = CompletionCode(0x81);
/// Get Session Challenge: the null user is not enabled.
const NULL_NAME_NOT_ENABLED: CompletionCode = CompletionCode(0x82);
/// Activate Session: no slot is free.
const NO_SLOT: CompletionCode = CompletionCode(0x81);
/// Activate Session: there was no challenge.
const NO_CHALLENGE: CompletionCode = CompletionCode(0x85);
/// Activate Session: user or channel do not go that far.
const ABOVE_LIMIT: CompletionCode = CompletionCode(0x86);
/// Commands about the receive message queue, which a line without log-in shares with the system interface: consoles
/// that take the line for one (payload managers) fetch bridged answers there.
const QUEUE_COMMANDS: [u8; 6] = [0x2E, 0x30, 0x31, 0x32, 0x33, 0x35];
/// Unit of the inactivity timeout, serial parameter 4.
const INACTIVITY_UNIT: Duration = Duration::from_secs(30);
const PARAMETER_INACTIVITY: u8 = 4;

/// What the BMC says to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// The response.
    pub response: Response,
    /// The answer of a satellite controller to a message the request carried, with that message.
    pub bridged: Option<(IpmbMessage, Response)>,
}

/// One serial line: who is logged in.
#[derive(Debug)]
pub struct SerialAccess {
    login_required: bool,
    max_data: usize,
    challenge: Option<Challenge>,
    session: Option<u32>,
    heard: Duration,
    random: StdRng,
}

#[derive(Debug, Clone, Copy)]
struct Challenge {
    auth_type: AuthType,
    user: u8,
    temporary_id: u32,
    bytes: [u8; 16],
}

impl SerialAccess {
    /// A line on which nobody is logged in. Without `login_required` whoever is connected may do what the channel
    /// allows. Responses with more than `max_data` bytes do not fit the line.
    pub fn new(login_required: bool, max_data: usize) -> Self {
        let random = StdRng::from_rng(&mut rand::rng());
        Self { login_required, max_data, challenge: None, session: None, heard: Duration::ZERO, random }
    }

    /// Where requests on the line come from at present.
    pub fn source(&self, bmc: &Bmc) -> Source {
        let limit = bmc.channels.get(SERIAL).and_then(|channel| channel.present.privilege());
        match (self.session.and_then(|id| bmc.sessions.get(id)), limit) {
            (Some(session), _) => session.source(),
            // Not a session: it has no id, and no slot.
            (None, Some(privilege)) if !self.login_required => {
                Source::Session(Login { channel: SERIAL, user: 0, privilege, handle: 0, id: 0 })
            }
            _ => Source::Outside { channel: SERIAL },
        }
    }

    /// Answers a request.
    pub fn ask(&mut self, bmc: &mut Bmc, request: &Request, now: Duration) -> Answers {
        self.expire(bmc, now);
        let plain = |response| Answers { response, bridged: None };
        let result = |result: Result<Vec<u8>, CompletionCode>| match result {
            Ok(data) => Response::ok(data),
            Err(code) => Response::refused(code),
        };
        match (request.net_fn, request.cmd) {
            (NetFn::APP, GET_SESSION_CHALLENGE) => plain(result(self.get_challenge(bmc, &request.data, now))),
            (NetFn::APP, ACTIVATE_SESSION) => plain(result(self.activate(bmc, &request.data, now))),
            (NetFn::APP, SEND_MESSAGE) if is_tracked(&request.data) => self.bridge(bmc, request, now),
            (net_fn, cmd) => {
                let direct = matches!(self.source(bmc), Source::Session(Login { id: 0, .. }));
                let queue = direct && net_fn == NetFn::APP && QUEUE_COMMANDS.contains(&cmd);
                let source = if queue { Source::System } else { self.source(bmc) };
                plain(self.fit(bmc.handle_from(source, request, now)))
            }
        }
    }

    /// Logs in by name and password; the session has the user's privilege limit. Whoever was logged in is not any
    /// more, and neither when the password is wrong.
    ///
    /// # Errors
    /// When there is no such user, or the password is another.
    pub fn log_in(
        &mut self,
        bmc: &mut Bmc,
        name: &[u8],
        password: &Secret,
        now: Duration,
    ) -> Result<(), CompletionCode> {
        self.log_out(bmc);
        let user = bmc.users.find(name, None, SERIAL, now).ok_or(CompletionCode::INSUFFICIENT_PRIVILEGE)?;
        if !bmc.users.get(user).is_some_and(|user| user.has_password(password.as_bytes())) {
            policy::bad_password(bmc, user, now);
            return Err(CompletionCode::INSUFFICIENT_PRIVILEGE);
        }
        let limit = policy::user_limit(bmc, user, SERIAL, now).ok_or(CompletionCode::INSUFFICIENT_PRIVILEGE)?;
        self.open(bmc, user, limit, limit, now).map(drop)
    }

    /// Ends the session of the line, if there is one.
    pub fn log_out(&mut self, bmc: &mut Bmc) {
        self.challenge = None;
        if let Some(id) = self.session.take() {
            bmc.sessions.close(id);
        }
    }

    fn expire(&mut self, bmc: &mut Bmc, now: Duration) {
        let units = bmc.settings.serial.parameters.byte(PARAMETER_INACTIVITY, 0, 0) & 0xF;
        let silence = now.saturating_sub(std::mem::replace(&mut self.heard, now));
        if units != 0 && silence > INACTIVITY_UNIT * units.into() {
            self.log_out(bmc);
        }
    }

    fn open(
        &mut self,
        bmc: &mut Bmc,
        user: u8,
        privilege: Privilege,
        limit: Privilege,
        now: Duration,
    ) -> Result<u32, CompletionCode> {
        self.log_out(bmc);
        self.heard = now;
        let id = loop {
            let id: u32 = self.random.random();
            if id != 0 && bmc.sessions.get(id).is_none() {
                break id;
            }
        };
        if policy::is_session_limit_reached(bmc, user, SERIAL) {
            return Err(NO_SLOT);
        }
        let (channel, rmcp_plus, peer) = (SERIAL, false, Peer::Serial);
        bmc.sessions.open(NewSession { id, user, privilege, limit, channel, rmcp_plus, peer }).ok_or(NO_SLOT)?;
        if let Some(user) = bmc.users.get_mut(user) {
            user.forgive();
        }
        self.session = Some(id);
        Ok(id)
    }

    fn get_challenge(&mut self, bmc: &Bmc, data: &[u8], now: Duration) -> Result<Vec<u8>, CompletionCode> {
        let [auth_type, name @ ..] = data else { return Err(CompletionCode::REQUEST_LENGTH_INVALID) };
        if name.len() != 16 {
            return Err(CompletionCode::REQUEST_LENGTH_INVALID);
        }
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        let offered = policy::auth_types(bmc, SERIAL, Privilege::Administrator);
        if 1u8.checked_shl((auth_type & 0xF).into()).is_none_or(|bit| offered & bit == 0) {
            return Err(CompletionCode::INVALID_DATA_FIELD);
        }
        let missing = if name.is_empty() { NULL_NAME_NOT_ENABLED } else { INVALID_NAME };
        let user = bmc.users.find(name, None, SERIAL, now).ok_or(missing)?;
        let auth_type = AuthType::from_code(*auth_type);
        let challenge = Challenge { auth_type, user, temporary_id: self.random.random(), bytes: self.random.random() };
        self.challenge = Some(challenge);
        let mut answer = challenge.temporary_id.to_le_bytes().to_vec();
        answer.extend(challenge.bytes);
        Ok(answer)
    }

    fn activate(&mut self, bmc: &mut Bmc, data: &[u8], now: Duration) -> Result<Vec<u8>, CompletionCode> {
        let Some((&[auth_type, wanted], rest)) = data.split_first_chunk() else {
            return Err(CompletionCode::REQUEST_LENGTH_INVALID);
        };
        let Some((proof, sequence)) = rest.split_first_chunk::<16>() else {
            return Err(CompletionCode::REQUEST_LENGTH_INVALID);
        };
        if sequence.len() != 4 {
            return Err(CompletionCode::REQUEST_LENGTH_INVALID);
        }
        let challenge = self.challenge.take().ok_or(NO_CHALLENGE)?;
        if AuthType::from_code(auth_type) != challenge.auth_type {
            return Err(CompletionCode::INVALID_DATA_FIELD);
        }
        let password = bmc.users.get(challenge.user).and_then(|user| user.password_1_5());
        let expected = password.and_then(|password| {
            single_session_code(challenge.auth_type, &password, challenge.temporary_id, &challenge.bytes)
        });
        // Secrets are compared in constant time.
        if expected.map(Secret::new) != Some(Secret::new(*proof)) {
            policy::bad_password(bmc, challenge.user, now);
            return Err(CompletionCode::INSUFFICIENT_PRIVILEGE);
        }
        let wanted = Privilege::from_code(wanted & 0xF).ok_or(CompletionCode::INVALID_DATA_FIELD)?;
        let limit = policy::user_limit(bmc, challenge.user, SERIAL, now).ok_or(ABOVE_LIMIT)?;
        if wanted > limit {
            return Err(ABOVE_LIMIT);
        }
        let id = self.open(bmc, challenge.user, Privilege::User.min(wanted), wanted, now)?;
        let mut answer = vec![auth_type & 0xF];
        answer.extend(id.to_le_bytes());
        answer.extend(1u32.to_le_bytes());
        answer.push(wanted as u8);
        Ok(answer)
    }

    /// Send Message with tracking: the answer comes back over the line by itself.
    fn bridge(&mut self, bmc: &mut Bmc, request: &Request, now: Duration) -> Answers {
        let refused = |code| Answers { response: Response::refused(code), bridged: None };
        let needed = handler::privilege_of(NetFn::APP, SEND_MESSAGE, &[]);
        if !matches!(self.source(bmc), Source::Session(login) if login.privilege >= needed) {
            return refused(CompletionCode::INSUFFICIENT_PRIVILEGE);
        }
        let inner = request.data.get(1..).unwrap_or_default();
        let inner = match IpmbMessage::parse(inner) {
            Ok(inner) if !inner.net_fn.is_response() && bmc.controller(inner.responder.0).is_some() => inner,
            // What is wrong with it the handler says: it sends nothing on.
            _ => return Answers { response: bmc.handle_from(self.source(bmc), request, now), bridged: None },
        };
        let carried =
            Request { net_fn: inner.net_fn, lun: inner.responder_lun, cmd: inner.cmd, data: inner.data.clone() };
        let (source, bus) = (self.source(bmc), (IPMB, inner.requester.0));
        let response = handler::messaging::carry(bmc, source, bus, inner.responder.0, &carried, now);
        Answers { response: Response::ok([]), bridged: Some((inner, self.fit(response))) }
    }

    fn fit(&self, response: Response) -> Response {
        if response.data.len() > self.max_data {
            return Response::refused(CompletionCode::CANNOT_RETURN_REQUESTED_BYTES);
        }
        response
    }
}

/// True for Send Message on the IPMB with the answer asked back.
fn is_tracked(data: &[u8]) -> bool {
    data.first().is_some_and(|first| first >> 6 == 1 && first & 0xF == IPMB)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Options;
    use ipmi_core::link::session_1_5::Password15;

    const NOW: Duration = Duration::from_secs(1_700_000_000);

    fn bmc() -> Bmc {
        Bmc::builtin(&Options { freeze: true, ..Options::default() }, NOW)
    }

    fn ask(access: &mut SerialAccess, bmc: &mut Bmc, cmd: u8, data: &[u8]) -> Response {
        access.ask(bmc, &Request::new(NetFn::APP, cmd, data), NOW).response
    }

    fn name(name: &[u8]) -> Vec<u8> {
        let mut padded = name.to_vec();
        padded.resize(16, 0);
        padded
    }

    fn log_in(access: &mut SerialAccess, bmc: &mut Bmc, auth_type: AuthType, password: &[u8], level: u8) -> Response {
        let given = ask(access, bmc, 0x39, &[&[auth_type.code()][..], &name(b"admin")].concat());
        assert_eq!((given.code.0, given.data.len()), (0, 20));
        let id = u32::from_le_bytes(given.data[..4].try_into().unwrap());
        let challenge = given.data[4..].try_into().unwrap();
        let password = Password15::new(password).unwrap();
        let proof = single_session_code(auth_type, &password, id, &challenge).unwrap();
        ask(access, bmc, 0x3A, &[&[auth_type.code(), level][..], &proof, &[1, 0, 0, 0]].concat())
    }

    /// A user of the lowest level must not set passwords by way of the bus.
    #[test]
    fn a_detour_over_the_bus_gives_no_rights() {
        let (mut bmc, mut access) = (bmc(), SerialAccess::new(true, 64));
        assert_eq!(log_in(&mut access, &mut bmc, AuthType::Md5, b"admin", 2).code.0, 0);
        assert_eq!(ask(&mut access, &mut bmc, 0x47, &[2, 1]).code.0, 0xD4);
        let mut bridged = |cmd, data: &[u8]| {
            let inner = IpmbMessage {
                responder: ipmi_core::SlaveAddress(0x20),
                net_fn: NetFn::APP,
                responder_lun: ipmi_core::Lun::BMC,
                requester: ipmi_core::SlaveAddress(0x81),
                requester_lun: ipmi_core::Lun::BMC,
                sequence: 1,
                cmd,
                data: data.to_vec(),
            };
            let data = [&[0x40][..], &inner.emit()].concat();
            let answers = access.ask(&mut bmc, &Request::new(NetFn::APP, SEND_MESSAGE, data), NOW);
            (answers.response.code.0, answers.bridged.map(|(_, response)| response.code.0))
        };
        // Set User Password, Get Device ID.
        let set = [&[2, 2][..], &[b'x'; 16]].concat();
        assert_eq!(bridged(0x47, &set), (0, Some(0xD4)));
        assert_eq!(bridged(0x01, &[]), (0, Some(0xD4)));
        assert!(bmc.users.get(2).unwrap().has_password(b"admin"));
    }

    #[test]
    fn a_direct_connection_needs_no_log_in() {
        let (mut bmc, mut access) = (bmc(), SerialAccess::new(false, 32));
        assert_eq!(ask(&mut access, &mut bmc, 0x01, &[]).code.0, 0);
        assert_eq!(ask(&mut access, &mut bmc, 0x42, &[0x0E]).data[..2], [0x02, 0x05]);
        // The queue of the system interface, empty.
        assert_eq!(ask(&mut access, &mut bmc, 0x33, &[]).code.0, 0x80);
        assert_eq!(bmc.sessions.active(), 0);
        bmc.channels.get_mut(SERIAL).unwrap().present.limit = 2;
        assert_eq!(ask(&mut access, &mut bmc, 0x02, &[]).code.0, 0xD4);
    }

    #[test]
    fn log_in_with_every_authentication_type() {
        for auth_type in [AuthType::Md5, AuthType::Md2, AuthType::StraightPassword] {
            let (mut bmc, mut access) = (bmc(), SerialAccess::new(true, 32));
            assert_eq!(ask(&mut access, &mut bmc, 0x01, &[]).code.0, 0xD4);
            assert_eq!(ask(&mut access, &mut bmc, 0x38, &[0x0E, 4]).data[0], 0x02);
            let session = log_in(&mut access, &mut bmc, auth_type, b"admin", 4);
            assert_eq!((session.code.0, session.data.len(), session.data[9]), (0, 10, 4));
            assert_eq!(ask(&mut access, &mut bmc, 0x01, &[]).code.0, 0);
            assert_eq!(ask(&mut access, &mut bmc, 0x02, &[]).code.0, 0xD4);
            assert_eq!(ask(&mut access, &mut bmc, 0x3B, &[4]).data, [4]);
            // The queue belongs to the system interface.
            assert_eq!(ask(&mut access, &mut bmc, 0x33, &[]).code.0, 0xC1);
            let id = session.data[1..5].to_vec();
            assert_eq!(ask(&mut access, &mut bmc, 0x3C, &id).code.0, 0);
            assert_eq!(ask(&mut access, &mut bmc, 0x01, &[]).code.0, 0xD4);
        }
    }

    #[test]
    fn bad_log_ins_are_refused_and_end_the_session() {
        let (mut bmc, mut access) = (bmc(), SerialAccess::new(true, 32));
        assert_eq!(log_in(&mut access, &mut bmc, AuthType::Md5, b"nimda", 4).code.0, 0xD4);
        assert_eq!(log_in(&mut access, &mut bmc, AuthType::Md5, b"admin", 5).code.0, 0x86);
        assert_eq!(ask(&mut access, &mut bmc, 0x39, &[&[2][..], &name(b"nobody")].concat()).code.0, 0x81);
        assert_eq!(ask(&mut access, &mut bmc, 0x39, &[&[2][..], &name(b"")].concat()).code.0, 0x82);
        assert_eq!(ask(&mut access, &mut bmc, 0x39, &[&[5][..], &name(b"admin")].concat()).code.0, 0xCC);
        assert_eq!(ask(&mut access, &mut bmc, 0x3A, &[0; 22]).code.0, 0x85);
        for cmd in [0x39, 0x3A] {
            assert_eq!(ask(&mut access, &mut bmc, cmd, &[2]).code.0, 0xC7);
        }
        let password = |text: &str| Secret::new(text.as_bytes());
        assert_eq!(access.log_in(&mut bmc, b"admin", &password("admin"), NOW), Ok(()));
        assert_eq!(ask(&mut access, &mut bmc, 0x01, &[]).code.0, 0);
        assert!(access.log_in(&mut bmc, b"admin", &password("nimda"), NOW).is_err());
        assert_eq!((bmc.sessions.active(), ask(&mut access, &mut bmc, 0x01, &[]).code.0), (0, 0xD4));
    }

    #[test]
    fn silence_ends_a_session_when_the_configuration_says_so() {
        let (mut bmc, mut access) = (bmc(), SerialAccess::new(true, 32));
        access.log_in(&mut bmc, b"admin", &Secret::new(*b"admin"), NOW).unwrap();
        let mut later = |bmc: &mut Bmc, time| access.ask(bmc, &Request::new(NetFn::APP, 1, []), time).response.code.0;
        assert_eq!(later(&mut bmc, NOW * 2), 0);
        bmc.settings.serial.parameters.put(PARAMETER_INACTIVITY, 0, 0, &[2]);
        assert_eq!(later(&mut bmc, NOW * 2 + Duration::from_secs(60)), 0);
        assert_eq!(later(&mut bmc, NOW * 2 + Duration::from_secs(121)), 0xD4);
    }

    #[test]
    fn a_satellite_answers_after_send_message() {
        let (mut bmc, mut access) = (bmc(), SerialAccess::new(false, 32));
        // As `ipmitool -t 0x2c mc info` sends it.
        let data = [0x40, 0x2C, 0x18, 0xBC, 0x20, 0x10, 0x01, 0xCF];
        let answers = access.ask(&mut bmc, &Request::new(NetFn::APP, 0x34, data), NOW);
        assert_eq!(answers.response, Response::ok([]));
        let (inner, response) = answers.bridged.unwrap();
        assert_eq!(inner.reply(&response).emit()[..7], [0x20, 0x1C, 0xC4, 0x2C, 0x10, 0x01, 0x00]);
        assert!(!bmc.attention());
        let mut absent = data;
        (absent[1], absent[3]) = (0x42, 0xA6);
        let answers = access.ask(&mut bmc, &Request::new(NetFn::APP, 0x34, absent), NOW);
        assert_eq!((answers.response.code.0, answers.bridged), (0x83, None));
        let mut closed = SerialAccess::new(true, 32);
        assert_eq!(closed.ask(&mut bmc, &Request::new(NetFn::APP, 0x34, data), NOW).response.code.0, 0xD4);
    }

    #[test]
    fn what_does_not_fit_the_line_is_refused() {
        let (mut bmc, mut access) = (bmc(), SerialAccess::new(false, 32));
        let read = |count| Request::new(NetFn::STORAGE, 0x11, [0, 0, 0, count]);
        assert_eq!(access.ask(&mut bmc, &read(31), NOW).response.data.len(), 32);
        assert_eq!(access.ask(&mut bmc, &read(32), NOW).response.code.0, 0xCA);
    }
}
