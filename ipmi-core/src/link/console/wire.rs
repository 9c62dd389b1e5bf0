//! One question at a time: what is sent, how long its answer is waited for, how often it is sent again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::error::Step;

/// The share of a question's wait for which an answer that ends the log-in is held back: nothing before the keys proves
/// who sent it, and one that leads on may follow.
const DOUBT: u32 = 8;

/// The question that waits for its answer.
struct Question {
    step: Step,
    datagram: Vec<u8>,
    wait: Duration,
    resends: u32,
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
#[derive(Default)]
pub(super) struct Wire {
    outgoing: VecDeque<Vec<u8>>,
    question: Option<Question>,
    sent: u32,
}

impl Wire {
    /// Sends `datagram` once and `resends` times more, each time waiting as long.
    pub(super) fn ask(&mut self, step: Step, datagram: Vec<u8>, wait: Duration, resends: u32, now: Instant) {
        self.send(datagram.clone());
        self.question = Some(Question { step, datagram, wait, resends, deadline: now + wait, doubted: false });
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

    /// The answer came.
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
        let Some(question) = self.question.as_mut().filter(|question| question.deadline <= now) else {
            return Elapsed::Waiting;
        };
        if question.doubted {
            self.question = None;
            return Elapsed::Doubted;
        }
        if question.resends == 0 {
            let step = question.step;
            self.question = None;
            return Elapsed::GivenUp(step);
        }
        question.resends -= 1;
        question.deadline = now + question.wait;
        let datagram = question.datagram.clone();
        self.send(datagram);
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_sent_again_and_given_up() {
        let (mut wire, start, wait) = (Wire::default(), Instant::now(), Duration::from_secs(1));
        wire.ask(Step::OpenSession, vec![1], wait, 1, start);
        assert_eq!((wire.poll_transmit(), wire.poll_transmit()), (Some(vec![1]), None));
        assert_eq!(wire.handle_timeout(start), Elapsed::Waiting);
        assert_eq!(wire.poll_transmit(), None);
        wire.reword(vec![2]);
        assert_eq!(wire.handle_timeout(start + wait), Elapsed::Waiting);
        assert_eq!((wire.poll_transmit(), wire.deadline()), (Some(vec![2]), Some(start + wait * 2)));
        assert_eq!(wire.handle_timeout(start + wait * 2), Elapsed::GivenUp(Step::OpenSession));
        assert_eq!((wire.deadline(), wire.sent()), (None, 2));
    }

    #[test]
    fn a_doubted_answer_stands_unless_another_question_follows() {
        let (mut wire, start, wait) = (Wire::default(), Instant::now(), Duration::from_secs(1));
        wire.ask(Step::OpenSession, vec![1], wait, 3, start);
        wire.doubt(start);
        let due = start + wait / DOUBT;
        wire.doubt(due);
        assert_eq!((wire.deadline(), wire.step()), (Some(due), Some(Step::OpenSession)));
        assert_eq!(wire.handle_timeout(due), Elapsed::Doubted);
        assert_eq!(wire.deadline(), None);
        wire.ask(Step::OpenSession, vec![1], wait, 3, start);
        wire.doubt(start);
        wire.ask(Step::Rakp1, vec![2], wait, 0, start);
        assert_eq!(wire.handle_timeout(due), Elapsed::Waiting);
    }
}
