//! The way past a record that cannot be read and whose reply did not name the next one: the ids that come next if
//! records are numbered as before.
//!
//! Few ids are tried, and few unreadable records in a row borne.

use ipmi_core::command::storage::RecordId;

/// Ids tried behind one unreadable record.
const MOST_TRIED: u16 = 16;
/// Records in a row that are there and cannot be read.
const MOST_UNREADABLE: u32 = 4;

/// Where a walk looks for the next record.
#[derive(Debug, Default)]
pub(super) struct Skip {
    /// The record that did not name the next one, while that is looked for.
    from: Option<RecordId>,
    step: u16,
    tried: u16,
    unreadable: u32,
    lost_the_chain: bool,
}

impl Skip {
    /// The record behind which one is looked for, if one is.
    pub(super) fn from(&self) -> Option<RecordId> {
        self.from
    }

    /// Somewhere the walk went on without having been told where.
    pub(super) fn lost_the_chain(&self) -> bool {
        self.lost_the_chain
    }

    /// A record was read, or named the next one.
    pub(super) fn found(&mut self) {
        self.from = None;
        self.unreadable = 0;
    }

    /// Record `id` cannot be read, and those before it came in steps of `step` (0: not known).
    pub(super) fn unreadable(&mut self, id: RecordId, step: u16) {
        self.unreadable += 1;
        self.lost_the_chain = true;
        (self.from, self.step, self.tried) = (Some(id), step.max(1), 0);
    }

    /// The next id to try.
    pub(super) fn candidate(&mut self) -> Option<RecordId> {
        let from = self.from?;
        if self.tried >= MOST_TRIED || self.unreadable > MOST_UNREADABLE {
            return None;
        }
        self.tried += 1;
        let id = RecordId(from.0.wrapping_add(self.step.wrapping_mul(self.tried)));
        (id != RecordId::LAST && id != RecordId::FIRST).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(skip: &mut Skip) -> Vec<u16> {
        std::iter::from_fn(|| skip.candidate()).map(|id| id.0).collect()
    }

    #[test]
    fn ids_follow_as_before_up_to_a_bound() {
        let mut skip = Skip::default();
        assert_eq!((candidates(&mut skip), skip.lost_the_chain()), (vec![], false));
        for (id, step, first) in [(7, 0, [8, 9]), (7, 1, [8, 9]), (4, 67, [71, 138]), (50, 0xFFFF, [49, 48])] {
            skip.unreadable(RecordId(id), step);
            let tried = candidates(&mut skip);
            assert_eq!((&tried[..2], tried.len()), (&first[..], usize::from(MOST_TRIED)));
            assert_eq!((skip.from(), skip.lost_the_chain()), (Some(RecordId(id)), true));
            skip.found();
            assert_eq!((skip.candidate(), skip.lost_the_chain()), (None, true));
        }
        skip.unreadable(RecordId(0xFFFD), 1);
        assert_eq!(candidates(&mut skip), [0xFFFE]);
        skip.unreadable(RecordId(2), 0xFFFF);
        assert_eq!(candidates(&mut skip), [1]);
    }

    #[test]
    fn a_row_of_unreadable_records_ends() {
        let (mut skip, mut id, mut unreadable) = (Skip::default(), RecordId(1), 0);
        loop {
            skip.unreadable(id, 1);
            unreadable += 1;
            match skip.candidate() {
                Some(next) => id = next,
                None => break,
            }
        }
        assert_eq!(unreadable, MOST_UNREADABLE + 1);
        skip.found();
        skip.unreadable(id, 1);
        assert!(skip.candidate().is_some());
    }
}
