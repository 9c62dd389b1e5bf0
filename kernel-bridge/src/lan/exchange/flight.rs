//! One request: waiting for its turn, then under way until it is answered, lost or given up.

use std::time::{Duration, Instant};

use ipmi_core::{Request, Target};

use super::Ticket;
use crate::lan::envelope::Envelope;
use crate::lan::repeatable::is_repeatable;

/// By how much the timeout grows with each sending.
const TIMEOUT_STEP: Duration = Duration::from_secs(1);
/// Times one request is sent again without waiting for the timeout.
const HASTY_SENDINGS: u32 = 3;

/// A request.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) ticket: Ticket,
    pub(super) target: Target,
    pub(super) request: Request,
    /// Times it was tried again after a transient code.
    pub(super) attempt: u32,
    /// It is repeated in a new session.
    pub(super) revived: bool,
    /// The BMC said that it has not carried it out.
    pub(super) refused: bool,
    pub(super) first_sent: Option<Instant>,
}

impl Entry {
    pub(super) fn new(ticket: Ticket, target: Target, request: Request) -> Self {
        Self { ticket, target, request, attempt: 0, revived: false, refused: false, first_sent: None }
    }
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) entry: Entry,
    pub(super) envelope: Envelope,
    pub(super) sequence: u8,
    repeatable: bool,
    /// Place of its last sending among all.
    pub(super) order: u64,
    pub(super) sent: Instant,
    /// When it was sent first under its sequence number.
    pub(super) begun: Instant,
    pub(super) deadline: Instant,
    /// When it counts as lost because one sent later was answered.
    pub(super) overtaken: Option<Instant>,
    /// When it counts as lost because one sent earlier was answered and nothing came since.
    left_behind: Option<Instant>,
    /// Sendings that ran into the timeout, and sendings ahead of it.
    pub(super) timeouts: u32,
    pub(super) hasty: u32,
    /// Another one was answered since it was sent.
    pub(super) company: bool,
}

/// When others count as lost after one was answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Suspicion {
    /// Those that were sent earlier.
    pub(super) overtaken: Instant,
    /// Those that were sent later, unless something comes before.
    pub(super) left_behind: Instant,
}

impl Flight {
    /// A request that is sent, as number `order` of all sendings.
    pub(super) fn new(
        entry: Entry,
        envelope: Envelope,
        sequence: u8,
        order: u64,
        now: Instant,
        timeout: Duration,
    ) -> Self {
        Self {
            repeatable: is_repeatable(&entry.request) && !envelope.is_bridged(),
            entry: Entry { first_sent: entry.first_sent.or(Some(now)), ..entry },
            envelope,
            sequence,
            order,
            sent: now,
            begun: now,
            deadline: now + timeout,
            overtaken: None,
            left_behind: None,
            timeouts: 0,
            hasty: 0,
            company: false,
        }
    }

    pub(super) fn is_first_sending(&self) -> bool {
        self.timeouts == 0 && self.hasty == 0
    }

    /// When it counts as lost.
    pub(super) fn due(&self) -> Instant {
        [self.overtaken, self.left_behind].into_iter().flatten().fold(self.deadline, Instant::min)
    }

    /// Request number `order` was answered; `first`: at its first sending.
    pub(super) fn another_answered(&mut self, order: u64, first: bool, suspicion: Suspicion) {
        self.company |= first && self.order > order;
        if !self.repeatable || self.hasty >= HASTY_SENDINGS {
            return;
        }
        if self.order < order {
            self.overtaken.get_or_insert(suspicion.overtaken);
        } else {
            self.left_behind = Some(suspicion.left_behind);
        }
    }

    /// It counts as lost.
    pub(super) fn lost(&mut self, now: Instant) {
        if self.deadline <= now {
            self.timeouts += 1;
        } else {
            self.hasty += 1;
        }
    }

    /// It is sent again, as number `order` of all sendings. It waits for the timeout and a second more each time, or
    /// for `patience`, twice that once it was waited for in vain.
    pub(super) fn again(&mut self, order: u64, now: Instant, timeout: Duration, patience: Duration) {
        self.order = order;
        (self.overtaken, self.left_behind, self.company) = (None, None, false);
        let growing = timeout + TIMEOUT_STEP * self.timeouts;
        let patience = if self.timeouts > 0 { patience * 2 } else { patience };
        (self.sent, self.deadline) = (now, now + growing.max(patience));
    }
}
