//! DCMI sensor info, temperature readings and thermal limits (DCMI 1.5 s6.5.2, s6.7).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::super::{Answer, Call, Row, Scope, row};

use crate::limits::{has_temperatures, is_same_entity};
use crate::measured::Measured;
use crate::store::dcmi::{Excess, ThermalLimit};

/// Sensor type of the only sensors DCMI lists: temperature.
const TEMPERATURE: u8 = 0x01;
/// Most sensors in a response.
const PAGE: usize = 8;
/// Entity of the inlet, of which there are thermal limits.
const INLET: u8 = 0x40;
/// Most a temperature reading can say.
const MOST: f64 = 127.0;

pub(in super::super) const ROWS: &[Row] = &[
    row(NetFn::GROUP_EXTENSION, 0x07, 4..=4, Privilege::Operator, Scope::Bmc, get_sensor_info),
    row(NetFn::GROUP_EXTENSION, 0x0B, 6..=6, Privilege::Operator, Scope::Bmc, set_thermal_limit),
    row(NetFn::GROUP_EXTENSION, 0x0C, 2..=2, Privilege::User, Scope::Bmc, get_thermal_limit),
    row(NetFn::GROUP_EXTENSION, 0x10, 4..=4, Privilege::User, Scope::Bmc, get_temperature_readings),
];

/// The sensors a request asks for: all of them, then those of the page. Pages begin with sensor 1; 0 means 1.
fn page(call: &Call<'_>) -> Result<(u8, Vec<Measured>), CompletionCode> {
    let (kind, entity, instance, start) = (call.byte(0), call.byte(1), call.byte(2), call.byte(3));
    if kind != TEMPERATURE || !has_temperatures(entity) {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    let total = call.bmc.temperatures(entity, instance).count();
    let skipped = usize::from(start.saturating_sub(1));
    let page = call.bmc.temperatures(entity, instance).skip(skipped).take(PAGE).collect();
    Ok((u8::try_from(total).unwrap_or(u8::MAX), page))
}

fn get_sensor_info(call: &mut Call<'_>) -> Answer {
    let (total, page) = page(call)?;
    let mut answer = vec![total, u8::try_from(page.len()).unwrap_or(0)];
    answer.extend(page.iter().flat_map(|sensor| sensor.record_id.to_le_bytes()));
    Ok(answer)
}

fn get_temperature_readings(call: &mut Call<'_>) -> Answer {
    let (total, page) = page(call)?;
    let shown: Vec<_> = page.iter().filter_map(|sensor| Some((sensor, call.bmc.measure(sensor)?))).collect();
    let mut answer = vec![total, u8::try_from(shown.len()).unwrap_or(0)];
    for (sensor, degrees) in shown {
        // The magnitude is 0-127: the cast cannot lose anything.
        let magnitude = degrees.abs().round().min(MOST) as u8;
        answer.extend([u8::from(degrees < 0.0) << 7 | magnitude, sensor.instance]);
    }
    Ok(answer)
}

/// The inlet a thermal limit is for; it must have a sensor.
fn inlet(call: &Call<'_>) -> Result<(u8, u8), CompletionCode> {
    let (entity, instance) = (call.byte(0), call.byte(1));
    if !is_same_entity(entity, INLET) {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    if call.bmc.temperatures(entity, instance).next().is_none() {
        return Err(CompletionCode::NOT_PRESENT);
    }
    Ok((INLET, instance))
}

fn set_thermal_limit(call: &mut Call<'_>) -> Answer {
    let key = inlet(call)?;
    let limit = ThermalLimit { actions: call.byte(2), degrees: call.byte(3), seconds: call.word(4) };
    call.bmc.dcmi.thermal.insert(key, (limit, Excess::default()));
    call.bmc.dirty = true;
    Ok(Vec::new())
}

fn get_thermal_limit(call: &mut Call<'_>) -> Answer {
    let key = inlet(call)?;
    let (limit, _) = call.bmc.dcmi.thermal.get(&key).copied().unwrap_or_default();
    let [low, high] = limit.seconds.to_le_bytes();
    Ok(vec![limit.actions, limit.degrees, low, high])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::testing::{NOW, ask, refuse};
    use super::super::testing::server;

    #[test]
    fn sensors_are_found_by_either_entity_id() {
        let mut bmc = server();
        for entity in [0x41, 0x03] {
            assert_eq!(ask(&mut bmc, 0x2C, 0x07, &[0xDC, 1, entity, 0, 0]), [0xDC, 2, 2, 4, 0, 5, 0]);
            assert_eq!(ask(&mut bmc, 0x2C, 0x07, &[0xDC, 1, entity, 2, 0]), [0xDC, 1, 1, 5, 0]);
            assert_eq!(ask(&mut bmc, 0x2C, 0x07, &[0xDC, 1, entity, 0, 2]), [0xDC, 2, 1, 5, 0]);
            assert_eq!(ask(&mut bmc, 0x2C, 0x10, &[0xDC, 1, entity, 0, 0]), [0xDC, 2, 2, 50, 1, 60, 2]);
        }
        assert_eq!(ask(&mut bmc, 0x2C, 0x07, &[0xDC, 1, 0x42, 0, 0]), [0xDC, 0, 0]);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x07, &[0xDC, 2, 0x41, 0, 0]), 0xCC);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x07, &[0xDC, 1, 0x0A, 0, 0]), 0xCC);
    }

    #[test]
    fn what_cannot_be_read_has_no_temperature() {
        let mut bmc = server();
        bmc.main.sensors.get_mut(&(0, 3)).unwrap().available = false;
        assert_eq!(ask(&mut bmc, 0x2C, 0x10, &[0xDC, 1, 0x41, 0, 0]), [0xDC, 2, 1, 60, 2]);
    }

    #[test]
    fn a_thermal_limit_is_kept_and_enforced() {
        let mut bmc = server();
        assert_eq!(ask(&mut bmc, 0x2C, 0x0C, &[0xDC, 0x40, 1]), [0xDC, 0, 0, 0, 0]);
        assert_eq!(ask(&mut bmc, 0x2C, 0x0B, &[0xDC, 0x37, 1, 0x60, 39, 5, 0]), [0xDC]);
        assert_eq!(ask(&mut bmc, 0x2C, 0x0C, &[0xDC, 0x40, 1]), [0xDC, 0x60, 39, 5, 0]);
        assert_eq!(bmc.poll(NOW), Some(NOW + Duration::from_secs(5)));
        bmc.poll(NOW + Duration::from_secs(5));
        assert!(!bmc.chassis.power_on);
        let records = bmc.main.sel.as_ref().unwrap().records();
        assert_eq!(records[0][7..], [0x20, 0, 4, 1, 1, 0x05, 1, 0xFF, 0xFF]);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x0C, &[0xDC, 0x41, 1]), 0xCC);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x0C, &[0xDC, 0x40, 2]), 0xCB);
    }
}
