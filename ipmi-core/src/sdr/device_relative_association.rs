//! Device-relative entity association record, SDR type 09h (IPMI 2.0 s43.5, table 43-5).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{EntityPair, RecordView, SdrBody};
use crate::{ChannelNumber, SlaveAddress};

/// A device-relative entity association record in place.
pub type DeviceRelativeAssociationView<'a> = RecordView<'a, DeviceRelativeAssociationBody>;

/// An entity together with the controller its instance is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct DeviceEntity {
    /// `[7:1]` address of the controller.
    pub address: u8,
    /// `[7:4]` channel of the controller.
    pub channel: u8,
    /// Entity, id 0 = unused.
    pub entity: EntityPair,
}

impl DeviceEntity {
    /// Address of the controller; 0 with instances below 60h.
    pub const fn device_address(&self) -> SlaveAddress {
        SlaveAddress(self.address)
    }

    /// Channel of the controller.
    pub const fn device_channel(&self) -> ChannelNumber {
        ChannelNumber::new(self.channel >> 4)
    }
}

/// Offsets 5-31 of a device-relative entity association record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct DeviceRelativeAssociationBody {
    /// Entity that contains the others.
    pub container: EntityPair,
    /// `[7:1]` address of the container's controller.
    pub container_address: u8,
    /// `[7:4]` channel of the container's controller.
    pub container_channel: u8,
    /// `[7]` 0 = list, 1 = ranges, `[6]` linked to further records, `[5]` presence sensor always accessible.
    pub flags: u8,
    /// Four entities, or two ranges of first and last.
    pub contained: [DeviceEntity; 4],
    /// Reserved, 0.
    pub reserved: [u8; 6],
}

impl SdrBody for DeviceRelativeAssociationBody {
    const RECORD_TYPE: u8 = 0x09;
    const NAME: &'static str = "device-relative entity association record";
}

impl DeviceRelativeAssociationBody {
    /// True when the pairs are ranges.
    pub const fn is_range(&self) -> bool {
        self.flags & 0x80 != 0
    }

    /// True when further records describe the same container.
    pub const fn is_linked(&self) -> bool {
        self.flags & 0x40 != 0
    }

    /// What the container holds as (first, last); equal in a list. Unused slots are left out.
    pub fn contained_entities(&self) -> impl Iterator<Item = (DeviceEntity, DeviceEntity)> {
        let [a, b, c, d] = self.contained;
        let slots = if self.is_range() {
            [Some((a, b)), Some((c, d)), None, None]
        } else {
            [Some((a, a)), Some((b, b)), Some((c, c)), Some((d, d))]
        };
        slots.into_iter().flatten().filter(|(first, _)| first.entity.id != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_ends_the_record_at_32_bytes() {
        assert_eq!(size_of::<DeviceRelativeAssociationBody>() + crate::sdr::SdrHeader::LEN, 32);
    }

    #[test]
    fn ranges_pair_first_and_last() {
        let slot = |instance| DeviceEntity { address: 0x2C, channel: 0x60, entity: EntityPair { id: 3, instance } };
        let body = DeviceRelativeAssociationBody {
            flags: 0x80,
            contained: [slot(0x60), slot(0x63), DeviceEntity::default(), DeviceEntity::default()],
            ..Default::default()
        };
        let contained: Vec<_> = body.contained_entities().collect();
        assert_eq!(contained, [(slot(0x60), slot(0x63))]);
        assert_eq!((contained[0].0.device_address(), contained[0].0.device_channel().get()), (SlaveAddress(0x2C), 6));
    }
}
