//! Reads sensors, each from the controller that owns it (IPMI 2.0 s35; bridging: s6.12).
//!
//! A sensor whose owner is a satellite controller is asked through the BMC; software ids never are.

use std::collections::VecDeque;

use ipmi_core::command::sensor::{
    GetSensorEventEnable, GetSensorHysteresis, GetSensorReading, GetSensorReadingFactors, GetSensorThresholds,
    Hysteresis, SensorEventEnable, SensorNumber,
};
use ipmi_core::sdr::{SensorKey, SensorRecord};
use ipmi_core::sensor::{RawReading, ReadingFactors, SensorReading, Thresholds};
use ipmi_core::{Command, CompletionCode, Error, Request, Response};

use super::ahead::{Ahead, Question};
use crate::quirk::Leniency;
use crate::{Bmc, Pending};

/// A reading under way; several can be, see [`submit`].
#[must_use = "the reading comes from wait()"]
pub struct PendingReading(Pending);

impl PendingReading {
    /// Waits for the reading.
    ///
    /// # Errors
    /// Any [`Error`]; a completion code other than 00h is one.
    pub fn wait(self) -> Result<RawReading, Error> {
        decode(&self.0.wait()?)
    }
}

fn decode(response: &Response) -> Result<RawReading, Error> {
    if response.code != CompletionCode::OK {
        response.decode::<GetSensorReading>()?;
    }
    // Controllers leave off what they do not have, some even the flags: this reads what is there.
    RawReading::parse(&response.data).map_err(|source| Error::Parse { command: GetSensorReading::NAME, source })
}

fn command(sensor: SensorKey) -> GetSensorReading {
    GetSensorReading { sensor: SensorNumber(sensor.number), lun: sensor.lun }
}

/// Asks for a reading and returns at once.
pub fn submit(bmc: &Bmc, sensor: SensorKey) -> PendingReading {
    PendingReading(bmc.submit_named(GetSensorReading::NAME, sensor.target(), Request::of(&command(sensor))))
}

/// Reads many sensors; readings come in the order of `sensors` while those behind are under way already. A controller
/// that keeps silent once is not asked again: its other sensors are timeouts at once.
pub fn many(bmc: &Bmc, sensors: &[SensorKey]) -> impl Iterator<Item = Result<RawReading, Error>> {
    let question = |sensor: &SensorKey| Question::new(sensor.target(), &command(*sensor));
    let mut left: VecDeque<Question> = sensors.iter().map(question).collect();
    let mut ahead = Ahead::new(bmc.clone());
    ahead.plan(left.iter().cloned());
    std::iter::from_fn(move || Some(ahead.response(left.pop_front()?).and_then(|response| decode(&response))))
}

/// Reads a sensor's bytes.
///
/// # Errors
/// Any [`Error`]; CBh and CDh are what a sensor that is not there answers.
pub fn raw(bmc: &Bmc, sensor: SensorKey) -> Result<RawReading, Error> {
    submit(bmc, sensor).wait()
}

/// Reads a sensor in the terms of its record: value, units, states.
///
/// # Errors
/// Any [`Error`] of the reading itself. When only the factors of a non-linear sensor cannot be had, the reading comes
/// without a value.
pub fn read(bmc: &Bmc, record: &SensorRecord<'_>) -> Result<SensorReading, Error> {
    read_shared(bmc, record, record.number())
}

/// As [`read`], for one of the sensors a shared record stands for.
///
/// # Errors
/// As [`read`].
pub fn read_shared(bmc: &Bmc, record: &SensorRecord<'_>, number: u8) -> Result<SensorReading, Error> {
    let key = SensorKey { number, ..record.key() };
    let raw = raw(bmc, key)?;
    interpret(bmc, record, key, raw)
}

/// Turns bytes read from a sensor into value, units and states; asks for the factors where the record has none that
/// hold for the whole range.
///
/// # Errors
/// When the way to the BMC fails.
pub fn interpret(
    bmc: &Bmc,
    record: &SensorRecord<'_>,
    key: SensorKey,
    raw: RawReading,
) -> Result<SensorReading, Error> {
    let discrete = bmc.leniency().contains(Leniency::DISCRETE_READING) && record.is_discrete_number();
    if discrete && let Some(factors) = record.full().map(|view| view.reading_factors()) {
        return Ok(SensorReading::with_factors(record, raw, Some(factors)));
    }
    match record.analog_factors().filter(|factors| factors.linearization.needs_factors()) {
        None => Ok(SensorReading::new(record, raw)),
        Some(from_record) => {
            let factors = match factors(bmc, key, raw.reading, from_record) {
                Ok(factors) => Some(factors),
                Err(error) if super::is_link_error(&error) => return Err(error),
                Err(_) => None,
            };
            Ok(SensorReading::with_factors(record, raw, factors))
        }
    }
}

/// The factors that hold for one raw value of a non-linear sensor.
///
/// # Errors
/// Any [`Error`].
pub fn factors(bmc: &Bmc, sensor: SensorKey, raw: u8, record: ReadingFactors) -> Result<ReadingFactors, Error> {
    let command = GetSensorReadingFactors { sensor: SensorNumber(sensor.number), raw, lun: sensor.lun };
    Ok(record.with_bytes(bmc.call_to(sensor.target(), &command)?.factors))
}

/// A sensor's thresholds.
///
/// # Errors
/// Any [`Error`].
pub fn thresholds(bmc: &Bmc, sensor: SensorKey) -> Result<Thresholds, Error> {
    let command = GetSensorThresholds { sensor: SensorNumber(sensor.number), lun: sensor.lun };
    bmc.call_to(sensor.target(), &command)
}

/// A sensor's hysteresis, raw.
///
/// # Errors
/// Any [`Error`].
pub fn hysteresis(bmc: &Bmc, sensor: SensorKey) -> Result<Hysteresis, Error> {
    let command = GetSensorHysteresis { sensor: SensorNumber(sensor.number), lun: sensor.lun };
    bmc.call_to(sensor.target(), &command)
}

/// Which events a sensor may send.
///
/// # Errors
/// Any [`Error`].
pub fn event_enable(bmc: &Bmc, sensor: SensorKey) -> Result<SensorEventEnable, Error> {
    let command = GetSensorEventEnable { sensor: SensorNumber(sensor.number), lun: sensor.lun };
    bmc.call_to(sensor.target(), &command)
}
