//! Asks questions ahead of whoever wants the answers, in order and with a bound on how many are under way.
//!
//! A listing plans what it will ask and then asks as if each question were the first: the answer is mostly there
//! already. A question nobody planned goes out at once, and an answer nobody takes is dropped. Controllers behind the
//! BMC are slow and may be dead: as long as one has not answered, it is asked one question at a time, and one that kept
//! silent is not asked again. On a line, the BMC itself gets a second question, alone: it may have kept silent about
//! the one.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use ipmi_core::{Command, Error, Request, Response, Target};

use crate::{Bmc, Pending};

/// Questions under way to all controllers, and to one behind the BMC.
const MOST: usize = 64;
const MOST_TO_SATELLITE: usize = 4;
/// Planned questions looked at for one that may go out.
const HORIZON: usize = 256;

/// A command for a controller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    name: &'static str,
    target: Target,
    request: Request,
}

impl Question {
    /// The question `command` asks `target`.
    pub fn new<C: Command>(target: Target, command: &C) -> Self {
        Self { name: C::NAME, target, request: Request::of(command) }
    }
}

/// Questions and answers of one BMC.
pub struct Ahead {
    bmc: Bmc,
    planned: VecDeque<Question>,
    under_way: VecDeque<(Question, Pending)>,
    heard: HashSet<Target>,
    silent: HashSet<Target>,
    /// The BMC itself has not answered the last question it was asked.
    doubted: bool,
}

impl Ahead {
    /// No questions yet.
    pub fn new(bmc: Bmc) -> Self {
        let (heard, silent) = (HashSet::new(), HashSet::new());
        let bmc = bmc.together();
        Self { bmc, planned: VecDeque::new(), under_way: VecDeque::new(), heard, silent, doubted: false }
    }

    /// Says what will be asked, in this order.
    pub fn plan(&mut self, questions: impl IntoIterator<Item = Question>) {
        self.planned.extend(questions);
    }

    /// Forgets what was planned and not asked.
    pub fn clear(&mut self) {
        self.planned.clear();
        self.under_way.clear();
    }

    /// Asks a question, or takes the answer when it was asked ahead.
    ///
    /// # Errors
    /// Any [`Error`]; a controller that counts as silent is a [`Error::Timeout`] at once.
    pub fn ask<C: Command>(&mut self, target: Target, command: &C) -> Result<C::Response, Error> {
        self.response(Question::new(target, command))?.decode::<C>()
    }

    /// As [`ask`](Self::ask), whatever the completion code.
    ///
    /// # Errors
    /// [`Error::Timeout`] and [`Error::Transport`].
    pub fn response(&mut self, question: Question) -> Result<Response, Error> {
        let (name, target) = (question.name, question.target);
        if self.silent.contains(&target) {
            return Err(Error::Timeout { command: name, after: Duration::ZERO });
        }
        let pending = match self.under_way.iter().position(|(asked, _)| *asked == question) {
            Some(index) => self.under_way.remove(index).map(|(_, pending)| pending),
            None => {
                if let Some(index) = self.planned.iter().take(HORIZON).position(|planned| *planned == question) {
                    self.planned.remove(index);
                }
                None
            }
        };
        let pending = pending.unwrap_or_else(|| self.submit(&question));
        self.fill(target);
        let response = pending.wait();
        match &response {
            Ok(_) => {
                self.heard.insert(target);
                self.doubted &= target != Target::Bmc;
            }
            // Over LAN, requests do not wait for each other, and a session that is lost is another error.
            Err(Error::Timeout { .. }) if target == Target::Bmc && !self.bmc.requests_queue() => {}
            Err(Error::Timeout { .. }) if target == Target::Bmc && !self.doubted => {
                self.doubted = true;
                // What waits in line behind it has failed with it, and is asked again when its turn comes.
                self.bmc = self.bmc.together();
                self.under_way.retain(|(asked, _)| asked.target != target);
            }
            Err(Error::Timeout { .. }) => {
                self.silent.insert(target);
                self.planned.retain(|planned| planned.target != target);
                self.under_way.retain(|(asked, _)| asked.target != target);
            }
            Err(_) => {}
        }
        response
    }

    fn submit(&self, question: &Question) -> Pending {
        self.bmc.submit_named(question.name, question.target, question.request.clone())
    }

    /// Sends planned questions as far as they may go out while `waited_for` is asked.
    fn fill(&mut self, waited_for: Target) {
        let mut index = 0;
        while self.under_way.len() < MOST && index < self.planned.len().min(HORIZON) {
            let target = self.planned.get(index).map(|question| question.target);
            if !target.is_some_and(|target| self.may_ask(target, waited_for)) {
                index += 1;
                continue;
            }
            let Some(question) = self.planned.remove(index) else { break };
            let pending = self.submit(&question);
            self.under_way.push_back((question, pending));
        }
    }

    fn may_ask(&self, target: Target, waited_for: Target) -> bool {
        if target == Target::Bmc {
            return !self.doubted;
        }
        let asked = self.under_way.iter().filter(|(asked, _)| asked.target == target).count();
        let asked = asked + usize::from(target == waited_for);
        asked < if self.heard.contains(&target) { MOST_TO_SATELLITE } else { 1 }
    }
}
