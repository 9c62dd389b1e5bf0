//! Multirecord area (FRU specification s16): records with a header, read one after the other.

mod compatibility;
mod dc;
mod management_access;
mod oem;
mod picmg;
mod power_supply;
mod vita;

pub use compatibility::Compatibility;
pub use dc::{DcLoad, DcOutput};
pub use management_access::{ManagementAccess, ManagementAccessKind};
pub use oem::OemRecord;
pub use picmg::{PicmgCarrierActivation, PicmgData, PicmgRecord};
pub use power_supply::{CombinedWattage, PowerSupply, PowerSupplyFlags, SupplyVoltage};
pub use vita::{FmcMain, FmcModuleSize, VitaData};

use std::iter::FusedIterator;

use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use crate::ParseError;
use crate::checksum::checksum;

/// Bytes of a record header.
const HEADER_LEN: usize = 5;
/// Record format version of the specification.
const VERSION: u8 = 2;

/// The multirecord area in place, from its first record to the end of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MultirecordArea<'a> {
    bytes: &'a [u8],
}

impl<'a> MultirecordArea<'a> {
    /// `bytes` reach from the first record to the end of the device.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The records in order.
    pub const fn records(&self) -> Multirecords<'a> {
        Multirecords { rest: self.bytes, ended: false }
    }
}

/// One record in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Multirecord<'a> {
    /// Record type.
    pub record_type: u8,
    /// Record format version, 2.
    pub version: u8,
    /// True for the last record of the list.
    pub end_of_list: bool,
    /// Data, cut at the end of the device.
    pub data: &'a [u8],
    /// What is wrong with header, length and data, in this order.
    pub errors: [Option<ParseError>; 3],
}

/// Walks the records. Ends after the record marked as the last, at the end of the device, and after a header so wrong
/// that the length in it means nothing.
#[derive(Debug, Clone, Copy)]
pub struct Multirecords<'a> {
    rest: &'a [u8],
    ended: bool,
}

impl<'a> Iterator for Multirecords<'a> {
    type Item = Multirecord<'a>;

    fn next(&mut self) -> Option<Multirecord<'a>> {
        if self.ended {
            return None;
        }
        let &[record_type, format, length, record_checksum, header_checksum, ref rest @ ..] = self.rest else {
            self.ended = true;
            return None;
        };
        let version = format & 0x0F;
        let expected = checksum(&[record_type, format, length, record_checksum]);
        let bad_header = (expected != header_checksum).then_some(ParseError::BadChecksum {
            field: "multirecord header",
            expected,
            found: header_checksum,
        });
        let bad_version = (version != VERSION).then_some(ParseError::Invalid {
            field: "multirecord format version",
            expected: "2",
            found: version.into(),
        });
        let (data, rest, bad_data) = match rest.split_at_checked(usize::from(length)) {
            Some((data, rest)) => {
                let expected = checksum(data);
                let error = ParseError::BadChecksum { field: "multirecord data", expected, found: record_checksum };
                (data, rest, (expected != record_checksum).then_some(error))
            }
            None => {
                let expected = HEADER_LEN + usize::from(length);
                let error = ParseError::Truncated { field: "multirecord", expected, found: self.rest.len() };
                (rest, &[][..], Some(error))
            }
        };
        let end_of_list = format & 0x80 != 0;
        // Neither erased (FFh) nor zeroed memory is a list of records, and both may reach far.
        let lost = bad_version.is_some() && (bad_header.is_some() || length == 0);
        self.rest = rest;
        self.ended = end_of_list || lost || rest.is_empty();
        Some(Multirecord { record_type, version, end_of_list, data, errors: [bad_header, bad_version, bad_data] })
    }
}

impl FusedIterator for Multirecords<'_> {}

/// The data of a record by its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MultirecordData<'a> {
    /// Type 00h.
    PowerSupply(&'a PowerSupply),
    /// Types 01h and 09h.
    DcOutput(&'a DcOutput),
    /// Types 02h and 0Ah.
    DcLoad(&'a DcLoad),
    /// Type 03h.
    ManagementAccess(ManagementAccess<'a>),
    /// Type 04h.
    BaseCompatibility(Compatibility<'a>),
    /// Type 05h.
    ExtendedCompatibility(Compatibility<'a>),
    /// Types C0h-FFh.
    Oem(OemRecord<'a>),
    /// Types this crate has no layout for.
    Unknown(&'a [u8]),
}

impl<'a> Multirecord<'a> {
    /// Reads the data by type.
    ///
    /// # Errors
    /// When the data is shorter than its type demands.
    pub fn decode(&self) -> Result<MultirecordData<'a>, ParseError> {
        Ok(match self.record_type {
            0x00 => MultirecordData::PowerSupply(view("power supply information", self.data)?),
            0x01 | 0x09 => MultirecordData::DcOutput(view("DC output", self.data)?),
            0x02 | 0x0A => MultirecordData::DcLoad(view("DC load", self.data)?),
            0x03 => MultirecordData::ManagementAccess(ManagementAccess::parse(self.data)?),
            0x04 => MultirecordData::BaseCompatibility(Compatibility::parse(self.data)?),
            0x05 => MultirecordData::ExtendedCompatibility(Compatibility::parse(self.data)?),
            0xC0..=0xFF => MultirecordData::Oem(OemRecord::parse(self.record_type, self.data)?),
            _ => MultirecordData::Unknown(self.data),
        })
    }

    /// True for types 09h and 0Ah, whose currents may count in 100 mA.
    pub const fn is_extended_dc(&self) -> bool {
        matches!(self.record_type, 0x09 | 0x0A)
    }
}

fn view<'a, T: FromBytes + Immutable + KnownLayout + Unaligned>(
    field: &'static str,
    data: &'a [u8],
) -> Result<&'a T, ParseError> {
    let (value, _) = T::ref_from_prefix(data).map_err(|_| ParseError::Truncated {
        field,
        expected: size_of::<T>(),
        found: data.len(),
    })?;
    Ok(value)
}

/// Appends a record with both checksums; data beyond 255 bytes is cut.
pub fn emit(record_type: u8, end_of_list: bool, data: &[u8], out: &mut Vec<u8>) {
    let data = data.get(..usize::from(u8::MAX)).unwrap_or(data);
    let length = u8::try_from(data.len()).unwrap_or(u8::MAX);
    let header = [record_type, VERSION | if end_of_list { 0x80 } else { 0 }, length, checksum(data)];
    out.extend_from_slice(&header);
    out.push(checksum(&header));
    out.extend_from_slice(data);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn records_end_at_the_end_mark() {
        let mut bytes = Vec::new();
        emit(0x02, false, &[1; 13], &mut bytes);
        emit(0xC0, true, &[0x5A, 0x31, 0x00], &mut bytes);
        bytes.extend([0xEE; 20]);
        let records: Vec<_> = MultirecordArea::new(&bytes).records().collect();
        assert_eq!(records.len(), 2);
        assert!(records.iter().all(|record| record.errors == [None; 3]));
        assert!(records[1].end_of_list && matches!(records[1].decode(), Ok(MultirecordData::Oem(_))));
    }

    #[test]
    fn deviations_are_reported_with_the_record() {
        let mut bytes = Vec::new();
        emit(0x02, true, &[1; 13], &mut bytes);
        bytes[4] ^= 1;
        bytes[6] ^= 1;
        let record = MultirecordArea::new(&bytes).records().next().unwrap();
        assert!(record.errors[0].is_some() && record.errors[1].is_none() && record.errors[2].is_some());
        let cut = MultirecordArea::new(&bytes[..10]).records().next().unwrap();
        assert_eq!((cut.data.len(), cut.decode().is_err()), (5, true));
        assert!(matches!(cut.errors[2], Some(ParseError::Truncated { expected: 18, found: 10, .. })));
    }

    #[test]
    fn blank_memory_is_no_endless_list() {
        assert_eq!(MultirecordArea::new(&[0; 4096]).records().count(), 1);
        assert_eq!(MultirecordArea::new(&[0xFF; 4096]).records().count(), 1);
    }

    proptest! {
        #[test]
        fn emitted_records_come_back(record_type: u8, data in proptest::collection::vec(any::<u8>(), 0..256)) {
            let mut bytes = Vec::new();
            emit(record_type, true, &data, &mut bytes);
            let records: Vec<_> = MultirecordArea::new(&bytes).records().collect();
            prop_assert_eq!(records.len(), 1);
            prop_assert_eq!((records[0].record_type, records[0].data, records[0].errors), (record_type, &data[..], [None; 3]));
            let _ = records[0].decode();
        }

        #[test]
        fn any_bytes_are_walked(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            for record in MultirecordArea::new(&bytes).records() {
                let _ = record.decode();
            }
        }
    }
}
