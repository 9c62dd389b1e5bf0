//! OEM record, SDR type C0h (IPMI 2.0 s43.12, table 43-12), and the layouts known of it.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{RecordView, SdrBody};
use crate::table::Manufacturer;
use crate::{ChannelNumber, Lun, SlaveAddress};

/// An OEM record in place; `tail` is the manufacturer's data.
pub type OemView<'a> = RecordView<'a, OemBody>;

/// Offsets 5-7 of an OEM record; the manufacturer's data follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct OemBody {
    /// Manufacturer id, least significant byte first.
    pub manufacturer_id: [u8; 3],
}

impl SdrBody for OemBody {
    const RECORD_TYPE: u8 = 0xC0;
    const NAME: &'static str = "OEM record";
}

impl OemBody {
    /// IANA enterprise number of the manufacturer.
    pub const fn manufacturer(&self) -> Manufacturer {
        Manufacturer::from_bytes(self.manufacturer_id)
    }
}

/// Intel Node Manager discovery (Intel NM external interface specification, OEM SDR subtype 0Dh).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct NodeManagerDiscovery {
    /// Version of the layout.
    pub version: u8,
    /// Address of the Node Manager.
    pub address: SlaveAddress,
    /// Channel it is on.
    pub channel: ChannelNumber,
    /// LUN to use.
    pub lun: Lun,
    /// Sensor number of the health event sensor.
    pub health_sensor: u8,
    /// Sensor number of the exception event sensor.
    pub exception_sensor: u8,
    /// Sensor number of the operational capabilities sensor.
    pub capability_sensor: u8,
    /// Sensor number of the alert threshold exceeded sensor.
    pub threshold_sensor: u8,
}

impl OemView<'_> {
    /// The Node Manager discovery record, if this is Intel's and one.
    pub fn node_manager_discovery(&self) -> Option<NodeManagerDiscovery> {
        const SUBTYPE: u8 = 0x0D;
        match *self.tail {
            [SUBTYPE, version, address, lun_channel, health, exception, capability, threshold, ..]
                if self.manufacturer() == Manufacturer::INTEL =>
            {
                Some(NodeManagerDiscovery {
                    version,
                    address: SlaveAddress(address),
                    channel: ChannelNumber::new(lun_channel >> 4),
                    lun: Lun::new(lun_channel),
                    health_sensor: health,
                    exception_sensor: exception,
                    capability_sensor: capability,
                    threshold_sensor: threshold,
                })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::SlaveAddress;
    use crate::sdr::SdrRecord;

    #[test]
    fn node_manager_discovery() {
        let bytes = [1, 0, 0x51, 0xC0, 11, 0x57, 1, 0, 0x0D, 1, 0x2C, 0x60, 0x17, 0x18, 0x1A, 0x19];
        let SdrRecord::Oem(view) = SdrRecord::parse(&bytes).unwrap() else { panic!() };
        let found = view.node_manager_discovery().unwrap();
        assert_eq!((found.address, found.channel.get(), found.threshold_sensor), (SlaveAddress(0x2C), 6, 0x19));
        let SdrRecord::Oem(short) = SdrRecord::parse(&bytes[..15]).unwrap() else { panic!() };
        assert_eq!(short.node_manager_discovery(), None);
    }
}
