//! Reads, clears and prunes the system event log (IPMI 2.0 s31).
//!
//! Records are asked for before the one in front of them has named them; see `guess.rs`.

use std::time::Duration;

use ipmi_core::command::storage::{
    ClearAction, ClearSel, DeleteSelEntry, EraseProgress, GetSelInfo, RecordId, ReserveSel, SelInfo,
};
use ipmi_core::{Command, Error};

use super::chain::{Chain, Extent, Step, Walked, walk};
use super::guess::Guesses;
use super::sel_record::Walk;
use super::{ERASE_IN_PROGRESS, Problem, RESERVATION_TRIES, is_reservation_lost};
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
    if info.entries == 0 {
        return Ok(SelLog { info, records: Vec::new(), problems: Vec::new() });
    }
    let entries = usize::from(info.entries);
    let extent = Extent { start, total: Some(entries), most: usize::MAX };
    let Walked { records, problems } =
        walk(&mut Walk::new(bmc, entries, start), extent, |done| progress(done, entries))?;
    Ok(SelLog { info, records, problems })
}

impl Chain for Walk<'_> {
    type Record = Record;
    type Guess = Pending;

    fn step(&mut self, id: RecordId) -> Step<Record> {
        self.record(id)
    }

    fn id_of(record: &Record) -> RecordId {
        record.id
    }

    fn guesses(&mut self) -> &mut Guesses<Pending> {
        &mut self.guesses
    }
}

/// Reads one record ([`RecordId::LAST`] for the last one).
///
/// # Errors
/// As the BMC refuses, or when the record is not 16 bytes long.
pub fn read_record(bmc: &Bmc, id: RecordId) -> Result<Record, Error> {
    Walk::new(bmc, 1, id).record(id).result
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
