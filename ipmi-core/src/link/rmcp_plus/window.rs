//! Session sequence numbers: counting out, and the sliding window for what comes in (IPMI 2.0 s6.12.13, s13.28.2).

/// Outbound sequence numbers: every packet, retries included, takes the next one; zero is never used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceCounter(u32);

impl SequenceCounter {
    /// Counts from `first`; zero becomes one.
    pub const fn starting_at(first: u32) -> Self {
        Self(if first == 0 { 1 } else { first })
    }

    /// The number for the next packet.
    pub const fn take(&mut self) -> u32 {
        let taken = self.0;
        *self = Self::starting_at(taken.wrapping_add(1));
        taken
    }
}

/// What the window says about a sequence number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// New and within the window.
    Accepted,
    /// Seen before.
    Duplicate,
    /// Too old to know.
    Behind,
    /// Further ahead than the specification lets a packet be. When its integrity code is right, packets were lost, and
    /// [`SequenceWindow::resume_at`] goes on from there.
    Ahead,
    /// Zero, which no packet inside a session carries.
    Zero,
}

/// The numbers lately received. Ask only for packets whose integrity code is right, or a forger can move the window.
///
/// ```
/// use ipmi_core::link::rmcp_plus::window::{SequenceWindow, Verdict};
/// let mut window = SequenceWindow::rmcp_plus();
/// assert_eq!(window.check(1), Verdict::Accepted);
/// assert_eq!(window.check(3), Verdict::Accepted);
/// assert_eq!(window.check(2), Verdict::Accepted);
/// assert_eq!(window.check(2), Verdict::Duplicate);
/// assert_eq!(window.check(0), Verdict::Zero);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceWindow {
    highest: u32,
    /// Bit n: `highest - n` was received.
    received: u32,
    below: u32,
    above: u32,
}

impl SequenceWindow {
    /// The window of an RMCP+ session: 16 below and 15 above the highest number received; the first number is one.
    pub const fn rmcp_plus() -> Self {
        Self { highest: 0, received: u32::MAX, below: 16, above: 15 }
    }

    /// The window of an IPMI 1.5 session: 8 below and 8 above. `first` is the number agreed at Activate Session.
    pub const fn ipmi_1_5(first: u32) -> Self {
        Self { highest: first.wrapping_sub(1), received: u32::MAX, below: 8, above: 8 }
    }

    /// Judges `sequence`, and remembers it when it is accepted.
    pub const fn check(&mut self, sequence: u32) -> Verdict {
        if sequence == 0 {
            return Verdict::Zero;
        }
        let ahead = sequence.wrapping_sub(self.highest);
        let behind = self.highest.wrapping_sub(sequence);
        if ahead != 0 && ahead <= self.above {
            self.received = self.received << ahead | 1;
            self.highest = sequence;
            return Verdict::Accepted;
        }
        if behind <= self.below {
            let bit = 1 << behind;
            if self.received & bit != 0 {
                return Verdict::Duplicate;
            }
            self.received |= bit;
            return Verdict::Accepted;
        }
        if ahead < 1 << 31 { Verdict::Ahead } else { Verdict::Behind }
    }

    /// Goes on at `sequence`, which counts as received; nothing before it will be accepted.
    pub const fn resume_at(&mut self, sequence: u32) {
        self.highest = sequence;
        self.received = u32::MAX;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn borders_of_both_windows() {
        let window = |mut window: SequenceWindow, highest| {
            window.resume_at(highest);
            window.received = 1;
            window
        };
        for (empty, below, above) in [(SequenceWindow::rmcp_plus(), 16, 15), (SequenceWindow::ipmi_1_5(1000), 8, 8)] {
            let at_1000 = window(empty, 1000);
            for (sequence, expected) in [
                (1000, Verdict::Duplicate),
                (1000 + above, Verdict::Accepted),
                (1001 + above, Verdict::Ahead),
                (1000 - below, Verdict::Accepted),
                (999 - below, Verdict::Behind),
            ] {
                assert_eq!({ at_1000 }.check(sequence), expected, "{sequence}");
            }
        }
    }

    #[test]
    fn nothing_before_the_first_number() {
        assert_eq!(SequenceWindow::rmcp_plus().check(u32::MAX), Verdict::Duplicate);
        assert_eq!(SequenceWindow::ipmi_1_5(5).check(4), Verdict::Duplicate);
        assert_eq!(SequenceWindow::ipmi_1_5(5).check(5), Verdict::Accepted);
    }

    #[test]
    fn numbers_wrap_and_leave_out_zero() {
        let mut counter = SequenceCounter::starting_at(u32::MAX);
        assert_eq!([counter.take(), counter.take()], [u32::MAX, 1]);
        let mut window = SequenceWindow::rmcp_plus();
        window.resume_at(u32::MAX - 1);
        assert_eq!(
            [window.check(u32::MAX), window.check(1), window.check(u32::MAX)].map(|v| v == Verdict::Accepted),
            [true, true, false]
        );
    }

    #[test]
    fn a_gap_is_told_and_resumed() {
        let mut window = SequenceWindow::rmcp_plus();
        assert_eq!(window.check(100), Verdict::Ahead);
        window.resume_at(100);
        assert_eq!(
            [window.check(99), window.check(100), window.check(101)],
            [Verdict::Duplicate, Verdict::Duplicate, Verdict::Accepted]
        );
    }

    proptest! {
        #[test]
        fn no_number_is_accepted_twice(numbers in proptest::collection::vec(1..80u32, 0..300)) {
            let (mut window, mut seen) = (SequenceWindow::rmcp_plus(), HashSet::new());
            for number in numbers {
                if window.check(number) == Verdict::Accepted {
                    prop_assert!(seen.insert(number));
                }
            }
        }
    }
}
