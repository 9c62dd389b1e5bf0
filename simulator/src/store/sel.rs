//! The system event log: record ids, reservations, erase in progress, overflow (IPMI 2.0 s31).

use std::time::Duration;

use ipmi_core::CompletionCode;

use super::record_id::{self, FIRST, id_of};
use super::reservation::Reservation;

/// Get SEL Entry, Add and Delete while the log is being erased.
pub const ERASE_IN_PROGRESS: CompletionCode = CompletionCode(0x81);
/// Bytes one record takes.
pub const RECORD_SIZE: usize = 16;

/// A 16-byte SEL record.
pub type Record = [u8; RECORD_SIZE];

/// The system event log of one controller.
#[derive(Debug, Clone)]
pub struct Sel {
    records: Vec<Record>,
    capacity: usize,
    next_id: u16,
    /// Operation support byte of Get SEL Info, without the overflow bit.
    pub support: u8,
    /// The log was full when an event came.
    pub overflow: bool,
    /// The reservation of this log.
    pub reservation: Reservation,
    /// Time of the most recent addition, `None` when unknown.
    pub last_add: Option<u32>,
    /// Time of the most recent erase, `None` when unknown.
    pub last_erase: Option<u32>,
    /// Seconds the SEL clock is ahead of the caller's clock.
    pub clock_offset: i64,
    erase_until: Option<Duration>,
    partial: Option<(u16, Vec<u8>)>,
}

impl Sel {
    /// An empty log for `capacity` records with the operation support byte of Get SEL Info.
    pub fn new(capacity: usize, support: u8) -> Self {
        Self {
            records: Vec::new(),
            capacity: capacity.clamp(1, 0xFFFD),
            next_id: 0,
            support,
            overflow: false,
            reservation: Reservation::default(),
            last_add: None,
            last_erase: None,
            clock_offset: 0,
            erase_until: None,
            partial: None,
        }
    }

    /// The records in order.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Most records the log holds.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The time on the SEL clock.
    pub fn time(&self, now: Duration) -> u32 {
        let seconds = i64::try_from(now.as_secs()).unwrap_or(i64::MAX).saturating_add(self.clock_offset);
        u32::try_from(seconds.rem_euclid(1 << 32)).unwrap_or(u32::MAX)
    }

    /// Sets the SEL clock.
    pub fn set_time(&mut self, time: u32, now: Duration) {
        self.clock_offset = i64::from(time) - i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    }

    /// True until an erase that began is over.
    pub fn is_erasing(&self, now: Duration) -> bool {
        self.erase_until.is_some_and(|until| now < until)
    }

    /// Requires that no erase is in progress.
    ///
    /// # Errors
    /// 81h while one is.
    pub fn require_idle(&self, now: Duration) -> Result<(), CompletionCode> {
        if self.is_erasing(now) { Err(ERASE_IN_PROGRESS) } else { Ok(()) }
    }

    /// Appends a record, gives it an id and, where its type has one, the time; cancels reservations.
    ///
    /// # Errors
    /// C4h when the log is full, which is remembered as overflow.
    pub fn add(&mut self, record: Record, now: Duration) -> Result<u16, CompletionCode> {
        let stamp = self.time(now);
        let [_, _, kind, ref rest @ ..] = record;
        let mut stamped = record;
        if kind == 0x02 || (0xC0..=0xDF).contains(&kind) {
            let (_, tail) = rest.split_at(4);
            for (byte, new) in stamped.iter_mut().skip(3).zip(stamp.to_le_bytes().iter().chain(tail)) {
                *byte = *new;
            }
        }
        let id = self.add_as_is(stamped)?;
        self.last_add = Some(stamp);
        Ok(id)
    }

    /// Appends a record with the timestamp it has: past events of a configuration or a saved state.
    ///
    /// # Errors
    /// C4h when the log is full.
    pub fn add_as_is(&mut self, mut record: Record) -> Result<u16, CompletionCode> {
        if self.records.len() >= self.capacity {
            self.overflow = true;
            return Err(CompletionCode::OUT_OF_SPACE);
        }
        self.reservation.cancel();
        let id = record_id::free(&self.records, self.next_id);
        self.next_id = id;
        for (byte, id_byte) in record.iter_mut().zip(id.to_le_bytes()) {
            *byte = id_byte;
        }
        self.records.push(record);
        Ok(id)
    }

    /// Puts back records with the ids they had. Used when a saved state is loaded.
    pub fn restore(&mut self, records: Vec<Record>, next_id: u16) {
        self.records = records;
        self.records.truncate(self.capacity);
        self.next_id = next_id;
    }

    /// The id given last, for a saved state.
    pub fn last_id(&self) -> u16 {
        self.next_id
    }

    /// The record with this id (0000h first, FFFFh last) and the id after it (FFFFh: none).
    ///
    /// # Errors
    /// CBh when there is no such record.
    pub fn get(&self, id: u16) -> Result<(&Record, u16), CompletionCode> {
        record_id::get(&self.records, id)
    }

    /// Removes a record and returns the id it had. The reservation stays, since no other record changes its id (s31.4).
    ///
    /// # Errors
    /// CBh when there is no such record.
    pub fn delete(&mut self, id: u16, now: Duration) -> Result<u16, CompletionCode> {
        let position = record_id::position(&self.records, id)?;
        let record = self.records.remove(position);
        self.last_erase = Some(self.time(now));
        Ok(id_of(record))
    }

    /// Starts an erase that takes `duration`; cancels reservations. The records are gone at once, but nothing can be
    /// read or added before the erase is over.
    pub fn clear(&mut self, now: Duration, duration: Duration) {
        self.records.clear();
        self.partial = None;
        self.overflow = false;
        self.reservation.cancel();
        self.last_erase = Some(self.time(now));
        self.erase_until = (!duration.is_zero()).then(|| now + duration);
    }

    /// One step of Partial Add SEL Entry (s31.7): `id` 0 begins a record. The flag says that the record was stored.
    ///
    /// # Errors
    /// CBh for an id that is not being added, C9h for an offset that does not continue it, C7h for more than 16 bytes
    /// or fewer at the end.
    pub fn partial_add(
        &mut self,
        id: u16,
        offset: u8,
        last: bool,
        bytes: &[u8],
        now: Duration,
    ) -> Result<(u16, bool), CompletionCode> {
        if id == FIRST {
            let id = record_id::free(&self.records, self.next_id);
            self.next_id = id.wrapping_sub(1);
            self.partial = Some((id, Vec::new()));
            return if offset == 0 {
                self.partial_add(id, 0, last, bytes, now)
            } else {
                Err(CompletionCode::PARAMETER_OUT_OF_RANGE)
            };
        }
        let Some((current, record)) = self.partial.as_mut().filter(|(current, _)| *current == id) else {
            return Err(CompletionCode::NOT_PRESENT);
        };
        if record.len() != usize::from(offset) {
            return Err(CompletionCode::PARAMETER_OUT_OF_RANGE);
        }
        let id = *current;
        record.extend_from_slice(bytes);
        if record.len() > RECORD_SIZE || (last && record.len() != RECORD_SIZE) {
            self.partial = None;
            return Err(CompletionCode::REQUEST_LENGTH_INVALID);
        }
        let whole = record.first_chunk::<RECORD_SIZE>().copied();
        match whole.filter(|_| last) {
            None => Ok((id, false)),
            Some(record) => {
                self.partial = None;
                self.add(record, now).map(|id| (id, true))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1_700_000_000);

    fn event(tag: u8) -> Record {
        [0, 0, 0x02, 0, 0, 0, 0, 0x20, 0, 4, 1, tag, 1, 0x57, 1, 2]
    }

    #[test]
    fn events_are_stamped_and_unstamped_oem_records_are_not() {
        let mut sel = Sel::new(4, 0x0A);
        sel.add(event(1), NOW).unwrap();
        let oem = [0, 0, 0xE0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13];
        sel.add(oem, NOW).unwrap();
        assert_eq!(sel.records()[0][3..7], 1_700_000_000_u32.to_le_bytes());
        assert_eq!(sel.records()[0][7..], event(1)[7..]);
        assert_eq!(sel.records()[1][3..], oem[3..]);
    }

    #[test]
    fn what_may_change_ids_cancels_reservations() {
        let mut sel = Sel::new(4, 0x0A);
        let id = sel.reservation.reserve();
        sel.add(event(1), NOW).unwrap();
        assert!(sel.reservation.require(id).is_err());
        let id = sel.reservation.reserve();
        sel.delete(1, NOW).unwrap();
        assert!(sel.reservation.require(id).is_ok());
        sel.clear(NOW, Duration::ZERO);
        assert!(sel.reservation.require(id).is_err());
    }

    #[test]
    fn a_full_log_refuses_and_remembers_the_overflow_until_cleared() {
        let mut sel = Sel::new(2, 0x0A);
        sel.add(event(1), NOW).unwrap();
        sel.add(event(2), NOW).unwrap();
        assert_eq!(sel.add(event(3), NOW), Err(CompletionCode::OUT_OF_SPACE));
        assert!(sel.overflow);
        sel.clear(NOW, Duration::ZERO);
        assert!(!sel.overflow);
        assert_eq!(sel.add(event(4), NOW), Ok(3));
    }

    #[test]
    fn an_erase_takes_its_time() {
        let mut sel = Sel::new(2, 0x0A);
        sel.clear(NOW, Duration::from_millis(20));
        assert_eq!(sel.require_idle(NOW), Err(ERASE_IN_PROGRESS));
        assert_eq!(sel.require_idle(NOW + Duration::from_millis(20)), Ok(()));
    }

    #[test]
    fn partial_add_stores_a_record_when_its_last_piece_came() {
        let mut sel = Sel::new(2, 0x0A);
        let whole = event(7);
        let (id, done) = sel.partial_add(0, 0, false, &whole[..10], NOW).unwrap();
        assert!(!done && sel.records().is_empty());
        assert_eq!(sel.partial_add(id, 10, true, &whole[10..], NOW), Ok((id, true)));
        assert_eq!(sel.get(id).unwrap().0[7..], whole[7..]);
        assert!(sel.partial_add(0, 0, true, &whole[..4], NOW).is_err());
    }

    #[test]
    fn the_clock_can_be_set() {
        let mut sel = Sel::new(2, 0x0A);
        sel.set_time(1000, NOW);
        assert_eq!(sel.time(NOW + Duration::from_secs(5)), 1005);
    }
}
