//! Entity association record, SDR type 08h (IPMI 2.0 s43.4, table 43-4): which entities a container holds.

use std::ops::RangeInclusive;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{RecordView, SdrBody};

/// An entity association record in place.
pub type EntityAssociationView<'a> = RecordView<'a, EntityAssociationBody>;

/// An entity id and instance as they stand in association records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct EntityPair {
    /// Entity id, 0 = unused.
    pub id: u8,
    /// Entity instance.
    pub instance: u8,
}

/// Offsets 5-15 of an entity association record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct EntityAssociationBody {
    /// Entity that contains the others.
    pub container: EntityPair,
    /// `[7]` 0 = list, 1 = ranges, `[6]` linked to further records, `[5]` presence sensor always accessible.
    pub flags: u8,
    /// Four entities, or two ranges of first and last.
    pub contained: [EntityPair; 4],
}

impl SdrBody for EntityAssociationBody {
    const RECORD_TYPE: u8 = 0x08;
    const NAME: &'static str = "entity association record";
}

/// Contained entities: an id and the instances of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainedEntities {
    /// Entity id.
    pub id: u8,
    /// Instances.
    pub instances: RangeInclusive<u8>,
}

impl EntityAssociationBody {
    /// True when the pairs are ranges.
    pub const fn is_range(&self) -> bool {
        self.flags & 0x80 != 0
    }

    /// True when further records describe the same container.
    pub const fn is_linked(&self) -> bool {
        self.flags & 0x40 != 0
    }

    /// True when the container's presence sensor can always be read.
    pub const fn presence_always_accessible(&self) -> bool {
        self.flags & 0x20 != 0
    }

    /// What the container holds; unused slots are left out.
    pub fn contained_entities(&self) -> impl Iterator<Item = ContainedEntities> {
        let [a, b, c, d] = self.contained;
        let slots = if self.is_range() {
            [Some((a, b)), Some((c, d)), None, None]
        } else {
            [Some((a, a)), Some((b, b)), Some((c, c)), Some((d, d))]
        };
        slots
            .into_iter()
            .flatten()
            .filter(|(first, _)| first.id != 0)
            .map(|(first, last)| ContainedEntities { id: first.id, instances: first.instance..=last.instance })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdr::SdrHeader;

    const LIST: [u8; 16] = [1, 0, 0x51, 8, 11, 7, 1, 0x20, 10, 1, 10, 2, 0, 0, 0, 0];

    fn view(bytes: &[u8]) -> EntityAssociationView<'_> {
        let (header, rest) = SdrHeader::split(bytes).unwrap();
        RecordView::new(header, rest).unwrap()
    }

    #[test]
    fn lists_and_ranges() {
        let contained: Vec<_> = view(&LIST).contained_entities().collect();
        assert_eq!(contained.len(), 2);
        assert_eq!(contained[1], ContainedEntities { id: 10, instances: 2..=2 });
        let mut range = LIST;
        range[7] = 0x80;
        let contained: Vec<_> = view(&range).contained_entities().collect();
        assert_eq!(contained, [ContainedEntities { id: 10, instances: 1..=2 }]);
    }

    #[test]
    fn flags() {
        for flags in 0..=0xFF_u8 {
            let body = EntityAssociationBody { flags, ..Default::default() };
            let found = [body.is_range(), body.is_linked(), body.presence_always_accessible()];
            assert_eq!(found, [7, 6, 5].map(|bit| flags >> bit & 1 == 1), "{flags:02X}");
        }
    }
}
