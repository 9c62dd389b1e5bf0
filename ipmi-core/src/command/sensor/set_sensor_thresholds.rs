//! Set Sensor Thresholds (IPMI 2.0 s35.8).

use std::ops::RangeInclusive;

use super::SensorNumber;
use crate::sensor::Thresholds;
use crate::{Command, Lun, NetFn, ParseError, Privilege};

/// Sets thresholds of a sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetSensorThresholds {
    /// Sensor number.
    pub sensor: SensorNumber,
    /// Raw values; those in the mask `readable` are set, the others are left alone.
    pub thresholds: Thresholds,
    /// Logical unit the sensor belongs to.
    pub lun: Lun,
}

impl Command for SetSensorThresholds {
    type Response = ();
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x26;
    const NAME: &'static str = "Set Sensor Thresholds";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn lun(&self) -> Lun {
        self.lun
    }

    fn emit(&self, out: &mut Vec<u8>) {
        let Thresholds { readable, lnc, lcr, lnr, unc, ucr, unr } = self.thresholds;
        out.extend([self.sensor.0, readable.bits(), lnc, lcr, lnr, unc, ucr, unr]);
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
        use crate::sdr::ThresholdMask;
        let thresholds = Thresholds { readable: ThresholdMask::UCR, ucr: 90, ..Thresholds::default() };
        let command = SetSensorThresholds { sensor: SensorNumber(5), thresholds, lun: Lun::BMC };
        check_request(&command, &[5, 0x10, 0, 0, 0, 0, 90, 0]);
        check_empty_response::<SetSensorThresholds>();
    }
}
