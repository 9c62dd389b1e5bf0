//! Reads, clears and prunes the system event log (IPMI 2.0 s31).
//!
//! Records are asked for before the one in front of them has named them; see `guess.rs`. Behind a record that cannot be
//! read the walk goes on; see `skip.rs`.

use std::collections::HashSet;
use std::time::Duration;

use ipmi_core::command::storage::{
    ClearAction, ClearSel, DeleteSelEntry, EraseProgress, GetSelEntry, GetSelInfo, RecordId, ReserveSel, SelInfo,
};
use ipmi_core::sel::RECORD_LEN;
use ipmi_core::{Command, CompletionCode, Error};

use super::sel_record::{Step, Walk};
use super::skip::Skip;
use super::{ERASE_IN_PROGRESS, Problem, RESERVATION_TRIES, concerns_record, is_link_error, is_reservation_lost};
use crate::Bmc;

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Id, as the record itself says.
    pub id: RecordId,
    /// All of it, the id included.
    pub bytes: [u8; 16],
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelLog {
    /// Get SEL Info, asked before the first record.
    pub info: SelInfo,
    /// Records in log order.
    pub records: Vec<Record>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// How long an erase is waited for, the time of the questions not counted.
const ERASE_TIME: Duration = Duration::from_secs(30);
const ERASE_POLL: Duration = Duration::from_millis(20);
const LONGEST_ERASE_POLL: Duration = Duration::from_millis(500);

/// Reads the log from record `start` ([`RecordId::FIRST`] for all of it) to its end. `progress` hears how many are
/// done and how many the log holds.
///
/// # Errors
/// When the BMC cannot be reached, or refuses before the first record.
pub fn read_log(bmc: &Bmc, start: RecordId, mut progress: impl FnMut(usize, usize)) -> Result<SelLog, Error> {
    let bmc = &bmc.together();
    let info = bmc.call(&GetSelInfo)?;
    let mut log = SelLog { info, records: Vec::new(), problems: Vec::new() };
    if info.entries == 0 {
        return Ok(log);
    }
    let mut walk = Walk::new(bmc, usize::from(info.entries), start);
    let (mut seen, mut skip) = (HashSet::new(), Skip::default());
    let mut first_refusal = None;
    let mut id = start;
    loop {
        if !seen.insert(id) && skip.from().is_none() {
            let reason = "comes round again: the BMC's record ids form a loop".into();
            log.problems.push(Problem { record: id, reason });
            break;
        }
        let Step { result, next } = walk.entry(id);
        // Looked for and not there; some BMCs give another record then.
        let is_absent = skip.from().is_some()
            && match &result {
                Ok(entry) => entry.record().is_some_and(|bytes| id_of(bytes) != id && log.holds(id_of(bytes))),
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
            walk.guesses.follow(from, id);
        }
        let mut real = id;
        match result {
            Ok(entry) => match entry.record() {
                Some(bytes) => {
                    let record = id_of(bytes);
                    if id == RecordId::FIRST {
                        // 0000h stands for the first record; its real id must not come again either.
                        seen.insert(record);
                        real = record;
                    }
                    log.records.push(Record { id: record, bytes: *bytes });
                }
                None => {
                    let reason = format!("expected {RECORD_LEN} bytes, found {}", entry.data.len());
                    log.problems.push(Problem { record: id, reason });
                }
            },
            // The log was cleared, or the record deleted, since its id was learnt.
            Err(error) if error.completion_code() == Some(CompletionCode::NOT_PRESENT) && id == RecordId::FIRST => {
                break;
            }
            Err(error) if is_link_error(&error) => return Err(error),
            Err(error) if !concerns_record(&error) && log.records.is_empty() => return Err(error),
            Err(error) => {
                // The first record is asked for again by its own id.
                if id != RecordId::FIRST || next.is_some() {
                    log.problems.push(Problem { record: id, reason: error.to_string() });
                }
                if !concerns_record(&error) {
                    break;
                }
                first_refusal.get_or_insert(error);
            }
        }
        progress(log.records.len(), usize::from(info.entries));
        match next {
            Some(RecordId::LAST) => break,
            Some(next) => {
                skip.found();
                walk.guesses.follow(real, next);
                id = next;
            }
            None => {
                skip.unreadable(id, walk.guesses.step());
                match skip.candidate() {
                    Some(candidate) if log.missing(start) > 0 => id = candidate,
                    _ => break,
                }
            }
        }
    }
    match first_refusal {
        Some(error) if log.records.is_empty() => return Err(error),
        _ => {}
    }
    if skip.lost_the_chain() && log.missing(start) > 0 && start == RecordId::FIRST {
        let reason = format!("{} of {} records were not found", log.missing(start), info.entries);
        log.problems.push(Problem { record: id, reason });
    }
    Ok(log)
}

impl SelLog {
    fn holds(&self, id: RecordId) -> bool {
        self.records.iter().any(|record| record.id == id)
    }

    /// How many records have neither been read nor found unreadable; from amidst the log, as many as there are at most.
    fn missing(&self, start: RecordId) -> usize {
        let passed = if start == RecordId::FIRST { self.records.len() + self.problems.len() } else { 0 };
        usize::from(self.info.entries).saturating_sub(passed)
    }
}

/// The id a record says it has.
fn id_of(&[low, high, ..]: &[u8; RECORD_LEN]) -> RecordId {
    RecordId::from_bytes([low, high])
}

/// Reads one record ([`RecordId::LAST`] for the last one).
///
/// # Errors
/// As the BMC refuses, or when the record is not 16 bytes long.
pub fn read_record(bmc: &Bmc, id: RecordId) -> Result<Record, Error> {
    let entry = Walk::new(bmc, 1, id).entry(id).result?;
    let found = entry.data.len();
    let Some(bytes) = entry.record() else {
        let source = ipmi_core::ParseError::Truncated { field: "SEL record", expected: RECORD_LEN, found };
        return Err(Error::Parse { command: GetSelEntry::NAME, source });
    };
    Ok(Record { id: id_of(bytes), bytes: *bytes })
}

/// Erases the log and waits until that is done.
///
/// # Errors
/// As the BMC refuses; [`Error::Timeout`] when the erase does not end.
pub fn clear(bmc: &Bmc) -> Result<(), Error> {
    let mut waited = Duration::ZERO;
    let mut wait = ERASE_POLL;
    let mut reservation = bmc.call(&ReserveSel)?;
    let mut action = ClearAction::Initiate;
    let mut lost = 0;
    loop {
        match bmc.call(&ClearSel { reservation, action }) {
            Ok(EraseProgress::Completed) => return Ok(()),
            Ok(_) => {}
            // The answer that said so was lost, and the request sent again.
            Err(error) if is_erasing(&error) => {}
            Err(error) if is_reservation_lost(&error) && lost < RESERVATION_TRIES => {
                // An event came in between, or the erase itself ended the reservation.
                lost += 1;
                match bmc.call(&ReserveSel) {
                    Err(error) if is_erasing(&error) => {}
                    result => {
                        reservation = result?;
                        continue;
                    }
                }
            }
            Err(error) if is_reservation_lost(&error) => {
                return Err(Error::ReservationLost { command: ClearSel::NAME, times: lost });
            }
            Err(error) => return Err(error),
        }
        action = ClearAction::Status;
        if waited > ERASE_TIME {
            return Err(Error::Timeout { command: ClearSel::NAME, after: waited });
        }
        bmc.pause(wait);
        waited += wait;
        wait = (wait * 2).min(LONGEST_ERASE_POLL);
    }
}

fn is_erasing(error: &Error) -> bool {
    error.completion_code() == Some(ERASE_IN_PROGRESS)
}

/// Deletes one record; gives the id of the record deleted.
///
/// # Errors
/// As the BMC refuses.
pub fn delete(bmc: &Bmc, record: RecordId) -> Result<RecordId, Error> {
    for _ in 0..RESERVATION_TRIES {
        let reservation = bmc.call(&ReserveSel)?;
        match bmc.call(&DeleteSelEntry { reservation, record }) {
            Err(error) if is_reservation_lost(&error) => {}
            result => return result,
        }
    }
    Err(Error::ReservationLost { command: DeleteSelEntry::NAME, times: RESERVATION_TRIES })
}
