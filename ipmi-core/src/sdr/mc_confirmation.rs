//! Management controller confirmation record, SDR type 13h (IPMI 2.0 s43.10, table 43-10).

use zerocopy::little_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{RecordView, SdrBody};
use crate::table::Manufacturer;
use crate::{ChannelNumber, SlaveAddress};

/// A management controller confirmation record in place.
pub type McConfirmationView<'a> = RecordView<'a, McConfirmationBody>;

/// Offsets 5-31 of a management controller confirmation record: what was found at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct McConfirmationBody {
    /// `[7:1]` address of the controller.
    pub slave_address: u8,
    /// Device id.
    pub device_id: u8,
    /// `[7:4]` channel, `[3:0]` device revision.
    pub channel_revision: u8,
    /// Major firmware revision.
    pub firmware_major: u8,
    /// Minor firmware revision, BCD.
    pub firmware_minor: u8,
    /// IPMI version: low nibble major, high nibble minor.
    pub ipmi_version: u8,
    /// Manufacturer id, least significant byte first.
    pub manufacturer_id: [u8; 3],
    /// Product id.
    pub product: U16,
    /// Device GUID.
    pub guid: [u8; 16],
}

impl SdrBody for McConfirmationBody {
    const RECORD_TYPE: u8 = 0x13;
    const NAME: &'static str = "management controller confirmation record";
}

impl McConfirmationBody {
    /// Address of the controller.
    pub const fn address(&self) -> SlaveAddress {
        SlaveAddress(self.slave_address)
    }

    /// Channel it was found on.
    pub const fn channel(&self) -> ChannelNumber {
        ChannelNumber::new(self.channel_revision >> 4)
    }

    /// Device revision.
    pub const fn device_revision(&self) -> u8 {
        self.channel_revision & 0x0F
    }

    /// IANA enterprise number of the manufacturer.
    pub const fn manufacturer(&self) -> Manufacturer {
        Manufacturer::from_bytes(self.manufacturer_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_ends_the_record_at_32_bytes() {
        assert_eq!(size_of::<McConfirmationBody>() + crate::sdr::SdrHeader::LEN, 32);
        let body = McConfirmationBody { channel_revision: 0x71, manufacturer_id: [0xA2, 2, 0], ..Default::default() };
        assert_eq!((body.channel().get(), body.device_revision(), body.manufacturer()), (7, 1, Manufacturer::DELL));
    }
}
