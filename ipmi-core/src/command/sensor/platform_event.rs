//! Platform Event (IPMI 2.0 s29.3).

use std::ops::RangeInclusive;

use super::SensorNumber;
use crate::table::{EventReadingType, SensorType};
use crate::{Command, NetFn, ParseError, Privilege};

/// Hands the BMC an event, which it logs and filters like one of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlatformEvent {
    /// Software id of the sender, odd; needed over the system interface and wrong elsewhere.
    pub generator: Option<u8>,
    /// Event message format, 04h for IPMI 1.5 and later.
    pub event_format: u8,
    /// Sensor type.
    pub sensor_type: SensorType,
    /// Sensor number.
    pub sensor: SensorNumber,
    /// The event ends a state.
    pub deasserted: bool,
    /// Event/reading type.
    pub event_type: EventReadingType,
    /// Event data 1-3.
    pub data: [u8; 3],
}

impl PlatformEvent {
    /// The event message format of IPMI 1.5 and 2.0.
    pub const FORMAT: u8 = 0x04;
}

impl Command for PlatformEvent {
    type Response = ();
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x02;
    const NAME: &'static str = "Platform Event";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.generator);
        let direction = u8::from(self.deasserted) << 7 | (self.event_type.0 & 0x7F);
        out.extend([self.event_format, self.sensor_type.0, self.sensor.0, direction]);
        out.extend(self.data);
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
        let event = PlatformEvent {
            generator: Some(0x41),
            event_format: PlatformEvent::FORMAT,
            sensor_type: SensorType::TEMPERATURE,
            sensor: SensorNumber(0x30),
            deasserted: true,
            event_type: EventReadingType::THRESHOLD,
            data: [0x59, 1, 2],
        };
        check_request(&event, &[0x41, 0x04, 0x01, 0x30, 0x81, 0x59, 1, 2]);
        check_request(&PlatformEvent { generator: None, ..event }, &[0x04, 0x01, 0x30, 0x81, 0x59, 1, 2]);
        check_empty_response::<PlatformEvent>();
    }
}
