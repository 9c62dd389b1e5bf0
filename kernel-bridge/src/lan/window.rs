//! How many requests may be under way at once in one session (IPMI 2.0 s13.6 allows 16; BMCs take fewer).
//!
//! The depth grows while answers come in time, falls when requests get lost or the BMC says that it is busy. Some BMCs
//! take one request at a time and drop what comes meanwhile: of several sent together they answer the first only. Once
//! that pattern shows, the depth stays at one and two are tried again only rarely.

/// Depth a session starts with.
const START: u32 = 2;
/// Largest depth: half of the window a receiver must accept, so that repetitions fit too.
const MOST: u32 = 8;
/// By how many the losses in company exceed the successes in company at a BMC that takes one request at a time.
/// Fewer would take a lossy network for one.
const PATTERN: i32 = 3;
/// As many successes in company are kept in mind: a BMC that takes one at a time has none, and on a lossy network a few
/// losses come in a row.
const CREDIT: i32 = 8;
/// Good answers before two are tried again; four times as many after each failed trial.
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
    /// The BMC takes one at a time, as far as is known.
    single: bool,
    probation: u64,
    /// Losses in company less successes in company.
    pattern: i32,
}

impl Default for Window {
    fn default() -> Self {
        Self { depth: START, good: 0, single: false, probation: FIRST_PROBATION, pattern: 0 }
    }
}

impl Window {
    /// For a BMC that is known to take one request at a time.
    pub fn one_at_a_time() -> Self {
        Self { depth: 1, single: true, ..Self::default() }
    }

    /// Requests that may be under way.
    pub fn depth(&self) -> usize {
        usize::try_from(self.depth).unwrap_or(1)
    }

    /// True when the BMC has shown that it takes one request at a time.
    pub fn is_one_at_a_time(&self) -> bool {
        self.single
    }

    /// True while it is not decided whether the BMC takes more than one after all.
    pub fn is_on_trial(&self) -> bool {
        !self.single && self.pattern > 0
    }

    /// A request was answered at its first sending; `in_company`: another one was sent just before it and was answered as
    /// well.
    pub fn answered(&mut self, in_company: bool) {
        self.good += 1;
        if in_company {
            self.pattern = (self.pattern - 1).max(-CREDIT);
            if self.pattern <= 0 {
                self.probation = FIRST_PROBATION;
            }
        }
        let needed = if self.single { self.probation } else { u64::from(self.depth) };
        if self.good < needed || self.depth == MOST {
            return;
        }
        self.good = 0;
        if self.single {
            // On trial: the first loss in company decides.
            self.single = false;
            self.pattern = PATTERN - 1;
            self.probation = (self.probation * 4).min(LONGEST_PROBATION);
        }
        self.depth += 1;
    }

    /// A request got lost; `in_company`: another one that was sent just before it was answered.
    pub fn lost(&mut self, in_company: bool) {
        self.good = 0;
        self.depth = (self.depth / 2).max(1);
        if in_company {
            self.pattern = (self.pattern + 1).min(PATTERN);
            if self.pattern >= PATTERN {
                self.single = true;
                self.depth = 1;
            }
        }
    }

    /// A request that counted as lost was not: its answer came late.
    pub fn was_late(&mut self) {
        self.pattern = (self.pattern - 1).max(-CREDIT);
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
