//! What is done otherwise with requests and answers because of a quirk, whatever the way to the BMC.

use std::time::Duration;

use ipmi_core::command::sensor::GetSensorReading;
use ipmi_core::{Command, NetFn, Request, Response, Target};

bitflags::bitflags! {
    /// What is done otherwise with requests and answers, whatever the way to the BMC.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct Leniency: u16 {
        /// Sensors of other controllers are asked of the BMC.
        const ASSUME_BMC_OWNER = 1 << 0;
        /// The bit "scanning disabled" of a reading means nothing.
        const IGNORE_SCANNING_DISABLED = 1 << 1;
        /// The reading of a discrete sensor with units is a number.
        const DISCRETE_READING = 1 << 2;
        /// No more records are read than the repository says it has.
        const SDR_RECORD_COUNT = 1 << 3;
        /// GUIDs are shown in the order of their bytes.
        const GUID_FORMAT = 1 << 4;
        /// A short pause between commands that change something.
        const SLOW_COMMIT = 1 << 5;
        /// A long one.
        const VERY_SLOW_COMMIT = 1 << 6;
        /// KCS status registers are read without pauses.
        const SPIN_POLL = 1 << 7;
        /// KCS registers that the firmware describes as memory are I/O ports.
        const ASSUME_IO = 1 << 8;
    }
}

impl Leniency {
    /// Where a request goes that was meant for `target`; the controller that the user named, `named`, stays.
    pub(crate) fn target(self, target: Target, named: Target, request: &Request) -> Target {
        let of_sensor = request.net_fn == NetFn::SENSOR_EVENT && target != named;
        match target {
            Target::Ipmb { .. } if of_sensor && self.contains(Self::ASSUME_BMC_OWNER) => Target::Bmc,
            target => target,
        }
    }

    /// True when answers to `request` are changed by [`amend`](Self::amend).
    pub(crate) fn amends(self, request: &Request) -> bool {
        let reading = request.net_fn == NetFn::SENSOR_EVENT && request.cmd == GetSensorReading::CMD;
        reading && self.contains(Self::IGNORE_SCANNING_DISABLED)
    }

    /// The answer as it should have been.
    pub(crate) fn amend(mut response: Response) -> Response {
        if let Some(flags) = response.data.get_mut(1) {
            *flags |= SCANNING;
        }
        response
    }

    /// How long after a command that changed something the next one may follow.
    pub(crate) fn pause(self) -> Duration {
        if self.contains(Self::VERY_SLOW_COMMIT) {
            Duration::from_secs(1)
        } else if self.contains(Self::SLOW_COMMIT) {
            Duration::from_millis(100)
        } else {
            Duration::ZERO
        }
    }
}

/// Get Sensor Reading: the sensor is scanned.
const SCANNING: u8 = 0x40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sensors_of_others_are_asked_of_the_bmc() {
        let all = Leniency::all();
        let satellite = Target::of_controller(ipmi_core::SlaveAddress(0x2C), ipmi_core::ChannelNumber::PRIMARY_IPMB);
        let reading = Request::new(NetFn::SENSOR_EVENT, 0x2D, [1]);
        assert_eq!(all.target(satellite, Target::Bmc, &reading), Target::Bmc);
        assert_eq!(all.target(satellite, satellite, &reading), satellite);
        assert_eq!(all.target(satellite, Target::Bmc, &Request::new(NetFn::STORAGE, 0x11, [0])), satellite);
        assert_eq!(all.target(Target::Software, Target::Bmc, &reading), Target::Software);
        assert_eq!(Leniency::empty().target(satellite, Target::Bmc, &reading), satellite);
    }

    #[test]
    fn readings_are_scanned_when_told_so() {
        let reading = Request::new(NetFn::SENSOR_EVENT, 0x2D, [1]);
        assert!(Leniency::IGNORE_SCANNING_DISABLED.amends(&reading) && !Leniency::DISCRETE_READING.amends(&reading));
        assert_eq!(Leniency::amend(Response::ok([7, 0x80, 1])), Response::ok([7, 0xC0, 1]));
        assert_eq!(Leniency::amend(Response::ok([7])), Response::ok([7]));
    }
}
