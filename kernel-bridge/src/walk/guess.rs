//! Guesses which records come next, so that several reads are under way although each reply names only the next record
//! (Get SDR, IPMI 2.0 s33.12; Get SEL Entry, s31.5).
//!
//! The chain of replies stays the authority: a guess is only ever a reply that is there already when the chain arrives.
//! Most BMCs number records with one step, 1 or the size of a record. A guess that turns out wrong costs a request, so
//! there are never more of them under way than steps in a row that came out right, and after the first misses never
//! more than a small share of the records.

use ipmi_core::command::storage::RecordId;

/// Most guesses under way.
const MOST: usize = 8;
/// Equal steps in a row before the first guess.
const FIRST_GUESS: usize = 2;
/// A larger step is a jump to somewhere else.
const LONGEST_STEP: u16 = 0x1000;
/// Of this many records one guess may be wasted, and at least [`LEAST_ALLOWANCE`].
const RECORDS_PER_WASTED: usize = 33;
const LEAST_ALLOWANCE: usize = 2;
/// Where the walk does not begin at the first record nobody knows how many are left: of this many steps one may be
/// wasted.
const STEPS_PER_GUESS: usize = 16;

/// Replies asked for ahead of the chain, by record id.
pub(super) struct Guesses<P> {
    /// Records the BMC says it holds; without that number nothing is guessed.
    total: usize,
    /// The walk began at the first record.
    from_start: bool,
    /// Records the chain has passed.
    passed: usize,
    asked: Vec<(RecordId, P)>,
    step: u16,
    streak: usize,
    wasted: usize,
}

impl<P> Guesses<P> {
    /// For a walk over `total` records, from the first one or from somewhere among them.
    pub(super) fn new(total: Option<usize>, from_start: bool) -> Self {
        let total = total.unwrap_or_default();
        Self { total, from_start, passed: 0, asked: Vec::new(), step: 0, streak: 0, wasted: 0 }
    }

    /// The reply to a guess, when this record was guessed.
    pub(super) fn take(&mut self, id: RecordId) -> Option<P> {
        let index = self.asked.iter().position(|(guess, _)| *guess == id)?;
        Some(self.asked.remove(index).1)
    }

    /// The records to ask for while `id` is waited for.
    pub(super) fn wanted(&self, id: RecordId) -> Vec<RecordId> {
        let mut wanted = Vec::new();
        let window = self.window();
        for ahead in 1..=u16::try_from(window).unwrap_or_default() {
            let under_way = self.asked.len() + wanted.len();
            if under_way >= window || self.passed + 1 + under_way >= self.total {
                break;
            }
            let guess = self.step.checked_mul(ahead).and_then(|distance| id.0.checked_add(distance)).map(RecordId);
            match guess.filter(|guess| *guess != RecordId::LAST) {
                Some(guess) if self.asked.iter().any(|(asked, _)| *asked == guess) => {}
                Some(guess) => wanted.push(guess),
                None => break,
            }
        }
        wanted
    }

    /// The distance between the last two ids; 0 when there were none.
    pub(super) fn step(&self) -> u16 {
        self.step
    }

    /// How many guesses may be under way.
    fn window(&self) -> usize {
        if self.streak < FIRST_GUESS {
            return 0;
        }
        let right = if self.from_start { self.streak } else { self.streak / STEPS_PER_GUESS };
        let allowance = match self.wasted {
            0 => MOST,
            wasted => (self.total / RECORDS_PER_WASTED).max(LEAST_ALLOWANCE).saturating_sub(wasted),
        };
        right.min(MOST).min(allowance)
    }

    /// A guess was sent.
    pub(super) fn asked(&mut self, id: RecordId, reply: P) {
        self.asked.push((id, reply));
    }

    /// The first guesses under way, to be given back by [`put_back`](Self::put_back).
    pub(super) fn lift(&mut self, count: usize) -> Vec<(RecordId, P)> {
        self.asked.drain(..count.min(self.asked.len())).collect()
    }

    /// Gives back what [`lift`](Self::lift) took.
    pub(super) fn put_back(&mut self, lifted: Vec<(RecordId, P)>) {
        self.asked.splice(..0, lifted);
    }

    /// The chain goes from one record to the next; guesses in between were wrong.
    pub(super) fn follow(&mut self, id: RecordId, next: RecordId) {
        self.passed += 1;
        let step = next.0.wrapping_sub(id.0);
        self.streak = match step {
            0 => 0,
            _ if next == RecordId::LAST || step > LONGEST_STEP => 0,
            _ if step == self.step => self.streak + 1,
            _ => 1,
        };
        self.step = step;
        let before = self.asked.len();
        self.asked.retain(|(guess, _)| guess.0.wrapping_sub(id.0) >= step);
        self.wasted += before - self.asked.len();
    }

    /// A guess was refused although the record is there: it counts as wrong.
    pub(super) fn refused(&mut self) {
        self.wasted += 1;
        self.streak = 0;
    }

    /// Gives up what is under way: the reservation it was asked with is lost, or records cannot be read whole.
    pub(super) fn forget(&mut self) {
        self.wasted += self.asked.len();
        self.asked.clear();
        self.streak = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks over `ids` as a chain; gives how many guesses there were that the chain never came to, and the most under
    /// way at once.
    fn walk(ids: &[u16], total: usize) -> (usize, usize) {
        let mut guesses = Guesses::new(Some(total), true);
        let (mut sent, mut used, mut most) = (0, 0, 0);
        for (index, id) in ids.iter().enumerate() {
            let id = RecordId(*id);
            used += usize::from(guesses.take(id).is_some());
            for guess in guesses.wanted(id) {
                guesses.asked(guess, ());
                sent += 1;
            }
            most = most.max(guesses.asked.len());
            guesses.follow(id, ids.get(index + 1).map_or(RecordId::LAST, |next| RecordId(*next)));
        }
        (sent - used, most)
    }

    #[test]
    fn regular_ids_waste_nothing() {
        for step in [1, 16, 67] {
            let ids: Vec<u16> = (0..165).map(|index| 1 + index * step).collect();
            assert_eq!(walk(&ids, 165), (0, MOST), "step {step}");
        }
        assert_eq!(walk(&[1, 2], 2), (0, 0));
        assert_eq!(walk(&[0xFFFC, 0xFFFD, 0xFFFE], 300), (0, 0));
    }

    #[test]
    fn a_count_too_small_ends_guessing_and_one_too_large_costs_one_window() {
        let ids: Vec<u16> = (1..=165).collect();
        assert_eq!(walk(&ids, 100).0, 0);
        assert!(walk(&ids, 400).0 <= MOST);
        assert_eq!(walk(&ids, 0), (0, 0));
    }

    #[test]
    fn gaps_cost_at_most_a_small_share() {
        for every in 2..40 {
            let ids: Vec<u16> = (0..330_u16).map(|index| index + 1 + index / every * 2).collect();
            let (wasted, _) = walk(&ids, 330);
            assert!(wasted <= MOST.max(330 / RECORDS_PER_WASTED), "gap after every {every}: {wasted}");
        }
    }

    #[test]
    fn jumps_cost_at_most_one_window() {
        let ids: Vec<u16> = (1..80).chain(0x2000..0x2050).chain(0x300..0x340).collect();
        let (wasted, most) = walk(&ids, ids.len());
        assert!(wasted <= MOST && most == MOST, "{wasted} of {most}");
        let backwards: Vec<u16> = (1..100).rev().collect();
        assert_eq!(walk(&backwards, 99), (0, 0));
        let irregular: Vec<u16> = (1..100).map(|index| index * index).collect();
        assert_eq!(walk(&irregular, 99), (0, 0));
    }

    #[test]
    fn the_middle_of_a_log_is_guessed_with_care() {
        let mut guesses = Guesses::<()>::new(Some(500), false);
        for id in 300..310 {
            guesses.follow(RecordId(id), RecordId(id + 1));
        }
        assert_eq!(guesses.wanted(RecordId(310)), []);
        for id in 310..340 {
            guesses.follow(RecordId(id), RecordId(id + 1));
        }
        assert_eq!(guesses.wanted(RecordId(340)), [RecordId(341), RecordId(342)]);
    }

    #[test]
    fn refusals_and_lost_reservations_stop_guessing() {
        let mut guesses = Guesses::new(Some(100), true);
        for id in 1..10 {
            guesses.follow(RecordId(id), RecordId(id + 1));
        }
        for id in guesses.wanted(RecordId(10)) {
            guesses.asked(id, ());
        }
        guesses.forget();
        assert_eq!((guesses.take(RecordId(11)), guesses.wanted(RecordId(10))), (None, vec![]));
        guesses.refused();
        assert_eq!(guesses.window(), 0);
    }
}
