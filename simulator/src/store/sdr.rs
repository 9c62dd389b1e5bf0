//! The sensor data record store behind the SDR repository and the device SDR commands (IPMI 2.0 s33, s35.2-4).

use ipmi_core::CompletionCode;

use super::record_id::{self, FIRST, id_of};
use super::reservation::Reservation;

/// Bytes of an SDR header: record id, version, type, length.
const HEADER: usize = 5;
/// Operation support, bit 0: Get SDR Repository Allocation Info.
pub const SUPPORT_ALLOCATION: u8 = 0x01;
/// Operation support, bit 1: Reserve SDR Repository.
pub const SUPPORT_RESERVE: u8 = 0x02;
/// Operation support, bit 2: Partial Add SDR.
pub const SUPPORT_PARTIAL_ADD: u8 = 0x04;
/// Operation support, bit 3: Delete SDR.
pub const SUPPORT_DELETE: u8 = 0x08;
/// Operation support, bit 5: records can be changed while others read.
pub const SUPPORT_NON_MODAL: u8 = 0x20;
/// Most records kept: keeps a client that adds for ever from eating the host's memory.
const MAX_RECORDS: usize = 4096;

/// Sensor data records in repository order.
#[derive(Debug, Clone)]
pub struct SdrStore {
    records: Vec<Vec<u8>>,
    next_id: u16,
    /// Operation support byte of Get SDR Repository Info, without the overflow bit.
    pub support: u8,
    /// Bytes the store holds.
    pub capacity: usize,
    /// The reservation of this store.
    pub reservation: Reservation,
    /// Time of the most recent addition, 0 when nothing was added since the start.
    pub last_add: u32,
    /// Time of the most recent erase, 0 when nothing was erased since the start.
    pub last_erase: u32,
    /// Changed by a command: goes into a saved state.
    pub changed: bool,
    partial: Option<(u16, Vec<u8>)>,
}

impl Default for SdrStore {
    fn default() -> Self {
        Self {
            records: Vec::new(),
            next_id: 0,
            support: SUPPORT_RESERVE,
            capacity: 1 << 20,
            reservation: Reservation::default(),
            last_add: 0,
            last_erase: 0,
            changed: false,
            partial: None,
        }
    }
}

impl SdrStore {
    /// Number of records.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// True when there are no records.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The records in order.
    pub fn records(&self) -> impl Iterator<Item = &[u8]> {
        self.records.iter().map(Vec::as_slice)
    }

    /// Bytes the records take.
    pub fn bytes(&self) -> usize {
        self.records.iter().map(Vec::len).sum()
    }

    /// Appends a record under the next free id, written over the record's own, and returns the id.
    ///
    /// # Errors
    /// C7h for a record shorter than its header, C4h when the store is full.
    pub fn add(&mut self, record: &[u8]) -> Result<u16, CompletionCode> {
        if record.len() < HEADER {
            return Err(CompletionCode::REQUEST_LENGTH_INVALID);
        }
        if self.records.len() >= MAX_RECORDS || self.bytes() + record.len() > self.capacity {
            return Err(CompletionCode::OUT_OF_SPACE);
        }
        let id = record_id::free(&self.records, self.next_id);
        self.next_id = id;
        let mut record = record.to_vec();
        for (byte, id_byte) in record.iter_mut().zip(id.to_le_bytes()) {
            *byte = id_byte;
        }
        self.records.push(record);
        Ok(id)
    }

    /// Appends a record under the id it has, unless another record has that: then as [`SdrStore::add`] does.
    ///
    /// # Errors
    /// As [`SdrStore::add`].
    pub fn add_as_is(&mut self, record: &[u8]) -> Result<u16, CompletionCode> {
        let (id, next) = (id_of(record), self.next_id);
        if self.records.iter().any(|known| id_of(known) == id) {
            return self.add(record);
        }
        self.add(record)?;
        if let Some(last) = self.records.last_mut() {
            for (byte, id_byte) in last.iter_mut().zip(id.to_le_bytes()) {
                *byte = id_byte;
            }
        }
        self.next_id = next.max(id);
        Ok(id)
    }

    /// The record with this id (0000h first, FFFFh last) and the id after it (FFFFh: none).
    ///
    /// # Errors
    /// CBh when there is no such record.
    pub fn get(&self, id: u16) -> Result<(&[u8], u16), CompletionCode> {
        let (record, next) = record_id::get(&self.records, id)?;
        Ok((record, next))
    }

    /// Removes the record with this id and returns the id it had.
    ///
    /// # Errors
    /// CBh when there is no such record.
    pub fn delete(&mut self, id: u16) -> Result<u16, CompletionCode> {
        let position = record_id::position(&self.records, id)?;
        let record = self.records.remove(position);
        Ok(id_of(&record))
    }

    /// Puts back records with the ids they had. Used when a saved state is loaded.
    pub fn restore(&mut self, records: Vec<Vec<u8>>) {
        self.records = records;
        self.records.truncate(MAX_RECORDS);
        self.next_id = self.records.iter().map(id_of).max().unwrap_or(0);
        self.changed = true;
    }

    /// Removes all records.
    pub fn clear(&mut self) {
        self.records.clear();
        self.partial = None;
    }

    /// One step of Partial Add SDR (s33.14): `id` 0 begins a record. `Some` when the record is complete and stored.
    ///
    /// # Errors
    /// CBh for an id that is not being added, C9h for an offset that does not continue it, 80h when the length in the
    /// header does not match the bytes that came.
    pub fn partial_add(
        &mut self,
        id: u16,
        offset: u8,
        last: bool,
        bytes: &[u8],
    ) -> Result<(u16, bool), CompletionCode> {
        if id == FIRST {
            if offset != 0 || bytes.len() < HEADER {
                return Err(CompletionCode::PARAMETER_OUT_OF_RANGE);
            }
            let id = record_id::free(&self.records, self.next_id);
            self.next_id = id;
            self.partial = Some((id, Vec::new()));
            return self.partial_add(id, 0, last, bytes);
        }
        let Some((current, record)) = self.partial.as_mut().filter(|(current, _)| *current == id) else {
            return Err(CompletionCode::NOT_PRESENT);
        };
        if record.len() != usize::from(offset) {
            return Err(CompletionCode::PARAMETER_OUT_OF_RANGE);
        }
        record.extend_from_slice(bytes);
        let length = record.get(4).map_or(0, |length| usize::from(*length) + HEADER);
        let id = *current;
        if record.len() > length || (last && record.len() != length) {
            self.partial = None;
            return Err(CompletionCode(0x80));
        }
        if !last {
            return Ok((id, false));
        }
        let record = self.partial.take().map(|(_, record)| record).unwrap_or_default();
        self.next_id = id.wrapping_sub(1);
        self.add(&record).map(|id| (id, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(tag: u8) -> Vec<u8> {
        vec![0, 0, 0x51, 0xC0, 4, 1, 2, 3, tag]
    }

    #[test]
    fn ids_are_given_in_order_and_gaps_stay() {
        let mut store = SdrStore::default();
        assert_eq!((store.add(&record(1)), store.add(&record(2)), store.add(&record(3))), (Ok(1), Ok(2), Ok(3)));
        assert_eq!(store.delete(2), Ok(2));
        assert_eq!(store.add(&record(4)), Ok(4));
        assert_eq!(store.get(0).unwrap().1, 3);
        assert_eq!(store.get(0xFFFF).unwrap().0[8], 4);
        assert_eq!(store.get(4).unwrap().1, 0xFFFF);
        assert_eq!(store.get(2), Err(CompletionCode::NOT_PRESENT));
    }

    #[test]
    fn an_empty_store_has_no_first_record() {
        assert_eq!(SdrStore::default().get(0), Err(CompletionCode::NOT_PRESENT));
        assert_eq!(SdrStore::default().get(0xFFFF), Err(CompletionCode::NOT_PRESENT));
    }

    #[test]
    fn partial_add_takes_a_record_in_pieces() {
        let mut store = SdrStore::default();
        let whole = record(9);
        let (id, done) = store.partial_add(0, 0, false, &whole[..6]).unwrap();
        assert!(!done);
        assert_eq!(store.partial_add(id, 3, false, &whole[6..]), Err(CompletionCode::PARAMETER_OUT_OF_RANGE));
        assert_eq!(store.partial_add(id, 6, true, &whole[6..]), Ok((id, true)));
        assert_eq!(store.get(id).unwrap().0[8], 9);
        let (id, _) = store.partial_add(0, 0, false, &whole[..6]).unwrap();
        assert_eq!(store.partial_add(id, 6, true, &whole[6..8]), Err(CompletionCode(0x80)));
    }
}
