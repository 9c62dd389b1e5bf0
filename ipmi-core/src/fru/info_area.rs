//! What chassis, board and product areas share: version, length, fields, checksum (FRU specification s10-s12).

use super::{FruArea, FruProblem};
use crate::ParseError;
use crate::checksum::checksum;

/// Format version of every area.
const VERSION: u8 = 1;

/// An info area cut out of an inventory: everything between its two header bytes and its checksum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct InfoArea<'a> {
    /// Bytes after version and length, checksum not included.
    pub(super) body: &'a [u8],
}

impl<'a> InfoArea<'a> {
    /// Cuts the area at `offset` out of `image`, never beyond its end. Deviations go to `problems`; `None` when
    /// nothing of the area is there.
    pub(super) fn cut(image: &'a [u8], area: FruArea, offset: usize, problems: &mut Vec<FruProblem>) -> Option<Self> {
        let mut report = |error| problems.push(FruProblem { area, error });
        let rest = image.get(offset..).unwrap_or_default();
        let &[version, length, ..] = rest else {
            report(ParseError::Truncated { field: "area", expected: offset + 2, found: image.len() });
            return None;
        };
        if version & 0x0F != VERSION {
            report(ParseError::Invalid { field: "area format version", expected: "1", found: version.into() });
        }
        if length == 0 {
            report(ParseError::Invalid { field: "area length", expected: "at least 8 bytes", found: 0 });
            return None;
        }
        let length = usize::from(length) * 8;
        let body = match rest.get(..length) {
            Some(whole) => {
                let (found, covered) = whole.split_last()?;
                let expected = checksum(covered);
                if expected != *found {
                    report(ParseError::BadChecksum { field: "area", expected, found: *found });
                }
                covered.get(2..)?
            }
            None => {
                report(ParseError::Truncated { field: "area", expected: offset + length, found: image.len() });
                rest.get(2..)?
            }
        };
        Some(Self { body })
    }
}
