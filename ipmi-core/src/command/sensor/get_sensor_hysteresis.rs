//! Get Sensor Hysteresis (IPMI 2.0 s35.7).

use std::ops::RangeInclusive;

use super::SensorNumber;
use crate::command::short;
use crate::{Command, Lun, NetFn, ParseError, Privilege};

/// Reads the hysteresis of a threshold sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSensorHysteresis {
    /// Sensor number.
    pub sensor: SensorNumber,
    /// Logical unit the sensor belongs to.
    pub lun: Lun,
}

/// Raw hysteresis values; 00h and FFh mean none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hysteresis {
    /// Positive-going.
    pub positive: u8,
    /// Negative-going.
    pub negative: u8,
}

impl Command for GetSensorHysteresis {
    type Response = Hysteresis;
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x25;
    const NAME: &'static str = "Get Sensor Hysteresis";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=2;
    const PRIVILEGE: Privilege = Privilege::User;

    fn lun(&self) -> Lun {
        self.lun
    }

    fn emit(&self, out: &mut Vec<u8>) {
        // The second byte is reserved for a mask and must be FFh.
        out.extend([self.sensor.0, 0xFF]);
    }

    fn parse(data: &[u8]) -> Result<Hysteresis, ParseError> {
        let &[positive, negative, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(Hysteresis { positive, negative })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetSensorHysteresis { sensor: SensorNumber(5), lun: Lun::BMC }, &[5, 0xFF]);
        assert_eq!(check_response::<GetSensorHysteresis>(&[1, 2]), Hysteresis { positive: 1, negative: 2 });
    }
}
