//! FRU device locator record, SDR type 11h (IPMI 2.0 s43.8, table 43-8).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{EntityPair, NamedBody, RecordView, SdrBody};
use crate::{ChannelNumber, Lun, SlaveAddress};

/// A FRU device locator record in place.
pub type FruLocatorView<'a> = RecordView<'a, FruLocatorBody>;

/// Offsets 5-14 of a FRU device locator record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct FruLocatorBody {
    /// `[7:1]` address of the controller to access the device through.
    pub access_address: u8,
    /// FRU device id of a logical device, `[7:1]` slave address of a physical one.
    pub fru_id: u8,
    /// `[7]` 1 = logical device, `[4:3]` access LUN, `[2:0]` private bus.
    pub access: u8,
    /// `[7:4]` channel of the access controller.
    pub channel_number: u8,
    /// Reserved, 0.
    pub reserved: u8,
    /// Device type, 10h = logical FRU device.
    pub device_type: u8,
    /// Device type modifier.
    pub device_modifier: u8,
    /// Entity.
    pub entity: EntityPair,
    /// For the manufacturer.
    pub oem: u8,
}

impl SdrBody for FruLocatorBody {
    const RECORD_TYPE: u8 = 0x11;
    const NAME: &'static str = "FRU device locator record";
    const TAIL_MIN: usize = 1;
}

impl NamedBody for FruLocatorBody {}

impl FruLocatorBody {
    /// True when the FRU is read with FRU commands; else it is an EEPROM at a bus address.
    pub const fn is_logical(&self) -> bool {
        self.access & 0x80 != 0
    }

    /// The FRU device id, for logical devices.
    pub fn logical_id(&self) -> Option<u8> {
        self.is_logical().then_some(self.fru_id)
    }

    /// Controller to access the device through.
    pub const fn access_controller(&self) -> SlaveAddress {
        SlaveAddress(self.access_address)
    }

    /// Channel of the access controller.
    pub const fn channel(&self) -> ChannelNumber {
        ChannelNumber::new(self.channel_number >> 4)
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
