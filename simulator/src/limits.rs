//! What a BMC does about DCMI power and thermal limits that are exceeded, and the power statistics (DCMI 1.5 s6.6).

use std::time::Duration;

use ipmi_core::text::hex;

use crate::bmc::Bmc;
use crate::measured::Measured;

/// Entity of the system's power: power unit.
const POWER_UNIT: u8 = 0x13;
/// Event/reading type "limit exceeded", of which offset 1 is the excess.
const LIMIT: u8 = 0x05;
/// Offset: limit exceeded.
const EXCEEDED: u8 = 0x01;
/// Exception action of a power limit: power off and log.
const POWER_OFF: u8 = 0x01;
/// Exception action of a power limit: log.
const LOG: u8 = 0x11;
/// Exception action of a thermal limit: power off and log.
const THERMAL_POWER_OFF: u8 = 0x40;
/// Exception action of a thermal limit: log.
const THERMAL_LOG: u8 = 0x20;

/// The entities DCMI names and those of IPMI that mean the same: inlet, processor, baseboard.
const SAME_ENTITIES: [(u8, u8); 3] = [(0x40, 0x37), (0x41, 0x03), (0x42, 0x07)];

/// True when both ids name the same entity.
pub(crate) fn is_same_entity(a: u8, b: u8) -> bool {
    a == b || SAME_ENTITIES.contains(&(a, b)) || SAME_ENTITIES.contains(&(b, a))
}

/// True for an entity DCMI has temperatures of.
pub(crate) fn has_temperatures(entity: u8) -> bool {
    SAME_ENTITIES.iter().any(|(dcmi, ipmi)| entity == *dcmi || entity == *ipmi)
}

impl Bmc {
    /// The controller id string: the one that was set, or the one DCMI makes of the MAC address.
    pub(crate) fn controller_id(&self) -> Vec<u8> {
        let default = || format!("DCMI{}", hex(&self.settings.lan.mac()).to_uppercase()).into_bytes();
        self.dcmi.controller_id.clone().unwrap_or_else(default)
    }

    /// The sensor of the system's power.
    pub(crate) fn power_sensor(&self) -> Option<Measured> {
        let watts = || Measured::all(&self.main.sdr).filter(|sensor| sensor.is_power());
        match self.dcmi.power_sensor {
            Some(key) => watts().find(|sensor| sensor.key == key && sensor.owner == self.main.address),
            None => watts().find(|sensor| sensor.entity == POWER_UNIT).or_else(|| watts().next()),
        }
    }

    /// What a sensor shows now; `None` when it shows nothing.
    pub(crate) fn measure(&self, sensor: &Measured) -> Option<f64> {
        let shown = self.controller(sensor.owner)?.sensors.get(&sensor.key)?;
        shown.available.then(|| sensor.value(shown.reading))
    }

    /// The system's power now, in watts.
    pub(crate) fn system_watts(&self) -> Option<u16> {
        let sensor = self.power_sensor()?;
        // Casts from float to integer saturate.
        self.measure(&sensor).map(|watts| watts.round() as u16)
    }

    /// Temperature sensors of an entity, of all instances or one.
    pub(crate) fn temperatures(&self, entity: u8, instance: u8) -> impl Iterator<Item = Measured> {
        Measured::all(&self.main.sdr).filter(move |sensor| {
            let there = sensor.is_temperature() && is_same_entity(sensor.entity, entity);
            there && (instance == 0 || sensor.instance == instance)
        })
    }

    /// Samples the power, acts on limits that have been exceeded too long, and says when to come back.
    pub(crate) fn poll_limits(&mut self, now: Duration) -> Option<Duration> {
        if !self.dcmi.enabled {
            return None;
        }
        if self.dcmi.statistics.is_due(now) {
            let watts = self.system_watts().unwrap_or(0);
            self.dcmi.statistics.sample(watts, now);
        }
        let power = self.poll_power_limit(now);
        let keys: Vec<_> = self.dcmi.thermal.keys().copied().collect();
        let thermal = keys.into_iter().filter_map(|key| self.poll_thermal_limit(key, now));
        thermal.chain(power).min()
    }

    fn poll_power_limit(&mut self, now: Duration) -> Option<Duration> {
        let limit = self.dcmi.limit;
        if !limit.active {
            return None;
        }
        let sensor = self.power_sensor();
        let exceeded = self.chassis.power_on && self.system_watts().is_some_and(|watts| watts > limit.watts);
        let allowed = Duration::from_millis(u64::from(limit.correction_ms));
        if self.dcmi.power_excess.check(exceeded, allowed, now) {
            if matches!(limit.action, POWER_OFF | LOG) {
                self.log_excess(sensor, now);
            }
            if limit.action == POWER_OFF {
                self.power_off(now);
            }
        }
        self.dcmi.power_excess.deadline(allowed)
    }

    fn poll_thermal_limit(&mut self, key: (u8, u8), now: Duration) -> Option<Duration> {
        let (limit, mut excess) = *self.dcmi.thermal.get(&key)?;
        let allowed = Duration::from_secs(u64::from(limit.seconds));
        let hot = |sensor: &Measured| self.measure(sensor).is_some_and(|degrees| degrees > f64::from(limit.degrees));
        let hot = self.temperatures(key.0, key.1).find(hot);
        let acts = excess.check(hot.is_some() && limit.actions != 0, allowed, now);
        self.dcmi.thermal.insert(key, (limit, excess));
        if acts {
            if limit.actions & (THERMAL_LOG | THERMAL_POWER_OFF) != 0 {
                self.log_excess(hot, now);
            }
            if limit.actions & THERMAL_POWER_OFF != 0 {
                self.power_off(now);
            }
        }
        excess.deadline(allowed)
    }

    fn log_excess(&mut self, sensor: Option<Measured>, now: Duration) {
        let (owner, key) = sensor.map_or((self.main.address, (0, 0)), |sensor| (sensor.owner, sensor.key));
        let shown = self.controller(owner).and_then(|controller| controller.sensors.get(&key));
        let kind = shown.map_or(0, |sensor| sensor.sensor_type);
        self.log_event([owner, key.0, 0x04, kind, key.1, LIMIT], [EXCEEDED, 0xFF, 0xFF], now);
    }
}
