//! Reads, clears and prunes the system event log (IPMI 2.0 s31).
//!
//! Records are asked for before the one in front of them has named them; see `guess.rs`.

use std::collections::HashSet;
use std::time::Duration;

use ipmi_core::command::storage::{
    ClearAction, ClearSel, DeleteSelEntry, EraseProgress, GetSelEntry, GetSelInfo, RecordId, ReservationId, ReserveSel,
    SelEntry, SelInfo,
};
use ipmi_core::{Command, CompletionCode, Error, Request};

use super::guess::Guesses;
use super::{Problem, RESERVATION_TRIES, is_link_error, is_reservation_lost};
use crate::{Bmc, Pending};

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
/// Reserve SEL, Clear SEL: an erase is under way.
const ERASE_IN_PROGRESS: CompletionCode = CompletionCode(0x81);
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
    let mut seen = HashSet::new();
    let mut id = start;
    loop {
        if !seen.insert(id) {
            let reason = "comes round again: the BMC's record ids form a loop".into();
            log.problems.push(Problem { record: id, reason });
            break;
        }
        let entry = match walk.entry(id) {
            Ok(entry) => entry,
            // The log was cleared, or the record deleted, since its id was learnt.
            Err(error) if error.completion_code() == Some(CompletionCode::NOT_PRESENT) && id == RecordId::FIRST => {
                break;
            }
            Err(error) if is_link_error(&error) || log.records.is_empty() => return Err(error),
            Err(error) => {
                log.problems.push(Problem { record: id, reason: error.to_string() });
                break;
            }
        };
        let mut real = id;
        match entry.record() {
            Some(bytes) => {
                let record = RecordId(u16::from_le_bytes([bytes[0], bytes[1]]));
                if id == RecordId::FIRST {
                    // 0000h stands for the first record; its real id must not come again either.
                    seen.insert(record);
                    real = record;
                }
                log.records.push(Record { id: record, bytes: *bytes });
            }
            None => {
                let reason = format!("expected 16 bytes, found {}", entry.data.len());
                log.problems.push(Problem { record: id, reason });
            }
        }
        progress(log.records.len(), usize::from(info.entries));
        if entry.next == RecordId::LAST {
            break;
        }
        walk.guesses.follow(real, entry.next);
        id = entry.next;
    }
    Ok(log)
}

struct Walk<'a> {
    bmc: &'a Bmc,
    reservation: ReservationId,
    guesses: Guesses<Pending>,
}

impl<'a> Walk<'a> {
    fn new(bmc: &'a Bmc, entries: usize, start: RecordId) -> Self {
        let guesses = Guesses::new(Some(entries), start == RecordId::FIRST);
        Self { bmc, reservation: ReservationId::NONE, guesses }
    }

    fn submit(&self, id: RecordId) -> Pending {
        let command = GetSelEntry { reservation: self.reservation, ..GetSelEntry::whole(id) };
        self.bmc.submit_named(GetSelEntry::NAME, self.bmc.options().target, Request::of(&command))
    }

    /// One record; whole records need no reservation, but some BMCs insist on one.
    fn entry(&mut self, id: RecordId) -> Result<SelEntry, Error> {
        let mut guess = self.guesses.take(id);
        for _ in 0..RESERVATION_TRIES {
            let guessed = guess.is_some();
            let asked = guess.take().unwrap_or_else(|| self.submit(id));
            for ahead in self.guesses.wanted(id) {
                let pending = self.submit(ahead);
                self.guesses.asked(ahead, pending);
            }
            match asked.wait()?.decode::<GetSelEntry>() {
                Err(error) if is_reservation_lost(&error) => {
                    // What is under way carries the old reservation.
                    self.guesses.forget();
                    self.reservation = self.bmc.call(&ReserveSel)?;
                }
                // It was refused when nobody had said that it is there.
                Err(error) if guessed && error.completion_code() == Some(CompletionCode::NOT_PRESENT) => {
                    self.guesses.refused();
                }
                result => return result,
            }
        }
        Err(Error::ReservationLost { command: GetSelEntry::NAME, times: RESERVATION_TRIES })
    }
}

/// Reads one record ([`RecordId::LAST`] for the last one).
///
/// # Errors
/// As the BMC refuses, or when the record is not 16 bytes long.
pub fn read_record(bmc: &Bmc, id: RecordId) -> Result<Record, Error> {
    let entry = Walk::new(bmc, 1, id).entry(id)?;
    let found = entry.data.len();
    let Some(bytes) = entry.record() else {
        let source = ipmi_core::ParseError::Truncated { field: "SEL record", expected: 16, found };
        return Err(Error::Parse { command: GetSelEntry::NAME, source });
    };
    Ok(Record { id: RecordId(u16::from_le_bytes([bytes[0], bytes[1]])), bytes: *bytes })
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
