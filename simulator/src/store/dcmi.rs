//! What a DCMI controller keeps: power and thermal limits, asset tag, controller id, DHCP settings (DCMI 1.5 s6).

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::power_statistics::PowerStatistics;
use crate::controller::SensorKey;

/// Longest asset tag.
pub const ASSET_TAG_LIMIT: usize = 63;
/// Longest controller id string with its final NUL.
pub const CONTROLLER_ID_LIMIT: usize = 64;

/// A power limit as Set Power Limit gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PowerLimit {
    /// Exception action: 0 none, 1 power off and log, 11h log.
    pub action: u8,
    /// Limit in watts.
    pub watts: u16,
    /// Time to get below the limit, in milliseconds.
    pub correction_ms: u32,
    /// Statistics sampling period in seconds.
    pub sampling_s: u16,
    /// The limit is in force.
    pub active: bool,
}

/// What a limit is before one is set: clients that change one value read the others first and write them back.
impl Default for PowerLimit {
    fn default() -> Self {
        Self { action: 0, watts: 900, correction_ms: 1000, sampling_s: 1, active: false }
    }
}

/// A thermal limit as Set Thermal Limit gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ThermalLimit {
    /// Exception actions: `[6]` power off and log, `[5]` log.
    pub actions: u8,
    /// Limit in degrees Celsius.
    pub degrees: u8,
    /// Time above the limit before the action, in seconds.
    pub seconds: u16,
}

/// How long something has been above its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Excess {
    since: Option<Duration>,
    handled: bool,
}

impl Excess {
    /// Takes whether the limit is exceeded at `now`; true once, when that has lasted `allowed`.
    pub fn check(&mut self, exceeded: bool, allowed: Duration, now: Duration) -> bool {
        if !exceeded {
            *self = Self::default();
            return false;
        }
        let since = *self.since.get_or_insert(now);
        let act = !self.handled && since + allowed <= now;
        self.handled |= act;
        act
    }

    /// When [`Excess::check`] may become true by itself.
    pub fn deadline(&self, allowed: Duration) -> Option<Duration> {
        self.since.filter(|_| !self.handled).map(|since| since + allowed)
    }
}

/// DHCP settings of Set DCMI Configuration Parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dhcp {
    /// Discovery configuration: `[7]` random back-off, `[1]` options 60 and 43, `[0]` option 12.
    pub discovery: u8,
    /// Initial timeout in seconds.
    pub initial_timeout: u8,
    /// Server contact timeout in seconds.
    pub contact_timeout: u16,
    /// Server contact retry interval in seconds.
    pub contact_retry: u16,
}

impl Default for Dhcp {
    fn default() -> Self {
        Self { discovery: 0x01, initial_timeout: 4, contact_timeout: 120, contact_retry: 64 }
    }
}

/// The DCMI side of a BMC.
#[derive(Debug, Clone, Default)]
pub struct Dcmi {
    /// The commands are answered.
    pub enabled: bool,
    /// The sensor of the system's power; without one, the first that measures watts is taken.
    pub power_sensor: Option<SensorKey>,
    /// Samples of that sensor.
    pub statistics: PowerStatistics,
    /// Power limit.
    pub limit: PowerLimit,
    /// How long the power has been above the limit.
    pub power_excess: Excess,
    /// Asset tag.
    pub asset_tag: Vec<u8>,
    /// Controller id string without its NUL; one made of the MAC address when it was never set.
    pub controller_id: Option<Vec<u8>>,
    /// Thermal limits by entity id and instance.
    pub thermal: BTreeMap<(u8, u8), (ThermalLimit, Excess)>,
    /// DHCP settings.
    pub dhcp: Dhcp,
}

impl Dcmi {
    /// The power limit in force, in watts.
    pub fn active_limit(&self) -> Option<u16> {
        (self.enabled && self.limit.active).then_some(self.limit.watts)
    }
}

/// The part of [`Dcmi`] that survives a restart.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SavedDcmi {
    asset_tag: Vec<u8>,
    controller_id: Option<Vec<u8>>,
    limit: PowerLimit,
    dhcp: Dhcp,
    thermal: Vec<SavedThermal>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SavedThermal {
    entity: u8,
    instance: u8,
    limit: ThermalLimit,
}

impl SavedDcmi {
    /// What survives of `dcmi`.
    pub fn of(dcmi: &Dcmi) -> Self {
        let thermal = dcmi.thermal.iter();
        Self {
            asset_tag: dcmi.asset_tag.clone(),
            controller_id: dcmi.controller_id.clone(),
            limit: dcmi.limit,
            dhcp: dcmi.dhcp,
            thermal: thermal
                .map(|((entity, instance), (limit, _))| SavedThermal {
                    entity: *entity,
                    instance: *instance,
                    limit: *limit,
                })
                .collect(),
        }
    }

    /// Puts it back.
    pub fn restore(mut self, dcmi: &mut Dcmi) {
        self.asset_tag.truncate(ASSET_TAG_LIMIT);
        self.controller_id.iter_mut().for_each(|id| id.truncate(CONTROLLER_ID_LIMIT));
        dcmi.asset_tag = self.asset_tag;
        dcmi.controller_id = self.controller_id;
        dcmi.limit = self.limit;
        dcmi.dhcp = self.dhcp;
        let thermal = self.thermal.into_iter();
        dcmi.thermal =
            thermal.map(|saved| ((saved.entity, saved.instance), (saved.limit, Excess::default()))).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excess_counts_once_when_it_lasted() {
        let second = Duration::from_secs;
        let allowed = second(5);
        let mut excess = Excess::default();
        assert!(!excess.check(true, allowed, second(10)));
        assert_eq!(excess.deadline(allowed), Some(second(15)));
        assert!(!excess.check(false, allowed, second(12)));
        assert_eq!(excess.deadline(allowed), None);
        assert!(!excess.check(true, allowed, second(13)));
        assert!(excess.check(true, allowed, second(18)));
        assert!(!excess.check(true, allowed, second(30)));
        assert_eq!(excess.deadline(allowed), None);
    }
}
