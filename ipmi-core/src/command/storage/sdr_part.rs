//! Reading part of an SDR, the same for the repository and device SDRs (IPMI 2.0 s33.12, s35.3).

use super::{RecordId, ReservationId};
use crate::ParseError;

/// Which part of which record.
///
/// ```
/// use ipmi_core::command::storage::{RecordId, SdrPartRequest};
/// let whole = SdrPartRequest::whole(RecordId::FIRST);
/// assert_eq!((whole.offset, whole.count), (0, 0xFF));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SdrPartRequest {
    /// Reservation; needed when `offset` is not 0.
    pub reservation: ReservationId,
    /// Record, 0000h for the first.
    pub record: RecordId,
    /// First byte wanted, counted from the record header.
    pub offset: u8,
    /// Bytes wanted, FFh for the whole record.
    pub count: u8,
}

impl SdrPartRequest {
    /// The whole record, without a reservation.
    pub const fn whole(record: RecordId) -> Self {
        Self { reservation: ReservationId::NONE, record, offset: 0, count: 0xFF }
    }

    pub(crate) fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.reservation.to_bytes());
        out.extend(self.record.to_bytes());
        out.extend([self.offset, self.count]);
    }
}

/// Bytes of a record and which record comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdrPart {
    /// Next record, FFFFh when this was the last.
    pub next: RecordId,
    /// Record bytes from the offset asked for; may be fewer than asked for.
    pub data: Vec<u8>,
}

impl SdrPart {
    pub(crate) fn parse(field: &'static str, data: &[u8]) -> Result<Self, ParseError> {
        let Some((next, bytes)) = data.split_first_chunk() else {
            return Err(ParseError::Truncated { field, expected: 2, found: data.len() });
        };
        Ok(Self { next: RecordId::from_bytes(*next), data: bytes.to_vec() })
    }
}
