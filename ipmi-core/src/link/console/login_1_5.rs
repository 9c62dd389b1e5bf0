//! The log-in of IPMI 1.5: capabilities, challenge, activation, privilege level (IPMI 2.0 s6.11, s22.13-s22.18).

use std::time::Instant;

use super::capabilities::{capabilities_request, check_user};
use super::elevation::Elevation;
use super::error::Step;
use super::login::Progress;
use super::message::{answer_outside, answer_to, decode, frame, ipmi_body, outside};
use super::session::Kind;
use super::session_1_5::Session15;
use super::wire::Wire;
use super::{Agreed, LoginConfig, LoginError, Protocol, Quirks, Random, Session};
use crate::command::app::{
    ActivateSession, ActivatedSession, AuthStatus, AuthenticationCapabilities, GetChannelAuthenticationCapabilities,
    GetSessionChallenge, SessionChallenge,
};
use crate::link::ipmb::IpmbMessage;
use crate::link::rmcp::RmcpHeader;
use crate::link::rmcp_plus::window::{SequenceCounter, SequenceWindow};
use crate::link::session_1_5::{AuthType, Packet15, Password15};
use crate::{CompletionCode, ParseError, Privilege, Response};

/// Authentication types that keep the password secret, the strongest first.
const SECRET: [AuthType; 2] = [AuthType::Md5, AuthType::Md2];
/// Those that do not, or check none.
const WEAK: [AuthType; 2] = [AuthType::StraightPassword, AuthType::None];

pub(super) struct Login15 {
    config: LoginConfig,
    /// Moves into the session.
    random: Option<Random>,
    password: Password15,
    sequence: u8,
    status: AuthStatus,
    /// Activations that nothing came back to. Each has a challenge of its own: a BMC whose answer was lost has used up
    /// the one before.
    ignored: u32,
    /// An activation was accepted in an answer with a wrong authentication code.
    miscoded: bool,
    phase: Phase,
}

enum Phase {
    Capabilities { request: IpmbMessage, extended: bool },
    Challenge { request: IpmbMessage, auth_type: AuthType },
    Activate { request: IpmbMessage, auth_type: AuthType, temporary_session_id: u32, outbound_sequence: u32 },
    SetPrivilege(Elevation),
}

impl Login15 {
    pub(super) fn begin(
        config: LoginConfig,
        random: Random,
        wire: &mut Wire,
        now: Instant,
    ) -> Result<Self, LoginError> {
        let secret = config.password.as_bytes();
        let too_long = LoginError::TooLong { secret: "password", limit: Password15::LEN, found: secret.len() };
        let password = Password15::new(secret).map_err(|_| too_long)?;
        let request = capabilities_request(&config, true, 0);
        let mut login = Self {
            phase: Phase::Capabilities { request, extended: true },
            random: Some(random),
            password,
            sequence: 1,
            status: AuthStatus::empty(),
            ignored: 0,
            miscoded: false,
            config,
        };
        login.ask_capabilities(true, wire, now);
        Ok(login)
    }

    /// A BMC that refuses the bit for IPMI 2.0 data, or is silent about it, is asked again without.
    fn ask_capabilities(&mut self, extended: bool, wire: &mut Wire, now: Instant) {
        let sequence = self.next_sequence();
        let request = capabilities_request(&self.config, extended, sequence);
        wire.ask(Step::Capabilities, outside(&request), self.config.timing.retries, now);
        if extended {
            let plain = capabilities_request(&self.config, false, request.sequence);
            wire.reword(outside(&plain));
        }
        self.phase = Phase::Capabilities { request, extended };
    }

    fn next_sequence(&mut self) -> u8 {
        let sequence = self.sequence;
        self.sequence = (sequence + 1) & 0x3F;
        sequence
    }

    pub(super) fn handle_silence(&mut self, step: Step, wire: &mut Wire, now: Instant) -> Progress {
        match &mut self.phase {
            Phase::SetPrivilege(elevation) => elevation.handle_silence(wire, now),
            Phase::Activate { auth_type, .. } if self.ignored < self.config.timing.retries => {
                let auth_type = *auth_type;
                self.ignored += 1;
                self.ask_challenge(auth_type, wire, now);
                Ok(None)
            }
            Phase::Activate { .. } if self.miscoded => Err(LoginError::WrongCodes { step }),
            Phase::Activate { auth_type, .. } if *auth_type != AuthType::None => Err(LoginError::PasswordIgnored),
            _ => Err(LoginError::NoAnswer { step }),
        }
    }

    pub(super) fn handle_datagram(&mut self, datagram: &[u8], wire: &mut Wire, now: Instant) -> Option<Progress> {
        let quirks = self.config.quirks;
        match &mut self.phase {
            Phase::Capabilities { request, extended } => {
                let (response, extended) = (answer_outside(request, datagram, quirks)?, *extended);
                wire.heard(now);
                Some(self.capabilities(&response, extended, wire, now).map(|()| None))
            }
            Phase::Challenge { request, auth_type } => {
                let (response, auth_type) = (answer_outside(request, datagram, quirks)?, *auth_type);
                wire.heard(now);
                Some(self.challenge(&response, auth_type, wire, now).map(|()| None))
            }
            Phase::Activate { .. } => self.activated(datagram, wire, now).map(|result| result.map(|()| None)),
            Phase::SetPrivilege(elevation) => elevation.handle_datagram(&self.config, datagram, wire, now),
        }
    }

    fn capabilities(
        &mut self,
        response: &Response,
        extended: bool,
        wire: &mut Wire,
        now: Instant,
    ) -> Result<(), LoginError> {
        if extended && response.code != CompletionCode::OK {
            self.ask_capabilities(false, wire, now);
            return Ok(());
        }
        let caps = decode::<GetChannelAuthenticationCapabilities>(response, Step::Capabilities)?;
        let auth_type = self.choose(&caps)?;
        check_user(&self.config, caps.status)?;
        self.status = caps.status;
        self.ask_challenge(auth_type, wire, now);
        Ok(())
    }

    fn ask_challenge(&mut self, auth_type: AuthType, wire: &mut Wire, now: Instant) {
        let request = frame(&GetSessionChallenge { auth_type, user: self.config.user }, self.next_sequence());
        wire.ask(Step::Challenge, outside(&request), self.config.timing.retries, now);
        self.phase = Phase::Challenge { request, auth_type };
    }

    fn choose(&self, caps: &AuthenticationCapabilities) -> Result<AuthType, LoginError> {
        let believed = !self.config.quirks.contains(Quirks::AUTHCAP);
        let wanted = self.config.auth_type;
        match wanted {
            Some(auth_type) if !believed || caps.auth_types.offers(auth_type) => Ok(auth_type),
            Some(_) => Err(LoginError::RefusedAuthType { wanted }),
            None => self.choose_unasked(caps).or_else(|error| if believed { Err(error) } else { Ok(AuthType::Md5) }),
        }
    }

    /// What the BMC offers is not authentic, and a straight password is for whoever made it so: with a password, types
    /// that give it away or prove nothing have to be named.
    fn choose_unasked(&self, caps: &AuthenticationCapabilities) -> Result<AuthType, LoginError> {
        let offered = |auth_type: &AuthType| caps.auth_types.offers(*auth_type);
        match (SECRET.into_iter().find(offered), WEAK.into_iter().find(offered)) {
            (Some(auth_type), _) => Ok(auth_type),
            (None, Some(auth_type)) if self.config.password.is_empty() => Ok(auth_type),
            (None, Some(offered)) => Err(LoginError::WeakAuthType { offered }),
            (None, None) => Err(LoginError::RefusedAuthType { wanted: None }),
        }
    }

    fn challenge(
        &mut self,
        response: &Response,
        auth_type: AuthType,
        wire: &mut Wire,
        now: Instant,
    ) -> Result<(), LoginError> {
        if matches!(response.code.0, 0x81 | 0x82) {
            return Err(LoginError::UnknownUser);
        }
        let SessionChallenge { temporary_session_id, challenge } =
            decode::<GetSessionChallenge>(response, Step::Challenge)?;
        let mut bytes = [0; 4];
        if let Some(random) = &mut self.random {
            random(&mut bytes);
        }
        let outbound_sequence = u32::from_le_bytes(bytes).max(1);
        let privilege = self.config.privilege;
        let command = ActivateSession { auth_type, privilege, challenge, outbound_sequence };
        let request = frame(&command, self.next_sequence());
        let message = request.emit();
        let sealed = Packet15::sealed(auth_type, 0, temporary_session_id, &message, &self.password);
        let packet = sealed.ok_or(LoginError::RefusedAuthType { wanted: Some(auth_type) })?;
        let mut datagram = RmcpHeader::IPMI.emit().to_vec();
        datagram.extend(packet.emit());
        wire.ask_once(Step::Activate, datagram, self.ignored, now);
        self.phase = Phase::Activate { request, auth_type, temporary_session_id, outbound_sequence };
        Ok(())
    }

    fn activated(&mut self, datagram: &[u8], wire: &mut Wire, now: Instant) -> Option<Result<(), LoginError>> {
        let Phase::Activate { request, auth_type, temporary_session_id, outbound_sequence } = &self.phase else {
            return None;
        };
        let packet = Packet15::parse(ipmi_body(datagram)?).ok()?;
        let response = answer_to(request, packet.message, self.config.quirks)?;
        // The answer is addressed to the temporary session, to the new one, or to none.
        let new_id = response.data.get(1..5).and_then(|id| id.first_chunk()).map(|id| u32::from_le_bytes(*id));
        if ![Some(*temporary_session_id), new_id, Some(0)].contains(&Some(packet.session_id)) {
            return None;
        }
        // The answer that opens the session is the BMC's proof that it knows the password. Without code it is none,
        // whatever the messages after it go without.
        let proven = packet.auth_type == *auth_type || response.code != CompletionCode::OK;
        let checked = !self.config.quirks.contains(Quirks::NOAUTHCODECHECK);
        if checked && !(proven && packet.is_authentic(&self.password)) {
            self.miscoded |= response.code == CompletionCode::OK;
            return Some(Ok(()));
        }
        let (auth_type, outbound_sequence) = (*auth_type, *outbound_sequence);
        wire.heard(now);
        Some(self.open(&response, (auth_type, outbound_sequence), wire, now))
    }

    fn open(
        &mut self,
        response: &Response,
        (negotiated, first): (AuthType, u32),
        wire: &mut Wire,
        now: Instant,
    ) -> Result<(), LoginError> {
        let privilege = self.config.privilege;
        let step = Step::Activate;
        match response.code.0 {
            0x81..=0x83 => return Err(LoginError::NoSlots),
            0x86 => return Err(LoginError::RefusedPrivilege { privilege }),
            _ => {}
        }
        let ActivatedSession { auth_type, session_id, inbound_sequence, .. } =
            decode::<ActivateSession>(response, step)?;
        let quirks = self.config.quirks;
        if session_id == 0 && !quirks.contains(Quirks::IDZERO) {
            let source = ParseError::Invalid { field: "session id", expected: "not zero", found: 0 };
            return Err(LoginError::Malformed { step, source: source.into() });
        }
        let per_message = !self.status.contains(AuthStatus::PER_MESSAGE_DISABLED) && auth_type != AuthType::None
            || quirks.contains(Quirks::FORCEPERMSG);
        let auth_type = if per_message { negotiated } else { AuthType::None };
        let session = Session15 {
            session_id,
            negotiated,
            auth_type,
            password: self.password.clone(),
            may_be_bare: self.status.contains(AuthStatus::USER_LEVEL_DISABLED) && privilege <= Privilege::User,
            quirks,
            counter: SequenceCounter::starting_at(inbound_sequence),
            // The answer itself may or may not have used up the first number.
            window: SequenceWindow::ipmi_1_5(first),
            first: Some(first),
        };
        let agreed = Agreed {
            protocol: Protocol::Ipmi15,
            cipher_suite: None,
            algorithms: None,
            auth_type: Some(auth_type),
            privilege: Privilege::User,
            console_session_id: session_id,
            bmc_session_id: session_id,
            guid: None,
            name_only_lookup: false,
            quirks,
        };
        let Some(random) = self.random.take() else { return Ok(()) };
        let session = Session::new(agreed, random, Kind::Ipmi15(session));
        let sequence = self.next_sequence();
        self.phase = Phase::SetPrivilege(Elevation::begin(session, &self.config, sequence, wire, now)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Login;
    use super::super::fake_bmc::FakeBmc;
    use super::*;
    use crate::Secret;
    use crate::link::rmcp_plus::rakp::UserName;

    /// How often the challenge was asked for and the session activated, with so many answers to the latter lost.
    fn counts(lost: u32, retries: u32) -> (u32, u32, bool) {
        let mut config = LoginConfig::new(Protocol::Ipmi15, UserName::new(b"admin").unwrap(), Secret::new(*b"secret"));
        config.timing.retries = retries;
        let (mut bmc, mut now) = (FakeBmc::default(), Instant::now());
        let (mut challenges, mut activations) = (0, 0);
        let mut login = Login::new(config, Box::new(|bytes| bytes.fill(4)), now).unwrap();
        loop {
            while let Some(datagram) = login.poll_transmit() {
                let packet = Packet15::parse(ipmi_body(&datagram).unwrap()).unwrap();
                let command = IpmbMessage::parse(packet.message).unwrap().cmd;
                challenges += u32::from(command == 0x39);
                activations += u32::from(command == 0x3A);
                let answer = bmc.answer(&datagram).filter(|_| command != 0x3A || activations > lost);
                if let Some(answer) = answer {
                    login.handle_datagram(&answer, now);
                }
            }
            if let Some(outcome) = login.poll() {
                return (challenges, activations, outcome.is_ok());
            }
            now = login.poll_timeout().unwrap();
            login.handle_timeout(now);
        }
    }

    /// The BMC whose answer is lost has opened a session and used up the challenge.
    #[test]
    fn a_challenge_is_good_for_one_activation() {
        assert_eq!(counts(0, 3), (1, 1, true));
        assert_eq!(counts(1, 3), (2, 2, true));
        assert_eq!(counts(3, 3), (4, 4, true));
        assert_eq!(counts(4, 3), (4, 4, false));
        assert_eq!(counts(1, 0), (1, 1, false));
    }

    /// Whoever does not know the password can open a session without code, where the messages after it need none.
    #[test]
    fn an_activation_without_code_opens_nothing() {
        for (auth_type, per_message_off, opens) in
            [(AuthType::Md5, 0x10, false), (AuthType::Md5, 0, false), (AuthType::None, 0, true)]
        {
            let user = UserName::new(b"admin").unwrap();
            let mut config = LoginConfig::new(Protocol::Ipmi15, user, Secret::new(*b"secret"));
            config.auth_type = Some(auth_type);
            let capabilities = Some([1, 0x17, 0x04 | per_message_off, 0, 0, 0, 0, 0]);
            let (mut bmc, mut now) = (FakeBmc { capabilities, ..FakeBmc::default() }, Instant::now());
            let mut login = Login::new(config, Box::new(|bytes| bytes.fill(4)), now).unwrap();
            let outcome = loop {
                while let Some(datagram) = login.poll_transmit() {
                    let Some(mut answer) = bmc.answer(&datagram) else { continue };
                    let body = ipmi_body(&answer).unwrap().to_vec();
                    let packet = Packet15::parse(&body).unwrap();
                    if IpmbMessage::parse(packet.message).unwrap().cmd == 0x3A {
                        let bare = Packet15 { auth_type: AuthType::None, auth_code: [0; 16], ..packet };
                        answer = [RmcpHeader::IPMI.emit().to_vec(), bare.emit()].concat();
                    }
                    login.handle_datagram(&answer, now);
                }
                if let Some(outcome) = login.poll() {
                    break outcome.map(drop);
                }
                now = login.poll_timeout().unwrap();
                login.handle_timeout(now);
            };
            let expected = if opens { Ok(()) } else { Err(LoginError::WrongCodes { step: Step::Activate }) };
            assert_eq!(outcome, expected, "{auth_type:?} {per_message_off:#x}");
        }
    }
}
