//! The walk from record to record, of SDR repository and SEL alike: each reply names the next record (Get SDR, IPMI 2.0
//! s33.12; Get SEL Entry, s31.5).
//!
//! Ids that come round again end it. Behind a record that cannot be read it goes on; see `skip.rs`.

use std::collections::HashSet;

use ipmi_core::command::storage::RecordId;
use ipmi_core::{CompletionCode, Error};

use super::guess::Guesses;
use super::skip::Skip;
use super::{Problem, concerns_record, is_link_error};

/// A store of records that name each other.
pub(super) trait Chain {
    /// One record.
    type Record;
    /// A reply asked for ahead of the chain.
    type Guess;

    /// Reads record `id`.
    fn step(&mut self, id: RecordId) -> Step<Self::Record>;

    /// The id a record says it has.
    fn id_of(record: &Self::Record) -> RecordId;

    /// What is asked for ahead, which learns from the walk how the records are numbered.
    fn guesses(&mut self) -> &mut Guesses<Self::Guess>;

    /// True when `record` shows that the store, said to hold `total`, goes on for ever.
    fn is_endless(_before: &[Self::Record], _total: usize, _record: &Self::Record) -> bool {
        false
    }
}

/// What became of one record.
pub(super) struct Step<R> {
    pub(super) result: Result<R, Error>,
    /// The next record, as far as a reply named it.
    pub(super) next: Option<RecordId>,
}

/// Where a walk begins and how far it goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extent {
    pub(super) start: RecordId,
    /// How many records the store holds, where the BMC says.
    pub(super) total: Option<usize>,
    /// How many are read at most.
    pub(super) most: usize,
}

impl Extent {
    /// How many records have neither been read nor found unreadable, where that is known. Amidst the store nobody knows
    /// how many were passed: all of them may be missing.
    fn missing<R>(&self, walked: &Walked<R>) -> Option<usize> {
        let passed = if self.is_whole() { walked.records.len() + walked.problems.len() } else { 0 };
        self.total.map(|total| total.saturating_sub(passed))
    }

    fn is_whole(&self) -> bool {
        self.start == RecordId::FIRST
    }
}

/// What a walk gave.
pub(super) struct Walked<R> {
    /// Records in the order of the chain.
    pub(super) records: Vec<R>,
    /// What could not be read.
    pub(super) problems: Vec<Problem>,
}

impl<R> Walked<R> {
    fn problem(&mut self, record: RecordId, reason: impl Into<String>) {
        self.problems.push(Problem { record, reason: reason.into() });
    }
}

/// Walks along `chain`. `progress` hears how many records are read.
///
/// # Errors
/// When the BMC cannot be reached, or refuses before the first record.
pub(super) fn walk<C: Chain>(
    chain: &mut C,
    extent: Extent,
    mut progress: impl FnMut(usize),
) -> Result<Walked<C::Record>, Error> {
    let mut walked = Walked { records: Vec::new(), problems: Vec::new() };
    let (mut seen, mut skip) = (HashSet::new(), Skip::default());
    let mut refusal = None;
    let mut id = extent.start;
    while walked.records.len() < extent.most {
        if !seen.insert(id) && skip.from().is_none() {
            walked.problem(id, "comes round again: the BMC's record ids form a loop");
            break;
        }
        let step = chain.step(id);
        // Looked for and not there; some BMCs give another record then.
        let is_absent = skip.from().is_some()
            && match &step.result {
                Ok(record) => {
                    let real = C::id_of(record);
                    real != id && walked.records.iter().any(|before| C::id_of(before) == real)
                }
                Err(error) => error.completion_code() == Some(CompletionCode::NOT_PRESENT),
            };
        if is_absent {
            match skip.candidate() {
                Some(candidate) => id = candidate,
                None => break,
            }
            continue;
        }
        if let Some(from) = skip.from() {
            chain.guesses().follow(from, id);
        }
        let mut real = id;
        match step.result {
            Ok(record) => {
                if id == RecordId::FIRST {
                    // 0000h stands for the first record; its real id must not come again either. Of the others the id
                    // asked for counts: some BMCs' headers carry wrong ones.
                    real = C::id_of(&record);
                    seen.insert(real);
                }
                if extent.total.is_some_and(|total| C::is_endless(&walked.records, total, &record)) {
                    walked.problem(id, "is one of those before: the BMC's chain of records does not end");
                    break;
                }
                walked.records.push(record);
            }
            // Nothing there, whatever the count said: cleared or deleted since, perhaps.
            Err(error) if id == RecordId::FIRST && error.completion_code() == Some(CompletionCode::NOT_PRESENT) => {
                break;
            }
            Err(error) if is_link_error(&error) => return Err(error),
            Err(error) if !concerns_record(&error) && walked.records.is_empty() => return Err(error),
            Err(error) => {
                // The first record is asked for again by its own id.
                if id != RecordId::FIRST || step.next.is_some() {
                    walked.problem(id, error.to_string());
                }
                if !concerns_record(&error) {
                    break;
                }
                refusal.get_or_insert((error, step.next.is_some()));
            }
        }
        progress(walked.records.len());
        match step.next {
            Some(RecordId::LAST) => break,
            Some(next) => {
                skip.found();
                chain.guesses().follow(real, next);
                id = next;
            }
            None => {
                skip.unreadable(id, chain.guesses().step());
                match skip.candidate() {
                    Some(candidate) if extent.missing(&walked) != Some(0) => id = candidate,
                    _ => break,
                }
            }
        }
    }
    match refusal {
        Some((error, false)) if walked.records.is_empty() => return Err(error),
        _ => {}
    }
    if skip.lost_the_chain()
        && extent.is_whole()
        && let (Some(total), Some(missing @ 1..)) = (extent.total, extent.missing(&walked))
    {
        walked.problem(id, format!("{missing} of {total} records were not found"));
    }
    Ok(walked)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Records by id, each with the id behind it or none; what is not there is refused.
    struct Store(Vec<(u16, Result<u16, CompletionCode>)>, Guesses<()>);

    impl Chain for Store {
        type Record = RecordId;
        type Guess = ();

        fn step(&mut self, id: RecordId) -> Step<RecordId> {
            let found = self.0.iter().find(|(own, _)| *own == id.0 || id == RecordId::FIRST);
            let refused = |code| {
                let (net_fn, cmd) = (ipmi_core::NetFn::STORAGE, 0x43);
                let error = Error::Completion { command: "Get SEL Entry", net_fn, cmd, code, text: None };
                Step { result: Err(error), next: None }
            };
            match found {
                Some((own, Ok(next))) => Step { result: Ok(RecordId(*own)), next: Some(RecordId(*next)) },
                Some((_, Err(code))) => refused(*code),
                None => refused(CompletionCode::NOT_PRESENT),
            }
        }

        fn id_of(record: &RecordId) -> RecordId {
            *record
        }

        fn guesses(&mut self) -> &mut Guesses<()> {
            &mut self.1
        }
    }

    fn store(records: &[(u16, Result<u16, CompletionCode>)]) -> Store {
        Store(records.to_vec(), Guesses::new(None, true))
    }

    fn walked(records: &[(u16, Result<u16, CompletionCode>)], extent: Extent) -> (Vec<u16>, Vec<String>) {
        let walked = walk(&mut store(records), extent, |_| {}).unwrap();
        let ids = walked.records.iter().map(|id| id.0).collect();
        (ids, walked.problems.iter().map(ToString::to_string).collect())
    }

    const WHOLE: Extent = Extent { start: RecordId::FIRST, total: Some(4), most: usize::MAX };
    const REFUSED: Result<u16, CompletionCode> = Err(CompletionCode::UNSPECIFIED);

    #[test]
    fn a_chain_is_followed_to_its_end() {
        let records = [(1, Ok(2)), (2, Ok(7)), (7, Ok(0xFFFF))];
        assert_eq!(walked(&records, WHOLE), (vec![1, 2, 7], vec![]));
        assert_eq!(walked(&records, Extent { most: 2, ..WHOLE }).0, [1, 2]);
        assert_eq!(walked(&records, Extent { start: RecordId(2), ..WHOLE }).0, [2, 7]);
        assert_eq!(walked(&[], WHOLE), (vec![], vec![]));
    }

    #[test]
    fn a_loop_ends() {
        for back in [1, 2] {
            let (ids, problems) = walked(&[(1, Ok(2)), (2, Ok(back))], WHOLE);
            assert_eq!((ids, problems.len()), (vec![1, 2], 1));
            assert!(problems[0].contains("form a loop"), "{problems:?}");
        }
    }

    #[test]
    fn behind_an_unreadable_record_it_goes_on() {
        let records = [(1, Ok(2)), (2, REFUSED), (3, Ok(4)), (4, Ok(0xFFFF))];
        let (ids, problems) = walked(&records, WHOLE);
        assert_eq!((ids, problems.len()), (vec![1, 3, 4], 1));
        let (ids, problems) = walked(&[(1, Ok(2)), (2, REFUSED)], WHOLE);
        assert_eq!(ids, [1]);
        assert!(problems[1].ends_with("2 of 4 records were not found"), "{problems:?}");
    }

    #[test]
    fn a_refusal_of_the_first_record_is_the_walks() {
        let error = walk(&mut store(&[(1, REFUSED)]), WHOLE, |_| {}).err().unwrap();
        assert_eq!(error.completion_code(), Some(CompletionCode::UNSPECIFIED));
    }
}
