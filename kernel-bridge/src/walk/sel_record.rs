//! Reads single event records: whole, or in pieces where a BMC does not give them whole (Get SEL Entry, IPMI 2.0
//! s31.5).
//!
//! A refusal that may pass is asked again a few times. The reservation is made when one is needed and made anew when it
//! is lost.

use ipmi_core::command::storage::{GetSelEntry, RecordId, ReservationId, ReserveSel, SelEntry};
use ipmi_core::{Command, CompletionCode, Error, ParseError, Request};

use super::chain::Step;
use super::guess::Guesses;
use super::sel::Record;
use super::{REFUSAL_TRIES, RESERVATION_TRIES, is_reservation_lost, wants_fewer_bytes};
use crate::{Bmc, Pending};

const RECORD_LEN: u8 = ipmi_core::sel::RECORD_LEN as u8;
/// Pieces tried, one size after the other.
const PIECES: [u8; 2] = [8, 4];

/// A walk from record to record.
pub(super) struct Walk<'a> {
    bmc: &'a Bmc,
    reservation: ReservationId,
    /// Records come whole; else in pieces of this size.
    piece: Option<u8>,
    pub(super) guesses: Guesses<Pending>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(bmc: &'a Bmc, entries: usize, start: RecordId) -> Self {
        let guesses = Guesses::new(Some(entries), start == RecordId::FIRST);
        Self { bmc, reservation: ReservationId::NONE, piece: None, guesses }
    }

    fn submit(&self, record: RecordId, offset: u8, count: u8) -> Pending {
        let command = GetSelEntry { reservation: self.reservation, record, offset, count };
        self.bmc.submit_named(GetSelEntry::NAME, self.bmc.options().target, Request::of(&command))
    }

    fn reserve(&mut self) -> Result<(), Error> {
        // What is under way carries the old reservation.
        self.guesses.forget();
        self.reservation = self.bmc.call(&ReserveSel)?;
        Ok(())
    }

    /// One record.
    pub(super) fn record(&mut self, id: RecordId) -> Step<Record> {
        let mut next = None;
        let result = self.whole_or_pieces(id, &mut next);
        let next = result.as_ref().ok().map(|entry| entry.next).or(next);
        Step { result: result.and_then(|entry| complete(&entry)), next }
    }

    fn whole_or_pieces(&mut self, id: RecordId, next: &mut Option<RecordId>) -> Result<SelEntry, Error> {
        if let Some(piece) = self.piece {
            return self.pieces(id, piece, next);
        }
        let refused = match self.whole(id) {
            Err(error) if error.completion_code().is_some_and(wants_fewer_bytes) => error,
            result => return result,
        };
        for piece in PIECES {
            match self.pieces(id, piece, next) {
                Ok(entry) => {
                    self.piece = Some(piece);
                    self.guesses.forget();
                    return Ok(entry);
                }
                Err(error) if error.completion_code().is_some() => {}
                Err(error) => return Err(error),
            }
        }
        Err(refused)
    }

    /// A whole record in one read, while those that may come next are asked for too. It needs no reservation, but some
    /// BMCs insist on one.
    fn whole(&mut self, id: RecordId) -> Result<SelEntry, Error> {
        let mut guess = self.guesses.take(id);
        let (mut lost, mut refused) = (0, 0);
        loop {
            let guessed = guess.is_some();
            let asked = guess.take().unwrap_or_else(|| self.submit(id, 0, GetSelEntry::whole(id).count));
            for ahead in self.guesses.wanted(id) {
                let pending = self.submit(ahead, 0, GetSelEntry::whole(ahead).count);
                self.guesses.asked(ahead, pending);
            }
            match asked.wait()?.decode::<GetSelEntry>() {
                Err(error) if is_reservation_lost(&error) => self.lost(&mut lost)?,
                // It was refused when nobody had said that it is there.
                Err(error) if guessed && error.completion_code() == Some(CompletionCode::NOT_PRESENT) => {
                    self.guesses.refused();
                }
                Err(error) if error.completion_code().is_some_and(wants_fewer_bytes) && refused < REFUSAL_TRIES => {
                    refused += 1;
                }
                result => return result,
            }
        }
    }

    /// Makes the reservation anew, so many times.
    fn lost(&mut self, times: &mut u32) -> Result<(), Error> {
        *times += 1;
        if *times >= RESERVATION_TRIES {
            return Err(Error::ReservationLost { command: GetSelEntry::NAME, times: *times });
        }
        self.reserve()
    }

    /// A record in pieces.
    fn pieces(&mut self, id: RecordId, piece: u8, next: &mut Option<RecordId>) -> Result<SelEntry, Error> {
        if self.reservation == ReservationId::NONE {
            self.reserve()?;
        }
        let (mut lost, mut refused) = (0, 0);
        let mut entry = SelEntry { next: RecordId::LAST, data: Vec::new() };
        while let Ok(offset) = u8::try_from(entry.data.len())
            && offset < RECORD_LEN
        {
            let count = piece.min(RECORD_LEN - offset);
            match self.submit(id, offset, count).wait()?.decode::<GetSelEntry>() {
                // The record may be another one since.
                Err(error) if is_reservation_lost(&error) => {
                    self.lost(&mut lost)?;
                    entry.data.clear();
                }
                Err(error) if error.completion_code().is_some_and(wants_fewer_bytes) && refused < REFUSAL_TRIES => {
                    refused += 1;
                }
                Err(error) => return Err(error),
                Ok(part) => {
                    *next = Some(part.next);
                    entry.next = part.next;
                    // A BMC that knows no pieces gives all of it.
                    if offset == 0 && part.record().is_some() {
                        return Ok(part);
                    }
                    if part.data.is_empty() {
                        break;
                    }
                    entry.data.extend(part.data.into_iter().take(usize::from(count)));
                    refused = 0;
                }
            }
        }
        Ok(entry)
    }
}

fn complete(entry: &SelEntry) -> Result<Record, Error> {
    let Some(bytes) = entry.record() else {
        let (expected, found) = (usize::from(RECORD_LEN), entry.data.len());
        let source = ParseError::Truncated { field: "SEL record", expected, found };
        return Err(Error::Parse { command: GetSelEntry::NAME, source });
    };
    let &[low, high, ..] = bytes;
    Ok(Record { id: RecordId::from_bytes([low, high]), bytes: *bytes })
}
