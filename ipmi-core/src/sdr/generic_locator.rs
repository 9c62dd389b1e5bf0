//! Generic device locator record, SDR type 10h (IPMI 2.0 s43.7, table 43-7).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{EntityPair, NamedBody, RecordView, SdrBody};
use crate::{ChannelNumber, Lun, SlaveAddress};

/// A generic device locator record in place.
pub type GenericLocatorView<'a> = RecordView<'a, GenericLocatorBody>;

/// Offsets 5-14 of a generic device locator record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct GenericLocatorBody {
    /// `[7:1]` address of the controller to access the device through.
    pub access_address: u8,
    /// `[7:1]` address of the device, `[0]` highest bit of the channel.
    pub slave_address: u8,
    /// `[7:5]` low bits of the channel, `[4:3]` access LUN, `[2:0]` private bus.
    pub access: u8,
    /// `[2:0]` further addresses the device uses.
    pub address_span: u8,
    /// Reserved, 0.
    pub reserved: u8,
    /// Device type.
    pub device_type: u8,
    /// Device type modifier.
    pub device_modifier: u8,
    /// Entity.
    pub entity: EntityPair,
    /// For the manufacturer.
    pub oem: u8,
}

impl SdrBody for GenericLocatorBody {
    const RECORD_TYPE: u8 = 0x10;
    const NAME: &'static str = "generic device locator record";
    const TAIL_MIN: usize = 1;
}

impl NamedBody for GenericLocatorBody {}

impl GenericLocatorBody {
    /// Address of the device on its bus.
    pub const fn device_address(&self) -> SlaveAddress {
        SlaveAddress(self.slave_address & 0xFE)
    }

    /// Channel the access controller is reached through.
    pub const fn channel(&self) -> ChannelNumber {
        ChannelNumber::new((self.slave_address & 1) << 3 | self.access >> 5)
    }

    /// LUN of the access controller.
    pub const fn lun(&self) -> Lun {
        Lun::new(self.access >> 3)
    }

    /// Private bus behind the access controller, 0 = directly on IPMB.
    pub const fn bus(&self) -> u8 {
        self.access & 7
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channel_is_split_over_two_bytes() {
        let body = GenericLocatorBody { slave_address: 0xA1, access: 0b0111_0011, ..Default::default() };
        assert_eq!(body.channel().get(), 0b1011);
        assert_eq!((body.device_address(), body.lun().get(), body.bus()), (SlaveAddress(0xA0), 2, 3));
    }
}
