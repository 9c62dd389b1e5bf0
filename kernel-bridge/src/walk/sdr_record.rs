//! Reads single sensor data records: whole, or in pieces where a BMC returns only so many bytes at once (Get SDR, IPMI
//! 2.0 s33.12; Get Device SDR, s35.3).
//!
//! The reservation is made when one is needed and made anew when it is lost.

use std::collections::VecDeque;

use ipmi_core::command::sensor::{GetDeviceSdr, ReserveDeviceSdr};
use ipmi_core::command::storage::{GetSdr, RecordId, ReservationId, ReserveSdrRepository, SdrPart, SdrPartRequest};
use ipmi_core::{Command, CompletionCode, Error, Lun, Request};

use super::chain::Step;
use super::guess::Guesses;
use super::sdr::{Record, Source};
use super::{REFUSAL_TRIES, RESERVATION_TRIES, is_link_error, is_reservation_lost, wants_fewer_bytes};
use crate::{Bmc, Pending};

/// Record id, version, type, length.
const HEADER: u8 = 5;
/// First try of a piece; small enough for every buffer seen but one.
const FIRST_PIECE: u8 = 32;
const SMALLEST_PIECE: u8 = 4;
/// Asks for a whole record.
pub(super) const WHOLE: u8 = 0xFF;
/// Pieces of one record under way.
const MOST_PIECES: usize = 8;
/// Guesses of which the rest is asked for too: half of those under way, so that nobody waits for a guess just made.
const GUESSES_BEGUN: usize = 4;

/// A walk from record to record.
pub(super) struct Walk<'a> {
    bmc: &'a Bmc,
    source: Source,
    reservation: ReservationId,
    /// Bytes asked for at once; [`WHOLE`] as long as the BMC can.
    piece: u8,
    /// A record came whole.
    whole_works: bool,
    /// The BMC refuses pieces that end beyond the record.
    header_first: bool,
    /// Pieces of that size come as they were asked for, so that several can be under way.
    piece_works: bool,
    /// A piece once came short: the offsets of those behind it cannot be known.
    pieces_vary: bool,
    pub(super) guesses: Guesses<Guess>,
}

/// Part of a record, asked for.
pub(super) struct Part {
    pending: Pending,
    source: Source,
}

impl Part {
    fn wait(self) -> Result<SdrPart, Error> {
        let response = self.pending.wait()?;
        match self.source {
            Source::Repository => response.decode::<GetSdr>(),
            Source::Device => response.decode::<GetDeviceSdr>(),
        }
    }
}

impl<'a> Walk<'a> {
    pub(super) fn new(bmc: &'a Bmc, source: Source, total: Option<usize>) -> Self {
        let (reservation, guesses) = (ReservationId::NONE, Guesses::new(total, true));
        Self {
            bmc,
            source,
            reservation,
            piece: WHOLE,
            whole_works: false,
            header_first: false,
            piece_works: false,
            pieces_vary: false,
            guesses,
        }
    }

    fn submit(&self, record: RecordId, offset: u8, count: u8) -> Part {
        let part = SdrPartRequest { reservation: self.reservation, record, offset, count };
        let (name, request) = match self.source {
            Source::Repository => (GetSdr::NAME, Request::of(&GetSdr { part })),
            Source::Device => (GetDeviceSdr::NAME, Request::of(&GetDeviceSdr { part, lun: Lun::BMC })),
        };
        let pending = self.bmc.submit_named(name, self.bmc.options().target, request);
        Part { pending, source: self.source }
    }

    /// The first bytes of several records, so many of each, without a reservation; or the first error.
    pub(super) fn starts<const N: usize>(&self, records: [(RecordId, u8); N]) -> Result<Vec<SdrPart>, Error> {
        records.map(|(record, count)| self.submit(record, 0, count)).into_iter().map(Part::wait).collect()
    }

    fn part(&self, record: RecordId, offset: u8, count: u8) -> Result<SdrPart, Error> {
        self.submit(record, offset, count).wait()
    }

    fn reserve(&mut self) -> Result<(), Error> {
        // What is under way carries the old reservation.
        self.guesses.forget();
        self.reservation = match self.source {
            Source::Repository => self.bmc.call(&ReserveSdrRepository)?,
            Source::Device => self.bmc.call(&ReserveDeviceSdr { lun: Lun::BMC })?,
        };
        Ok(())
    }

    /// Reads one record, from its start again whenever the reservation is lost.
    pub(super) fn record(&mut self, id: RecordId) -> Step<Record> {
        let (mut next, mut refused) = (None, 0);
        for _ in 0..RESERVATION_TRIES {
            match self.attempt(id, &mut next) {
                Err(error) if is_reservation_lost(&error) => {
                    if let Err(error) = self.reserve() {
                        return Step { result: Err(error), next };
                    }
                }
                Err(error) if error.completion_code().is_some_and(wants_fewer_bytes) && refused < REFUSAL_TRIES => {
                    refused += 1;
                }
                result => return Step { result, next },
            }
        }
        Step { result: Err(Error::ReservationLost { command: "Get SDR", times: RESERVATION_TRIES }), next }
    }

    fn attempt(&mut self, id: RecordId, next: &mut Option<RecordId>) -> Result<Record, Error> {
        if self.piece == WHOLE {
            match self.whole(id) {
                Ok(part) => {
                    *next = Some(part.next);
                    if let Some(record) = complete(&part.data) {
                        return Ok(record);
                    }
                }
                Err(error) if error.completion_code().is_some_and(wants_fewer_bytes) => {}
                Err(error) if is_link_error(&error) || is_reservation_lost(&error) => return Err(error),
                // A record that cannot be read whole may still tell by its header which one comes next.
                Err(error) => {
                    *next = self.part(id, 0, HEADER).ok().map(|part| part.next).or(*next);
                    return Err(error);
                }
            }
            self.piece = FIRST_PIECE;
            self.guesses.forget();
        }
        self.pieces(id, next)
    }

    /// A whole record in one read, while those that may come next are asked for too.
    fn whole(&mut self, id: RecordId) -> Result<SdrPart, Error> {
        let guess = match self.guesses.take(id) {
            Some(Guess::Asked(_, part)) => Some(part),
            _ => None,
        };
        let guessed = guess.is_some();
        let asked = guess.unwrap_or_else(|| self.submit(id, 0, WHOLE));
        self.guess(id, WHOLE);
        let mut result = match asked.wait() {
            // It was refused when nobody had said that it is there.
            Err(error) if guessed && error.completion_code() == Some(CompletionCode::NOT_PRESENT) => {
                self.guesses.refused();
                self.part(id, 0, WHOLE)
            }
            result => result,
        };
        // Where others came whole, the refusal may pass.
        let mut refused = 0;
        while self.whole_works && refused < REFUSAL_TRIES && wants_other_read(&result) {
            refused += 1;
            result = self.part(id, 0, WHOLE);
        }
        self.whole_works |= result.is_ok();
        result
    }

    /// Asks for the start of the records that may come next.
    fn guess(&mut self, id: RecordId, count: u8) {
        for ahead in self.guesses.wanted(id) {
            let part = self.submit(ahead, 0, count);
            self.guesses.asked(ahead, Guess::Asked(count, part));
        }
    }

    /// A first piece with the header, then the rest in pieces.
    fn pieces(&mut self, id: RecordId, next: &mut Option<RecordId>) -> Result<Record, Error> {
        if self.reservation == ReservationId::NONE {
            self.reserve()?;
        }
        let mut begun = self.begin(id, next)?;
        self.ask_rest(id, &mut begun);
        self.look_ahead(id);
        let mut refused = 0;
        while begun.bytes.len() < begun.whole {
            self.ask_rest(id, &mut begun);
            let found = begun.bytes.len();
            // Offsets have one byte: a record's last bytes may lie beyond what can be asked for.
            let Some((count, part)) = begun.under_way.pop_front() else {
                return Err(short("SDR", begun.whole, found));
            };
            match part.wait() {
                Ok(part) if part.data.is_empty() => return Err(short("SDR", begun.whole, found)),
                Ok(part) => {
                    refused = 0;
                    let as_asked = part.data.len() == usize::from(count);
                    begun.bytes.extend(part.data.iter().take(begun.whole - found));
                    self.piece_works |= as_asked && count == self.piece;
                    if !as_asked && begun.bytes.len() < begun.whole {
                        self.pieces_vary = true;
                        begun.ask_again();
                    }
                }
                // Where others of that size came, the refusal may pass.
                Err(error)
                    if error.completion_code().is_some_and(wants_fewer_bytes)
                        && self.piece_works
                        && refused < REFUSAL_TRIES =>
                {
                    refused += 1;
                    begun.ask_again();
                }
                Err(error) if error.completion_code().is_some_and(wants_fewer_bytes) && self.piece > SMALLEST_PIECE => {
                    self.shrink(count);
                    begun.ask_again();
                }
                Err(error) => return Err(error),
            }
        }
        complete(&begun.bytes).ok_or_else(|| short("SDR", begun.whole, begun.bytes.len()))
    }

    /// The start of a record, from a guess where there is one.
    fn begin(&mut self, id: RecordId, next: &mut Option<RecordId>) -> Result<Begun, Error> {
        let guess = self.guesses.take(id).map(|guess| self.advance(id, guess));
        match guess {
            Some(Guess::Begun(Ok(begun))) => {
                *next = Some(begun.next);
                return Ok(begun);
            }
            Some(Guess::Begun(Err(error))) if is_link_error(&error) || is_reservation_lost(&error) => {
                return Err(error);
            }
            // What was refused before the chain came here is asked again.
            Some(_) => self.guesses.refused(),
            None => {}
        }
        let (after, bytes) = self.first_piece(id)?;
        *next = Some(after);
        Begun::new(after, bytes)
    }

    /// Carries guesses that were asked some time ago on to the rest of their records, and asks for new ones.
    fn look_ahead(&mut self, id: RecordId) {
        let near = self.guesses.lift(GUESSES_BEGUN);
        let near = near.into_iter().map(|(id, guess)| (id, self.advance(id, guess))).collect();
        self.guesses.put_back(near);
        if self.piece_works && !self.pieces_vary && !self.header_first {
            self.guess(id, self.piece.max(HEADER));
        }
    }

    /// Waits for the first piece of a guess and asks for the rest.
    fn advance(&self, id: RecordId, guess: Guess) -> Guess {
        let Guess::Asked(count, part) = guess else { return guess };
        Guess::Begun(part.wait().and_then(|part| {
            let mut begun = Begun::new(part.next, part.data.into_iter().take(usize::from(count)).collect())?;
            self.ask_rest(id, &mut begun);
            Ok(begun)
        }))
    }

    /// Asks for pieces that are missing, several at once where their size is known to work.
    fn ask_rest(&self, id: RecordId, begun: &mut Begun) {
        let most = if self.piece_works && !self.pieces_vary { MOST_PIECES } else { 1 };
        while let Ok(offset) = u8::try_from(begun.asked)
            && begun.asked < begun.whole
            && begun.under_way.len() < most
        {
            let count = u8::try_from(begun.whole - begun.asked).unwrap_or(WHOLE - 1).min(self.piece);
            begun.under_way.push_back((count, self.submit(id, offset, count)));
            begun.asked += usize::from(count);
        }
    }
}

/// A record that was asked for before the chain came to it.
pub(super) enum Guess {
    /// So many bytes from its start.
    Asked(u8, Part),
    /// The start is there, or was refused.
    Begun(Result<Begun, Error>),
}

/// A record of which the start is there.
pub(super) struct Begun {
    next: RecordId,
    bytes: Vec<u8>,
    whole: usize,
    /// Bytes asked for so far.
    asked: usize,
    under_way: VecDeque<(u8, Part)>,
}

impl Begun {
    fn new(next: RecordId, mut bytes: Vec<u8>) -> Result<Self, Error> {
        let Some(&[_, _, _, _, length]) = bytes.first_chunk::<5>() else {
            return Err(short("SDR header", usize::from(HEADER), bytes.len()));
        };
        let whole = usize::from(HEADER) + usize::from(length);
        bytes.truncate(whole);
        let asked = bytes.len();
        Ok(Self { next, bytes, whole, asked, under_way: VecDeque::new() })
    }

    /// Gives up what is under way and begins behind what is there.
    fn ask_again(&mut self) {
        self.under_way.clear();
        self.asked = self.bytes.len();
    }
}

impl Walk<'_> {
    /// The start of a record: as much as one piece holds, or only the header where a BMC refuses to go beyond the end
    /// of a short record.
    fn first_piece(&mut self, id: RecordId) -> Result<(RecordId, Vec<u8>), Error> {
        let count = if self.header_first { HEADER } else { self.piece.max(HEADER) };
        let mut first = self.part(id, 0, count);
        let mut refused = 0;
        while self.piece_works && refused < REFUSAL_TRIES && wants_other_read(&first) {
            refused += 1;
            first = self.part(id, 0, count);
        }
        let part = match first {
            Err(error) if count > HEADER && error.completion_code().is_some_and(wants_fewer_bytes) => {
                let header = self.part(id, 0, HEADER)?;
                match header.data.get(4) {
                    Some(length) if HEADER.saturating_add(*length) < count => self.header_first = true,
                    _ => self.shrink(count),
                }
                SdrPart { data: header.data.into_iter().take(usize::from(HEADER)).collect(), ..header }
            }
            result => result?,
        };
        self.piece_works |= part.data.len() == usize::from(self.piece);
        Ok((part.next, part.data.into_iter().take(usize::from(count)).collect()))
    }

    /// Pieces of `count` bytes are too large.
    fn shrink(&mut self, count: u8) {
        self.piece = (count.min(self.piece) / 2).max(SMALLEST_PIECE);
        self.piece_works = false;
    }
}

/// True for a read that was refused and may be granted in another form, or at another time.
fn wants_other_read(result: &Result<SdrPart, Error>) -> bool {
    matches!(result, Err(error) if error.completion_code().is_some_and(wants_fewer_bytes))
}

/// The record at the start of `bytes`, when all of it is there.
fn complete(bytes: &[u8]) -> Option<Record> {
    let &[id0, id1, _, _, length] = bytes.first_chunk::<5>()?;
    let record = bytes.get(..usize::from(HEADER) + usize::from(length))?;
    Some(Record { id: RecordId::from_bytes([id0, id1]), bytes: record.to_vec() })
}

fn short(field: &'static str, expected: usize, found: usize) -> Error {
    let source = ipmi_core::ParseError::Truncated { field, expected, found };
    Error::Parse { command: "Get SDR", source }
}
