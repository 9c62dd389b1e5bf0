//! Cipher suite records, as Get Channel Cipher Suites hands them out in pieces (IPMI 2.0 s22.15, tables 22-18, 22-19).

use super::cipher_suite::{
    Algorithms, AuthenticationAlgorithm, CipherSuite, ConfidentialityAlgorithm, IntegrityAlgorithm,
};
use crate::ParseError;

const STANDARD: u8 = 0xC0;
const OEM: u8 = 0xC1;
const TAG: u8 = 0xC0;
const AUTHENTICATION: u8 = 0x00;
const INTEGRITY: u8 = 0x40;
const CONFIDENTIALITY: u8 = 0x80;

/// Joins the pieces: records run across them.
///
/// ```
/// use ipmi_core::link::rmcp_plus::suite_records::{SuiteRecord, SuiteRecordPieces};
/// let mut pieces = SuiteRecordPieces::default();
/// assert_eq!(pieces.next_index(), Some(0));
/// pieces.add(&[0xC0, 0x03, 0x01, 0x41, 0x81, 0xC0, 0x11, 0x03, 0x44, 0x81]).unwrap();
/// assert_eq!(pieces.next_index(), None);
/// let records = SuiteRecord::parse_all(pieces.bytes()).unwrap();
/// assert_eq!(records.iter().map(|record| record.suite.0).collect::<Vec<_>>(), [3, 17]);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuiteRecordPieces {
    bytes: Vec<u8>,
    asked: u8,
    complete: bool,
}

impl SuiteRecordPieces {
    /// Most record bytes in one reply; fewer mean that it is the last.
    pub const PIECE: usize = 16;
    /// The list index has six bits.
    const MAX_PIECES: u8 = 64;

    /// The list index to ask for next; `None` when all is there.
    pub fn next_index(&self) -> Option<u8> {
        (!self.complete && self.asked < Self::MAX_PIECES).then_some(self.asked)
    }

    /// Takes the record bytes of one reply, without completion code and channel.
    ///
    /// # Errors
    /// When there are more than a reply may carry.
    pub fn add(&mut self, piece: &[u8]) -> Result<(), ParseError> {
        if piece.len() > Self::PIECE {
            let (expected, found) = (Self::PIECE, piece.len());
            return Err(ParseError::Trailing { field: "cipher suite records", expected, found });
        }
        if self.next_index().is_some() {
            self.bytes.extend_from_slice(piece);
            self.asked += 1;
            self.complete = piece.len() < Self::PIECE;
        }
        Ok(())
    }

    /// What came so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// One cipher suite as a BMC describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteRecord {
    /// Its number.
    pub suite: CipherSuite,
    /// The manufacturer, for a suite of its own.
    pub manufacturer: Option<u32>,
    /// Authentication algorithms, usually one.
    pub authentication: Vec<AuthenticationAlgorithm>,
    /// Integrity algorithms; none means no integrity.
    pub integrity: Vec<IntegrityAlgorithm>,
    /// Confidentiality algorithms; none means in clear.
    pub confidentiality: Vec<ConfidentialityAlgorithm>,
}

impl SuiteRecord {
    /// Reads all records of the joined bytes.
    ///
    /// # Errors
    /// When something other than a record begins, or one ends early.
    pub fn parse_all(mut bytes: &[u8]) -> Result<Vec<Self>, ParseError> {
        let mut records = Vec::new();
        while !bytes.is_empty() {
            let (record, rest) = Self::parse(bytes)?;
            records.push(record);
            bytes = rest;
        }
        Ok(records)
    }

    fn parse(bytes: &[u8]) -> Result<(Self, &[u8]), ParseError> {
        let truncated = |expected| ParseError::Truncated { field: "cipher suite record", expected, found: bytes.len() };
        let (suite, manufacturer, algorithms) = match *bytes {
            [STANDARD, suite, ref rest @ ..] => (suite, None, rest),
            [OEM, suite, low, middle, high, ref rest @ ..] => {
                (suite, Some(u32::from_le_bytes([low, middle, high, 0])), rest)
            }
            [STANDARD, ..] => return Err(truncated(2)),
            [OEM, ..] => return Err(truncated(5)),
            [] => return Err(truncated(1)),
            [found, ..] => {
                let (field, expected, found) = ("start of cipher suite record", "C0h or C1h", u32::from(found));
                return Err(ParseError::Invalid { field, expected, found });
            }
        };
        let end = algorithms.iter().position(|byte| byte & TAG == TAG).unwrap_or(algorithms.len());
        let (algorithms, rest) = algorithms.split_at_checked(end).unwrap_or_default();
        let of = |tag| algorithms.iter().filter(move |byte| **byte & TAG == tag).copied();
        let record = Self {
            suite: CipherSuite(suite),
            manufacturer,
            authentication: of(AUTHENTICATION).map(AuthenticationAlgorithm::from_code).collect(),
            integrity: of(INTEGRITY).map(IntegrityAlgorithm::from_code).collect(),
            confidentiality: of(CONFIDENTIALITY).map(ConfidentialityAlgorithm::from_code).collect(),
        };
        Ok((record, rest))
    }

    /// The record of a standard suite; `None` for other numbers.
    pub fn standard(suite: CipherSuite) -> Option<Self> {
        let Algorithms { authentication, integrity, confidentiality } = suite.algorithms()?;
        Some(Self {
            suite,
            manufacturer: None,
            authentication: vec![authentication],
            integrity: vec![integrity],
            confidentiality: vec![confidentiality],
        })
    }

    /// The bytes of the record.
    pub fn emit(&self) -> Vec<u8> {
        let mut out = match self.manufacturer.map(u32::to_le_bytes) {
            None => vec![STANDARD, self.suite.0],
            Some([low, middle, high, _]) => vec![OEM, self.suite.0, low, middle, high],
        };
        out.extend(self.authentication.iter().map(|algorithm| AUTHENTICATION | algorithm.code()));
        out.extend(self.integrity.iter().map(|algorithm| INTEGRITY | algorithm.code()));
        out.extend(self.confidentiality.iter().map(|algorithm| CONFIDENTIALITY | algorithm.code()));
        out
    }

    /// Every combination of algorithms the record allows.
    pub fn combinations(&self) -> impl Iterator<Item = Algorithms> {
        let or_none = |empty: bool, count: usize| if empty { 1 } else { count };
        let authentication = or_none(self.authentication.is_empty(), self.authentication.len());
        let integrity = or_none(self.integrity.is_empty(), self.integrity.len());
        let confidentiality = or_none(self.confidentiality.is_empty(), self.confidentiality.len());
        (0..authentication).flat_map(move |a| {
            (0..integrity).flat_map(move |i| {
                (0..confidentiality).map(move |c| Algorithms {
                    authentication: self.authentication.get(a).copied().unwrap_or(AuthenticationAlgorithm::None),
                    integrity: self.integrity.get(i).copied().unwrap_or(IntegrityAlgorithm::None),
                    confidentiality: self.confidentiality.get(c).copied().unwrap_or(ConfidentialityAlgorithm::None),
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_standard_suite_comes_back() {
        let all: Vec<SuiteRecord> = CipherSuite::standard().filter_map(SuiteRecord::standard).collect();
        let bytes: Vec<u8> = all.iter().flat_map(SuiteRecord::emit).collect();
        let mut pieces = SuiteRecordPieces::default();
        for piece in bytes.chunks(16) {
            pieces.add(piece).unwrap();
        }
        assert_eq!(SuiteRecord::parse_all(pieces.bytes()), Ok(all.clone()));
        for record in all {
            assert_eq!(record.combinations().collect::<Vec<_>>(), [record.suite.algorithms().unwrap()]);
        }
    }

    #[test]
    fn a_manufacturers_suite_with_several_algorithms() {
        let golden = [0xC1, 0x80, 0xA2, 0x02, 0x00, 0x01, 0x41, 0x42, 0x80, 0x81];
        let records = SuiteRecord::parse_all(&golden).unwrap();
        assert_eq!(records[0].manufacturer, Some(674));
        assert_eq!(records[0].combinations().count(), 4);
        assert_eq!(records[0].emit(), golden);
        let bare = SuiteRecord::parse_all(&[0xC0, 0x00]).unwrap();
        assert_eq!(bare[0].combinations().collect::<Vec<_>>(), [CipherSuite(0).algorithms().unwrap()]);
    }

    #[test]
    fn cut_records_and_strange_beginnings_err() {
        for bad in [&[0xC0][..], &[0xC1], &[0xC1, 0x80, 1, 2], &[0x03], &[0xC2, 1], &[0xC0, 1, 1, 0xC0]] {
            assert!(SuiteRecord::parse_all(bad).is_err(), "{bad:X?}");
        }
    }

    #[test]
    fn a_bmc_that_never_ends_is_asked_64_times() {
        let mut pieces = SuiteRecordPieces::default();
        let mut asked = 0;
        while pieces.next_index().is_some() {
            pieces.add(&[0; 16]).unwrap();
            asked += 1;
        }
        assert_eq!((asked, pieces.bytes().len()), (64, 1024));
        pieces.add(&[0; 16]).unwrap();
        assert_eq!(pieces.bytes().len(), 1024);
        assert!(pieces.add(&[0; 17]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..1024)) {
            for record in SuiteRecord::parse_all(&bytes).unwrap_or_default() {
                let _ = record.combinations().take(10).count();
            }
        }
    }
}
