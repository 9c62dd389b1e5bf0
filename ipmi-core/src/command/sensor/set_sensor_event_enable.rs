//! Set Sensor Event Enable (IPMI 2.0 s35.10).

use std::ops::RangeInclusive;

use super::{EventMasks, SensorNumber};
use crate::{Command, Lun, NetFn, ParseError, Privilege};

/// Chooses which events a sensor generates, and whether it is scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetSensorEventEnable {
    /// Sensor number.
    pub sensor: SensorNumber,
    /// Whether the sensor sends event messages at all.
    pub event_messages: bool,
    /// Whether the sensor is scanned.
    pub scanning: bool,
    /// What happens to the events in `masks`.
    pub action: EventEnableAction,
    /// Events meant; not sent with [`EventEnableAction::Keep`].
    pub masks: EventMasks,
    /// Logical unit the sensor belongs to.
    pub lun: Lun,
}

/// What [`SetSensorEventEnable`] does to the events it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventEnableAction {
    /// 0: leave single events as they are.
    Keep,
    /// 1: enable the events in the masks.
    Enable,
    /// 2: disable the events in the masks.
    Disable,
}

impl Command for SetSensorEventEnable {
    type Response = ();
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x28;
    const NAME: &'static str = "Set Sensor Event Enable";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn lun(&self) -> Lun {
        self.lun
    }

    fn emit(&self, out: &mut Vec<u8>) {
        let action = match self.action {
            EventEnableAction::Keep => 0,
            EventEnableAction::Enable => 1,
            EventEnableAction::Disable => 2,
        };
        let flags = u8::from(self.event_messages) << 7 | u8::from(self.scanning) << 6 | action << 4;
        out.extend([self.sensor.0, flags]);
        if self.action != EventEnableAction::Keep {
            out.extend(self.masks.to_bytes());
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
        let keep = SetSensorEventEnable {
            sensor: SensorNumber(5),
            event_messages: true,
            scanning: true,
            action: EventEnableAction::Keep,
            masks: EventMasks { assertion: 0x0280, deassertion: 0 },
            lun: Lun::BMC,
        };
        check_request(&keep, &[5, 0xC0]);
        check_request(
            &SetSensorEventEnable { action: EventEnableAction::Enable, ..keep },
            &[5, 0xD0, 0x80, 0x02, 0, 0],
        );
        check_request(
            &SetSensorEventEnable { action: EventEnableAction::Disable, ..keep },
            &[5, 0xE0, 0x80, 0x02, 0, 0],
        );
        check_empty_response::<SetSensorEventEnable>();
    }
}
