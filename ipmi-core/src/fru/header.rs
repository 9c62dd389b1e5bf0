//! FRU common header (FRU specification s8): where the areas are.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::FruArea;
use crate::ParseError;

/// The eight bytes every FRU inventory starts with; offsets count in eight bytes, 0 = no such area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct CommonHeader {
    /// `[3:0]` format version, 1.
    pub version: u8,
    /// Internal use area.
    pub internal_use: u8,
    /// Chassis info area.
    pub chassis: u8,
    /// Board info area.
    pub board: u8,
    /// Product info area.
    pub product: u8,
    /// Multirecord area.
    pub multirecord: u8,
    /// Reserved, 0.
    pub pad: u8,
    /// Makes the sum of the header 0.
    pub checksum: u8,
}

impl CommonHeader {
    /// Bytes of the header.
    pub const LEN: usize = 8;

    /// Lays the header over the start of an inventory.
    ///
    /// # Errors
    /// When there are fewer than eight bytes.
    pub fn view(image: &[u8]) -> Result<&Self, ParseError> {
        let (header, _) = Self::ref_from_prefix(image).map_err(|_| ParseError::Truncated {
            field: "FRU common header",
            expected: Self::LEN,
            found: image.len(),
        })?;
        Ok(header)
    }

    /// Offset of an area in bytes, `None` when it is absent.
    pub fn offset(&self, area: FruArea) -> Option<usize> {
        let units = match area {
            FruArea::Header => return Some(0),
            FruArea::InternalUse => self.internal_use,
            FruArea::Chassis => self.chassis,
            FruArea::Board => self.board,
            FruArea::Product => self.product,
            FruArea::Multirecord => self.multirecord,
        };
        (units != 0).then(|| usize::from(units) * 8)
    }
}
