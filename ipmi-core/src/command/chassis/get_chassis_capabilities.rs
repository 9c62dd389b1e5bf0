//! Get Chassis Capabilities (IPMI 2.0 s28.1).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege, SlaveAddress};

/// Asks what the chassis offers and which controllers hold its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetChassisCapabilities;

/// The answer to [`GetChassisCapabilities`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChassisCapabilities {
    /// What the chassis offers.
    pub features: ChassisFeatures,
    /// Chassis FRU info device.
    pub fru_device: SlaveAddress,
    /// Chassis SDR device.
    pub sdr_device: SlaveAddress,
    /// Chassis SEL device.
    pub sel_device: SlaveAddress,
    /// Chassis system management device.
    pub sm_device: SlaveAddress,
    /// Chassis bridge device; 20h when it is not given.
    pub bridge_device: Option<SlaveAddress>,
}

bitflags::bitflags! {
    /// What a chassis offers.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct ChassisFeatures: u8 {
        /// Intrusion sensor.
        const INTRUSION_SENSOR = 1 << 0;
        /// Front panel lockout.
        const FRONT_PANEL_LOCKOUT = 1 << 1;
        /// Diagnostic interrupt.
        const DIAGNOSTIC_INTERRUPT = 1 << 2;
        /// Power interlock.
        const POWER_INTERLOCK = 1 << 3;
        const _ = !0;
    }
}

impl Command for GetChassisCapabilities {
    type Response = ChassisCapabilities;
    const NET_FN: NetFn = NetFn::CHASSIS;
    const CMD: u8 = 0x00;
    const NAME: &'static str = "Get Chassis Capabilities";
    const RESPONSE_LEN: RangeInclusive<usize> = 5..=6;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<ChassisCapabilities, ParseError> {
        let &[features, fru, sdr, sel, sm, ref bridge @ ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(ChassisCapabilities {
            features: ChassisFeatures::from_bits_retain(features),
            fru_device: SlaveAddress(fru),
            sdr_device: SlaveAddress(sdr),
            sel_device: SlaveAddress(sel),
            sm_device: SlaveAddress(sm),
            bridge_device: bridge.first().map(|address| SlaveAddress(*address)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetChassisCapabilities, &[]);
        let capabilities = check_response::<GetChassisCapabilities>(&[0x05, 0x20, 0x22, 0x24, 0x26, 0x28]);
        assert_eq!(capabilities.features, ChassisFeatures::INTRUSION_SENSOR | ChassisFeatures::DIAGNOSTIC_INTERRUPT);
        assert_eq!((capabilities.fru_device, capabilities.sm_device), (SlaveAddress(0x20), SlaveAddress(0x26)));
        assert_eq!(capabilities.bridge_device, Some(SlaveAddress(0x28)));
    }
}
