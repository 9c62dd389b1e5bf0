//! Sequence numbers of requests (rqSeq, six bits; IPMI 2.0 s13.8): given in turn, none twice while an answer to its
//! former user may still come.

use std::time::Instant;

const NUMBERS: u8 = 64;

/// What is known of one number.
#[derive(Debug, Clone, Copy, Default)]
struct Number {
    used: bool,
    /// Until when answers to its former user may come.
    quiet: Option<Instant>,
}

/// The sequence numbers of one session.
#[derive(Debug)]
pub(super) struct Sequences {
    numbers: [Number; NUMBERS as usize],
    last: u8,
}

impl Default for Sequences {
    fn default() -> Self {
        Self { numbers: [Number::default(); NUMBERS as usize], last: 0 }
    }
}

impl Sequences {
    /// The next free number; when all rest, the one that has rested longest; `None` when all are in use.
    pub(super) fn take(&mut self, now: Instant) -> Option<u8> {
        let in_turn = (1..=NUMBERS).map(|step| self.last.wrapping_add(step) % NUMBERS);
        let mut best: Option<(Option<Instant>, u8)> = None;
        for number in in_turn {
            let Some(state) = self.numbers.get(usize::from(number)).filter(|state| !state.used) else { continue };
            let quiet = state.quiet.filter(|until| *until > now);
            if best.is_none_or(|(until, _)| quiet < until) {
                best = Some((quiet, number));
            }
            if quiet.is_none() {
                break;
            }
        }
        let (_, number) = best?;
        self.last = number;
        if let Some(state) = self.numbers.get_mut(usize::from(number)) {
            *state = Number { used: true, quiet: None };
        }
        Some(number)
    }

    /// Gives a number back; answers to its user may come until `quiet`.
    pub(super) fn give_back(&mut self, number: u8, quiet: Option<Instant>) {
        if let Some(state) = self.numbers.get_mut(usize::from(number)) {
            *state = Number { used: false, quiet };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn in_turn_and_never_one_that_is_in_use() {
        let now = Instant::now();
        let mut sequences = Sequences::default();
        let taken: Vec<_> = (0..64).filter_map(|_| sequences.take(now)).collect();
        assert_eq!((taken.len(), taken[0], taken[63]), (64, 1, 0));
        assert_eq!(sequences.take(now), None);
        sequences.give_back(7, None);
        assert_eq!(sequences.take(now), Some(7));
    }

    #[test]
    fn resting_numbers_come_last() {
        let now = Instant::now();
        let mut sequences = Sequences::default();
        for second in 1..=3 {
            let number = sequences.take(now).unwrap();
            sequences.give_back(number, Some(now + Duration::from_secs(second)));
        }
        let others: Vec<_> = (0..61).filter_map(|_| sequences.take(now)).collect();
        assert!(others.iter().all(|number| !(1..=3).contains(number)), "{others:?}");
        assert_eq!(sequences.take(now), Some(1));
        assert_eq!(sequences.take(now + Duration::from_secs(9)), Some(2));
    }
}
