//! How many requests may be under way at once in one session (IPMI 2.0 s13.6 allows 16; BMCs take fewer).
//!
//! The depth grows while answers come in time, falls when requests get lost or the BMC says that it is busy. Some BMCs
//! take one request at a time and drop what comes meanwhile: of several sent together they answer the first only. Once
//! that pattern shows, the depth is one. A bad network can show it as well: two are tried again soon a few times, and
//! only when that fails each time the BMC is known for it, and two are tried again rarely.

/// Depth a session starts with.
const START: u32 = 2;
/// Largest depth: half of the window a receiver must accept, so that repetitions fit too.
const MOST: u32 = 8;
/// By how many the losses in company exceed the successes in company at a BMC that takes one request at a time.
/// Fewer would take a lossy network for one.
const PATTERN: u32 = 3;
/// Trials of two that fail in a row before the BMC is known to take one request at a time.
const TRIALS: u32 = 3;
/// Good answers before each of them.
const SHORT_PROBATION: u64 = 2;
/// Good answers before two are tried again then; four times as many after each failed trial.
const FIRST_PROBATION: u64 = 64;
const LONGEST_PROBATION: u64 = 1 << 20;

/// The depth of one session.
///
/// ```
/// use kernel_bridge::lan::Window;
/// let mut window = Window::default();
/// assert_eq!(window.depth(), 2);
/// window.answered(true);
/// window.answered(true);
/// assert_eq!(window.depth(), 3);
/// window.lost(false);
/// assert_eq!(window.depth(), 1);
/// ```
#[derive(Debug, Clone)]
pub struct Window {
    depth: u32,
    /// Good answers since the depth last changed.
    good: u64,
    /// The BMC seems to take one at a time.
    single: bool,
    /// Two are tried again.
    trial: bool,
    /// Trials that failed.
    failed: u32,
    pattern: u32,
}

impl Default for Window {
    fn default() -> Self {
        Self { depth: START, good: 0, single: false, trial: false, failed: 0, pattern: 0 }
    }
}

impl Window {
    /// For a BMC that is known to take one request at a time.
    pub fn one_at_a_time() -> Self {
        Self { depth: 1, single: true, failed: TRIALS, ..Self::default() }
    }

    /// Requests that may be under way.
    pub fn depth(&self) -> usize {
        usize::try_from(self.depth).unwrap_or(1)
    }

    /// True when the BMC has shown that it takes one request at a time.
    pub fn is_one_at_a_time(&self) -> bool {
        self.single && self.failed >= TRIALS
    }

    /// Good answers before two are tried again.
    fn probation(&self) -> u64 {
        match self.failed.checked_sub(TRIALS) {
            None => SHORT_PROBATION,
            Some(more) => FIRST_PROBATION.saturating_mul(4u64.saturating_pow(more)).min(LONGEST_PROBATION),
        }
    }

    /// True while it is not decided whether the BMC takes more than one after all.
    pub fn is_on_trial(&self) -> bool {
        !self.single && self.pattern > 0
    }

    /// A request was answered at its first sending; `in_company`: another one was under way with it and was answered
    /// as well.
    pub fn answered(&mut self, in_company: bool) {
        self.good += 1;
        if in_company {
            self.pattern = self.pattern.saturating_sub(1);
            if self.pattern == 0 {
                (self.trial, self.failed) = (false, 0);
            }
        }
        let needed = if self.single { self.probation() } else { u64::from(self.depth) };
        if self.good < needed || self.depth == MOST {
            return;
        }
        self.good = 0;
        if self.single {
            // On trial: the first loss in company decides.
            (self.single, self.trial) = (false, true);
            self.pattern = PATTERN - 1;
        }
        self.depth += 1;
    }

    /// A request got lost; `in_company`: another one that was sent with it was answered.
    pub fn lost(&mut self, in_company: bool) {
        self.good = 0;
        self.depth = (self.depth / 2).max(1);
        if in_company {
            self.pattern += 1;
            if self.pattern >= PATTERN {
                self.failed += u32::from(self.trial);
                (self.single, self.trial, self.depth) = (true, false, 1);
            }
        }
    }

    /// The BMC said that it is busy.
    pub fn busy(&mut self) {
        self.good = 0;
        self.depth = 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_the_most_and_halves() {
        let mut window = Window::default();
        for _ in 0..100 {
            window.answered(true);
        }
        assert_eq!(window.depth(), 8);
        window.lost(true);
        assert_eq!(window.depth(), 4);
        window.busy();
        assert_eq!((window.depth(), window.is_one_at_a_time()), (1, false));
        window.answered(false);
        assert_eq!(window.depth(), 2);
    }

    #[test]
    fn stays_at_one_and_tries_again_ever_more_rarely() {
        let mut window = Window::default();
        for _ in 0..2 {
            window.lost(true);
            assert!(window.is_on_trial());
        }
        window.lost(true);
        for _ in 0..TRIALS {
            assert!(!window.is_one_at_a_time() && !window.is_on_trial());
            for _ in 0..SHORT_PROBATION {
                assert_eq!(window.depth(), 1);
                window.answered(false);
            }
            assert!(window.is_on_trial());
            window.lost(true);
        }
        assert!(window.is_one_at_a_time() && !window.is_on_trial());
        for round in [64, 256, 1024] {
            for _ in 0..round {
                assert_eq!(window.depth(), 1);
                window.answered(false);
            }
            assert_eq!(window.depth(), 2, "{round}");
            window.lost(true);
            assert!(window.is_one_at_a_time());
        }
        // A trial that goes well ends it.
        for _ in 0..4096 {
            window.answered(false);
        }
        window.answered(true);
        window.answered(true);
        assert_eq!(window.depth(), 3);
    }

    #[test]
    fn losses_between_successes_are_no_pattern() {
        let mut window = Window::default();
        for _ in 0..50 {
            window.lost(true);
            window.answered(true);
        }
        assert!(!window.is_one_at_a_time());
    }
}
