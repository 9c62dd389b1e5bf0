//! The requests of one session: which are under way, which wait, which are sent again and when.
//!
//! A request that nobody answers is sent again after the timeout, each time a second later, as ipmitool does; later
//! still when answers take long, so that nothing is sent twice because the BMC is far away or slow. With several under
//! way a loss shows earlier: one that was sent later, or together with it, has been answered. Then a request that only
//! reads is sent again at once.

mod flight;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use ipmi_core::link::console::RoundTrip;
use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::{CompletionCode, Request, Response, Target};

use self::flight::{Entry, Flight, Suspicion};
use super::envelope::{Envelope, Reading, Route};
use super::repeatable::may_be_revived;
use super::sequence::Sequences;
use super::window::Window;
use crate::transport::Failure;

/// The asker's name for a request.
pub type Ticket = u64;

/// Shortest wait for the rest of several sent together after the first was answered.
const COMPANY_WAIT: Duration = Duration::from_millis(30);
/// Shortest wait for a request after one sent later was answered: datagrams change places by less.
const REORDERING: Duration = Duration::from_millis(2);
/// Round trip assumed before one was measured.
const ROUND_TRIP: Duration = Duration::from_millis(20);
/// How much longer than that is waited at most, once answers turned out to be late only.
const MOST_PATIENCE: u32 = 64;
/// Requests kept in mind for that.
const REPEATED_KEPT: usize = 16;
/// Sendings of a request that is repeated in a new session: a BMC that let us in hears us.
const REVIVED_SENDINGS: u32 = 2;
/// Wait before Send Message is tried again on a busy bus.
const BUS_WAIT: Duration = Duration::from_millis(10);

/// How long and how often.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// Time without an answer after which a request is sent again.
    pub(super) timeout: Duration,
    /// How often it is sent in all.
    pub(super) sendings: u32,
    /// How often it is tried again after a transient completion code.
    pub(super) retries: u32,
}

/// A request that was sent again, and answered.
#[derive(Debug)]
struct Repeated {
    sequence: u8,
    cmd: u8,
    /// Time from its first sending to its answer; `None` when it was sent again ahead of its timeout.
    after: Option<Duration>,
}

/// What came of a request.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) ticket: Ticket,
    pub(super) result: Result<Response, Failure>,
    /// Time since it was first sent.
    pub(super) after: Duration,
}

/// The requests of one session.
#[derive(Debug)]
pub(super) struct Exchange {
    pace: Pace,
    route: Route,
    window: Window,
    sequences: Sequences,
    waiting: VecDeque<Entry>,
    paused: Vec<(Instant, Entry)>,
    flights: Vec<Flight>,
    order: u64,
    round_trip: Option<Duration>,
    /// As far as it bears on timeouts, the log-in included.
    lasting: RoundTrip,
    patience: u32,
    /// Requests that were sent again and answered: a second answer shows that this was wrong.
    repeated: VecDeque<Repeated>,
    out: VecDeque<Vec<u8>>,
    done: VecDeque<Outcome>,
    /// Requests that were sent as often as allowed.
    given_up: Vec<Entry>,
    last_heard: Option<Instant>,
    /// The session was granted every level: "insufficient privilege" then says that the BMC has forgotten so.
    is_administrator: bool,
}

impl Exchange {
    pub(super) fn new(pace: Pace, route: Route, window: Window) -> Self {
        Self {
            pace: Pace { sendings: pace.sendings.max(1), ..pace },
            route,
            window,
            sequences: Sequences::default(),
            waiting: VecDeque::new(),
            paused: Vec::new(),
            flights: Vec::new(),
            order: 0,
            round_trip: None,
            lasting: RoundTrip::default(),
            patience: 1,
            repeated: VecDeque::new(),
            out: VecDeque::new(),
            done: VecDeque::new(),
            given_up: Vec::new(),
            last_heard: None,
            is_administrator: false,
        }
    }

    /// Queues a request; [`pump`](Self::pump) sends it.
    pub(super) fn submit(&mut self, ticket: Ticket, target: Target, request: Request) {
        self.waiting.push_back(Entry::new(ticket, target, request));
    }

    /// Takes a request back that waits for its turn. False when it is under way or done.
    pub(super) fn withdraw(&mut self, ticket: Ticket) -> bool {
        let before = self.waiting.len() + self.paused.len();
        self.waiting.retain(|entry| entry.ticket != ticket);
        self.paused.retain(|(_, entry)| entry.ticket != ticket);
        self.waiting.len() + self.paused.len() < before
    }

    /// True when nothing is under way and nothing waits.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.paused.is_empty() && self.flights.is_empty()
    }

    pub(super) fn window(&self) -> &Window {
        &self.window
    }

    /// Takes over what the log-in has learnt of the round trip.
    pub(super) fn set_round_trip(&mut self, round_trip: RoundTrip) {
        self.lasting = round_trip;
    }

    /// Time without an answer after which a request is sent again.
    pub(super) fn timeout(&self) -> Duration {
        self.pace.timeout.max(self.lasting.patience())
    }

    /// Sends what may be sent.
    pub(super) fn pump(&mut self, now: Instant) {
        while self.flights.len() < self.window.depth()
            && let Some(entry) = self.next_entry(now)
        {
            let Some(sequence) = self.sequences.take(now) else {
                self.waiting.push_front(entry);
                return;
            };
            let envelope = Envelope::new(entry.target, &entry.request, self.route, sequence);
            self.order += 1;
            self.out.push_back(envelope.emit());
            let timeout = self.timeout();
            self.flights.push(Flight::new(entry, envelope, sequence, self.order, now, timeout));
        }
    }

    fn next_entry(&mut self, now: Instant) -> Option<Entry> {
        match self.paused.iter().position(|(until, _)| *until <= now) {
            Some(index) => Some(self.paused.swap_remove(index).1),
            None => self.waiting.pop_front(),
        }
    }

    /// Takes an IPMI message that came in. False when it belongs to no request under way.
    pub(super) fn handle_message(&mut self, message: &IpmbMessage, now: Instant) -> bool {
        let found = self.flights.iter().enumerate().find_map(|(index, flight)| {
            let fits = flight.sequence == message.sequence;
            fits.then(|| flight.envelope.read(message)).flatten().map(|reading| (index, reading))
        });
        let Some((index, reading)) = found else {
            self.handle_duplicate(message);
            return false;
        };
        match reading {
            Reading::PassedOn => {
                let deadline = now + self.timeout();
                if let Some(flight) = self.flights.get_mut(index) {
                    flight.deadline = deadline;
                }
            }
            Reading::BusTrouble => {
                let flight = self.land(index, now);
                let refused = Response::refused(CompletionCode::DESTINATION_UNAVAILABLE);
                self.try_again(flight.entry, Some(BUS_WAIT), refused, now);
            }
            Reading::Answer(response) => self.answered(index, response, now),
        }
        self.last_heard = Some(now);
        self.pump(now);
        true
    }

    /// The place among all sendings of the last one that `message` may belong to.
    pub(super) fn sending_of(&self, message: &IpmbMessage) -> Option<u64> {
        let belongs = |flight: &&Flight| flight.sequence == message.sequence && flight.envelope.read(message).is_some();
        self.flights.iter().find(belongs).map(|flight| flight.order)
    }

    fn answered(&mut self, index: usize, response: Response, now: Instant) {
        let flight = self.land(index, now);
        let first = flight.is_first_sending();
        if first && !flight.envelope.is_bridged() {
            let sample = now.saturating_duration_since(flight.sent);
            self.round_trip = Some(self.round_trip.map_or(sample, |smooth| (smooth * 7 + sample) / 8));
            self.lasting.measured(sample);
            self.window.answered(flight.company);
        } else if flight.timeouts > 0 && !flight.envelope.is_bridged() {
            let since = |sent| now.saturating_duration_since(sent);
            self.lasting.ambiguous(since(flight.begun), since(flight.sent));
        }
        if !first {
            let (sequence, cmd) = (flight.sequence, flight.entry.request.cmd);
            let after = (flight.timeouts > 0).then(|| now.saturating_duration_since(flight.begun));
            self.repeated.push_back(Repeated { sequence, cmd, after });
            if self.repeated.len() > REPEATED_KEPT {
                self.repeated.pop_front();
            }
        }
        let round_trip = self.round_trip.unwrap_or(ROUND_TRIP);
        let suspicion = Suspicion {
            overtaken: now + (round_trip / 2).max(REORDERING) * self.patience,
            left_behind: now + (round_trip * 3).max(COMPANY_WAIT) * self.patience,
        };
        for other in &mut self.flights {
            other.another_answered(flight.order, first, suspicion);
        }
        if response.code == CompletionCode::NODE_BUSY {
            self.window.busy();
        }
        let forgotten = self.is_administrator && response.code == CompletionCode::INSUFFICIENT_PRIVILEGE;
        if forgotten && !flight.entry.revived && !flight.envelope.is_bridged() {
            self.given_up.push(Entry { refused: true, ..flight.entry });
            return;
        }
        let delay = crate::retry::delay(response.code, flight.entry.attempt);
        self.try_again(flight.entry, delay, response, now);
    }

    /// A second answer to a request that was sent again: the answer to the first sending was only late.
    fn handle_duplicate(&mut self, message: &IpmbMessage) {
        let is_of = |seen: &Repeated| (seen.sequence, seen.cmd) == (message.sequence, message.cmd);
        let Some(index) = self.repeated.iter().position(is_of) else { return };
        match self.repeated.remove(index).and_then(|seen| seen.after) {
            Some(after) => self.lasting.at_most(after),
            None => self.patience = (self.patience * 2).min(MOST_PATIENCE),
        }
    }

    /// Takes a request out of those under way.
    fn land(&mut self, index: usize, now: Instant) -> Flight {
        let flight = self.flights.remove(index);
        let quiet = (!flight.is_first_sending()).then(|| now + self.timeout() * 2);
        self.sequences.give_back(flight.sequence, quiet);
        flight
    }

    /// Tries a request again after `delay`; with none, or tried often enough, `response` is its answer.
    fn try_again(&mut self, entry: Entry, delay: Option<Duration>, response: Response, now: Instant) {
        match delay {
            Some(delay) if entry.attempt < self.pace.retries => {
                let entry = Entry { attempt: entry.attempt + 1, ..entry };
                self.paused.push((now + delay, entry));
            }
            _ => self.finish(&entry, Ok(response), now),
        }
    }

    fn finish(&mut self, entry: &Entry, result: Result<Response, Failure>, now: Instant) {
        let after = entry.first_sent.map_or(Duration::ZERO, |first| now.saturating_duration_since(first));
        self.done.push_back(Outcome { ticket: entry.ticket, result, after });
    }

    /// Does what is due: sends again, gives up, sends what was paused.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        let mut index = 0;
        while let Some(flight) = self.flights.get_mut(index) {
            if flight.due() > now {
                index += 1;
                continue;
            }
            self.window.lost(flight.company || flight.overtaken.is_some());
            let allowed =
                if flight.entry.revived { self.pace.sendings.min(REVIVED_SENDINGS) } else { self.pace.sendings };
            flight.lost(now);
            if flight.timeouts >= allowed {
                let flight = self.land(index, now);
                self.given_up.push(flight.entry);
                continue;
            }
            self.order += 1;
            flight.again(self.order, now, self.pace.timeout, self.lasting.patience());
            self.out.push_back(flight.envelope.emit());
            index += 1;
        }
        self.pump(now);
    }

    /// True when a request was given up and the BMC has said nothing since that was first sent: the session may be
    /// gone. Requests that were repeated in a new session already do not count.
    pub(super) fn seems_deaf(&self) -> bool {
        self.given_up.iter().any(|entry| !entry.revived && self.last_heard <= entry.first_sent)
    }

    /// Says whether the session was granted every level.
    pub(super) fn set_administrator(&mut self, is_administrator: bool) {
        self.is_administrator = is_administrator;
    }

    /// True when the BMC has refused a request as if it had forgotten the level of the session.
    pub(super) fn was_demoted(&self) -> bool {
        self.given_up.iter().any(|entry| entry.refused)
    }

    /// The requests that were given up have failed.
    pub(super) fn fail_given_up(&mut self, now: Instant) {
        for entry in std::mem::take(&mut self.given_up) {
            self.finish(&entry, Err(Failure::Timeout), now);
        }
    }

    /// The session is gone. Requests that the BMC cannot have carried out, or that may be sent again, wait for the next
    /// one; the others end with `failure`.
    pub(super) fn session_lost(&mut self, failure: &Failure, now: Instant) {
        self.out.clear();
        let flights = std::mem::take(&mut self.flights).into_iter().map(|flight| flight.entry);
        let sent: Vec<_> = std::mem::take(&mut self.given_up).into_iter().chain(flights).collect();
        let paused = std::mem::take(&mut self.paused).into_iter().map(|(_, entry)| entry);
        let mut again = Vec::new();
        for entry in sent {
            if (entry.refused || may_be_revived(&entry.request)) && !entry.revived {
                again.push(Entry { revived: true, refused: false, ..entry });
            } else {
                self.finish(&entry, Err(failure.clone()), now);
            }
        }
        again.extend(paused);
        for entry in again.into_iter().rev() {
            self.waiting.push_front(entry);
        }
        self.sequences = Sequences::default();
        self.repeated.clear();
    }

    /// Everything has failed.
    pub(super) fn fail_all(&mut self, failure: &Failure, now: Instant) {
        self.out.clear();
        let flights = std::mem::take(&mut self.flights).into_iter().map(|flight| flight.entry);
        let paused = std::mem::take(&mut self.paused).into_iter().map(|(_, entry)| entry);
        let all: Vec<_> = std::mem::take(&mut self.given_up)
            .into_iter()
            .chain(flights)
            .chain(paused)
            .chain(std::mem::take(&mut self.waiting))
            .collect();
        for entry in all {
            self.finish(&entry, Err(failure.clone()), now);
        }
    }

    /// The next IPMI payload to send.
    pub(super) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.out.pop_front()
    }

    /// When [`handle_timeout`](Self::handle_timeout) is due.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let flights = self.flights.iter().map(Flight::due);
        // A pause that is over waits for room.
        let room = self.flights.len() < self.window.depth();
        let paused = self.paused.iter().filter(|_| room).map(|(until, _)| *until);
        flights.chain(paused).min()
    }

    /// The next request that is done.
    pub(super) fn poll(&mut self) -> Option<Outcome> {
        self.done.pop_front()
    }
}

#[cfg(test)]
#[path = "exchange_tests.rs"]
mod tests;
