//! Get Sensor Event Enable (IPMI 2.0 s35.11).

use std::ops::RangeInclusive;

use super::{EventMasks, SensorNumber};
use crate::command::short;
use crate::{Command, Lun, NetFn, ParseError, Privilege};

/// Asks which events a sensor may generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSensorEventEnable {
    /// Sensor number.
    pub sensor: SensorNumber,
    /// Logical unit the sensor belongs to.
    pub lun: Lun,
}

/// The answer to [`GetSensorEventEnable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SensorEventEnable {
    /// The sensor sends event messages at all.
    pub event_messages: bool,
    /// The sensor is scanned.
    pub scanning: bool,
    /// Events enabled; left off by sensors that cannot choose.
    pub masks: EventMasks,
}

impl Command for GetSensorEventEnable {
    type Response = SensorEventEnable;
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x29;
    const NAME: &'static str = "Get Sensor Event Enable";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=5;
    const PRIVILEGE: Privilege = Privilege::User;

    fn lun(&self) -> Lun {
        self.lun
    }

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.sensor.0);
    }

    fn parse(data: &[u8]) -> Result<SensorEventEnable, ParseError> {
        let &[flags, ref masks @ ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(SensorEventEnable {
            event_messages: flags & 0x80 != 0,
            scanning: flags & 0x40 != 0,
            masks: EventMasks::from_prefix(masks),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetSensorEventEnable { sensor: SensorNumber(5), lun: Lun::BMC }, &[5]);
        let enable = check_response::<GetSensorEventEnable>(&[0x80, 0x80, 0x0A, 0x80, 0x7A]);
        assert!(enable.event_messages && !enable.scanning);
        assert_eq!(enable.masks, EventMasks { assertion: 0x0A80, deassertion: 0x7A80 });
    }
}
