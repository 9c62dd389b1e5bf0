//! Sensor: discrete sensors, and threshold sensors whose record does not say how to turn readings into figures.

use std::ops::ControlFlow;
use std::sync::Arc;

use cim::provider::Sink;
use cim::{CimError, Class, ObjectPath, PropertySet, Value};
use ipmi_core::command::sensor::{
    EventEnableAction, EventMasks, RearmSensorEvents, SensorNumber, SetSensorEventEnable,
};
use kernel_bridge::walk;

use super::state_change::{self, NOT_SUPPORTED, requested};
use super::{Call, Found, Invoked, ServedClass, View, not_implemented, reading, returns};
use crate::facts::SensorFact;

/// The class.
pub(crate) struct Sensor;

impl reading::SensorClass for Sensor {
    const NAME: &'static str = "Sensor";
    const CAPTION: &'static str = "Discrete Sensor";

    fn includes(&self, fact: &SensorFact) -> bool {
        fact.numeric.is_none()
    }
}

impl ServedClass for Sensor {
    fn name(&self) -> &'static str {
        <Self as reading::SensorClass>::NAME
    }

    fn enumerate(&self, call: &Call<'_>, view: &View<'_>, sink: &mut Sink<'_>) -> Result<ControlFlow<()>, CimError> {
        reading::enumerate(self, call, view, sink)
    }

    fn get(&self, call: &Call<'_>, class: &Arc<Class>, path: &ObjectPath, wanted: &PropertySet) -> Found {
        reading::get(self, call, class, path, wanted)
    }

    fn invoke(&self, call: &Call<'_>, target: &ObjectPath, method: &str, inputs: &[Value]) -> Invoked {
        let sdr = call.node.sdr()?;
        match reading::named(self, &sdr.sensors, target) {
            Some(fact) => invoke(call, fact, self.name(), method, inputs),
            None => Err(not_implemented(self.name(), method)),
        }
    }
}

/// The methods every sensor has.
pub(crate) fn invoke(call: &Call<'_>, fact: &SensorFact, class: &str, method: &str, inputs: &[Value]) -> Invoked {
    match method.to_ascii_lowercase().as_str() {
        "requeststatechange" => {
            let code = match state_change::parameters(inputs) {
                Ok(wanted) => request_state(call, fact, wanted)?,
                Err(code) => code,
            };
            Ok(state_change::output(code))
        }
        "reset" => {
            let command = RearmSensorEvents { sensor: number(fact), masks: None, lun: fact.key.lun };
            let result = call.node.bmc().call_to(fact.key.target(), &command);
            state_change::return_code(call, result).map(returns)
        }
        "setpowerstate" | "enabledevice" | "onlinedevice" | "quiescedevice" | "saveproperties"
        | "restoreproperties" => Ok(returns(NOT_SUPPORTED)),
        _ => Err(not_implemented(class, method)),
    }
}

/// Switches the scanning of a sensor; its events stay as they are.
fn request_state(call: &Call<'_>, fact: &SensorFact, wanted: u16) -> Result<u32, CimError> {
    let scanning = match wanted {
        requested::ENABLED => true,
        requested::DISABLED => false,
        _ => return Ok(NOT_SUPPORTED),
    };
    let (sensor, lun) = (number(fact), fact.key.lun);
    let bmc = call.node.bmc();
    let before = match walk::reading::event_enable(bmc, fact.key) {
        Ok(before) => before,
        Err(error) => return state_change::return_code::<()>(call, Err(error)),
    };
    let (action, masks) = (EventEnableAction::Keep, EventMasks::default());
    let command = SetSensorEventEnable { sensor, lun, event_messages: before.event_messages, scanning, action, masks };
    let code = state_change::return_code(call, bmc.call_to(fact.key.target(), &command))?;
    if code == state_change::DONE {
        call.node.remember_requested_state(&fact.device_id, wanted);
    }
    Ok(code)
}

pub(crate) fn number(fact: &SensorFact) -> SensorNumber {
    SensorNumber(fact.key.number)
}
