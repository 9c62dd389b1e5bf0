//! OEM records, multirecord types C0h-FFh (FRU specification s18.7).

use super::{PicmgRecord, VitaData};
use crate::ParseError;
use crate::table::Manufacturer;

/// An OEM record in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OemRecord<'a> {
    /// Record type.
    pub record_type: u8,
    /// Whose it is.
    pub manufacturer: Manufacturer,
    /// Data after the manufacturer id.
    pub data: &'a [u8],
}

impl<'a> OemRecord<'a> {
    pub(super) fn parse(record_type: u8, data: &'a [u8]) -> Result<Self, ParseError> {
        let &[m0, m1, m2, ref data @ ..] = data else {
            return Err(ParseError::Truncated { field: "OEM record", expected: 3, found: data.len() });
        };
        Ok(Self { record_type, manufacturer: Manufacturer::from_bytes([m0, m1, m2]), data })
    }

    /// The record as one of PICMG's.
    pub fn picmg(&self) -> Option<PicmgRecord<'a>> {
        PicmgRecord::parse(self.data).filter(|_| self.manufacturer == Manufacturer::PICMG)
    }

    /// The record as one of VITA 57 (FMC).
    pub fn vita(&self) -> Option<VitaData<'a>> {
        const VITA: Manufacturer = Manufacturer(0x0012A2);
        VitaData::parse(self.data).filter(|_| self.manufacturer == VITA)
    }
}
