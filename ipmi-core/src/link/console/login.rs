//! Logging in: the state machine from configuration to session, whichever the protocol.

use std::time::Instant;

use super::error::Step;
use super::login_1_5::Login15;
use super::login_rmcp_plus::LoginRmcpPlus;
use super::wire::{Elapsed, Wire};
use super::{LoginConfig, LoginError, Protocol, Random, RoundTrip, Session};

/// How a log-in goes on after something happened.
pub(super) type Progress = Result<Option<Session>, LoginError>;

/// A log-in under way. It ends by itself: with a session, with the BMC's refusal, or when nothing more is answered.
///
/// ```
/// use std::time::{Duration, Instant};
/// use ipmi_core::Secret;
/// use ipmi_core::link::console::{Login, LoginConfig, LoginError, Protocol};
/// use ipmi_core::link::rmcp_plus::rakp::UserName;
///
/// let user = UserName::new(b"admin").unwrap();
/// let config = LoginConfig::new(Protocol::RmcpPlus, user, Secret::new(*b"secret"));
/// let start = Instant::now();
/// let mut login = Login::new(config, Box::new(|bytes| bytes.fill(4)), start).unwrap();
/// let mut now = start;
/// let outcome = loop {
///     while let Some(datagram) = login.poll_transmit() {
///         assert!(!datagram.is_empty()); // send it
///     }
///     if let Some(outcome) = login.poll() {
///         break outcome;
///     }
///     now = login.poll_timeout().unwrap(); // or hand what comes to handle_datagram
///     login.handle_timeout(now);
/// };
/// assert!(matches!(outcome, Err(LoginError::NoAnswer { .. })));
/// assert!(now - start < Duration::from_secs(15));
/// ```
pub struct Login {
    wire: Wire,
    state: State,
    /// What an answer would end the log-in with. Until there are keys anybody can send one: it stands when no answer
    /// that leads on follows.
    doubted: Option<LoginError>,
    outcome: Option<Result<Session, LoginError>>,
}

enum State {
    Ipmi15(Box<Login15>),
    RmcpPlus(Box<LoginRmcpPlus>),
    Over,
}

impl Login {
    /// Starts; the first datagram is ready for sending.
    ///
    /// # Errors
    /// When password or key do not fit the protocol, or the cipher suite is not implemented. Nothing is sent then.
    pub fn new(config: LoginConfig, random: Random, now: Instant) -> Result<Self, LoginError> {
        let mut wire = Wire::new(config.timing.timeout);
        let state = match config.protocol {
            Protocol::Ipmi15 => State::Ipmi15(Box::new(Login15::begin(config, random, &mut wire, now)?)),
            Protocol::RmcpPlus => State::RmcpPlus(Box::new(LoginRmcpPlus::begin(config, random, &mut wire, now)?)),
        };
        Ok(Self { wire, state, doubted: None, outcome: None })
    }

    /// Takes a datagram from the BMC; true when it was for this log-in.
    pub fn handle_datagram(&mut self, datagram: &[u8], now: Instant) -> bool {
        let progress = match &mut self.state {
            State::Ipmi15(login) => login.handle_datagram(datagram, &mut self.wire, now),
            State::RmcpPlus(login) => login.handle_datagram(datagram, &mut self.wire, now),
            State::Over => None,
        };
        let taken = progress.is_some();
        match progress.unwrap_or(Ok(None)) {
            // In the session answers are authentic.
            Err(error) if self.wire.step().is_some_and(|step| step != Step::SetPrivilege) => {
                self.doubted.get_or_insert(error);
                self.wire.doubt(now);
            }
            progress => self.settle(progress),
        }
        taken
    }

    /// Takes note of the time; to be called when [`poll_timeout`](Self::poll_timeout) is reached.
    pub fn handle_timeout(&mut self, now: Instant) {
        let progress = match (self.wire.handle_timeout(now), &mut self.state) {
            (Elapsed::Waiting, _) | (_, State::Over) => return,
            (Elapsed::Doubted, State::RmcpPlus(login)) => match self.doubted.take() {
                Some(error) => Err(error),
                None => login.handle_doubt(&mut self.wire, now),
            },
            (Elapsed::Doubted, State::Ipmi15(_)) => self.doubted.take().map_or(Ok(None), Err),
            (Elapsed::GivenUp(step), State::Ipmi15(login)) => login.handle_silence(step, &mut self.wire, now),
            (Elapsed::GivenUp(step), State::RmcpPlus(login)) => login.handle_silence(step, &mut self.wire, now),
        };
        self.settle(progress);
    }

    fn settle(&mut self, progress: Progress) {
        if let Some(outcome) = progress.transpose() {
            self.wire.answered();
            self.state = State::Over;
            self.outcome = Some(outcome);
        }
    }

    /// The next datagram to send.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.wire.poll_transmit()
    }

    /// When [`handle_timeout`](Self::handle_timeout) wants to be called; `None` once the log-in is over.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.wire.deadline()
    }

    /// The outcome, once. What [`poll_transmit`](Self::poll_transmit) still holds then tells the BMC to free its slot.
    pub fn poll(&mut self) -> Option<Result<Session, LoginError>> {
        self.outcome.take()
    }

    /// What was learnt of the round trip to the BMC.
    pub fn round_trip(&self) -> RoundTrip {
        self.wire.round_trip()
    }

    /// Datagrams sent so far.
    pub fn sent(&self) -> u32 {
        self.wire.sent()
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("sent", &self.sent()).finish_non_exhaustive()
    }
}
