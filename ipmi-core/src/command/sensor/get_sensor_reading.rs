//! Get Sensor Reading (IPMI 2.0 s35.14).

use std::ops::RangeInclusive;

use super::SensorNumber;
use crate::command::short;
use crate::sdr::{DiscreteStates, ThresholdMask};
use crate::{Command, Lun, NetFn, ParseError, Privilege};

/// Reads a sensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSensorReading {
    /// Sensor number.
    pub sensor: SensorNumber,
    /// Logical unit the sensor belongs to.
    pub lun: Lun,
}

/// The answer to [`GetSensorReading`]. Controllers leave off the state bytes they do not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SensorReading {
    /// Raw reading, meaningless without an analog format.
    pub raw: u8,
    /// The sensor sends event messages.
    pub event_messages: bool,
    /// The sensor is scanned.
    pub scanning: bool,
    /// Reading or state cannot be had now.
    pub unavailable: bool,
    /// Threshold comparison or states 0-7, as it came.
    pub state_1: Option<u8>,
    /// States 8-14 and a reserved bit, as it came.
    pub state_2: Option<u8>,
}

impl SensorReading {
    /// True when reading and states may be used: available, and the sensor is scanned.
    pub const fn is_usable(&self) -> bool {
        self.scanning && !self.unavailable
    }

    /// Thresholds that are reached or exceeded; reserved bits, which many controllers set, are masked out.
    pub fn threshold_status(&self) -> ThresholdMask {
        ThresholdMask::from_bits_truncate(self.state_1.unwrap_or_default())
    }

    /// Discrete states that are asserted; the reserved bit 15, which many controllers set, is masked out.
    pub fn discrete_states(&self) -> DiscreteStates {
        DiscreteStates::new(u16::from_le_bytes([self.state_1.unwrap_or_default(), self.state_2.unwrap_or_default()]))
    }
}

impl Command for GetSensorReading {
    type Response = SensorReading;
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x2D;
    const NAME: &'static str = "Get Sensor Reading";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=4;
    const PRIVILEGE: Privilege = Privilege::User;

    fn lun(&self) -> Lun {
        self.lun
    }

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.sensor.0);
    }

    fn parse(data: &[u8]) -> Result<SensorReading, ParseError> {
        let &[raw, flags, ref states @ ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(SensorReading {
            raw,
            event_messages: flags & 0x80 != 0,
            scanning: flags & 0x40 != 0,
            unavailable: flags & 0x20 != 0,
            state_1: states.first().copied(),
            state_2: states.get(1).copied(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        let command = GetSensorReading { sensor: SensorNumber(0x0E), lun: Lun::OEM1 };
        check_request(&command, &[0x0E]);
        assert_eq!(command.lun(), Lun::OEM1);
        let reading = check_response::<GetSensorReading>(&[0x99, 0xC0, 0xD0, 0x80]);
        assert!(reading.is_usable() && reading.event_messages);
        assert_eq!((reading.raw, reading.threshold_status()), (0x99, ThresholdMask::UCR));
        assert_eq!(reading.discrete_states(), DiscreteStates::new(0x00D0));
    }

    #[test]
    fn short_answers_have_no_states() {
        let reading = GetSensorReading::parse(&[0x00, 0xE0]).unwrap();
        assert!(!reading.is_usable() && reading.discrete_states().is_empty());
        assert_eq!(GetSensorReading::parse(&[0, 0x40, 0x02]).unwrap().discrete_states(), DiscreteStates::new(2));
    }
}
