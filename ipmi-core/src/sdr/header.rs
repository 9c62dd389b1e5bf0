//! The five bytes every sensor data record starts with (IPMI 2.0 s43, record header).

use zerocopy::little_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::ParseError;
use crate::command::storage::RecordId;

/// SDR version 1.5, which IPMI 2.0 keeps: major version in the low nibble.
pub const SDR_VERSION: u8 = 0x51;

/// Record id, version, type and the number of bytes that follow.
///
/// ```
/// use ipmi_core::sdr::SdrHeader;
/// let (header, rest) = SdrHeader::split(&[0x34, 0x12, 0x51, 0xC0, 2, 0xAA, 0xBB]).unwrap();
/// assert_eq!((header.record_id.get(), header.record_type, header.record_len()), (0x1234, 0xC0, 7));
/// assert_eq!(rest, [0xAA, 0xBB]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct SdrHeader {
    /// Record id; not unique on every BMC.
    pub record_id: U16,
    /// SDR version, [`SDR_VERSION`] in practice.
    pub version: u8,
    /// Record type (IPMI 2.0 table 43-1 and following).
    pub record_type: u8,
    /// Bytes after this header.
    pub length: u8,
}

impl SdrHeader {
    /// Bytes of the header.
    pub const LEN: usize = 5;

    /// Reads the header and returns what follows it, which may be more or less than `length` says.
    ///
    /// # Errors
    /// When there are fewer than five bytes.
    pub fn split(bytes: &[u8]) -> Result<(Self, &[u8]), ParseError> {
        Self::read_from_prefix(bytes).map_err(|_| ParseError::Truncated {
            field: "SDR header",
            expected: Self::LEN,
            found: bytes.len(),
        })
    }

    /// Record id.
    pub const fn id(&self) -> RecordId {
        RecordId::from_bytes(self.record_id.to_bytes())
    }

    /// Bytes of the whole record, header included, as the header claims.
    pub const fn record_len(&self) -> usize {
        Self::LEN + self.length as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shorter_prefix_errs() {
        for len in 0..SdrHeader::LEN {
            let error = SdrHeader::split(&[1, 0, 0x51, 1, 0][..len]).unwrap_err();
            assert_eq!(error, ParseError::Truncated { field: "SDR header", expected: 5, found: len });
        }
    }
}
