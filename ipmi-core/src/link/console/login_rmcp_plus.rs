//! The log-in of RMCP+: finding a suite, the handshake, privilege level (IPMI 2.0 s13.14-s13.24, s22.13-s22.18).

mod proving;
mod setback;

use std::collections::VecDeque;
use std::time::Instant;

use self::proving::Former;
use super::capabilities::{capabilities_request, check_user};
use super::elevation::Elevation;
use super::error::Step;
use super::handshake::{Handshake, Secrets, Setback, payload_of, supported};
use super::login::Progress;
use super::message::{answer_outside, decode, frame, outside, outside_rmcp_plus};
use super::suites::Suites;
use super::wire::Wire;
use super::{CipherChoice, LoginConfig, LoginError, Quirks, Random};
use crate::command::app::{AuthStatus, GetChannelAuthenticationCapabilities, GetChannelCipherSuites};
use crate::link::ipmb::IpmbMessage;
use crate::link::rmcp_plus::cipher_suite::CipherSuite;
use crate::link::rmcp_plus::open_session::OpenSessionResponse;
use crate::link::rmcp_plus::rakp::Role;
use crate::link::rmcp_plus::suite_records::SuiteRecordPieces;
use crate::{ChannelNumber, CompletionCode, ParseError, Response};

/// Suites with which the level is asked for: some BMCs allow it with a few only, and most with none or all.
const LEVELS: u32 = 3;

pub(super) struct LoginRmcpPlus {
    config: LoginConfig,
    /// Moves into the session.
    random: Option<Random>,
    secrets: Secrets,
    suites: Suites,
    /// True while the BMC may still be asked for its suites.
    may_ask: bool,
    pieces: SuiteRecordPieces,
    /// The question for the suites that was not answered in time, and when it was sent.
    suites_asked: Option<(IpmbMessage, Instant)>,
    /// How often the handshake may be begun again after lost answers.
    restarts: u32,
    /// How often it was begun again after silence.
    silences: u32,
    /// Handshakes whose answers may only be late.
    formers: VecDeque<Former>,
    /// True when the user is looked up by name alone.
    name_only: bool,
    /// True once the other way of looking up the user was tried.
    swapped: bool,
    /// How often the level may still be refused before no further suite is tried.
    levels: u32,
    /// True once the handshake was begun again because its end may have been a damaged packet.
    looked_again: bool,
    /// What the last answer would lead to, while a better one is waited for.
    doubt: Option<(Step, Setback)>,
    /// What the BMC said about its channel, once it was asked.
    status: Option<AuthStatus>,
    /// The refusal to report when no suite is left.
    refusal: Option<LoginError>,
    /// An answer that made no sense; better to report than silence.
    malformed: Option<LoginError>,
    tag: u8,
    sequence: u8,
    phase: Phase,
}

enum Phase {
    /// Capabilities are asked for before the handshake, or after nobody answered it.
    Capabilities {
        request: IpmbMessage,
        after_silence: bool,
    },
    CipherSuites {
        request: IpmbMessage,
        asked: Instant,
    },
    /// `asked`: when its last message was sent.
    Handshake {
        handshake: Box<Handshake>,
        step: Step,
        asked: Instant,
    },
    SetPrivilege(Box<Elevation>),
    /// One phase is over and the next one not begun.
    Idle,
}

impl LoginRmcpPlus {
    pub(super) fn begin(
        config: LoginConfig,
        random: Random,
        wire: &mut Wire,
        now: Instant,
    ) -> Result<Self, LoginError> {
        if let CipherChoice::Fixed(suite) = config.cipher {
            supported(suite)?;
        }
        let asks = config.cipher == CipherChoice::Ask;
        let request = capabilities_request(&config, true, 0);
        let mut login = Self {
            random: Some(random),
            secrets: Secrets::new(&config)?,
            suites: Suites::new(config.cipher),
            may_ask: !matches!(config.cipher, CipherChoice::Fixed(_)),
            pieces: SuiteRecordPieces::default(),
            restarts: config.timing.retries,
            silences: 0,
            formers: VecDeque::new(),
            suites_asked: None,
            name_only: config.name_only_lookup,
            swapped: false,
            levels: LEVELS,
            looked_again: false,
            doubt: None,
            status: None,
            refusal: None,
            malformed: None,
            tag: 0,
            sequence: 0,
            phase: Phase::Capabilities { request, after_silence: false },
            config,
        };
        if asks {
            login.ask_suites(wire, now);
        } else {
            login.ask_capabilities(false, wire, now);
        }
        Ok(login)
    }

    fn next_sequence(&mut self) -> u8 {
        let sequence = self.sequence;
        self.sequence = (sequence + 1) & 0x3F;
        sequence
    }

    fn ask_capabilities(&mut self, after_silence: bool, wire: &mut Wire, now: Instant) {
        let sequence = self.next_sequence();
        let request = capabilities_request(&self.config, true, sequence);
        let retries = self.config.timing.retries;
        if after_silence {
            // One more question is enough.
            wire.ask_once(Step::Capabilities, outside(&request), retries.min(1), now);
        } else {
            wire.ask(Step::Capabilities, outside(&request), retries, now);
        }
        self.phase = Phase::Capabilities { request, after_silence };
    }

    /// Asks for the next piece of the list; goes on when there is none.
    fn ask_suites(&mut self, wire: &mut Wire, now: Instant) {
        self.may_ask = false;
        let index = self.pieces.next_index().unwrap_or(0);
        let channel = ChannelNumber::CURRENT;
        let command = GetChannelCipherSuites { channel, payload_type: 0, by_suite: true, index };
        let request = frame(&command, self.next_sequence());
        // Framed as ipmitool does: what listens to this form speaks RMCP+.
        wire.probe(Step::CipherSuites, outside_rmcp_plus(&request), self.config.timing.probe, now);
        self.phase = Phase::CipherSuites { request, asked: now };
    }

    /// The list is as complete as it gets.
    fn suites_known(&mut self, wire: &mut Wire, now: Instant) -> Progress {
        self.suites.list(self.pieces.bytes());
        self.next_suite(wire, now)
    }

    fn next_suite(&mut self, wire: &mut Wire, now: Instant) -> Progress {
        while let Some(suite) = self.suites.take() {
            match supported(suite) {
                Ok(_) => return self.start_handshake(suite, wire, now),
                Err(error) => self.refusal = self.refusal.or(Some(error)),
            }
        }
        if self.may_ask {
            self.ask_suites(wire, now);
            return Ok(None);
        }
        Err(match self.refusal.unwrap_or(LoginError::NotSupported) {
            LoginError::RefusedSuite { .. } if self.suites.is_protecting() => LoginError::WeakerThanBefore,
            refusal => refusal,
        })
    }

    fn start_handshake(&mut self, suite: CipherSuite, wire: &mut Wire, now: Instant) -> Progress {
        let role = Role::new(self.config.privilege, self.name_only);
        let Some(random) = &mut self.random else { return Ok(None) };
        let handshake = Handshake::new(suite, role, self.tag, random)?;
        self.tag = self.tag.wrapping_add(1);
        self.doubt = None;
        self.formers.clear();
        wire.ask(Step::OpenSession, handshake.open_session(), self.config.timing.retries, now);
        self.phase = Phase::Handshake { handshake: Box::new(handshake), step: Step::OpenSession, asked: now };
        Ok(None)
    }

    pub(super) fn handle_silence(&mut self, step: Step, wire: &mut Wire, now: Instant) -> Progress {
        let silence = self.malformed.unwrap_or(LoginError::NoAnswer { step });
        match &mut self.phase {
            Phase::CipherSuites { request, asked } => {
                self.suites_asked = Some((request.clone(), *asked));
                self.suites_known(wire, now)
            }
            Phase::Idle => Ok(None),
            Phase::Capabilities { .. } => Err(silence),
            Phase::SetPrivilege(elevation) => elevation.handle_silence(wire, now),
            Phase::Handshake { step: Step::OpenSession, .. } if self.status.is_none() => {
                self.ask_capabilities(true, wire, now);
                Ok(None)
            }
            Phase::Handshake { step: Step::OpenSession, .. } => Err(silence),
            Phase::Handshake { .. } => {
                let Some(left) = self.restarts.checked_sub(1) else { return Err(silence) };
                self.restarts = left;
                self.restart(wire, now)
            }
        }
    }

    pub(super) fn handle_datagram(&mut self, datagram: &[u8], wire: &mut Wire, now: Instant) -> Option<Progress> {
        let quirks = self.config.quirks;
        match &mut self.phase {
            Phase::Capabilities { request, after_silence } => {
                let (response, after_silence) = (answer_outside(request, datagram, quirks)?, *after_silence);
                wire.heard(now);
                Some(self.capabilities(&response, after_silence, wire, now))
            }
            Phase::CipherSuites { request, .. } => {
                let response = answer_outside(request, datagram, quirks)?;
                wire.heard(now);
                Some(self.suites_listed(&response, wire, now))
            }
            Phase::Handshake { .. } => {
                if self.suites_listed_late(datagram, wire, now) {
                    return Some(Ok(None));
                }
                let (payload_type, payload) = payload_of(datagram)?;
                match Handshake::step(payload_type)? {
                    Step::OpenSession => self.opened(payload, wire, now),
                    step => {
                        let progress = self.proved(step, payload, wire, now);
                        progress.or_else(|| self.proved_late(step, payload, wire, now))
                    }
                }
            }
            Phase::Idle => None,
            Phase::SetPrivilege(elevation) => elevation.handle_datagram(&self.config, datagram, wire, now),
        }
    }

    /// A BMC that refuses the question may still open a session; the answer to Open Session decides.
    fn capabilities(&mut self, response: &Response, after_silence: bool, wire: &mut Wire, now: Instant) -> Progress {
        let believed = !self.config.quirks.contains(Quirks::AUTHCAP);
        if response.code == CompletionCode::OK {
            let caps = decode::<GetChannelAuthenticationCapabilities>(response, Step::Capabilities)?;
            self.status = Some(caps.status);
            if believed && caps.ipmi_2_0 != Some(true) {
                return Err(LoginError::NotSupported);
            }
            check_user(&self.config, caps.status)?;
            if believed && caps.status.contains(AuthStatus::TWO_KEY) != self.config.has_bmc_key() {
                return Err(LoginError::WrongKey);
            }
        } else {
            self.status = Some(AuthStatus::empty());
        }
        if after_silence {
            let refused = response.code != CompletionCode::OK;
            let silence = LoginError::NoAnswer { step: Step::OpenSession };
            return Err(if refused { LoginError::NotSupported } else { self.malformed.unwrap_or(silence) });
        }
        self.next_suite(wire, now)
    }

    fn suites_listed(&mut self, response: &Response, wire: &mut Wire, now: Instant) -> Progress {
        let piece = decode::<GetChannelCipherSuites>(response, Step::CipherSuites);
        let added = piece.is_ok_and(|piece| self.pieces.add(&piece.records).is_ok());
        if added && self.pieces.next_index().is_some() {
            self.ask_suites(wire, now);
            return Ok(None);
        }
        self.suites_known(wire, now)
    }

    /// The list of suites that was not waited for tells how far away the BMC is.
    fn suites_listed_late(&mut self, datagram: &[u8], wire: &mut Wire, now: Instant) -> bool {
        let quirks = self.config.quirks;
        let listed = |asked: &mut (IpmbMessage, Instant)| answer_outside(&asked.0, datagram, quirks).is_some();
        let Some((_, asked)) = self.suites_asked.take_if(listed) else { return false };
        wire.heard_late(asked, now);
        true
    }

    fn opened(&mut self, payload: &[u8], wire: &mut Wire, now: Instant) -> Option<Progress> {
        let step = Step::OpenSession;
        let Phase::Handshake { handshake, step: at, asked } = &mut self.phase else { return None };
        if *at != step {
            return None;
        }
        let response = match OpenSessionResponse::parse(payload) {
            Ok(response) => response,
            Err(source) => {
                self.malformed = Some(LoginError::Malformed { step, source: source.into() });
                return Some(Ok(None));
            }
        };
        match response {
            OpenSessionResponse::Refused { tag, status, console_session_id: id } => {
                let fits = tag == handshake.tag && (id == 0 || id == handshake.console_session_id);
                let setback = Setback::Refused(status);
                fits.then(|| self.hold(step, setback, wire, now))
            }
            OpenSessionResponse::Accepted { tag, console_session_id, bmc_session_id, algorithms, .. } => {
                if tag != handshake.tag || console_session_id != handshake.console_session_id {
                    return None;
                }
                if algorithms != handshake.algorithms {
                    return Some(self.hold(step, Setback::OtherSuite(algorithms), wire, now));
                }
                if bmc_session_id == 0 {
                    let (field, expected, found) = ("session id of the BMC", "not zero", 0);
                    let setback = Setback::from(ParseError::Invalid { field, expected, found });
                    return Some(self.hold(step, setback, wire, now));
                }
                let random = self.random.as_mut()?;
                let datagram = handshake.rakp1(bmc_session_id, &self.secrets, random);
                wire.heard(now);
                (*at, *asked) = (Step::Rakp1, now);
                self.doubt = None;
                wire.ask_once(Step::Rakp1, datagram, self.silences, now);
                Some(Ok(None))
            }
        }
    }
}
