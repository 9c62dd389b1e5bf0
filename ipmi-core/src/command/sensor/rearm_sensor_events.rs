//! Re-arm Sensor Events (IPMI 2.0 s35.12).

use std::ops::RangeInclusive;

use super::{EventMasks, SensorNumber};
use crate::{Command, Lun, NetFn, ParseError, Privilege};

/// Lets a sensor report events anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RearmSensorEvents {
    /// Sensor number.
    pub sensor: SensorNumber,
    /// Events to re-arm, all of them when `None`.
    pub masks: Option<EventMasks>,
    /// Logical unit the sensor belongs to.
    pub lun: Lun,
}

impl Command for RearmSensorEvents {
    type Response = ();
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x2A;
    const NAME: &'static str = "Re-arm Sensor Events";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn lun(&self) -> Lun {
        self.lun
    }

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.sensor.0);
        match self.masks {
            None => out.push(0x00),
            Some(masks) => {
                out.push(0x80);
                out.extend(masks.to_bytes());
            }
        }
    }

    fn parse(_data: &[u8]) -> Result<(), ParseError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_empty_response, check_request};

    #[test]
    fn golden_bytes() {
        let all = RearmSensorEvents { sensor: SensorNumber(5), masks: None, lun: Lun::BMC };
        check_request(&all, &[5, 0]);
        let masks = Some(EventMasks { assertion: 1, deassertion: 2 });
        check_request(&RearmSensorEvents { masks, ..all }, &[5, 0x80, 1, 0, 2, 0]);
        check_empty_response::<RearmSensorEvents>();
    }
}
