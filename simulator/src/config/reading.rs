//! What a configuration file says of single sensors: where they start, and what they answer to each command.

use serde::Deserialize;

use super::hex;
use crate::bmc::{BMC_ADDRESS, Bmc};
use crate::sensor::{Access, Sensor, THRESHOLDS};

/// Flags of Get Sensor Reading: event messages on, scanning on, reading unavailable.
const EVENTS: u8 = 0x80;
const SCANNING: u8 = 0x40;
const UNAVAILABLE: u8 = 0x20;

/// `[[reading]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Reading {
    #[serde(default = "bmc_address")]
    owner: u8,
    #[serde(default)]
    lun: u8,
    number: u8,
    raw: Option<u8>,
    states: Option<u16>,
    available: Option<bool>,
    /// Second byte of Get Sensor Reading.
    flags: Option<u8>,
    /// What Get Sensor Thresholds answers: mask, then lnc, lcr, lnr, unc, ucr, unr.
    thresholds: Option<String>,
    /// What Get Sensor Hysteresis answers: positive-going, negative-going.
    hysteresis: Option<String>,
    /// What Get Sensor Event Enable answers after its flags: assertions, deassertions.
    enables: Option<String>,
    /// What Get Sensor Event Status answers after its flags: assertions, deassertions.
    events: Option<String>,
}

fn bmc_address() -> u8 {
    BMC_ADDRESS
}

impl Reading {
    pub(super) fn apply(&self, bmc: &mut Bmc) -> Result<(), String> {
        let name = format!("reading of sensor {:#04x} of {:#04x}", self.number, self.owner);
        let controller = bmc.controller_mut(self.owner);
        let sensor = controller.and_then(|controller| controller.sensors.get_mut(&(self.lun, self.number)));
        let sensor = sensor.ok_or_else(|| format!("{name}: there is no such sensor in the SDRs"))?;
        self.describe(sensor).map_err(|reason| format!("{name}: {reason}"))?;
        sensor.pinned = true;
        // Where a BMC starts is no event.
        if let Some(raw) = self.raw {
            let _ = sensor.set_reading(raw);
            sensor.reading = raw;
        }
        if let Some(states) = self.states {
            let _ = sensor.set_states(states, None);
        }
        (sensor.asserted, sensor.deasserted) = (0, 0);
        if let Some(text) = &self.events {
            let [a0, a1, d0, d1] = array("events", text).map_err(|reason| format!("{name}: {reason}"))?;
            sensor.asserted = u16::from_le_bytes([a0, a1]);
            sensor.deasserted = u16::from_le_bytes([d0, d1]);
        }
        Ok(())
    }

    fn describe(&self, sensor: &mut Sensor) -> Result<(), String> {
        if let Some(flags) = self.flags {
            sensor.events_enabled = flags & EVENTS != 0;
            sensor.scanning_enabled = flags & SCANNING != 0;
            sensor.available = flags & UNAVAILABLE == 0;
        }
        sensor.available = self.available.unwrap_or(sensor.available);
        if let Some(text) = &self.thresholds {
            let [mask, values @ ..] = array::<{ THRESHOLDS + 1 }>("thresholds", text)?;
            sensor.threshold_mask = mask & 0x3F;
            sensor.thresholds = values;
            sensor.threshold_access = readable(sensor.threshold_access);
        }
        if let Some(text) = &self.hysteresis {
            let [positive, negative] = array("hysteresis", text)?;
            (sensor.positive_hysteresis, sensor.negative_hysteresis) = (positive, negative);
            sensor.hysteresis_access = readable(sensor.hysteresis_access);
        }
        if let Some(text) = &self.enables {
            let [a0, a1, d0, d1] = array("enables", text)?;
            sensor.assert_enabled = u16::from_le_bytes([a0, a1]);
            sensor.deassert_enabled = u16::from_le_bytes([d0, d1]);
        }
        Ok(())
    }
}

/// What is answered can be read, whatever the record says.
fn readable(access: Access) -> Access {
    if access == Access::Settable { access } else { Access::Readable }
}

fn array<const N: usize>(name: &str, text: &str) -> Result<[u8; N], String> {
    let bytes = hex::bytes(text).map_err(|reason| format!("{name}: {reason}"))?;
    let found = bytes.len();
    bytes.try_into().map_err(|_| format!("{name}: expected {N} bytes, found {found}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ipmi_core::{NetFn, Request};

    use super::*;
    use crate::Options;

    const NOW: Duration = Duration::from_secs(1_790_000_000);

    fn apply(bmc: &mut Bmc, text: &str) -> Result<(), String> {
        toml::from_str::<Reading>(text).unwrap().apply(bmc)
    }

    #[test]
    fn a_sensor_answers_as_it_is_described() {
        let mut bmc = Bmc::builtin(&Options { seed: 1, freeze: true }, NOW);
        let sensors = bmc.main.sensors.iter();
        let number =
            sensors.filter(|(_, sensor)| sensor.is_threshold()).map(|((_, number), _)| *number).next().unwrap();
        let before = bmc.main.sel.as_ref().unwrap().records().len();
        let text = format!(
            "number = {number}\nraw = 0x44\nstates = 0x02\nflags = 0x40\nthresholds = \"1b 01 02 00 04 05 00\"\n\
             hysteresis = \"0304\"\nenables = \"0100 0200\"\nevents = \"0200 0000\""
        );
        apply(&mut bmc, &text).unwrap();
        let mut ask = |cmd| bmc.handle(&Request::new(NetFn::SENSOR_EVENT, cmd, [number]), NOW).data;
        assert_eq!(ask(0x2D), [0x44, 0x40, 0xC2]);
        assert_eq!(ask(0x27), [0x1B, 1, 2, 0, 4, 5, 0]);
        assert_eq!(ask(0x25), [3, 4]);
        assert_eq!(ask(0x29), [0x40, 1, 0, 2, 0]);
        assert_eq!(ask(0x2B)[1..], [2, 0, 0, 0]);
        assert_eq!(bmc.main.sel.as_ref().unwrap().records().len(), before);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let mut bmc = Bmc::builtin(&Options::default(), NOW);
        for (text, expected) in [
            ("number = 0xEE", "sensor 0xee of 0x20: there is no such sensor"),
            ("number = 1\nhysteresis = \"01\"", "sensor 0x01 of 0x20: hysteresis: expected 2 bytes, found 1"),
            ("number = 1\nthresholds = \"0g\"", "thresholds: expected hexadecimal digits"),
        ] {
            let error = apply(&mut bmc, text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
