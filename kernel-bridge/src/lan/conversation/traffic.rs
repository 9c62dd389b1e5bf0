//! The traffic half of a conversation: requests through the session and back, its loss, its end.

use std::time::{Duration, Instant};

use ipmi_core::command::app::{CloseSession, GetDeviceId};
use ipmi_core::link::console::{Protocol, Quirks, request_of};
use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::link::rmcp_plus::header::PayloadType;
use ipmi_core::{Request, SlaveAddress, Target};

use super::super::exchange::{Outcome, Ticket};
use super::{Conversation, Event, KEEP_ALIVE_TICKET, State};
use crate::transport::Failure;

/// How long the answer to Close Session is waited for.
const CLOSE_WAIT: Duration = Duration::from_millis(500);
const CLOSE_TICKET: Ticket = Ticket::MAX - 1;
/// Answers with wrong checksums kept in mind.
const MISFITS_KEPT: usize = 16;

/// A message whose checksums are not compared.
fn unchecked(payload: &[u8]) -> Option<IpmbMessage> {
    let [requester, rest @ ..] = payload else { return None };
    IpmbMessage::parse_queued(SlaveAddress(*requester), rest).ok()
}

impl Conversation {
    pub(super) fn handle_message(&mut self, payload: &[u8], now: Instant) {
        let lenient = self.config.login.quirks.contains(Quirks::NOCHECKSUMCHECK);
        let message = IpmbMessage::parse(payload).or_else(|error| {
            let borne = if lenient { unchecked(payload) } else { self.bear_checksums(payload) };
            borne.ok_or(error)
        });
        match message {
            Ok(message) => {
                (self.active, self.suspected, self.miscoded) = (now, None, false);
                if self.exchange.handle_message(&message, now) {
                    self.proven = true;
                }
            }
            Err(error) => tracing::debug!(bmc = self.config.name, %error, "malformed message"),
        }
        if self.exchange.was_demoted() {
            self.demoted = true;
            self.leave();
            self.session_lost(now);
            return;
        }
        self.flow(now);
    }

    /// Takes an answer with wrong checksums once the BMC has given it to two sendings of a request: what got damaged on
    /// the way differs from one time to the next.
    fn bear_checksums(&mut self, payload: &[u8]) -> Option<IpmbMessage> {
        let message = unchecked(payload).filter(|_| self.config.automatic_quirks)?;
        let sending = self.exchange.sending_of(&message)?;
        if !self.misfits.iter().any(|(before, earlier)| before == payload && *earlier < sending) {
            self.misfits.push_back((payload.to_vec(), sending));
            if self.misfits.len() > MISFITS_KEPT {
                self.misfits.pop_front();
            }
            return None;
        }
        self.misfits.clear();
        self.config.login.quirks |= Quirks::NOCHECKSUMCHECK;
        self.events.push_back(Event::Quirks(Quirks::NOCHECKSUMCHECK));
        Some(message)
    }

    /// Something outside the session says that the BMC may not know it. Anybody can have sent that: the BMC is asked in
    /// the session, and only silence counts.
    pub(super) fn suspect(&mut self, now: Instant) {
        if !matches!(self.state, State::Up(_)) || !self.proven || self.suspected.is_some() {
            return;
        }
        self.suspected = Some(now + self.exchange.timeout() * 2);
        if self.exchange.is_idle() {
            self.exchange.submit(KEEP_ALIVE_TICKET, Target::Bmc, Request::of(&GetDeviceId));
            self.flow(now);
        }
    }

    /// Tells the BMC that this session is not used any more, without waiting for its answer.
    fn leave(&mut self) {
        let State::Up(session) = &mut self.state else { return };
        let close = CloseSession { session_id: session.agreed().bmc_session_id, handle: None };
        let message = request_of(&Request::of(&close), 0).emit();
        self.out.extend(session.seal(PayloadType::Ipmi, &message));
    }

    pub(super) fn session_lost(&mut self, now: Instant) {
        tracing::info!(bmc = self.config.name, "the session is lost");
        self.state = State::Down;
        (self.suspected, self.lost) = (None, true);
        let lost = || format!("{}: the session was lost: the BMC may have carried the command out", self.config.name);
        let reason = self.miscoded().unwrap_or_else(lost);
        self.exchange.session_lost(&Failure::after_sending(reason), now);
        self.report();
        self.events.push_back(Event::Down(format!("{}: the session is lost", self.config.name)));
        if !self.exchange.is_idle() {
            self.log_in(now);
        }
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

    /// Why there is no answer although something comes: it does not show where from.
    fn miscoded(&self) -> Option<String> {
        let remedy = match self.config.login.protocol {
            Protocol::Ipmi15 => "; with a BMC that is known to make wrong ones, --quirk noauthcodecheck",
            Protocol::RmcpPlus => "",
        };
        let name = &self.config.name;
        self.miscoded.then(|| format!("{name}: the answers have wrong authentication codes{remedy}"))
    }

    pub(super) fn closed(&mut self) {
        self.state = State::Closed;
        self.events.push_back(Event::Closed);
    }

    pub(super) fn closed_reason(&self) -> String {
        format!("{}: the session is closed", self.config.name)
    }

    /// Seals what the requests have to send and reports those that are done.
    pub(super) fn flow(&mut self, now: Instant) {
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

    pub(super) fn report(&mut self) {
        while let Some(Outcome { ticket, result, after }) = self.exchange.poll() {
            match ticket {
                KEEP_ALIVE_TICKET => {}
                CLOSE_TICKET => {
                    if matches!(self.state, State::Closing { .. }) {
                        self.closed();
                    }
                }
                _ => {
                    let result = result.map_err(|failure| match self.miscoded() {
                        Some(reason) if failure == Failure::Timeout => Failure::after_sending(reason),
                        _ => failure,
                    });
                    self.events.push_back(Event::Done { ticket, result, after });
                }
            }
        }
    }
}
