//! Reads sensors for the Sensor and NumericSensor classes: only those somebody looks at, several requests under way at
//! a time.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::Arc;

use cim::provider::Sink;
use cim::{CimError, Class, Instance, ObjectPath, PropertySet, Value};
use ipmi_core::sdr::ThresholdMask;
use ipmi_core::sensor::{Availability, RawReading};
use ipmi_core::{CompletionCode, Error, Target};
use kernel_bridge::walk::reading::{self, PendingReading};

use super::{Call, Found, View, device, names, put, text_key};
use crate::error::is_link_error;
use crate::facts::SensorFact;
use crate::facts::identity::Identity;
use crate::facts::state::{self, State};
use crate::map::health::Health;
use crate::map::threshold;

/// Requests under way at a time: enough that the BMC never waits for us, few enough that a dead one is noticed soon.
const DEPTH: usize = 3;

/// Properties that come from Get Sensor Reading alone.
const NEED_READING: &[&str] = &[
    "EnabledState",
    "OperationalStatus",
    "StatusDescriptions",
    "Status",
    "HealthState",
    "Availability",
    "StatusInfo",
    "LastErrorCode",
    "ErrorDescription",
    "ErrorCleared",
    "CurrentState",
    "CurrentReading",
];
/// Properties that the data record usually tells, a reading sometimes.
const OFTEN_IN_RECORD: &[&str] = &["PossibleStates"];

/// What makes a sensor class: which sensors it has and what it tells of them.
pub(crate) trait SensorClass: Sync {
    /// Class name.
    const NAME: &'static str;
    /// Caption of its instances.
    const CAPTION: &'static str;
    /// Properties that need requests of their own, besides the reading.
    const LATER: &'static [&'static str] = &[];

    /// Whether a sensor belongs to the class.
    fn includes(&self, fact: &SensorFact) -> bool;

    /// Adds what the data record says.
    fn fill_record(&self, _fact: &SensorFact, _instance: &mut Instance) {}

    /// Adds what the reading says beyond the state.
    fn fill_reading(&self, _: &Call<'_>, _: &SensorFact, _: &RawReading, _: &mut Instance) -> Result<(), CimError> {
        Ok(())
    }

    /// Adds the properties in [`LATER`](Self::LATER) that somebody wants.
    fn fill_later(&self, _: &Call<'_>, _: &View<'_>, _: &SensorFact, _: &mut Instance) -> Result<(), CimError> {
        Ok(())
    }
}

/// What came of reading a sensor.
pub(crate) enum Outcome {
    /// The BMC answered.
    Reading(RawReading),
    /// It refused, or answered nonsense.
    Refused(Error),
    /// The satellite controller the sensor belongs to does not answer.
    LostCommunication(Error),
}

/// Sends Get Sensor Reading without waiting for the answer.
fn request(call: &Call<'_>, fact: &SensorFact) -> PendingReading {
    reading::submit(call.node.bmc(), fact.key)
}

/// Waits for the answer. A BMC that does not answer ends the operation.
fn outcome(call: &Call<'_>, fact: &SensorFact, pending: PendingReading) -> Result<Outcome, CimError> {
    if fact.key.target() == Target::Software {
        // No controller scans what software owns; the flags of a sensor that is not scanned are all zero.
        return Ok(Outcome::Reading(RawReading { flags: Some(0), ..RawReading::default() }));
    }
    let satellite = fact.key.target() != Target::Bmc;
    match pending.wait() {
        Ok(reading) => Ok(Outcome::Reading(reading)),
        Err(error @ Error::Timeout { .. }) if satellite => Ok(Outcome::LostCommunication(error)),
        Err(error) if is_link_error(&error) => Err(call.node.failure(error)),
        Err(error) if satellite && is_unreachable(&error) => Ok(Outcome::LostCommunication(error)),
        Err(error) => Ok(Outcome::Refused(error)),
    }
}

/// Codes of Send Message that say that nobody is at the address (83h NAK on write, D3h destination unavailable).
fn is_unreachable(error: &Error) -> bool {
    matches!(error.completion_code(), Some(CompletionCode(0x83) | CompletionCode::DESTINATION_UNAVAILABLE))
}

/// How a sensor is doing and the name of its state.
fn judge(fact: &SensorFact, outcome: &Outcome) -> (Health, String, Vec<State>) {
    let unknown = |health| (health, threshold::UNKNOWN.to_owned(), Vec::new());
    let reading = match outcome {
        Outcome::Reading(reading) => reading,
        Outcome::Refused(_) => return unknown(Health::UNKNOWN),
        Outcome::LostCommunication(_) => return unknown(Health::LOST_COMMUNICATION),
    };
    match reading.availability() {
        Availability::Available => {}
        Availability::ScanningDisabled => return unknown(Health::DORMANT),
        Availability::Unavailable | Availability::Unknown => return unknown(Health::UNKNOWN),
    }
    if fact.is_threshold() {
        let (name, severity) = threshold::worst(ThresholdMask::from_bits_truncate(reading.state_1));
        return (Health::of(severity), name.to_owned(), Vec::new());
    }
    let asserted: Vec<State> =
        reading.states().offsets().map(|offset| state::state(fact.event_type, fact.sensor_type, offset)).collect();
    match state::worst(&asserted) {
        Some(worst) => (Health::of(worst.severity), worst.name.to_string(), asserted),
        None => (Health::OK, state::NONE_ASSERTED.to_owned(), asserted),
    }
}

/// Fills the properties that come from a reading.
fn fill<C: SensorClass>(
    class: &C,
    call: &Call<'_>,
    fact: &SensorFact,
    outcome: &Outcome,
    instance: &mut Instance,
) -> Result<(), CimError> {
    let (health, current, asserted) = judge(fact, outcome);
    call.node.remember_health(&fact.device_id, health);
    let availability = match outcome {
        Outcome::Reading(reading) => Some(reading.availability()),
        Outcome::Refused(_) | Outcome::LostCommunication(_) => None,
    };
    let (enabled, info) = match availability {
        Some(Availability::Available) => (2u16, 3u16),
        Some(Availability::ScanningDisabled) => (3, 4),
        Some(Availability::Unavailable) => (6, 2),
        Some(Availability::Unknown) | None => (0, 2),
    };
    put(instance, "EnabledState", enabled);
    put(instance, "StatusInfo", info);
    put(instance, "HealthState", health.health_state);
    put(instance, "OperationalStatus", Value::array([health.operational_status]));
    put(instance, "Status", health.status);
    put(instance, "Availability", health.availability);
    let all = asserted.iter().map(|state| &*state.name).collect::<Vec<_>>().join(", ");
    put(instance, "StatusDescriptions", Value::array([if all.is_empty() { current.clone() } else { all }]));
    let mut possible = device::possible_states(fact);
    if !possible.contains(&current) {
        // The record's mask leaves out a state the controller reports all the same.
        possible.push(current.clone());
        put(instance, "PossibleStates", Value::array(possible));
    }
    put(instance, "CurrentState", current);
    if let Outcome::Refused(error) | Outcome::LostCommunication(error) = outcome {
        put(instance, "LastErrorCode", error.completion_code().map(|code| u32::from(code.0)));
        put(instance, "ErrorDescription", error.to_string());
        put(instance, "ErrorCleared", false);
    }
    match outcome {
        Outcome::Reading(reading) if availability == Some(Availability::Available) => {
            class.fill_reading(call, fact, reading, instance)
        }
        _ => Ok(()),
    }
}

/// An instance with what the data record says.
fn from_record<C: SensorClass>(
    class: &C,
    call: &Call<'_>,
    cim: &Arc<Class>,
    identity: &Identity,
    fact: &SensorFact,
) -> Instance {
    let mut instance = Instance::new(Arc::clone(cim));
    device::fill(call, identity, fact, C::CAPTION, &mut instance);
    class.fill_record(fact, &mut instance);
    instance
}

/// Yields the sensors of a class, reading those that can still match and that somebody looks at.
pub(crate) fn enumerate<C: SensorClass>(
    class: &C,
    call: &Call<'_>,
    view: &View<'_>,
    sink: &mut Sink<'_>,
) -> Result<ControlFlow<()>, CimError> {
    let (identity, sdr) = (call.node.identity()?, call.node.sdr()?);
    let unknown = [NEED_READING, OFTEN_IN_RECORD, C::LATER].concat();
    let wants_reading = view.wants(NEED_READING);
    let mut under_way: VecDeque<(Instance, &SensorFact, Option<PendingReading>)> = VecDeque::new();
    let (mut listed, mut readings) = (0usize, 0usize);
    let mut facts = sdr.sensors.iter().filter(|fact| class.includes(fact));
    let mut flow = ControlFlow::Continue(());
    while flow.is_continue() {
        call.check_deadline()?;
        let next = facts.next();
        if let Some(fact) = next {
            listed += 1;
            let instance = from_record(class, call, view.class, &identity, fact);
            if view.may_match(&instance, &unknown) {
                let pending = wants_reading.then(|| request(call, fact));
                readings += usize::from(wants_reading);
                under_way.push_back((instance, fact, pending));
            }
        }
        if under_way.len() < DEPTH && next.is_some() {
            continue;
        }
        let Some((mut instance, fact, pending)) = under_way.pop_front() else { break };
        if let Some(pending) = pending {
            fill(class, call, fact, &outcome(call, fact, pending)?, &mut instance)?;
        }
        if view.wants(C::LATER) {
            // Properties the reading did not fill stay unknown only when it was not asked for.
            let still_unknown = if wants_reading { C::LATER } else { &unknown };
            if !view.may_match(&instance, still_unknown) {
                continue;
            }
            class.fill_later(call, view, fact, &mut instance)?;
        }
        flow = sink(instance);
    }
    tracing::debug!(class = C::NAME, listed, readings, "enumerated");
    Ok(flow)
}

/// Reads one sensor and no other.
pub(crate) fn get<C: SensorClass>(
    class: &C,
    call: &Call<'_>,
    cim: &Arc<Class>,
    path: &ObjectPath,
    wanted: &PropertySet,
) -> Found {
    let (identity, sdr) = (call.node.identity()?, call.node.sdr()?);
    let Some(fact) = named(class, &sdr.sensors, path) else { return Ok(None) };
    let mut instance = from_record(class, call, cim, &identity, fact);
    if !names(path, &instance) {
        return Ok(None);
    }
    let view = View { class: cim, wanted, request: None };
    if view.wants(NEED_READING) {
        let pending = request(call, fact);
        fill(class, call, fact, &outcome(call, fact, pending)?, &mut instance)?;
    }
    if view.wants(C::LATER) {
        class.fill_later(call, &view, fact, &mut instance)?;
    }
    Ok(Some(instance))
}

/// The sensor of a class that a path's DeviceID names.
pub(crate) fn named<'a, C: SensorClass>(
    class: &C,
    facts: &'a [SensorFact],
    path: &ObjectPath,
) -> Option<&'a SensorFact> {
    let device_id = text_key(path, "DeviceID");
    facts.iter().find(|fact| class.includes(fact) && fact.device_id.eq_ignore_ascii_case(device_id))
}

/// The worst health of all sensors, reading those that were not read lately.
pub(crate) fn worst_health(call: &Call<'_>) -> Result<Health, CimError> {
    let sdr = call.node.sdr_if_any()?;
    let mut worst = Health::UNKNOWN;
    for fact in &sdr.sensors {
        call.check_deadline()?;
        let health = match call.node.recent_health(&fact.device_id) {
            Some(health) => health,
            None => {
                let pending = request(call, fact);
                let (health, _, _) = judge(fact, &outcome(call, fact, pending)?);
                call.node.remember_health(&fact.device_id, health);
                health
            }
        };
        worst = worst.worse(health);
    }
    Ok(worst)
}
