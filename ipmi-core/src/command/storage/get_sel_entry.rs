//! Get SEL Entry (IPMI 2.0 s31.5).

use std::ops::RangeInclusive;

use super::{RecordId, ReservationId};
use crate::command::short;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Reads a record of the system event log, or part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSelEntry {
    /// Reservation; needed when only part of the record is read.
    pub reservation: ReservationId,
    /// Record, 0000h for the first, FFFFh for the last.
    pub record: RecordId,
    /// First byte wanted.
    pub offset: u8,
    /// Bytes wanted, FFh for the whole record.
    pub count: u8,
}

impl GetSelEntry {
    /// Asks for a whole record without a reservation.
    pub const fn whole(record: RecordId) -> Self {
        Self { reservation: ReservationId::NONE, record, offset: 0, count: 0xFF }
    }
}

/// The answer to [`GetSelEntry`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelEntry {
    /// Next record, FFFFh when this was the last.
    pub next: RecordId,
    /// Record bytes from the offset asked for: 16 for a whole record.
    pub data: Vec<u8>,
}

impl SelEntry {
    /// The whole record; `None` when fewer than 16 bytes came.
    pub fn record(&self) -> Option<&[u8; 16]> {
        self.data.first_chunk()
    }
}

impl Command for GetSelEntry {
    type Response = SelEntry;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x43;
    const NAME: &'static str = "Get SEL Entry";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=18;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.reservation.to_bytes());
        out.extend(self.record.to_bytes());
        out.extend([self.offset, self.count]);
    }

    fn parse(data: &[u8]) -> Result<SelEntry, ParseError> {
        let Some((next, bytes)) = data.split_first_chunk() else {
            return Err(short::<Self>(data));
        };
        Ok(SelEntry { next: RecordId::from_bytes(*next), data: bytes.to_vec() })
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x81 => "SEL erase in progress",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetSelEntry::whole(RecordId(0x0102)), &[0, 0, 0x02, 0x01, 0, 0xFF]);
        let mut golden = vec![0xFF, 0xFF];
        golden.extend(1..=16);
        let entry = check_response::<GetSelEntry>(&golden);
        assert_eq!(entry.next, RecordId::LAST);
        assert_eq!(entry.record().map(|record| record[15]), Some(16));
        assert_eq!(SelEntry { next: RecordId::LAST, data: vec![0; 15] }.record(), None);
    }
}
