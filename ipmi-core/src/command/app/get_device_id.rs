//! Get Device ID (IPMI 2.0 s20.1).

use std::ops::RangeInclusive;

use crate::{Command, NetFn, ParseError, Privilege};

/// Asks a controller what it is. Request: no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetDeviceId;

bitflags::bitflags! {
    /// Additional device support, byte 6 of the response.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct DeviceSupport: u8 {
        /// Sensor device.
        const SENSOR = 1 << 0;
        /// SDR repository device.
        const SDR_REPOSITORY = 1 << 1;
        /// SEL device.
        const SEL = 1 << 2;
        /// FRU inventory device.
        const FRU_INVENTORY = 1 << 3;
        /// IPMB event receiver.
        const IPMB_EVENT_RECEIVER = 1 << 4;
        /// IPMB event generator.
        const IPMB_EVENT_GENERATOR = 1 << 5;
        /// Bridge.
        const BRIDGE = 1 << 6;
        /// Chassis device.
        const CHASSIS = 1 << 7;
        const _ = !0;
    }
}

/// The answer to [`GetDeviceId`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceId {
    /// Device id, 0 = unspecified.
    pub device_id: u8,
    /// The device has SDRs of its own (Get Device SDR).
    pub provides_device_sdrs: bool,
    /// Device revision, 0-15.
    pub device_revision: u8,
    /// False while the device initialises or updates its firmware.
    pub available: bool,
    /// Major firmware revision, binary.
    pub firmware_major: u8,
    /// Minor firmware revision, BCD.
    pub firmware_minor: u8,
    /// IPMI version byte: low nibble major, high nibble minor (02h = 2.0, 51h = 1.5).
    pub ipmi_version: u8,
    /// What else the device does.
    pub support: DeviceSupport,
    /// IANA enterprise number of the manufacturer, 20 bits.
    pub manufacturer: u32,
    /// Product id, given by the manufacturer.
    pub product: u16,
    /// Auxiliary firmware revision; absent on older controllers.
    pub auxiliary_firmware: Option<[u8; 4]>,
}

impl Command for GetDeviceId {
    type Response = DeviceId;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x01;
    const NAME: &'static str = "Get Device ID";
    const RESPONSE_LEN: RangeInclusive<usize> = 11..=15;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<DeviceId, ParseError> {
        let &[id, revision, major, minor, version, support, m0, m1, m2, p0, p1, ref aux @ ..] = data else {
            return Err(ParseError::Truncated { field: "Get Device ID response", expected: 11, found: data.len() });
        };
        Ok(DeviceId {
            device_id: id,
            provides_device_sdrs: revision & 0x80 != 0,
            device_revision: revision & 0x0F,
            available: major & 0x80 == 0,
            firmware_major: major & 0x7F,
            firmware_minor: minor,
            ipmi_version: version,
            support: DeviceSupport::from_bits_retain(support),
            manufacturer: u32::from_le_bytes([m0, m1, m2, 0]) & 0x0F_FFFF,
            product: u16::from_le_bytes([p0, p1]),
            auxiliary_firmware: aux.first_chunk::<4>().copied(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Dell-like answer made for this test.
    const GOLDEN: [u8; 15] = [0x20, 0x81, 0x02, 0x1E, 0x02, 0xDF, 0xA2, 0x02, 0x00, 0x00, 0x01, 1, 2, 3, 4];

    #[test]
    fn golden_bytes() {
        let id = GetDeviceId::parse(&GOLDEN).unwrap();
        assert!(id.provides_device_sdrs && id.available);
        assert_eq!((id.manufacturer, id.product, id.ipmi_version), (674, 256, 2));
        assert_eq!(id.auxiliary_firmware, Some([1, 2, 3, 4]));
        assert_eq!(GetDeviceId::parse(&GOLDEN[..11]).unwrap().auxiliary_firmware, None);
    }

    #[test]
    fn every_shorter_prefix_errs() {
        for len in 0..11 {
            assert!(GetDeviceId::parse(&GOLDEN[..len]).is_err(), "{len}");
        }
    }
}
