//! How long answers take, learnt from those that came, and how long the next one is worth waiting for (RFC 6298, with
//! Karn's rule for what was sent more than once).

use std::time::Duration;

/// Longest round trip that is believed.
const MOST: Duration = Duration::from_secs(10);
/// Round trips are alike up to this time.
const SHORT: Duration = Duration::from_millis(10);
/// Weight of what is known against a new sample: seven eighths of the time itself, three quarters of its deviation.
const WEIGHT: u32 = 8;
const WEIGHT_OF_DEVIATION: u32 = 4;

/// What is known of the round trip to a BMC, its work on a request included.
///
/// ```
/// use std::time::Duration;
/// use ipmi_core::link::console::RoundTrip;
/// let mut round_trip = RoundTrip::default();
/// assert_eq!(round_trip.patience(), Duration::ZERO);
/// round_trip.measured(Duration::from_secs(3));
/// assert_eq!(round_trip.patience(), Duration::from_secs(6));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoundTrip {
    smooth: Option<Duration>,
    deviation: Duration,
    /// Longest time it may have taken where it cannot be told which of several sendings was answered.
    held: Option<Duration>,
}

impl RoundTrip {
    /// Something that was sent once was answered after `sample`.
    pub fn measured(&mut self, sample: Duration) {
        let sample = sample.min(MOST);
        self.held = None;
        match self.smooth {
            None => (self.smooth, self.deviation) = (Some(sample), sample / WEIGHT_OF_DEVIATION),
            Some(smooth) => {
                let off = smooth.abs_diff(sample);
                self.deviation = (self.deviation * (WEIGHT_OF_DEVIATION - 1) + off) / WEIGHT_OF_DEVIATION;
                self.smooth = Some((smooth * (WEIGHT - 1) + sample) / WEIGHT);
            }
        }
    }

    /// Something that was sent more than once was answered, `first` after the first time and `last` after the last one.
    /// Unless the latter is what was measured before, it may have taken that long, and counts until a round trip is
    /// measured.
    pub fn ambiguous(&mut self, first: Duration, last: Duration) {
        if !self.smooth.is_some_and(|smooth| last >= smooth / 2 && last <= smooth.max(SHORT) * 2) {
            self.at_most(first);
        }
    }

    /// Something took `longest` or less. It counts until a round trip is measured.
    pub fn at_most(&mut self, longest: Duration) {
        self.held = Some(longest.min(MOST));
    }

    /// How long an answer is worth waiting for: twice the round trip, more when it varies. Zero when nothing is known.
    pub fn patience(&self) -> Duration {
        let smooth = self.smooth.unwrap_or_default();
        let usual = smooth + smooth.max(self.deviation * WEIGHT_OF_DEVIATION);
        usual.max(self.held.map_or(Duration::ZERO, |held| held + held / 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_steady_round_trip_is_waited_for_twice() {
        let mut round_trip = RoundTrip::default();
        for _ in 0..20 {
            round_trip.measured(SECOND);
            assert_eq!(round_trip.patience(), SECOND * 2);
        }
    }

    #[test]
    fn a_round_trip_that_grows_is_followed_at_once() {
        let mut round_trip = RoundTrip::default();
        round_trip.measured(SECOND / 100);
        round_trip.measured(SECOND * 3);
        assert!(round_trip.patience() > SECOND * 3, "{:?}", round_trip.patience());
        for _ in 0..100 {
            round_trip.measured(SECOND * 3);
            assert!(round_trip.patience() > SECOND * 3, "{:?}", round_trip.patience());
        }
        assert!(round_trip.patience() < SECOND * 7, "{:?}", round_trip.patience());
    }

    #[test]
    fn what_was_sent_twice_counts_until_something_is_measured() {
        let mut round_trip = RoundTrip::default();
        round_trip.ambiguous(SECOND * 2, SECOND);
        assert_eq!(round_trip.patience(), SECOND * 3);
        round_trip.measured(SECOND / 2);
        assert_eq!(round_trip.patience(), SECOND);
    }

    #[test]
    fn an_answer_to_the_last_of_several_sendings_is_known_by_its_time() {
        let mut round_trip = RoundTrip::default();
        round_trip.measured(SECOND / 10);
        round_trip.ambiguous(SECOND * 11 / 10, SECOND / 10);
        assert_eq!(round_trip.patience(), SECOND / 5);
        // Too soon after the last sending for an answer to it, or too late.
        for last in [SECOND / 100, SECOND] {
            let mut late = round_trip;
            late.ambiguous(SECOND * 2, last);
            assert_eq!(late.patience(), SECOND * 3, "{last:?}");
        }
    }

    #[test]
    fn nothing_is_waited_for_without_end() {
        let mut round_trip = RoundTrip::default();
        for sample in [Duration::ZERO, Duration::MAX, Duration::ZERO, Duration::MAX] {
            round_trip.measured(sample);
            round_trip.at_most(sample);
            assert!(round_trip.patience() <= MOST * 4, "{:?}", round_trip.patience());
        }
    }
}
