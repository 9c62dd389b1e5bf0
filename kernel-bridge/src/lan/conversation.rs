//! The conversation with one BMC over LAN: log-in, requests, keep-alive, log-in again after the session was lost,
//! Close Session (IPMI 2.0 s6.11, s6.12, s22.19). Without I/O or clock: datagrams and `now` in, datagrams and the next
//! deadline out.
//!
//! ```text
//! Down ──first request──▶ LoggingIn ──▶ Up ──close──▶ Closing ──▶ Closed
//!   ▲◀──────failed────────────┘ ▲◀─lost──┘
//! ```

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ipmi_core::command::app::{CloseSession, GetDeviceId};
use ipmi_core::link::console::{Agreed, Login, LoginConfig, LoginError, Opened, Quirks, Random, Refusal, Session};
use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::link::rmcp_plus::header::PayloadType;
use ipmi_core::{CompletionCode, Request, Response, SlaveAddress, Target};

use super::envelope::Route;
use super::exchange::{Exchange, Outcome, Pace, Ticket};
use super::window::Window;
use crate::options::Transit;
use crate::transport::Failure;

/// A session without traffic is kept alive after this time; BMCs end it after 60 s, some after 30.
pub const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// How long the answer to Close Session is waited for.
const CLOSE_WAIT: Duration = Duration::from_millis(500);
/// A failed log-in stands for this long, so that requests in a row do not each wait for one.
const FAILURE_STANDS: Duration = Duration::from_millis(200);
const KEEP_ALIVE_TICKET: Ticket = Ticket::MAX;
const CLOSE_TICKET: Ticket = Ticket::MAX - 1;

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
    /// Quirks were applied because their symptom showed.
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
    told_one_at_a_time: bool,
    /// Times a busy BMC was given a pause since the last session.
    pauses: u32,
    active: Instant,
    failed: Option<(Instant, String)>,
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
            told_one_at_a_time: config.one_at_a_time,
            pauses: 0,
            active: now,
            failed: None,
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

    /// Why the last log-in failed, when that was a moment ago.
    fn standing_failure(&self, now: Instant) -> Option<String> {
        let (when, reason) = self.failed.as_ref()?;
        (now.saturating_duration_since(*when) < FAILURE_STANDS).then(|| reason.clone())
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
            Opened::NotOurs => return false,
            Opened::Rejected(reason) => tracing::debug!(bmc = self.config.name, %reason, "packet not accepted"),
            Opened::Payload(PayloadType::Ipmi, payload) => self.handle_message(&payload, now),
            Opened::Payload(payload_type, payload) => {
                self.active = now;
                self.events.push_back(Event::Payload(payload_type, payload));
            }
        }
        true
    }

    fn handle_message(&mut self, payload: &[u8], now: Instant) {
        let lenient = self.config.login.quirks.contains(Quirks::NOCHECKSUMCHECK);
        let message = IpmbMessage::parse(payload).or_else(|error| match payload {
            [requester, rest @ ..] if lenient => IpmbMessage::parse_queued(SlaveAddress(*requester), rest),
            _ => Err(error),
        });
        match message {
            Ok(message) => {
                self.active = now;
                if self.exchange.handle_message(&message, now) {
                    self.proven = true;
                }
            }
            Err(error) => tracing::debug!(bmc = self.config.name, %error, "malformed message"),
        }
        self.flow(now);
    }

    /// The network says that datagrams do not reach the BMC. A log-in that has heard nothing ends; in a session it
    /// counts for nothing: BMCs restart.
    pub fn handle_unreachable(&mut self, reason: &str, now: Instant) {
        if matches!(self.state, State::LoggingIn(_)) && !self.heard {
            self.unreachable(reason, now);
        }
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
                if self.exchange.seems_deaf() && self.proven {
                    self.session_lost(now);
                    return;
                }
                self.exchange.fail_given_up(now);
                if self.exchange.is_idle() && now >= self.active + KEEP_ALIVE {
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

    fn session_lost(&mut self, now: Instant) {
        tracing::info!(bmc = self.config.name, "the session is lost");
        self.state = State::Down;
        self.exchange.session_lost(now);
        self.report();
        self.events.push_back(Event::Down(format!("{}: the session is lost", self.config.name)));
        if !self.exchange.is_idle() {
            self.log_in(now);
        }
    }

    fn log_in(&mut self, now: Instant) {
        let shared = Arc::clone(&self.random);
        let random: Random = Box::new(move |bytes| (shared.lock().unwrap_or_else(PoisonError::into_inner))(bytes));
        (self.heard, self.proven) = (false, false);
        match Login::new(self.config.login.clone(), random, now) {
            Ok(login) => {
                self.state = State::LoggingIn(Box::new(login));
                self.follow_login(now);
            }
            Err(error) => self.down(error.to_string(), now),
        }
    }

    /// Takes from the log-in what it has to send, and its result.
    fn follow_login(&mut self, now: Instant) {
        let State::LoggingIn(login) = &mut self.state else { return };
        while let Some(datagram) = login.poll_transmit() {
            self.out.push_back(datagram);
        }
        match login.poll() {
            None => {}
            Some(Ok(session)) => {
                let agreed = *session.agreed();
                self.state = State::Up(Box::new(session));
                (self.active, self.failed, self.pauses) = (now, None, 0);
                self.events.push_back(Event::Up(agreed));
                self.flow(now);
            }
            Some(Err(error)) => self.login_failed(error, now),
        }
    }

    fn login_failed(&mut self, error: LoginError, now: Instant) {
        if !self.heard {
            self.unreachable(&error.to_string(), now);
            return;
        }
        if let LoginError::BmcRefused { refusal: Refusal::Code(code), .. } = error
            && self.pauses < self.config.retries
            && let Some(delay) = crate::retry::delay(code, self.pauses)
        {
            self.pauses += 1;
            self.state = State::Pausing(now + delay);
            return;
        }
        let known = self.config.login.quirks;
        let fresh = error.symptom().unwrap_or_default().difference(known);
        // A second attempt with a wrong password counts twice where users are locked out.
        let wanted = self.config.automatic_quirks && error != LoginError::WrongPassword && !fresh.is_empty();
        if wanted {
            self.config.login.quirks |= fresh;
            self.events.push_back(Event::Quirks(fresh));
            self.log_in(now);
        } else {
            self.down(error.to_string(), now);
        }
    }

    fn unreachable(&mut self, reason: &str, now: Instant) {
        if self.config.other_addresses > 0 {
            self.config.other_addresses -= 1;
            self.out.clear();
            self.events.push_back(Event::NextAddress);
            self.log_in(now);
        } else {
            self.down(reason.to_owned(), now);
        }
    }

    fn down(&mut self, reason: String, now: Instant) {
        let reason = format!("{}: {reason}", self.config.name);
        (self.state, self.pauses) = (State::Down, 0);
        self.out.clear();
        self.failed = Some((now, reason.clone()));
        self.exchange.fail_all(&Failure::before_sending(reason.clone()), now);
        self.report();
        self.events.push_back(Event::Down(reason));
    }

    /// Ends the session: [`Event::Closed`] tells when it is done. Requests under way fail.
    pub fn close(&mut self, now: Instant) {
        let failure = Failure::after_sending(self.closed_reason());
        self.exchange.fail_all(&failure, now);
        match std::mem::replace(&mut self.state, State::Closed) {
            State::Up(session) => {
                let close = CloseSession { session_id: session.agreed().bmc_session_id, handle: None };
                self.state = State::Closing { session, until: now + CLOSE_WAIT };
                self.exchange.submit(CLOSE_TICKET, Target::Bmc, Request::of(&close));
                self.flow(now);
            }
            closing @ State::Closing { .. } => self.state = closing,
            State::Down | State::LoggingIn(_) | State::Pausing(_) | State::Closed => {
                self.out.clear();
                self.report();
                self.closed();
            }
        }
    }

    fn closed(&mut self) {
        self.state = State::Closed;
        self.events.push_back(Event::Closed);
    }

    fn closed_reason(&self) -> String {
        format!("{}: the session is closed", self.config.name)
    }

    /// Seals what the requests have to send and reports those that are done.
    fn flow(&mut self, now: Instant) {
        self.exchange.pump(now);
        let mut unsealed = None;
        while let Some(payload) = self.exchange.poll_transmit() {
            let (State::Up(session) | State::Closing { session, .. }) = &mut self.state else { break };
            match session.seal(PayloadType::Ipmi, &payload) {
                Ok(datagram) => self.out.push_back(datagram),
                Err(error) => unsealed = Some(error),
            }
        }
        if let Some(error) = unsealed {
            let failure = Failure::before_sending(format!("{}: {error}", self.config.name));
            self.exchange.fail_all(&failure, now);
        }
        let window = self.exchange.window();
        if self.told_one_at_a_time != window.is_one_at_a_time() && !window.is_on_trial() {
            self.told_one_at_a_time = window.is_one_at_a_time();
            self.events.push_back(Event::OneAtATime(self.told_one_at_a_time));
        }
        self.report();
    }

    fn report(&mut self) {
        while let Some(Outcome { ticket, result, after }) = self.exchange.poll() {
            match ticket {
                KEEP_ALIVE_TICKET => {}
                CLOSE_TICKET => {
                    if matches!(self.state, State::Closing { .. }) {
                        self.closed();
                    }
                }
                _ => self.events.push_back(Event::Done { ticket, result, after }),
            }
        }
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
                let keep_alive = self.exchange.is_idle().then(|| self.active + KEEP_ALIVE);
                self.exchange.poll_timeout().into_iter().chain(keep_alive).min()
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
