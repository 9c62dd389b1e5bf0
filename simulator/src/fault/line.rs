//! Datagrams, or anything else, that wait for the time they are due.

use std::collections::BTreeMap;
use std::time::Duration;

/// Most that wait; more are lost, as in a router's queue.
const LIMIT: usize = 65_536;

/// What is under way, by the time it arrives. Equal times keep the order of sending.
///
/// ```
/// use std::time::Duration;
/// use simulator::fault::line::DelayLine;
///
/// let ms = Duration::from_millis;
/// let mut line = DelayLine::default();
/// line.push(ms(20), "late");
/// line.push(ms(10), "soon");
/// assert_eq!(line.deadline(), Some(ms(10)));
/// assert_eq!(line.pop(ms(15)), Some("soon"));
/// assert_eq!(line.pop(ms(15)), None);
/// ```
#[derive(Debug, Clone)]
pub struct DelayLine<T> {
    waiting: BTreeMap<(Duration, u64), T>,
    count: u64,
}

impl<T> Default for DelayLine<T> {
    fn default() -> Self {
        Self { waiting: BTreeMap::new(), count: 0 }
    }
}

impl<T> DelayLine<T> {
    /// Lets `item` arrive at `at`.
    pub fn push(&mut self, at: Duration, item: T) {
        if self.waiting.len() < LIMIT {
            self.waiting.insert((at, self.count), item);
            self.count = self.count.wrapping_add(1);
        }
    }

    /// The next that has arrived by `now`.
    pub fn pop(&mut self, now: Duration) -> Option<T> {
        let first = self.waiting.first_entry().filter(|first| first.key().0 <= now)?;
        Some(first.remove())
    }

    /// When the next arrives.
    pub fn deadline(&self) -> Option<Duration> {
        self.waiting.first_key_value().map(|((at, _), _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_times_keep_the_order_and_the_queue_is_bounded() {
        let at = Duration::from_millis(1);
        let mut line = DelayLine::default();
        for n in 0..=LIMIT {
            line.push(at, n);
        }
        let out: Vec<usize> = std::iter::from_fn(|| line.pop(at)).collect();
        assert_eq!(out.len(), LIMIT);
        assert!(out.is_sorted());
        assert_eq!(line.deadline(), None);
    }
}
