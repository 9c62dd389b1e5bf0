//! Base and extended compatibility, multirecord types 04h and 05h (FRU specification s18.5, s18.6).

use crate::ParseError;
use crate::table::{EntityId, Manufacturer};

/// A compatibility record in place: what the FRU may stand in for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compatibility<'a> {
    /// Who gave the codes.
    pub manufacturer: Manufacturer,
    /// Entity the codes are for.
    pub entity: EntityId,
    /// Compatibility base.
    pub base: u8,
    /// First code.
    pub code_start: u8,
    /// One bit per code after the first.
    pub masks: &'a [u8],
}

impl<'a> Compatibility<'a> {
    pub(super) fn parse(data: &'a [u8]) -> Result<Self, ParseError> {
        let &[m0, m1, m2, entity, base, code_start, ref masks @ ..] = data else {
            return Err(ParseError::Truncated { field: "compatibility", expected: 6, found: data.len() });
        };
        Ok(Self {
            manufacturer: Manufacturer::from_bytes([m0, m1, m2]),
            entity: EntityId(entity),
            base,
            code_start: code_start & 0x7F,
            masks,
        })
    }

    /// The codes: the first, and those after it whose bit is set.
    pub fn codes(&self) -> impl Iterator<Item = u16> {
        let start = u16::from(self.code_start);
        let bits = self.masks.iter().flat_map(|mask| (0..8).map(move |bit| mask >> bit & 1 == 1));
        let rest = (start + 1..).zip(bits).filter(|(_, set)| *set).map(|(code, _)| code);
        std::iter::once(start).chain(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_from_the_start() {
        let record = Compatibility::parse(&[0xA2, 2, 0, 10, 1, 0x85, 0x02, 0x80]).unwrap();
        assert_eq!((record.manufacturer, record.entity), (Manufacturer::DELL, EntityId(10)));
        assert_eq!(record.codes().collect::<Vec<_>>(), [5, 7, 21]);
        assert!(Compatibility::parse(&[0; 5]).is_err());
    }
}
