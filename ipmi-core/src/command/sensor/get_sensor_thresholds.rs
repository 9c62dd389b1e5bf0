//! Get Sensor Thresholds (IPMI 2.0 s35.9).

use std::ops::RangeInclusive;

use super::SensorNumber;
use crate::sensor::Thresholds;
use crate::{Command, Lun, NetFn, ParseError, Privilege};

/// Reads the thresholds of a sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSensorThresholds {
    /// Sensor number.
    pub sensor: SensorNumber,
    /// Logical unit the sensor belongs to.
    pub lun: Lun,
}

impl Command for GetSensorThresholds {
    type Response = Thresholds;
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x27;
    const NAME: &'static str = "Get Sensor Thresholds";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=7;
    const PRIVILEGE: Privilege = Privilege::User;

    fn lun(&self) -> Lun {
        self.lun
    }

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.sensor.0);
    }

    fn parse(data: &[u8]) -> Result<Thresholds, ParseError> {
        Thresholds::parse(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        use crate::sensor::Threshold;
        check_request(&GetSensorThresholds { sensor: SensorNumber(5), lun: Lun::OEM2 }, &[5]);
        let thresholds = check_response::<GetSensorThresholds>(&[0x1B, 1, 2, 3, 4, 5, 6]);
        assert_eq!(thresholds.raw(Threshold::LowerCritical), Some(2));
        assert_eq!(thresholds.raw(Threshold::UpperCritical), Some(5));
        assert_eq!(thresholds.raw(Threshold::UpperNonRecoverable), None);
    }
}
