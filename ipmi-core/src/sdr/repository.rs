//! A dump of a repository: records one after the other, as `sdr dump` writes them.

use std::iter::FusedIterator;

use super::{SdrHeader, SdrRecord};
use crate::ParseError;

/// A record that could not be read, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("SDR {record_id:#06x} at offset {offset}: {error}")]
pub struct RecordProblem {
    /// Offset of the record in the dump.
    pub offset: usize,
    /// Record id, 0 when not even the header is there.
    pub record_id: u16,
    /// What is wrong with it.
    #[source]
    pub error: ParseError,
}

/// Walks a dump by header and length. A bad record is an item of its own and does not hide those after it; a record
/// that claims more bytes than are left ends the walk.
///
/// ```
/// use ipmi_core::sdr::Records;
/// let dump = [1, 0, 0x51, 0x0A, 1, 0xEE, 2, 0, 0x51, 0x01, 1, 0, 3, 0];
/// let items: Vec<_> = Records::new(&dump).collect();
/// assert!(items[0].is_ok() && items[1].is_err());
/// assert_eq!(items[2].unwrap_err().offset, 12);
/// assert_eq!(items.len(), 3);
/// ```
#[derive(Debug, Clone)]
pub struct Records<'a> {
    dump: &'a [u8],
    offset: usize,
}

impl<'a> Records<'a> {
    /// Starts at the first record.
    pub const fn new(dump: &'a [u8]) -> Self {
        Self { dump, offset: 0 }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<SdrRecord<'a>, RecordProblem>;

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.offset;
        let rest = self.dump.get(offset..).filter(|rest| !rest.is_empty())?;
        let header = match SdrHeader::split(rest) {
            Ok((header, _)) => header,
            Err(error) => {
                self.offset = self.dump.len();
                return Some(Err(RecordProblem { offset, record_id: 0, error }));
            }
        };
        let record_id = header.record_id.get();
        let expected = header.record_len();
        let Some(bytes) = rest.get(..expected) else {
            self.offset = self.dump.len();
            let error = ParseError::Truncated { field: "SDR record", expected, found: rest.len() };
            return Some(Err(RecordProblem { offset, record_id, error }));
        };
        self.offset = offset + expected;
        Some(SdrRecord::parse(bytes).map_err(|error| RecordProblem { offset, record_id, error }))
    }
}

impl FusedIterator for Records<'_> {}
