//! The state of health that terminal mode reports, from the sensors (IPMI 2.0 s14.7.8, SYS HEALTH QUERY).

use ipmi_core::sdr::DiscreteStates;
use ipmi_core::sensor::AssertedStates;
use ipmi_core::table::{EventReadingType, SensorType, Severity};

use crate::bmc::Bmc;
use crate::sensor::{Sensor, THRESHOLD_TYPE};

/// How well something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Within its range.
    Ok,
    /// Outside the normal range.
    NonCritical,
    /// A fault, of which no more is known.
    UnspecifiedFault,
    /// Outside the range it may run in.
    Critical,
    /// Outside the range that leaves no damage.
    NonRecoverable,
}

impl Level {
    /// The word of the short form; `None` is unknown.
    pub const fn short(level: Option<Self>) -> &'static str {
        match level {
            Some(Self::Ok) => "ok",
            Some(Self::NonCritical) => "nc",
            Some(Self::UnspecifiedFault) => "uf",
            Some(Self::Critical) => "cr",
            Some(Self::NonRecoverable) => "nr",
            None => "??",
        }
    }

    /// The words of the long form.
    pub const fn long(level: Option<Self>) -> &'static str {
        match level {
            Some(Self::Ok) => "OK",
            Some(Self::NonCritical) => "Non-critical",
            Some(Self::UnspecifiedFault) => "Unspecified fault",
            Some(Self::Critical) => "Critical",
            Some(Self::NonRecoverable) => "Non-recoverable",
            None => "Unknown",
        }
    }
}

/// A part of the system: its letters in the short form, its name in the long one, the sensor types that tell.
pub struct Part {
    /// Letters of the short form.
    pub letters: &'static str,
    /// Name in the long form.
    pub name: &'static str,
    types: &'static [u8],
}

/// The parts in the order they are reported; the last one takes every other sensor type.
pub const PARTS: [Part; 7] = [
    Part { letters: "T", name: "Temperature", types: &[0x01] },
    Part { letters: "V", name: "Voltage", types: &[0x02] },
    Part { letters: "PS", name: "PowerSystem", types: &[0x03, 0x08, 0x09] },
    Part { letters: "C", name: "Cooling", types: &[0x04, 0x0A] },
    Part { letters: "D", name: "Drives", types: &[0x0D] },
    Part { letters: "S", name: "Security", types: &[0x05, 0x06] },
    Part { letters: "O", name: "Other", types: &[] },
];

/// The state of health of one part; `None` when no sensor of it has a reading.
pub fn of_part(bmc: &Bmc, part: &Part) -> Option<Level> {
    let named = |sensor: &&Sensor| PARTS.iter().any(|other| other.types.contains(&sensor.sensor_type));
    let belongs = |sensor: &&Sensor| match part.types {
        [] => !named(sensor),
        types => types.contains(&sensor.sensor_type),
    };
    sensors(bmc).filter(belongs).filter_map(level).max()
}

/// The worst of all parts.
pub fn overall(bmc: &Bmc) -> Option<Level> {
    sensors(bmc).filter_map(level).max()
}

fn sensors(bmc: &Bmc) -> impl Iterator<Item = &Sensor> {
    std::iter::once(&bmc.main).chain(bmc.satellites.values()).flat_map(|controller| controller.sensors.values())
}

fn level(sensor: &Sensor) -> Option<Level> {
    if sensor.event_only || !sensor.available || !sensor.scanning_enabled {
        return None;
    }
    if sensor.event_type == THRESHOLD_TYPE {
        return Some(match sensor.states {
            // Lower and upper non-recoverable, critical, non-critical (table 35-14).
            states if states & 0x24 != 0 => Level::NonRecoverable,
            states if states & 0x12 != 0 => Level::Critical,
            states if states & 0x09 != 0 => Level::NonCritical,
            _ => Level::Ok,
        });
    }
    let states = AssertedStates {
        event_type: EventReadingType(sensor.event_type),
        sensor_type: SensorType(sensor.sensor_type),
        states: DiscreteStates::new(sensor.states),
    };
    Some(match states.severity() {
        None | Some(Severity::Ok | Severity::Information) => Level::Ok,
        Some(Severity::NonCritical | Severity::PredictiveFailure) => Level::NonCritical,
        Some(Severity::Failure) => Level::UnspecifiedFault,
        Some(Severity::Critical) => Level::Critical,
        Some(Severity::NonRecoverable) => Level::NonRecoverable,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::Options;

    #[test]
    fn sensors_make_the_health_of_their_part() {
        let now = Duration::from_secs(1_700_000_000);
        let mut bmc = Bmc::builtin(&Options { freeze: true, ..Options::default() }, now);
        let temperature = |bmc: &Bmc| of_part(bmc, &PARTS[0]);
        assert_eq!(temperature(&bmc), Some(Level::Ok));
        let worst = overall(&bmc);
        let key = *bmc.main.sensors.iter().find(|(_, s)| s.sensor_type == 1 && s.available).unwrap().0;
        for (states, expected) in [
            (0x08, Level::NonCritical),
            (0x18, Level::Critical),
            (0x38, Level::NonRecoverable),
            (0x01, Level::NonCritical),
        ] {
            bmc.main.sensors.get_mut(&key).unwrap().states = states;
            assert_eq!(temperature(&bmc), Some(expected));
            assert_eq!(overall(&bmc), worst.max(Some(expected)));
        }
        bmc.main.sensors.values_mut().for_each(|sensor| sensor.available = false);
        bmc.satellites.clear();
        assert_eq!((temperature(&bmc), overall(&bmc)), (None, None));
    }
}
