//! A two-socket server as a thermal model: load makes power, power makes heat, fans carry it away.
//!
//! First-order lags towards equilibrium values, stepped once a second, with seeded noise. It is not a simulation of
//! any real machine: it makes readings that move plausibly and depend on each other.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::Model;
use super::scale::Scale;
use crate::bmc::Bmc;
use crate::controller::SensorKey;

/// Time between steps.
const STEP: Duration = Duration::from_secs(1);
/// Steps made up for after a pause; a longer pause is a jump.
const MAX_CATCH_UP: u32 = 120;
/// Steps before the first reading, so that a new server is warm.
const WARM_UP: u32 = 900;
/// Room temperature.
const ROOM: f64 = 22.0;
/// Fan speed at full duty, RPM.
const FAN_FULL: f64 = 16_000.0;

/// Load of a processor just after the power came on.
const STARTING_LOAD: f64 = 0.1;

/// Power of a processor and its memory at full load beyond that at none.
const LOAD_POWER: f64 = CPU_LOAD_POWER + MEMORY_LOAD_POWER;
const CPU_LOAD_POWER: f64 = 140.0;
const MEMORY_LOAD_POWER: f64 = 18.0;
/// Part of a power limit that throttling aims at: sensors round up.
const THROTTLED: f64 = 0.98;

/// What a sensor measures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Quantity {
    /// Temperature of the air coming in.
    Inlet,
    /// Temperature of the air going out.
    Exhaust,
    /// Temperature of a processor, 0 or 1.
    Cpu(usize),
    /// Temperature of something in the air stream of processor n, warmer than the air by this at full load.
    Beside(usize, f64),
    /// Temperature of a part that warms by this above the inlet.
    Above(f64),
    /// A fan; its speed differs from the others' by this part of one.
    Fan(f64),
    /// A supply that is there only while the power is on.
    Rail(f64),
    /// A supply that is always there.
    Standby(f64),
    /// Power drawn by the system.
    SystemPower,
    /// Power drawn through a power supply, with its part of the load.
    SupplyPower(f64),
    /// Current through a power supply at 230 V, with its part of the load.
    SupplyCurrent(f64),
    /// Power drawn by a processor.
    CpuPower(usize),
    /// Power drawn by the memory of a processor.
    MemoryPower(usize),
    /// Load of a processor in percent.
    Usage(usize),
    /// Air moved, in cubic feet per minute.
    Airflow,
}

impl Quantity {
    /// True for what can be measured with the power off.
    fn is_standby(self) -> bool {
        matches!(self, Self::Inlet | Self::Above(_) | Self::Standby(_) | Self::SystemPower | Self::SupplyPower(_))
            || matches!(self, Self::SupplyCurrent(_))
    }
}

/// A sensor the model moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moved {
    /// Controller it belongs to.
    pub owner: u8,
    /// LUN and number.
    pub key: SensorKey,
    /// What it measures.
    pub quantity: Quantity,
    /// Raw conversion.
    pub scale: Scale,
}

/// A discrete sensor that follows the power, with its states when off and on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follows {
    /// LUN and number.
    pub key: SensorKey,
    /// States with the power off.
    pub off: u16,
    /// States with the power on.
    pub on: u16,
}

/// The model.
#[derive(Debug)]
pub struct Thermal {
    sensors: Vec<Moved>,
    follows: Vec<Follows>,
    freeze: bool,
    noise: StdRng,
    last: Duration,
    elapsed: f64,
    on: bool,
    load: [f64; 2],
    cpu: [f64; 2],
    duty: f64,
    inlet: f64,
    exhaust: f64,
    /// Power the processors are throttled to stay below.
    power_limit: Option<f64>,
}

impl Thermal {
    /// A warm server at `now`.
    pub fn new(sensors: Vec<Moved>, follows: Vec<Follows>, seed: u64, freeze: bool, now: Duration) -> Self {
        let mut model = Self {
            sensors,
            follows,
            freeze,
            noise: StdRng::seed_from_u64(seed),
            last: now,
            elapsed: 0.0,
            on: true,
            load: [0.3, 0.2],
            cpu: [45.0, 43.0],
            duty: 0.35,
            inlet: ROOM,
            exhaust: ROOM + 8.0,
            power_limit: None,
        };
        for _ in 0..WARM_UP {
            model.advance();
        }
        model
    }

    /// Puts the present values into the sensors, with events where thresholds are crossed.
    pub fn apply(&mut self, bmc: &mut Bmc, now: Duration) {
        for index in 0..self.sensors.len() {
            let Some(moved) = self.sensors.get(index).copied() else { continue };
            let value = self.value(moved.quantity);
            let there = self.on || moved.quantity.is_standby();
            let raw = if there { moved.scale.raw(value) } else { 0 };
            let controller = bmc.controller_mut(moved.owner);
            let Some(sensor) = controller.and_then(|controller| controller.sensors.get_mut(&moved.key)) else {
                continue;
            };
            if sensor.pinned {
                continue;
            }
            if there && sensor.available && sensor.reading == raw {
                continue;
            }
            sensor.available = there;
            if there {
                let events = sensor.set_reading(raw);
                bmc.log_events(moved.owner, &events, now);
            } else {
                // What cannot be measured crosses no threshold.
                (sensor.reading, sensor.states) = (0, 0);
            }
        }
    }

    fn noise(&mut self, amplitude: f64) -> f64 {
        self.noise.random_range(-amplitude..=amplitude)
    }

    /// One second.
    fn advance(&mut self) {
        self.elapsed += 1.0;
        let room = ROOM + (self.elapsed / 1800.0).sin() + self.noise(0.1);
        self.inlet += (room - self.inlet) * 0.02;
        let base = [0.35 + 0.2 * (self.elapsed / 240.0).sin(), 0.28 + 0.15 * (self.elapsed / 410.0).cos()];
        for index in 0..2 {
            let step = self.noise(0.03);
            let power = self.cpu_power(index);
            let airflow = 0.25 + self.duty;
            if let (Some(load), Some(base), Some(cpu)) =
                (self.load.get_mut(index), base.get(index), self.cpu.get_mut(index))
            {
                *load = if self.on { (*load + (base - *load) * 0.1 + step).clamp(0.02, 1.0) } else { 0.0 };
                let target = self.inlet + power * 0.24 / airflow;
                *cpu += (target - *cpu) * 0.05;
            }
        }
        self.throttle();
        let hottest = self.cpu.iter().copied().fold(f64::MIN, f64::max);
        let wanted = if self.on { (0.3 + (hottest - 50.0) * 0.02).clamp(0.3, 1.0) } else { 0.0 };
        self.duty += (wanted - self.duty) * 0.1;
        let exhaust = self.inlet + self.system_power() * 0.02 / (0.25 + self.duty);
        self.exhaust += (exhaust - self.exhaust) * 0.03;
    }

    /// Takes load away until the power is below the limit, or none is left.
    fn throttle(&mut self) {
        let Some(limit) = self.power_limit else { return };
        let load: f64 = self.load.iter().sum();
        let excess = self.system_power() - limit * THROTTLED;
        if excess > 0.0 && load > 0.0 {
            let allowed = (1.0 - excess / (load * LOAD_POWER)).max(0.0);
            self.load = self.load.map(|load| load * allowed);
        }
    }

    fn load(&self, cpu: usize) -> f64 {
        self.load.get(cpu).copied().unwrap_or(0.0)
    }

    fn cpu_power(&self, cpu: usize) -> f64 {
        if self.on { 45.0 + CPU_LOAD_POWER * self.load(cpu) } else { 0.0 }
    }

    fn memory_power(&self, cpu: usize) -> f64 {
        if self.on { 12.0 + MEMORY_LOAD_POWER * self.load(cpu) } else { 0.0 }
    }

    fn system_power(&self) -> f64 {
        if !self.on {
            return 14.0;
        }
        let parts: f64 = (0..2).map(|cpu| self.cpu_power(cpu) + self.memory_power(cpu)).sum();
        95.0 + parts + 60.0 * self.duty.powi(3)
    }

    fn value(&mut self, quantity: Quantity) -> f64 {
        match quantity {
            Quantity::Inlet => self.inlet,
            Quantity::Exhaust => self.exhaust,
            Quantity::Cpu(cpu) => self.cpu.get(cpu).copied().unwrap_or(0.0) + self.noise(0.4),
            Quantity::Beside(cpu, rise) => {
                let air = (self.inlet + self.exhaust) / 2.0;
                air + rise * (0.4 + 0.6 * self.load(cpu)) + self.noise(0.3)
            }
            Quantity::Above(rise) => self.inlet + if self.on { rise } else { rise / 3.0 } + self.noise(0.3),
            Quantity::Fan(difference) => self.duty * FAN_FULL * (1.0 + difference) + self.noise(40.0),
            Quantity::Rail(volts) | Quantity::Standby(volts) => volts * (1.0 + self.noise(0.003)),
            Quantity::SystemPower => self.system_power(),
            Quantity::SupplyPower(part) => self.system_power() * part * 1.06,
            Quantity::SupplyCurrent(part) => self.system_power() * part * 1.06 / 230.0,
            Quantity::CpuPower(cpu) => self.cpu_power(cpu),
            Quantity::MemoryPower(cpu) => self.memory_power(cpu),
            Quantity::Usage(cpu) => self.load(cpu) * 100.0,
            Quantity::Airflow => self.duty * 180.0,
        }
    }

    fn follow(&self, bmc: &mut Bmc, now: Duration) {
        for follows in &self.follows {
            let states = if self.on { follows.on } else { follows.off };
            bmc.set_states(bmc.main.address, follows.key, states, None, now);
        }
    }
}

impl Model for Thermal {
    fn step(&mut self, bmc: &mut Bmc, now: Duration) -> Option<Duration> {
        if self.freeze {
            return None;
        }
        self.power_limit = bmc.dcmi.active_limit().map(f64::from);
        let mut moved = false;
        for _ in 0..MAX_CATCH_UP {
            if self.last + STEP > now {
                break;
            }
            self.last += STEP;
            self.advance();
            moved = true;
        }
        if self.last + STEP <= now {
            self.last = now;
        }
        if moved {
            self.apply(bmc, now);
        }
        Some(self.last + STEP)
    }

    fn power_changed(&mut self, bmc: &mut Bmc, now: Duration) {
        self.on = bmc.chassis.power_on;
        self.duty = if self.on { 0.35 } else { 0.0 };
        self.load = if self.on { [STARTING_LOAD; 2] } else { [0.0; 2] };
        self.follow(bmc, now);
        self.apply(bmc, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settled(load: f64) -> Thermal {
        let mut model = Thermal::new(Vec::new(), Vec::new(), 1, false, Duration::ZERO);
        for _ in 0..600 {
            model.load = [load; 2];
            model.advance();
        }
        model
    }

    #[test]
    fn load_makes_heat_and_fans_follow() {
        let (idle, busy) = (settled(0.05), settled(1.0));
        assert!(busy.cpu_power(0) > idle.cpu_power(0) + 100.0);
        assert!(busy.cpu[0] > idle.cpu[0] + 5.0, "{} {}", busy.cpu[0], idle.cpu[0]);
        assert!(busy.duty > idle.duty + 0.1, "{} {}", busy.duty, idle.duty);
        assert!(busy.cpu[0] < 88.0, "full load must stay below the limits: {}", busy.cpu[0]);
        assert!(busy.exhaust > busy.inlet);
    }

    #[test]
    fn a_power_limit_throttles_the_processors() {
        let mut model = settled(1.0);
        let before = model.system_power();
        model.power_limit = Some(before - 100.0);
        model.advance();
        assert!(model.system_power() < before - 100.0, "{} {before}", model.system_power());
        model.power_limit = Some(1.0);
        model.advance();
        assert_eq!(model.load, [0.0, 0.0]);
    }

    #[test]
    fn without_power_everything_cools_down_and_the_fans_stop() {
        let mut model = settled(1.0);
        model.on = false;
        for _ in 0..600 {
            model.advance();
        }
        assert!(model.duty < 0.01);
        assert!((model.cpu[0] - model.inlet).abs() < 1.0);
    }
}
