//! The conversation with one BMC over LAN: log-in, requests, keep-alive, log-in again after the session was lost,
//! Close Session (IPMI 2.0 s6.11, s6.12, s22.19). Without I/O or clock: datagrams and `now` in, datagrams and the next
//! deadline out.
//!
//! ```text
//! Down ──first request──▶ LoggingIn ──▶ Up ──close──▶ Closing ──▶ Closed
//!   ▲◀──────failed────────────┘ ▲◀─lost──┘
//! ```

mod login;
mod traffic;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ipmi_core::command::app::GetDeviceId;
use ipmi_core::link::console::{
    Agreed, CipherChoice, Login, LoginConfig, LoginError, Opened, Quirks, Random, Rejected, Session,
};
use ipmi_core::link::rmcp::{RmcpClass, RmcpHeader};
use ipmi_core::link::rmcp_plus::header::{Packet, PayloadType};
use ipmi_core::link::session_1_5::Packet15;
use ipmi_core::{CompletionCode, Request, Response, SlaveAddress, Target};

use super::envelope::Route;
use super::exchange::{Exchange, Pace, Ticket};
use super::window::Window;
use crate::options::Transit;
use crate::transport::Failure;

/// A session without traffic is kept alive after this time; BMCs end it after 60 s, some after 30.
pub const KEEP_ALIVE: Duration = Duration::from_secs(20);
const KEEP_ALIVE_TICKET: Ticket = Ticket::MAX;

/// What a conversation is told.
#[derive(Debug, Clone)]
pub struct ConversationConfig {
    /// Name of the BMC, for messages.
    pub name: String,
    /// Who logs in and how.
    pub login: LoginConfig,
    /// Time without an answer after which a request is sent again.
    pub timeout: Duration,
    /// How often a request is sent in all.
    pub sendings: u32,
    /// How often a request is tried again after a transient completion code.
    pub retries: u32,
    /// The controller that bridged requests go through.
    pub transit: Option<Transit>,
    /// Our address on the buses behind the BMC.
    pub my_address: SlaveAddress,
    /// Quirks are applied when their symptom shows.
    pub automatic_quirks: bool,
    /// The BMC is known to take one request at a time.
    pub one_at_a_time: bool,
    /// Other addresses that may be tried when nobody answers.
    pub other_addresses: usize,
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// A request is done.
    Done {
        /// As submitted.
        ticket: Ticket,
        /// Its response, whatever its completion code, or why there is none.
        result: Result<Response, Failure>,
        /// Time since it was first sent.
        after: Duration,
    },
    /// A payload other than an IPMI message came in, for example Serial over LAN.
    Payload(PayloadType, Vec<u8>),
    /// The session is open.
    Up(Agreed),
    /// There is no session, or none any more; the reason names the BMC.
    Down(String),
    /// Nobody answers: datagrams go to the next address from here on.
    NextAddress,
    /// Quirks were applied because their symptom showed, and with them there is a session.
    Quirks(Quirks),
    /// The BMC takes one request at a time, or turned out to take several after all.
    OneAtATime(bool),
    /// The session was closed, or there was none.
    Closed,
}

enum State {
    Down,
    LoggingIn(Box<Login>),
    /// The BMC was busy; the log-in begins anew then.
    Pausing(Instant),
    Up(Box<Session>),
    Closing {
        session: Box<Session>,
        until: Instant,
    },
    Closed,
}

/// Quirks under trial since a log-in failed, one after the other.
struct Trial {
    /// Those before.
    before: Quirks,
    /// Why the log-in without them failed.
    cause: LoginError,
    /// What is still to be tried, the next one last.
    left: Vec<Quirks>,
    tried: u32,
}

/// A conversation with one BMC.
pub struct Conversation {
    config: ConversationConfig,
    random: Arc<Mutex<Random>>,
    state: State,
    exchange: Exchange,
    /// The BMC has said something since the log-in began.
    heard: bool,
    /// The session has answered a request.
    proven: bool,
    /// There was a session before, which was lost.
    lost: bool,
    /// The BMC seems not to know the session: silence until then shows that it does not.
    suspected: Option<Instant>,
    /// The BMC has forgotten the level of a session once; another time it means what it says.
    demoted: bool,
    told_one_at_a_time: bool,
    /// Answers with wrong checksums, each with the place among all sendings of the one it answers.
    misfits: VecDeque<(Vec<u8>, u64)>,
    /// Nothing but answers with wrong authentication codes has come for a while.
    miscoded: bool,
    /// Times a busy BMC was given a pause since the last session.
    pauses: u32,
    active: Instant,
    keep_alive: bool,
    failed: Option<(Instant, String)>,
    trial: Option<Trial>,
    out: VecDeque<Vec<u8>>,
    events: VecDeque<Event>,
}

impl Conversation {
    /// A conversation that has not begun. All that is random in it comes from `random`.
    pub fn new(config: ConversationConfig, random: Random, now: Instant) -> Self {
        let pace = Pace { timeout: config.timeout, sendings: config.sendings, retries: config.retries };
        let route = Route { transit: config.transit, my_address: config.my_address };
        let window = if config.one_at_a_time { Window::one_at_a_time() } else { Window::default() };
        Self {
            random: Arc::new(Mutex::new(random)),
            state: State::Down,
            exchange: Exchange::new(pace, route, window),
            heard: false,
            proven: false,
            lost: false,
            suspected: None,
            demoted: false,
            told_one_at_a_time: config.one_at_a_time,
            misfits: VecDeque::new(),
            miscoded: false,
            pauses: 0,
            active: now,
            keep_alive: true,
            failed: None,
            trial: None,
            out: VecDeque::new(),
            events: VecDeque::new(),
            config,
        }
    }

    /// Logs in unless there is a session: [`Event::Up`] or [`Event::Down`] tells.
    pub fn connect(&mut self, now: Instant) {
        match &self.state {
            State::Down => self.log_in(now),
            State::Up(session) => self.events.push_back(Event::Up(*session.agreed())),
            State::LoggingIn(_) | State::Pausing(_) => {}
            State::Closing { .. } | State::Closed => self.events.push_back(Event::Down(self.closed_reason())),
        }
    }

    /// Sends a request, after a log-in when there is no session. [`Target::Software`] is nobody: nothing
    /// is sent.
    pub fn submit(&mut self, ticket: Ticket, target: Target, request: Request, now: Instant) {
        if target == Target::Software {
            let result = Ok(Response::refused(CompletionCode::DESTINATION_UNAVAILABLE));
            self.events.push_back(Event::Done { ticket, result, after: Duration::ZERO });
            return;
        }
        let refused = match &self.state {
            State::Closing { .. } | State::Closed => Some(self.closed_reason()),
            State::Down => self.standing_failure(now),
            State::LoggingIn(_) | State::Pausing(_) | State::Up(_) => None,
        };
        if let Some(reason) = refused {
            let result = Err(Failure::before_sending(reason));
            self.events.push_back(Event::Done { ticket, result, after: Duration::ZERO });
            return;
        }
        self.exchange.submit(ticket, target, request);
        match self.state {
            State::Down => self.log_in(now),
            State::Up(_) => self.flow(now),
            _ => {}
        }
    }

    /// Takes a request back that waits for its turn. False when it is under way or done.
    pub fn withdraw(&mut self, ticket: Ticket) -> bool {
        self.exchange.withdraw(ticket)
    }

    /// Sends a payload of another type than IPMI messages in the session.
    ///
    /// # Errors
    /// When there is no session, or the payload does not fit into it.
    pub fn send_payload(&mut self, payload_type: PayloadType, payload: &[u8], now: Instant) -> Result<(), String> {
        let State::Up(session) = &mut self.state else { return Err(format!("{}: no session", self.config.name)) };
        let datagram = session.seal(payload_type, payload).map_err(|error| format!("{}: {error}", self.config.name))?;
        self.active = now;
        self.out.push_back(datagram);
        Ok(())
    }

    /// Takes a datagram from the BMC's address. False when it belongs to another conversation.
    pub fn handle_datagram(&mut self, datagram: &[u8], now: Instant) -> bool {
        let opened = match &mut self.state {
            State::Down | State::Pausing(_) | State::Closed => return false,
            State::LoggingIn(login) => {
                let ours = login.handle_datagram(datagram, now);
                self.heard |= ours;
                self.follow_login(now);
                return ours;
            }
            State::Up(session) | State::Closing { session, .. } => session.open(datagram),
        };
        match opened {
            Opened::NotOurs => {
                if is_outside_sessions(datagram) {
                    self.suspect(now);
                }
                return false;
            }
            Opened::Rejected(reason) => {
                self.miscoded |= reason == Rejected::WrongAuthCode;
                tracing::debug!(bmc = self.config.name, %reason, "packet not accepted");
            }
            Opened::Payload(PayloadType::Ipmi, payload) => self.handle_message(&payload, now),
            Opened::Payload(payload_type, payload) => {
                (self.active, self.suspected) = (now, None);
                self.events.push_back(Event::Payload(payload_type, payload));
            }
        }
        true
    }

    /// Does what is due. Calls ahead of time do no harm.
    pub fn handle_timeout(&mut self, now: Instant) {
        match &mut self.state {
            State::Down | State::Closed => {}
            State::Pausing(until) => {
                if now >= *until {
                    self.log_in(now);
                }
            }
            State::LoggingIn(login) => {
                login.handle_timeout(now);
                self.follow_login(now);
            }
            State::Up(_) => {
                self.exchange.handle_timeout(now);
                let disowned = self.suspected.is_some_and(|until| until <= now);
                if disowned || self.exchange.seems_deaf() && self.proven {
                    self.session_lost(now);
                    return;
                }
                self.exchange.fail_given_up(now);
                if self.keep_alive && self.exchange.is_idle() && now >= self.active + KEEP_ALIVE {
                    self.exchange.submit(KEEP_ALIVE_TICKET, Target::Bmc, Request::of(&GetDeviceId));
                    self.active = now;
                }
                self.flow(now);
            }
            State::Closing { until, .. } => {
                if now >= *until {
                    self.closed();
                }
            }
        }
    }

    /// An idle session is kept alive with Get Device ID, or not.
    pub fn set_keep_alive(&mut self, on: bool) {
        self.keep_alive = on;
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.out.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match &self.state {
            State::Down | State::Closed => None,
            State::LoggingIn(login) => login.poll_timeout(),
            State::Pausing(until) => Some(*until),
            State::Up(_) => {
                let idle = self.keep_alive && self.exchange.is_idle();
                let keep_alive = idle.then(|| self.active + KEEP_ALIVE);
                self.exchange.poll_timeout().into_iter().chain(keep_alive).chain(self.suspected).min()
            }
            State::Closing { until, .. } => Some(*until),
        }
    }

    /// What happened next. Asked before [`poll_transmit`](Self::poll_transmit): an event may say where datagrams go.
    pub fn poll(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// True while it logs in.
    pub fn is_logging_in(&self) -> bool {
        matches!(self.state, State::LoggingIn(_) | State::Pausing(_))
    }

    /// True when the next request begins with a log-in.
    pub fn is_down(&self) -> bool {
        matches!(self.state, State::Down)
    }

    /// True when no cipher suite was named.
    pub fn chooses_suite(&self) -> bool {
        !matches!(self.config.login.cipher, CipherChoice::Fixed(_))
    }

    /// What the session agreed on, while there is one.
    pub fn agreed(&self) -> Option<&Agreed> {
        match &self.state {
            State::Up(session) => Some(session.agreed()),
            _ => None,
        }
    }

    /// Requests that may be under way at once.
    pub fn depth(&self) -> usize {
        self.exchange.window().depth()
    }
}

/// True for an IPMI datagram outside any session, as BMCs answer to one they do not know.
fn is_outside_sessions(datagram: &[u8]) -> bool {
    let Ok((RmcpHeader { class: RmcpClass::Ipmi, is_ack: false, .. }, body)) = RmcpHeader::parse(datagram) else {
        return false;
    };
    match (Packet15::parse(body), Packet::parse_header(body)) {
        (Ok(packet), _) => packet.session_id == 0,
        (_, Ok(header)) => header.session_id == 0,
        _ => false,
    }
}

impl std::fmt::Debug for Conversation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = match self.state {
            State::Down => "down",
            State::LoggingIn(_) | State::Pausing(_) => "logging in",
            State::Up(_) => "up",
            State::Closing { .. } => "closing",
            State::Closed => "closed",
        };
        f.debug_struct("Conversation").field("name", &self.config.name).field("state", &state).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "conversation_tests.rs"]
mod tests;
