//! Sensor commands: reading, thresholds, hysteresis, event enables and status, type (IPMI 2.0 s35.5-17).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{Answer, Call, Row, Scope, row};
use crate::sensor::{Access, Sensor, SensorEvent, THRESHOLDS};

/// Event message control: events are switched for the sensor as a whole, not for each state.
const EVENT_CONTROL_WHOLE_SENSOR: u8 = 1;
/// Event message control: the sensor sends no events.
const EVENT_CONTROL_NONE: u8 = 3;
/// Set Sensor Reading: the reading cannot be set.
const NOT_SETTABLE: CompletionCode = CompletionCode(0x80);

pub(super) const ROWS: &[Row] = &[
    row(NetFn::SENSOR_EVENT, 0x23, 2..=2, Privilege::User, Scope::Any, get_reading_factors),
    row(NetFn::SENSOR_EVENT, 0x24, 4..=4, Privilege::Operator, Scope::Any, set_hysteresis),
    row(NetFn::SENSOR_EVENT, 0x25, 1..=2, Privilege::User, Scope::Any, get_hysteresis),
    row(NetFn::SENSOR_EVENT, 0x26, 8..=8, Privilege::Operator, Scope::Any, set_thresholds),
    row(NetFn::SENSOR_EVENT, 0x27, 1..=1, Privilege::User, Scope::Any, get_thresholds),
    row(NetFn::SENSOR_EVENT, 0x28, 2..=6, Privilege::Operator, Scope::Any, set_event_enable),
    row(NetFn::SENSOR_EVENT, 0x29, 1..=1, Privilege::User, Scope::Any, get_event_enable),
    row(NetFn::SENSOR_EVENT, 0x2A, 2..=6, Privilege::Operator, Scope::Any, rearm),
    row(NetFn::SENSOR_EVENT, 0x2B, 1..=1, Privilege::User, Scope::Any, get_event_status),
    row(NetFn::SENSOR_EVENT, 0x2D, 1..=1, Privilege::User, Scope::Any, get_reading),
    row(NetFn::SENSOR_EVENT, 0x2F, 1..=1, Privilege::User, Scope::Any, get_type),
    row(NetFn::SENSOR_EVENT, 0x30, 3..=10, Privilege::Operator, Scope::Any, set_reading),
];

/// The sensor a request names: number in byte 1, LUN of the message.
fn sensor<'a>(call: &'a mut Call<'_>) -> Result<&'a mut Sensor, CompletionCode> {
    let key = (call.lun.get(), call.byte(0));
    let absent = call.bmc.profile.absent;
    call.controller().sensors.get_mut(&key).ok_or(absent)
}

fn log(call: &mut Call<'_>, events: &[SensorEvent]) {
    let (at, now) = (call.at, call.now);
    call.bmc.log_events(at, events, now);
}

/// Event messages on, scanning on, reading unavailable.
fn flags(sensor: &Sensor) -> u8 {
    u8::from(sensor.events_enabled) << 7 | u8::from(sensor.scanning_enabled) << 6 | u8::from(!sensor.available) << 5
}

fn get_reading(call: &mut Call<'_>) -> Answer {
    let (reserved, absent) = (call.bmc.profile.reserved_state_bits, call.bmc.profile.absent);
    let sensor = sensor(call)?;
    if sensor.event_only {
        return Err(absent);
    }
    let [mut low, mut high] = sensor.states.to_le_bytes();
    if reserved {
        if sensor.is_threshold() {
            low |= 0xC0;
        } else {
            high |= 0x80;
        }
    }
    let mut answer = vec![sensor.reading, flags(sensor), low];
    if !sensor.is_threshold() || !reserved {
        answer.push(high);
    }
    Ok(answer)
}

fn get_thresholds(call: &mut Call<'_>) -> Answer {
    let unsuitable = call.bmc.profile.unsuitable;
    let sensor = sensor(call)?;
    if !sensor.is_threshold() || !matches!(sensor.threshold_access, Access::Readable | Access::Settable) {
        return Err(unsuitable);
    }
    let mut answer = vec![sensor.threshold_mask];
    for (bit, threshold) in sensor.thresholds.iter().enumerate() {
        let readable = sensor.threshold_mask >> bit & 1 == 1;
        answer.push(if readable { *threshold } else { 0 });
    }
    Ok(answer)
}

fn set_thresholds(call: &mut Call<'_>) -> Answer {
    let (mask, values) = (call.byte(1), call.rest(2).to_vec());
    let unsuitable = call.bmc.profile.unsuitable;
    let sensor = sensor(call)?;
    if !sensor.is_threshold() || sensor.threshold_access != Access::Settable {
        return Err(unsuitable);
    }
    if mask & !sensor.settable_mask != 0 {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    for bit in (0..THRESHOLDS).filter(|bit| mask >> bit & 1 == 1) {
        if let (Some(slot), Some(value)) = (sensor.thresholds.get_mut(bit), values.get(bit)) {
            *slot = *value;
        }
    }
    sensor.changed = true;
    let events = sensor.compare();
    call.bmc.dirty = true;
    log(call, &events);
    Ok(Vec::new())
}

fn get_hysteresis(call: &mut Call<'_>) -> Answer {
    let unsuitable = call.bmc.profile.unsuitable;
    let sensor = sensor(call)?;
    if !matches!(sensor.hysteresis_access, Access::Readable | Access::Settable) {
        return Err(unsuitable);
    }
    Ok(vec![sensor.positive_hysteresis, sensor.negative_hysteresis])
}

fn set_hysteresis(call: &mut Call<'_>) -> Answer {
    let (positive, negative) = (call.byte(2), call.byte(3));
    let unsuitable = call.bmc.profile.unsuitable;
    let sensor = sensor(call)?;
    if sensor.hysteresis_access != Access::Settable {
        return Err(unsuitable);
    }
    (sensor.positive_hysteresis, sensor.negative_hysteresis) = (positive, negative);
    sensor.changed = true;
    call.bmc.dirty = true;
    Ok(Vec::new())
}

fn get_event_enable(call: &mut Call<'_>) -> Answer {
    let unsuitable = call.bmc.profile.unsuitable;
    let sensor = sensor(call)?;
    let mut answer = vec![flags(sensor) & 0xC0];
    match sensor.event_control {
        EVENT_CONTROL_NONE => return Err(unsuitable),
        EVENT_CONTROL_WHOLE_SENSOR => return Ok(answer),
        _ => {}
    }
    answer.extend(sensor.assert_enabled.to_le_bytes());
    answer.extend(sensor.deassert_enabled.to_le_bytes());
    Ok(answer)
}

fn set_event_enable(call: &mut Call<'_>) -> Answer {
    let (action, asserted, deasserted) = (call.byte(1), call.word(2), call.word(4));
    let sensor = sensor(call)?;
    if sensor.event_control == EVENT_CONTROL_NONE {
        return Err(CompletionCode::ILLEGAL_FOR_SENSOR);
    }
    let (asserted, deasserted) = (asserted & sensor.assert_supported, deasserted & sensor.deassert_supported);
    match action >> 4 & 3 {
        0 => {}
        1 => {
            sensor.assert_enabled |= asserted;
            sensor.deassert_enabled |= deasserted;
        }
        2 => {
            sensor.assert_enabled &= !asserted;
            sensor.deassert_enabled &= !deasserted;
        }
        _ => return Err(CompletionCode::INVALID_DATA_FIELD),
    }
    sensor.events_enabled = action & 0x80 != 0;
    sensor.scanning_enabled = action & 0x40 != 0;
    sensor.changed = true;
    call.bmc.dirty = true;
    Ok(Vec::new())
}

fn rearm(call: &mut Call<'_>) -> Answer {
    let selected = call.byte(1) & 0x80 != 0;
    let (asserted, deasserted) = if selected { (call.word(2), call.word(4)) } else { (0x7FFF, 0x7FFF) };
    let events = sensor(call)?.rearm(asserted, deasserted);
    log(call, &events);
    Ok(Vec::new())
}

fn get_event_status(call: &mut Call<'_>) -> Answer {
    if !call.bmc.profile.event_status {
        return Err(CompletionCode::INVALID_COMMAND);
    }
    let sensor = sensor(call)?;
    let mut answer = vec![flags(sensor)];
    answer.extend(sensor.asserted.to_le_bytes());
    answer.extend(sensor.deasserted.to_le_bytes());
    Ok(answer)
}

// Sensors here are linear or linearised by the record's formula: the factors are the same for every reading.
fn get_reading_factors(call: &mut Call<'_>) -> Answer {
    let factors = sensor(call)?.factors.ok_or(CompletionCode::ILLEGAL_FOR_SENSOR)?;
    let mut answer = vec![0xFF];
    answer.extend(factors);
    Ok(answer)
}

fn get_type(call: &mut Call<'_>) -> Answer {
    let sensor = sensor(call)?;
    Ok(vec![sensor.sensor_type, sensor.event_type])
}

fn set_reading(call: &mut Call<'_>) -> Answer {
    let (operation, raw) = (call.byte(1), call.byte(2));
    let (asserted, data) = (call.word(3), [call.byte(8), call.byte(9)]);
    let has_states = call.data.len() >= 5;
    let has_data = call.data.len() == 10 && operation >> 6 != 0;
    let sensor = sensor(call)?;
    if !sensor.settable {
        return Err(NOT_SETTABLE);
    }
    sensor.pinned = true;
    let mut events = Vec::new();
    if operation & 3 == 1 && sensor.is_threshold() {
        events = sensor.set_reading(raw);
    } else if operation & 3 == 1 {
        sensor.reading = raw;
    }
    if has_states && !sensor.is_threshold() {
        let states = match operation >> 4 & 3 {
            0 => sensor.states,
            1 => asserted,
            2 => sensor.states | asserted,
            _ => sensor.states & !asserted,
        };
        events = sensor.set_states(states, has_data.then_some(data));
    }
    log(call, &events);
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{NOW, ask, bmc, refuse};

    #[test]
    fn readings_carry_flags_and_states() {
        let mut bmc = bmc();
        bmc.set_reading(0x20, (0, 1), 85, NOW);
        assert_eq!(ask(&mut bmc, 4, 0x2D, &[1]), [85, 0xC0, 0xC8]);
        assert_eq!(ask(&mut bmc, 4, 0x2D, &[2]), [0, 0xC0, 0x01, 0x80]);
        assert_eq!(refuse(&mut bmc, 4, 0x2D, &[77]), 0xCB);
        bmc.profile.reserved_state_bits = false;
        assert_eq!(ask(&mut bmc, 4, 0x2D, &[1]), [85, 0xC0, 0x08, 0]);
    }

    #[test]
    fn thresholds_can_be_set_and_take_effect() {
        let mut bmc = bmc();
        bmc.set_reading(0x20, (0, 1), 70, NOW);
        assert_eq!(ask(&mut bmc, 4, 0x27, &[1]), [0x1B, 10, 5, 0, 80, 90, 0]);
        let before = bmc.main.sel.as_ref().unwrap().records().len();
        ask(&mut bmc, 4, 0x26, &[1, 0x08, 0, 0, 0, 60, 0, 0]);
        assert_eq!(ask(&mut bmc, 4, 0x27, &[1]), [0x1B, 10, 5, 0, 60, 90, 0]);
        assert_eq!(bmc.main.sel.as_ref().unwrap().records()[before][13..], [0x57, 70, 60]);
        assert_eq!(refuse(&mut bmc, 4, 0x26, &[1, 0x20, 0, 0, 0, 0, 0, 0]), 0xCC);
        assert_eq!(refuse(&mut bmc, 4, 0x26, &[2, 0x08, 0, 0, 0, 0, 0, 0]), 0xCD);
    }

    #[test]
    fn hysteresis_and_enables_are_kept() {
        let mut bmc = bmc();
        ask(&mut bmc, 4, 0x24, &[1, 0xFF, 4, 5]);
        assert_eq!(ask(&mut bmc, 4, 0x25, &[1, 0xFF]), [4, 5]);
        ask(&mut bmc, 4, 0x28, &[1, 0xE0, 0x80, 0, 0, 0]);
        let enable = ask(&mut bmc, 4, 0x29, &[1]);
        assert_eq!(enable[0], 0xC0);
        assert_eq!(enable[1] & 0x80, 0);
        assert_eq!(ask(&mut bmc, 4, 0x2F, &[1]), [1, 1]);
    }

    #[test]
    fn event_status_is_latched_until_rearmed() {
        let mut bmc = bmc();
        bmc.set_reading(0x20, (0, 1), 85, NOW);
        assert_eq!(ask(&mut bmc, 4, 0x2B, &[1]), [0xC0, 0x80, 0, 0, 0]);
        bmc.set_reading(0x20, (0, 1), 40, NOW);
        assert_eq!(ask(&mut bmc, 4, 0x2B, &[1]), [0xC0, 0, 0, 0x80, 0]);
        ask(&mut bmc, 4, 0x2A, &[1, 0]);
        assert_eq!(ask(&mut bmc, 4, 0x2B, &[1]), [0xC0, 0, 0, 0, 0]);
        bmc.profile.event_status = false;
        assert_eq!(refuse(&mut bmc, 4, 0x2B, &[1]), 0xC1);
    }

    #[test]
    fn set_reading_pins_a_settable_sensor() {
        let mut bmc = bmc();
        assert_eq!(refuse(&mut bmc, 4, 0x30, &[1, 0x01, 95]), 0x80);
        for sensor in bmc.main.sensors.values_mut() {
            sensor.settable = true;
        }
        ask(&mut bmc, 4, 0x30, &[1, 0x01, 95]);
        assert_eq!(ask(&mut bmc, 4, 0x2D, &[1])[0], 95);
        ask(&mut bmc, 4, 0x30, &[2, 0x10, 0, 0x06, 0x00]);
        assert_eq!(ask(&mut bmc, 4, 0x2D, &[2])[2], 0x06);
    }
}
