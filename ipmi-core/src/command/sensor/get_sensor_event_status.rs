//! Get Sensor Event Status (IPMI 2.0 s35.13).

use std::ops::RangeInclusive;

use super::{EventMasks, SensorNumber};
use crate::command::short;
use crate::{Command, Lun, NetFn, ParseError, Privilege};

/// Asks which events of a sensor are active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSensorEventStatus {
    /// Sensor number.
    pub sensor: SensorNumber,
    /// Logical unit the sensor belongs to.
    pub lun: Lun,
}

/// The answer to [`GetSensorEventStatus`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SensorEventStatus {
    /// The sensor sends event messages at all.
    pub event_messages: bool,
    /// The sensor is scanned.
    pub scanning: bool,
    /// Reading or state cannot be had now.
    pub unavailable: bool,
    /// Events that happened and were not re-armed.
    pub masks: EventMasks,
}

impl Command for GetSensorEventStatus {
    type Response = SensorEventStatus;
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x2B;
    const NAME: &'static str = "Get Sensor Event Status";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=5;
    const PRIVILEGE: Privilege = Privilege::User;

    fn lun(&self) -> Lun {
        self.lun
    }

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.sensor.0);
    }

    fn parse(data: &[u8]) -> Result<SensorEventStatus, ParseError> {
        let &[flags, ref masks @ ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(SensorEventStatus {
            event_messages: flags & 0x80 != 0,
            scanning: flags & 0x40 != 0,
            unavailable: flags & 0x20 != 0,
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
        check_request(&GetSensorEventStatus { sensor: SensorNumber(5), lun: Lun::BMC }, &[5]);
        let status = check_response::<GetSensorEventStatus>(&[0xE0, 0x01, 0x00, 0x02, 0x00]);
        assert!(status.event_messages && status.scanning && status.unavailable);
        assert_eq!(status.masks, EventMasks { assertion: 1, deassertion: 2 });
    }
}
