//! Set Sensor Hysteresis (IPMI 2.0 s35.6).

use std::ops::RangeInclusive;

use super::{Hysteresis, SensorNumber};
use crate::{Command, Lun, NetFn, ParseError, Privilege};

/// Sets the hysteresis of a threshold sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetSensorHysteresis {
    /// Sensor number.
    pub sensor: SensorNumber,
    /// Raw values.
    pub hysteresis: Hysteresis,
    /// Logical unit the sensor belongs to.
    pub lun: Lun,
}

impl Command for SetSensorHysteresis {
    type Response = ();
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x24;
    const NAME: &'static str = "Set Sensor Hysteresis";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn lun(&self) -> Lun {
        self.lun
    }

    fn emit(&self, out: &mut Vec<u8>) {
        // The second byte is reserved for a mask and must be FFh.
        out.extend([self.sensor.0, 0xFF, self.hysteresis.positive, self.hysteresis.negative]);
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
        let hysteresis = Hysteresis { positive: 1, negative: 2 };
        check_request(&SetSensorHysteresis { sensor: SensorNumber(5), hysteresis, lun: Lun::BMC }, &[5, 0xFF, 1, 2]);
        check_empty_response::<SetSensorHysteresis>();
    }
}
