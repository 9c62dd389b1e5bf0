//! Get Sensor Reading Factors (IPMI 2.0 s35.5).

use std::ops::RangeInclusive;

use super::SensorNumber;
use crate::command::short;
use crate::{Command, Lun, NetFn, ParseError, Privilege};

/// Asks for the conversion factors of a non-linear sensor around one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSensorReadingFactors {
    /// Sensor number.
    pub sensor: SensorNumber,
    /// Raw reading to convert.
    pub raw: u8,
    /// Logical unit the sensor belongs to.
    pub lun: Lun,
}

/// The answer to [`GetSensorReadingFactors`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SensorReadingFactors {
    /// Next raw reading that has factors of its own.
    pub next_raw: u8,
    /// M, B, tolerance, accuracy and exponents, laid out as bytes 24-29 of a full sensor record.
    pub factors: [u8; 6],
}

impl Command for GetSensorReadingFactors {
    type Response = SensorReadingFactors;
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x23;
    const NAME: &'static str = "Get Sensor Reading Factors";
    const RESPONSE_LEN: RangeInclusive<usize> = 7..=7;
    const PRIVILEGE: Privilege = Privilege::User;

    fn lun(&self) -> Lun {
        self.lun
    }

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.sensor.0, self.raw]);
    }

    fn parse(data: &[u8]) -> Result<SensorReadingFactors, ParseError> {
        let Some(&[next_raw, ref factors @ ..]) = data.first_chunk::<7>() else {
            return Err(short::<Self>(data));
        };
        Ok(SensorReadingFactors { next_raw, factors: *factors })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetSensorReadingFactors { sensor: SensorNumber(5), raw: 0x80, lun: Lun::BMC }, &[5, 0x80]);
        let answer = check_response::<GetSensorReadingFactors>(&[0x81, 1, 2, 3, 4, 5, 6]);
        assert_eq!((answer.next_raw, answer.factors), (0x81, [1, 2, 3, 4, 5, 6]));
    }
}
