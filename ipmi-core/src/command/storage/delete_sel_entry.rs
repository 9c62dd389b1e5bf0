//! Delete SEL Entry (IPMI 2.0 s31.8).

use std::ops::RangeInclusive;

use super::{RecordId, ReservationId};
use crate::command::short;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Deletes a record of the system event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteSelEntry {
    /// Reservation, always needed.
    pub reservation: ReservationId,
    /// Record, 0000h for the first, FFFFh for the last.
    pub record: RecordId,
}

impl Command for DeleteSelEntry {
    type Response = RecordId;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x46;
    const NAME: &'static str = "Delete SEL Entry";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=2;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.reservation.to_bytes());
        out.extend(self.record.to_bytes());
    }

    fn parse(data: &[u8]) -> Result<RecordId, ParseError> {
        data.first_chunk().map(|bytes| RecordId::from_bytes(*bytes)).ok_or_else(|| short::<Self>(data))
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Operation not supported for this record type",
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
        check_request(&DeleteSelEntry { reservation: ReservationId(0x1234), record: RecordId(5) }, &[0x34, 0x12, 5, 0]);
        assert_eq!(check_response::<DeleteSelEntry>(&[5, 0]), RecordId(5));
    }
}
