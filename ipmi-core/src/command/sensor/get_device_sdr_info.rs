//! Get Device SDR Info (IPMI 2.0 s35.2).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{Command, Lun, NetFn, ParseError, Privilege};

/// Asks a controller about the sensors and SDRs of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetDeviceSdrInfo {
    /// What to count.
    pub count: DeviceSdrCount,
    /// Logical unit asked.
    pub lun: Lun,
}

/// What [`GetDeviceSdrInfo`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceSdrCount {
    /// Sensors on the LUN.
    Sensors,
    /// SDRs of the device.
    Sdrs,
}

/// The answer to [`GetDeviceSdrInfo`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceSdrInfo {
    /// Sensors or SDRs, as asked.
    pub count: u8,
    /// Sensors come and go; `population_change` says when.
    pub dynamic: bool,
    /// Bit n: LUN n has sensors.
    pub luns: u8,
    /// Changes whenever the sensor population does; dynamic populations only.
    pub population_change: Option<u32>,
}

impl DeviceSdrInfo {
    /// True when the LUN has sensors.
    pub const fn has_sensors(&self, lun: Lun) -> bool {
        self.luns >> lun.get() & 1 == 1
    }
}

impl Command for GetDeviceSdrInfo {
    type Response = DeviceSdrInfo;
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x20;
    const NAME: &'static str = "Get Device SDR Info";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=6;
    const PRIVILEGE: Privilege = Privilege::User;

    fn lun(&self) -> Lun {
        self.lun
    }

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(match self.count {
            DeviceSdrCount::Sensors => 0,
            DeviceSdrCount::Sdrs => 1,
        });
    }

    fn parse(data: &[u8]) -> Result<DeviceSdrInfo, ParseError> {
        let &[count, flags, ref stamp @ ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(DeviceSdrInfo {
            count,
            dynamic: flags & 0x80 != 0,
            luns: flags & 0x0F,
            population_change: stamp.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetDeviceSdrInfo { count: DeviceSdrCount::Sdrs, lun: Lun::BMC }, &[1]);
        let info = check_response::<GetDeviceSdrInfo>(&[12, 0x83, 1, 0, 0, 0]);
        assert_eq!((info.count, info.dynamic, info.population_change), (12, true, Some(1)));
        assert!(info.has_sensors(Lun::OEM1) && !info.has_sensors(Lun::SMS));
    }
}
