//! What every sensor has as a CIM_LogicalDevice and CIM_Sensor, apart from its reading.

use cim::{Instance, Value};
use ipmi_core::table::SensorType;

use super::{Call, put};
use crate::facts::SensorFact;
use crate::facts::identity::Identity;
use crate::facts::state;
use crate::map::sensor_type::OTHER;
use crate::map::threshold::{self, THRESHOLDS};

/// CreationClassName of the systems sensors belong to.
pub(crate) const SYSTEM_CLASS: &str = "ComputerSystem";

/// Fills what the data record says: this costs no request to the BMC.
pub(crate) fn fill(call: &Call<'_>, identity: &Identity, fact: &SensorFact, caption: &str, instance: &mut Instance) {
    let class = instance.class().name.clone();
    put(instance, "SystemCreationClassName", SYSTEM_CLASS);
    put(instance, "SystemName", identity.host_name.clone());
    put(instance, "CreationClassName", class);
    put(instance, "DeviceID", fact.device_id.clone());
    put(instance, "Caption", caption);
    put(instance, "Description", description(fact));
    put(instance, "ElementName", fact.name.clone());
    put(instance, "Name", format!("{}({})", fact.name, fact.device_id));
    put(instance, "RequestedState", call.node.requested_state(&fact.device_id));
    put(instance, "PowerManagementSupported", false);
    put(instance, "PowerManagementCapabilities", Value::array([1u16]));
    let entity = format!("{}.{}", fact.entity.0, fact.entity_instance);
    let ids = [format!("{:#04x}", fact.key.number), format!("{:#04x}", fact.key.owner.0), entity];
    put(instance, "OtherIdentifyingInfo", Value::array(ids));
    let names = ["IPMI sensor number", "IPMI owner", "IPMI entity id.instance"];
    put(instance, "IdentifyingDescriptions", Value::array(names));
    put(instance, "SensorType", fact.cim_type);
    let other = (fact.cim_type == OTHER).then(|| type_name(fact.sensor_type));
    put(instance, "OtherSensorTypeDescription", other);
    put(instance, "PossibleStates", Value::array(possible_states(fact)));
}

/// Id string and entity, and the unit where CIM has no name for it.
fn description(fact: &SensorFact) -> String {
    let entity = fact.entity.name().map_or_else(|| format!("entity {:02X}h", fact.entity.0), str::to_owned);
    let unit = fact.numeric.as_ref().filter(|numeric| numeric.unit.unnamed);
    let unit = unit.map(|numeric| format!(", in {}", numeric.unit_name)).unwrap_or_default();
    format!("{} ({entity} {}){unit}", fact.name, fact.entity_instance)
}

fn type_name(sensor_type: SensorType) -> String {
    match sensor_type.name() {
        Some(name) => name.to_owned(),
        None if sensor_type.is_oem() => format!("OEM sensor type {:02X}h", sensor_type.0),
        None => format!("IPMI sensor type {:02X}h", sensor_type.0),
    }
}

/// Every state CurrentState can name; never empty, no name twice.
pub(crate) fn possible_states(fact: &SensorFact) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let own: Vec<&str> = if fact.is_threshold() {
        THRESHOLDS.iter().map(|row| row.state).chain([threshold::NORMAL]).collect()
    } else {
        fact.states.iter().map(|state| &*state.name).chain([state::NONE_ASSERTED]).collect()
    };
    for name in own.into_iter().chain([threshold::UNKNOWN]) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}
