//! NumericSensor: threshold sensors with a full record. Figures stand in BaseUnits times ten to the UnitModifier.

use std::ops::ControlFlow;
use std::sync::Arc;

use cim::provider::Sink;
use cim::{CimError, Class, Instance, ObjectPath, PropertySet, Status, Value};
use ipmi_core::sdr::{Access, ThresholdMask};
use ipmi_core::sensor::{Linearization, RawReading, ReadingFactors, Threshold};
use kernel_bridge::walk;

use super::state_change::{self, INVALID_PARAMETER, NOT_SUPPORTED};
use super::{Call, Found, Invoked, ServedClass, View, not_implemented, put, reading, returns, sensor, thresholds};
use crate::error::is_link_error;
use crate::facts::SensorFact;
use crate::facts::sensor::NumericFact;
use crate::map::threshold::codes;

/// The class.
pub(crate) struct NumericSensor;

impl reading::SensorClass for NumericSensor {
    const NAME: &'static str = "NumericSensor";
    const CAPTION: &'static str = "Numeric Sensor";
    const LATER: &'static [&'static str] = &[
        "LowerThresholdNonCritical",
        "UpperThresholdNonCritical",
        "LowerThresholdCritical",
        "UpperThresholdCritical",
        "LowerThresholdFatal",
        "UpperThresholdFatal",
        "Hysteresis",
    ];

    fn includes(&self, fact: &SensorFact) -> bool {
        fact.numeric.is_some()
    }

    fn fill_record(&self, fact: &SensorFact, instance: &mut Instance) {
        let Some(numeric) = &fact.numeric else { return };
        let (record, factors) = (&numeric.record, &numeric.factors);
        put(instance, "BaseUnits", numeric.unit.base);
        put(instance, "UnitModifier", numeric.unit_modifier());
        put(instance, "RateUnits", numeric.unit.rate);
        let figure = |raw: Option<u8>| raw.and_then(|raw| numeric.figure(raw));
        put(instance, "NominalReading", figure(record.nominal_reading()));
        put(instance, "NormalMax", figure(record.normal_maximum()));
        put(instance, "NormalMin", figure(record.normal_minimum()));
        put(instance, "MaxReadable", figure(Some(record.sensor_max)));
        put(instance, "MinReadable", figure(Some(record.sensor_min)));
        put(instance, "Resolution", resolution(numeric, factors));
        put(instance, "Tolerance", factors.tolerance_value().and_then(|value| numeric.scale.figure(value)));
        put(instance, "Accuracy", accuracy(factors));
        put(instance, "IsLinear", factors.linearization == Linearization::Linear);
        put(instance, "SupportedThresholds", Value::array(codes(thresholds::supported(fact))));
        put(instance, "EnabledThresholds", Value::array(codes(enabled(fact))));
        put(instance, "SettableThresholds", Value::array(codes(thresholds::settable(fact))));
    }

    fn fill_reading(
        &self,
        call: &Call<'_>,
        fact: &SensorFact,
        reading: &RawReading,
        instance: &mut Instance,
    ) -> Result<(), CimError> {
        put(instance, "CurrentReading", figure(call, fact, reading.reading)?);
        Ok(())
    }

    fn fill_later(
        &self,
        call: &Call<'_>,
        view: &View<'_>,
        fact: &SensorFact,
        instance: &mut Instance,
    ) -> Result<(), CimError> {
        thresholds::fill(call, view, fact, instance)?;
        if view.wants(&["Hysteresis"]) {
            put(instance, "Hysteresis", hysteresis(call, fact)?);
        }
        Ok(())
    }
}

impl ServedClass for NumericSensor {
    fn name(&self) -> &'static str {
        <Self as reading::SensorClass>::NAME
    }

    fn enumerate(&self, call: &Call<'_>, view: &View<'_>, sink: &mut Sink<'_>) -> Result<ControlFlow<()>, CimError> {
        reading::enumerate(self, call, view, sink)
    }

    fn get(&self, call: &Call<'_>, class: &Arc<Class>, path: &ObjectPath, wanted: &PropertySet) -> Found {
        reading::get(self, call, class, path, wanted)
    }

    fn modify(&self, call: &Call<'_>, instance: &Instance, changed: &PropertySet) -> Result<(), CimError> {
        let sdr = call.node.sdr()?;
        match reading::named(self, &sdr.sensors, &instance.path()) {
            Some(fact) => thresholds::modify(call, fact, instance, changed),
            None => Err(CimError::new(Status::NotFound, "the sensor is gone")),
        }
    }

    fn invoke(&self, call: &Call<'_>, target: &ObjectPath, method: &str, inputs: &[Value]) -> Invoked {
        let sdr = call.node.sdr()?;
        let Some(fact) = reading::named(self, &sdr.sensors, target) else {
            return Err(not_implemented(self.name(), method));
        };
        match method.to_ascii_lowercase().as_str() {
            "restoredefaultthresholds" => thresholds::restore(call, fact).map(returns),
            "getnonlinearfactors" => non_linear_factors(call, fact, inputs),
            _ => sensor::invoke(call, fact, self.name(), method, inputs),
        }
    }
}

/// The conversion factors at a raw reading: the record's, or the ones a non-linear sensor gives for it.
fn factors_at(
    call: &Call<'_>,
    fact: &SensorFact,
    numeric: &NumericFact,
    raw: u8,
) -> Result<Option<ReadingFactors>, CimError> {
    if !numeric.factors.linearization.needs_factors() {
        return Ok(Some(numeric.factors));
    }
    match walk::reading::factors(call.node.bmc(), fact.key, raw, numeric.factors) {
        Ok(factors) => Ok(Some(factors)),
        Err(error) if is_link_error(&error) => Err(call.node.failure(error)),
        Err(_) => Ok(None),
    }
}

/// The figure of a raw reading or threshold; `None` when it stands for no number.
pub(crate) fn figure(call: &Call<'_>, fact: &SensorFact, raw: u8) -> Result<Option<i32>, CimError> {
    let Some(numeric) = &fact.numeric else { return Ok(None) };
    let factors = factors_at(call, fact, numeric, raw)?;
    Ok(factors.and_then(|factors| factors.convert(raw)).and_then(|value| numeric.scale.figure(value)))
}

/// Smallest step of a linear sensor in figures, at least 1.
fn resolution(numeric: &NumericFact, factors: &ReadingFactors) -> Option<u32> {
    if factors.linearization != Linearization::Linear {
        return None;
    }
    let step = f64::from(factors.m).abs() * 10f64.powi(i32::from(factors.k2));
    numeric.scale.figure(step).map(|step| step.unsigned_abs().max(1))
}

/// Hundredths of a percent.
fn accuracy(factors: &ReadingFactors) -> i32 {
    i32::from(factors.accuracy) * 10i32.pow(u32::from(factors.accuracy_exponent & 3))
}

/// Thresholds that raise events when they are crossed.
fn enabled(fact: &SensorFact) -> ThresholdMask {
    let events = (fact.setup.threshold_assertions() | fact.setup.threshold_deassertions()).bits();
    let crossed = (0..12u8).filter(|offset| events >> offset & 1 == 1).filter_map(Threshold::of_event);
    crossed.map(Threshold::mask).fold(ThresholdMask::empty(), |all, one| all | one) & thresholds::supported(fact)
}

/// Positive-going hysteresis in figures.
fn hysteresis(call: &Call<'_>, fact: &SensorFact) -> Result<Option<u32>, CimError> {
    let Some(numeric) = &fact.numeric else { return Ok(None) };
    let raw = match fact.setup.hysteresis_access() {
        Access::None => return Ok(None),
        Access::Fixed => numeric.record.positive_hysteresis,
        Access::Readable | Access::Settable => match walk::reading::hysteresis(call.node.bmc(), fact.key) {
            Ok(hysteresis) => hysteresis.positive,
            Err(error) => return thresholds::unless_link_error(call, fact, error),
        },
    };
    // FFh means none, like 00h.
    let raw = if raw == 0xFF { 0 } else { raw };
    let value = numeric.factors.convert_hysteresis(raw);
    Ok(value.and_then(|value| numeric.scale.figure(value)).map(i32::unsigned_abs))
}

/// GetNonLinearFactors: what holds around one reading.
fn non_linear_factors(call: &Call<'_>, fact: &SensorFact, inputs: &[Value]) -> Invoked {
    let (Some(numeric), Some(Value::Sint32(wanted))) = (&fact.numeric, inputs.first()) else {
        return Ok(returns(INVALID_PARAMETER));
    };
    let Some(raw) = numeric.raw(*wanted) else { return Ok(returns(NOT_SUPPORTED)) };
    let Some(factors) = factors_at(call, fact, numeric, raw)? else { return Ok(returns(state_change::UNSPECIFIED)) };
    let step = f64::from(factors.m).abs() * 10f64.powi(i32::from(factors.k2));
    let resolution = numeric.scale.figure(step).map(|step| step.unsigned_abs().max(1));
    let tolerance = factors.tolerance_value().and_then(|value| numeric.scale.figure(value));
    let mut output = returns(state_change::DONE);
    output.parameters = vec![
        ("Accuracy".into(), accuracy(&factors).into()),
        ("Resolution".into(), resolution.into()),
        ("Tolerance".into(), tolerance.into()),
        ("Hysteresis".into(), hysteresis(call, fact)?.into()),
    ];
    Ok(output)
}
