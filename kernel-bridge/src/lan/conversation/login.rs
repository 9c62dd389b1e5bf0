//! The log-in half of a conversation: beginning, another try after a quirk or a pause, the next address, failure.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use ipmi_core::link::console::{CipherChoice, Login, LoginError, Random, Refusal};

use super::{Conversation, Event, State, Trial};
use crate::transport::Failure;
use ipmi_core::Privilege;

/// A failed log-in stands for this long, so that requests in a row do not each wait for one.
const FAILURE_STANDS: Duration = Duration::from_millis(200);

/// Log-ins with other quirks after one that failed.
const MOST_TRIALS: u32 = 6;

impl Conversation {
    /// Why the last log-in failed, when that was a moment ago.
    pub(super) fn standing_failure(&self, now: Instant) -> Option<String> {
        let (when, reason) = self.failed.as_ref()?;
        (now.saturating_duration_since(*when) < FAILURE_STANDS).then(|| reason.clone())
    }

    /// The network says that datagrams do not reach the BMC. A log-in that has heard nothing ends; in a session it
    /// counts for nothing: BMCs restart.
    pub fn handle_unreachable(&mut self, reason: &str, now: Instant) {
        if matches!(self.state, State::LoggingIn(_)) && !self.heard {
            self.unreachable(reason, now);
        }
    }

    pub(super) fn log_in(&mut self, now: Instant) {
        let shared = Arc::clone(&self.random);
        let random: Random = Box::new(move |bytes| (shared.lock().unwrap_or_else(PoisonError::into_inner))(bytes));
        (self.heard, self.proven) = (false, false);
        match Login::new(self.config.login.clone(), random, now) {
            Ok(login) => {
                self.state = State::LoggingIn(Box::new(login));
                self.follow_login(now);
            }
            Err(error) => self.down(error.explained(), now),
        }
    }

    /// Takes from the log-in what it has to send, and its result.
    pub(super) fn follow_login(&mut self, now: Instant) {
        let State::LoggingIn(login) = &mut self.state else { return };
        while let Some(datagram) = login.poll_transmit() {
            self.out.push_back(datagram);
        }
        match login.poll() {
            None => {}
            Some(Ok(session)) => {
                let agreed = *session.agreed();
                self.exchange.set_round_trip(login.round_trip());
                self.exchange.set_administrator(agreed.privilege >= Privilege::Administrator && !self.demoted);
                // Who can end a session must not gain a weaker one by it.
                if let Some(suite) = agreed.cipher_suite.filter(|suite| suite.protects() && self.chooses_suite()) {
                    self.config.login.cipher = CipherChoice::Remembered(suite);
                }
                self.state = State::Up(Box::new(session));
                (self.active, self.failed, self.pauses, self.lost) = (now, None, 0, false);
                if let Some(Trial { before, .. }) = self.trial.take() {
                    self.events.push_back(Event::Quirks(self.config.login.quirks.difference(before)));
                }
                self.events.push_back(Event::Up(agreed));
                self.flow(now);
            }
            Some(Err(error)) => self.login_failed(error, now),
        }
    }

    pub(super) fn login_failed(&mut self, error: LoginError, now: Instant) {
        if !self.heard {
            self.unreachable(&error.explained(), now);
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
        if !self.config.automatic_quirks {
            self.down(error.explained(), now);
            return;
        }
        let known = self.config.login.quirks;
        let first = Trial { before: known, cause: error, left: Vec::new(), tried: 0 };
        let mut trial = self.trial.take().unwrap_or(first);
        // Another error than before: what was tried last helped so far.
        if trial.tried == 0 || error != trial.cause {
            let fresh = error.remedies().into_iter().rev().filter(|remedy| !known.contains(*remedy));
            trial.left.extend(fresh.map(|remedy| known | remedy));
        }
        match trial.left.pop().filter(|_| trial.tried < MOST_TRIALS) {
            Some(quirks) => {
                trial.tried += 1;
                self.trial = Some(trial);
                self.config.login.quirks = quirks;
                self.log_in(now);
            }
            None => {
                self.trial = Some(trial);
                self.down(error.explained(), now);
            }
        }
    }

    pub(super) fn unreachable(&mut self, reason: &str, now: Instant) {
        if self.config.other_addresses > 0 {
            self.config.other_addresses -= 1;
            self.out.clear();
            self.events.push_back(Event::NextAddress);
            self.log_in(now);
        } else {
            self.down(reason.to_owned(), now);
        }
    }

    pub(super) fn down(&mut self, mut reason: String, now: Instant) {
        if let Some(trial) = self.trial.take() {
            // Quirks that do not help are not applied, and what went wrong with them would mislead.
            (self.config.login.quirks, reason) = (trial.before, trial.cause.explained());
        }
        if self.lost {
            reason = format!("the session was lost, and there is no new one: {reason}");
        }
        let reason = format!("{}: {reason}", self.config.name);
        (self.state, self.pauses) = (State::Down, 0);
        self.out.clear();
        self.failed = Some((now, reason.clone()));
        self.exchange.fail_all(&Failure::before_sending(reason.clone()), now);
        self.report();
        self.events.push_back(Event::Down(reason));
    }
}
