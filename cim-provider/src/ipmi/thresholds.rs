//! Thresholds of NumericSensor: read, written and read back (IPMI 2.0 s35.8, s35.9).

use cim::{CimError, Instance, PropertySet, Status, Value};
use ipmi_core::command::sensor::SetSensorThresholds;
use ipmi_core::sdr::{Access, ThresholdMask};
use ipmi_core::sensor::{Threshold, Thresholds};
use ipmi_core::{Error, Target};
use kernel_bridge::walk::reading;

use super::numeric_sensor::figure;
use super::state_change::{self, NOT_SUPPORTED};
use super::{Call, View, put, sensor};
use crate::error::is_link_error;
use crate::facts::SensorFact;
use crate::map::threshold::{THRESHOLDS, ThresholdRow};

/// Thresholds a sensor has.
pub(crate) fn supported(fact: &SensorFact) -> ThresholdMask {
    match fact.setup.threshold_access() {
        Access::None => ThresholdMask::empty(),
        Access::Readable | Access::Settable | Access::Fixed => fact.setup.readable_thresholds(),
    }
}

/// Thresholds of a sensor that can be set.
pub(crate) fn settable(fact: &SensorFact) -> ThresholdMask {
    match fact.setup.threshold_access() {
        Access::Settable => fact.setup.settable_thresholds(),
        Access::None | Access::Readable | Access::Fixed => ThresholdMask::empty(),
    }
}

/// Fills the thresholds somebody wants: from the sensor, or from its record where they are fixed.
pub(crate) fn fill(
    call: &Call<'_>,
    view: &View<'_>,
    fact: &SensorFact,
    instance: &mut Instance,
) -> Result<(), CimError> {
    let wanted =
        THRESHOLDS.iter().filter(|row| view.wants(&[row.property]) && supported(fact).contains(row.threshold.mask()));
    let wanted: Vec<&ThresholdRow> = wanted.collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let Some(values) = read(call, fact)? else { return Ok(()) };
    for row in wanted {
        let value = match values.raw(row.threshold) {
            Some(raw) => figure(call, fact, raw)?,
            None => None,
        };
        put(instance, row.property, value);
    }
    Ok(())
}

/// The thresholds as they are; `None` when this sensor does not tell.
fn read(call: &Call<'_>, fact: &SensorFact) -> Result<Option<Thresholds>, CimError> {
    if fact.setup.threshold_access() == Access::Fixed {
        return Ok(of_record(fact, supported(fact)));
    }
    match reading::thresholds(call.node.bmc(), fact.key) {
        Ok(values) => Ok(Some(values)),
        Err(error) => unless_link_error(call, fact, error),
    }
}

/// A refusal concerns this sensor only; a BMC that does not answer ends the operation.
pub(crate) fn unless_link_error<T>(call: &Call<'_>, fact: &SensorFact, error: Error) -> Result<Option<T>, CimError> {
    if is_link_error(&error) && fact.key.target() == Target::Bmc {
        return Err(call.node.failure(error));
    }
    tracing::debug!(sensor = %fact.name, %error, "left out");
    Ok(None)
}

/// The thresholds of the data record, marked by `mask`.
fn of_record(fact: &SensorFact, mask: ThresholdMask) -> Option<Thresholds> {
    let record = &fact.numeric.as_ref()?.record;
    let mut values = Thresholds::default();
    for threshold in Threshold::ALL.into_iter().filter(|threshold| mask.contains(threshold.mask())) {
        values.set(threshold, record.threshold(threshold));
    }
    Some(values)
}

/// RestoreDefaultThresholds: writes the record's values back.
pub(crate) fn restore(call: &Call<'_>, fact: &SensorFact) -> Result<u32, CimError> {
    let mask = settable(fact);
    match of_record(fact, mask).filter(|_| !mask.is_empty()) {
        Some(thresholds) => {
            let result = write(call, fact, thresholds);
            state_change::return_code(call, result)
        }
        None => Ok(NOT_SUPPORTED),
    }
}

fn write(call: &Call<'_>, fact: &SensorFact, thresholds: Thresholds) -> Result<(), Error> {
    let command = SetSensorThresholds { sensor: sensor::number(fact), thresholds, lun: fact.key.lun };
    call.node.bmc().call_to(fact.key.target(), &command)
}

/// Writes the thresholds in `changed` and checks that the sensor took them.
pub(crate) fn modify(
    call: &Call<'_>,
    fact: &SensorFact,
    instance: &Instance,
    changed: &PropertySet,
) -> Result<(), CimError> {
    let class = instance.class();
    let is_changed = |name: &str| class.slot(name).is_some_and(|slot| changed.contains(slot));
    let rows: Vec<&ThresholdRow> = THRESHOLDS.iter().filter(|row| is_changed(row.property)).collect();
    let threshold_names: Vec<&str> = rows.iter().map(|row| row.property).collect();
    for (index, property) in class.properties().iter().enumerate() {
        if changed.contains(cim::Slot(index)) && !threshold_names.contains(&&*property.name) {
            return Err(CimError::new(Status::ReadOnly, format!("{}.{} cannot be written", class.name, property.name)));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    // The mask names those that change; the values of the others go along for BMCs that check the order of all six.
    let mut thresholds = read(call, fact)?.unwrap_or_default();
    thresholds.readable = ThresholdMask::empty();
    for row in &rows {
        thresholds.set(row.threshold, raw(fact, row, instance.get(row.property).unwrap_or(&Value::Null))?);
    }
    write(call, fact, thresholds).map_err(|error| call.node.failure(error))?;
    let kept = read(call, fact)?;
    for row in rows {
        let (asked, found) = (thresholds.raw(row.threshold), kept.and_then(|kept| kept.raw(row.threshold)));
        if asked != found {
            let found = match found {
                Some(found) => figure(call, fact, found)?.map_or("no figure".to_owned(), |found| found.to_string()),
                None => "nothing".to_owned(),
            };
            let message = format!(
                "sensor {} ({}): the BMC accepted {} = {}, but still reads back {found}",
                fact.name,
                fact.device_id,
                row.property,
                instance.get(row.property).map(describe).unwrap_or_default(),
            );
            tracing::warn!(bmc = call.node.bmc().name(), "{message}");
            return Err(CimError::new(Status::Failed, message));
        }
    }
    Ok(())
}

/// The raw value of a threshold somebody wants to set.
fn raw(fact: &SensorFact, row: &ThresholdRow, value: &Value) -> Result<u8, CimError> {
    let refuse = |status, reason: &str| {
        let message =
            format!("sensor {} ({}): {} = {}: {reason}", fact.name, fact.device_id, row.property, describe(value));
        CimError::new(status, message)
    };
    if !settable(fact).contains(row.threshold.mask()) {
        return Err(refuse(Status::ReadOnly, "this threshold cannot be set (see SettableThresholds)"));
    }
    let wanted = match value {
        Value::Sint32(wanted) => *wanted,
        Value::Null => return Err(refuse(Status::IllegalNull, "a threshold needs a value")),
        _ => return Err(refuse(Status::TypeMismatch, "expected a sint32")),
    };
    let numeric = fact.numeric.as_ref().ok_or_else(|| refuse(Status::NotSupported, "the sensor has no figures"))?;
    if numeric.factors.linearization.needs_factors() {
        return Err(refuse(Status::NotSupported, "the sensor is not linear: figures cannot be turned into raw values"));
    }
    let raw = numeric.raw(wanted).ok_or_else(|| refuse(Status::ValueOutOfRange, "no reading has this value"))?;
    let range = (0..=u8::MAX).filter_map(|raw| numeric.figure(raw));
    let (least, most) = range.fold((i32::MAX, i32::MIN), |(least, most), next| (least.min(next), most.max(next)));
    if !(least..=most).contains(&wanted) {
        return Err(refuse(Status::ValueOutOfRange, &format!("the sensor reads from {least} to {most}")));
    }
    Ok(raw)
}

fn describe(value: &Value) -> String {
    match value {
        Value::Sint32(value) => value.to_string(),
        other => format!("{other:?}"),
    }
}
