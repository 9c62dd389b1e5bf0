//! What a power sensor showed over time: since the start, and over the last hour (DCMI 1.5 s6.6.1).

use std::collections::VecDeque;
use std::time::Duration;

/// Time between samples.
pub const SAMPLING: Duration = Duration::from_secs(1);
/// Samples kept for averages over a period: an hour.
const KEPT: usize = 3600;

/// Lowest, highest and mean power, in watts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Lowest sample.
    pub minimum: u16,
    /// Highest sample.
    pub maximum: u16,
    /// Mean of the samples.
    pub average: u16,
}

/// Samples of a power sensor.
#[derive(Debug, Clone, Default)]
pub struct PowerStatistics {
    start: Option<Duration>,
    last: Duration,
    minimum: u16,
    maximum: u16,
    sum: u64,
    count: u64,
    recent: VecDeque<u16>,
}

impl PowerStatistics {
    /// True when it is time for [`PowerStatistics::sample`].
    pub fn is_due(&self, now: Duration) -> bool {
        self.start.is_none() || self.last + SAMPLING <= now
    }

    /// Takes a reading. The sensor showed it since the sample before: missed samples are made up for.
    pub fn sample(&mut self, watts: u16, now: Duration) {
        let missed = match self.start {
            None => {
                (self.start, self.minimum, self.last) = (Some(now), u16::MAX, now);
                1
            }
            Some(_) => {
                let missed = now.saturating_sub(self.last).as_secs();
                self.last += Duration::from_secs(missed);
                missed
            }
        };
        if missed == 0 {
            return;
        }
        self.minimum = self.minimum.min(watts);
        self.maximum = self.maximum.max(watts);
        self.sum = self.sum.saturating_add(u64::from(watts).saturating_mul(missed));
        self.count = self.count.saturating_add(missed);
        for _ in 0..usize::try_from(missed).unwrap_or(KEPT).min(KEPT) {
            if self.recent.len() >= KEPT {
                self.recent.pop_front();
            }
            self.recent.push_back(watts);
        }
    }

    /// Everything since the start, and how long that is.
    pub fn since_start(&self, now: Duration) -> (Summary, Duration) {
        let average = self.sum.checked_div(self.count).unwrap_or(0);
        let average = u16::try_from(average).unwrap_or(u16::MAX);
        let minimum = self.minimum.min(self.maximum);
        let period = self.start.map_or(Duration::ZERO, |start| now.saturating_sub(start));
        (Summary { minimum, maximum: self.maximum, average }, period)
    }

    /// The last `period`, or what there is of it.
    pub fn over(&self, period: Duration) -> Summary {
        let wanted = usize::try_from(period.as_secs()).unwrap_or(usize::MAX).max(1);
        let samples = || self.recent.iter().rev().take(wanted);
        let sum: u64 = samples().map(|watts| u64::from(*watts)).sum();
        let count = u64::try_from(samples().len()).unwrap_or(u64::MAX);
        Summary {
            minimum: samples().min().copied().unwrap_or(0),
            maximum: samples().max().copied().unwrap_or(0),
            average: u16::try_from(sum.checked_div(count).unwrap_or(0)).unwrap_or(u16::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(1000);

    #[test]
    fn minimum_maximum_and_mean_since_the_start_and_lately() {
        let mut statistics = PowerStatistics::default();
        assert_eq!(statistics.since_start(START).0, Summary { minimum: 0, maximum: 0, average: 0 });
        for (second, watts) in [(0, 100), (1, 300), (2, 200), (10, 200)] {
            let now = START + Duration::from_secs(second);
            assert!(statistics.is_due(now));
            statistics.sample(watts, now);
            assert!(!statistics.is_due(now));
        }
        let now = START + Duration::from_secs(10);
        let (all, period) = statistics.since_start(now);
        assert_eq!(all, Summary { minimum: 100, maximum: 300, average: (100 + 300 + 9 * 200) / 11 });
        assert_eq!(period, Duration::from_secs(10));
        assert_eq!(statistics.over(Duration::from_secs(5)), Summary { minimum: 200, maximum: 200, average: 200 });
        assert_eq!(statistics.over(Duration::from_secs(3600)), all);
    }

    #[test]
    fn a_long_pause_neither_takes_memory_nor_overflows() {
        let mut statistics = PowerStatistics::default();
        statistics.sample(u16::MAX, START);
        statistics.sample(u16::MAX, START + Duration::from_secs(u64::from(u32::MAX)));
        assert_eq!(statistics.recent.len(), KEPT);
        assert_eq!(statistics.over(Duration::from_secs(60)).average, u16::MAX);
    }
}
