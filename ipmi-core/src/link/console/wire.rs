//! One question at a time: what is sent, how long its answer is waited for, how often it is sent again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::RoundTrip;
use super::error::Step;

/// The share of a question's wait for which an answer that ends the log-in is held back: nothing before the keys proves
/// who sent it, and one that leads on may follow.
const DOUBT: u32 = 8;
/// Each repetition waits twice as long as the one before, up to this long.
const LONGEST: Duration = Duration::from_secs(2);
/// The same with a BMC whose answers take a share of the wait that is worth speaking of.
const LONGEST_FAR: Duration = Duration::from_secs(4);
const FAR: u32 = 4;

/// The question that waits for its answer.
struct Question {
    step: Step,
    datagram: Vec<u8>,
    wait: Duration,
    /// Times it was sent again, or one like it was asked in vain before.
    repetition: u32,
    resends: u32,
    /// When it was sent first and last.
    first: Instant,
    last: Instant,
    deadline: Instant,
    /// An answer came that would end the log-in.
    doubted: bool,
}

/// What a deadline means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Elapsed {
    /// Nothing: it is not reached, or the question was sent again.
    Waiting,
    /// No better answer followed the one that would end the log-in.
    Doubted,
    /// The question stays without answer.
    GivenUp(Step),
}

/// Datagrams to send, and the question among them.
pub(super) struct Wire {
    outgoing: VecDeque<Vec<u8>>,
    question: Option<Question>,
    sent: u32,
    /// Shortest wait for an answer.
    timeout: Duration,
    round_trip: RoundTrip,
}

impl Wire {
    /// With `timeout` as the shortest wait for an answer.
    pub(super) fn new(timeout: Duration) -> Self {
        Self { outgoing: VecDeque::new(), question: None, sent: 0, timeout, round_trip: RoundTrip::default() }
    }

    /// The wait for an answer at a repetition.
    fn wait(&self, repetition: u32) -> Duration {
        let patience = self.round_trip.patience();
        let first = self.timeout.max(patience);
        // Nobody may be there, or a BMC of IPMI 1.5 that does not answer a wrong password.
        let longest = if patience > self.timeout / FAR { LONGEST_FAR } else { LONGEST };
        first.saturating_mul(1u32.checked_shl(repetition).unwrap_or(u32::MAX)).min(longest.max(first))
    }

    /// Sends `datagram` once and `resends` times more.
    pub(super) fn ask(&mut self, step: Step, datagram: Vec<u8>, resends: u32, now: Instant) {
        self.put(step, datagram, self.wait(0), (0, resends), now);
    }

    /// Sends `datagram` once; one like it was asked `repetition` times in vain before.
    pub(super) fn ask_once(&mut self, step: Step, datagram: Vec<u8>, repetition: u32, now: Instant) {
        self.put(step, datagram, self.wait(repetition), (repetition, 0), now);
    }

    /// Sends `datagram` once and waits for `wait`.
    pub(super) fn probe(&mut self, step: Step, datagram: Vec<u8>, wait: Duration, now: Instant) {
        self.put(step, datagram, wait.max(self.round_trip.patience()), (0, 0), now);
    }

    fn put(&mut self, step: Step, datagram: Vec<u8>, wait: Duration, (repetition, resends): (u32, u32), now: Instant) {
        self.send(datagram.clone());
        let (first, deadline) = (now, now + wait);
        self.question =
            Some(Question { step, datagram, wait, repetition, resends, first, last: now, deadline, doubted: false });
    }

    /// From the next time on the question reads `datagram`.
    pub(super) fn reword(&mut self, datagram: Vec<u8>) {
        if let Some(question) = &mut self.question {
            question.datagram = datagram;
        }
    }

    /// An answer came that would end the log-in: a better one is waited for, a little.
    pub(super) fn doubt(&mut self, now: Instant) {
        if let Some(question) = self.question.as_mut().filter(|question| !question.doubted) {
            question.doubted = true;
            question.deadline = question.deadline.min(now + question.wait / DOUBT);
        }
    }

    /// The question that waits for its answer.
    pub(super) fn step(&self) -> Option<Step> {
        self.question.as_ref().map(|question| question.step)
    }

    /// The answer to the question came; the round trip is learnt from it.
    pub(super) fn heard(&mut self, now: Instant) {
        let Some(question) = &self.question else { return };
        let after = now.saturating_duration_since(question.first);
        if question.repetition == 0 {
            self.round_trip.measured(after);
        } else {
            self.round_trip.ambiguous(after, now.saturating_duration_since(question.last));
        }
    }

    /// An answer came to what was sent once, at `sent`.
    pub(super) fn measured(&mut self, sent: Instant, now: Instant) {
        self.round_trip.measured(now.saturating_duration_since(sent));
    }

    /// An answer came to what was sent once, at `sent`, before the question. The answer to the question takes as long.
    pub(super) fn heard_late(&mut self, sent: Instant, now: Instant) {
        self.measured(sent, now);
        let after = now.saturating_duration_since(sent);
        if let Some(question) = self.question.as_mut().filter(|question| !question.doubted) {
            question.deadline = question.deadline.max(question.first + after + after / 4);
        }
    }

    /// There is nothing more to wait for.
    pub(super) fn answered(&mut self) {
        self.question = None;
    }

    /// Sends what nobody answers.
    pub(super) fn tell(&mut self, datagram: Vec<u8>) {
        self.send(datagram);
    }

    fn send(&mut self, datagram: Vec<u8>) {
        self.sent = self.sent.saturating_add(1);
        self.outgoing.push_back(datagram);
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) -> Elapsed {
        let Some(mut question) = self.question.take_if(|question| question.deadline <= now) else {
            return Elapsed::Waiting;
        };
        if question.doubted {
            return Elapsed::Doubted;
        }
        let Some(resends) = question.resends.checked_sub(1) else {
            return Elapsed::GivenUp(question.step);
        };
        question.resends = resends;
        question.repetition = question.repetition.saturating_add(1);
        question.wait = self.wait(question.repetition);
        (question.last, question.deadline) = (now, now + question.wait);
        self.send(question.datagram.clone());
        self.question = Some(question);
        Elapsed::Waiting
    }

    pub(super) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.outgoing.pop_front()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.question.as_ref().map(|question| question.deadline)
    }

    pub(super) fn sent(&self) -> u32 {
        self.sent
    }

    pub(super) fn round_trip(&self) -> RoundTrip {
        self.round_trip
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_question_is_sent_again_and_given_up() {
        let (mut wire, start) = (Wire::new(SECOND), Instant::now());
        wire.ask(Step::OpenSession, vec![1], 1, start);
        assert_eq!((wire.poll_transmit(), wire.poll_transmit()), (Some(vec![1]), None));
        assert_eq!(wire.handle_timeout(start), Elapsed::Waiting);
        assert_eq!(wire.poll_transmit(), None);
        wire.reword(vec![2]);
        assert_eq!(wire.handle_timeout(start + SECOND), Elapsed::Waiting);
        assert_eq!((wire.poll_transmit(), wire.deadline()), (Some(vec![2]), Some(start + SECOND * 3)));
        assert_eq!(wire.handle_timeout(start + SECOND * 3), Elapsed::GivenUp(Step::OpenSession));
        assert_eq!((wire.deadline(), wire.sent()), (None, 2));
    }

    #[test]
    fn a_doubted_answer_stands_unless_another_question_follows() {
        let (mut wire, start) = (Wire::new(SECOND), Instant::now());
        wire.ask(Step::OpenSession, vec![1], 3, start);
        wire.doubt(start);
        let due = start + SECOND / DOUBT;
        wire.doubt(due);
        assert_eq!((wire.deadline(), wire.step()), (Some(due), Some(Step::OpenSession)));
        assert_eq!(wire.handle_timeout(due), Elapsed::Doubted);
        assert_eq!(wire.deadline(), None);
        wire.ask(Step::OpenSession, vec![1], 3, start);
        wire.doubt(start);
        wire.ask(Step::Rakp1, vec![2], 0, start);
        assert_eq!(wire.handle_timeout(due), Elapsed::Waiting);
    }

    /// The waits of a question that nobody answers.
    fn waits(wire: &mut Wire, resends: u32, start: Instant) -> Vec<u64> {
        wire.ask(Step::Capabilities, vec![1], resends, start);
        let (mut waits, mut now) = (Vec::new(), start);
        while let Some(due) = wire.deadline() {
            waits.push((due - now).as_secs());
            now = due;
            wire.handle_timeout(now);
        }
        waits
    }

    #[test]
    fn waits_double_and_are_bounded() {
        let start = Instant::now();
        let mut wire = Wire::new(SECOND);
        assert_eq!(waits(&mut wire, 4, start), [1, 2, 2, 2, 2], "nobody may be there");
        for (round_trip, longest) in [(SECOND / 10, 2), (SECOND / 5, 4)] {
            let mut wire = Wire::new(SECOND);
            wire.ask(Step::Capabilities, vec![1], 0, start);
            wire.heard(start + round_trip);
            assert_eq!(waits(&mut wire, 5, start), [1, 2, longest, longest, longest, longest]);
        }
        assert_eq!(waits(&mut Wire::new(SECOND * 9), 2, start), [9, 9, 9]);
        assert_eq!(waits(&mut wire, 100, start).len(), 101);
    }

    #[test]
    fn waits_follow_the_round_trip() {
        let start = Instant::now();
        let mut wire = Wire::new(SECOND);
        wire.ask(Step::Capabilities, vec![1], 0, start);
        wire.heard(start + SECOND * 3);
        assert_eq!(waits(&mut wire, 2, start), [6, 6, 6]);
        // Which sending was answered cannot be told: it may have taken two seconds.
        let mut wire = Wire::new(SECOND);
        wire.ask(Step::Capabilities, vec![1], 1, start);
        wire.handle_timeout(start + SECOND);
        wire.heard(start + SECOND * 2);
        assert_eq!(waits(&mut wire, 0, start), [3]);
        // What is asked next is given the time that an answer to the question before took.
        let mut wire = Wire::new(SECOND);
        wire.ask(Step::OpenSession, vec![1], 3, start + SECOND);
        wire.heard_late(start, start + SECOND * 4 / 2);
        assert_eq!(wire.deadline(), Some(start + SECOND + SECOND * 5 / 2));
    }
}
