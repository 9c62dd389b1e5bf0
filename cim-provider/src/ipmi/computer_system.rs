//! ComputerSystem: the managed host (Dedicated 0) and the management controller (Dedicated 28).

use std::ops::ControlFlow;
use std::sync::Arc;

use cim::provider::Sink;
use cim::{CimError, Instance, ObjectPath, Value};
use ipmi_core::command::app::{ColdReset, DeviceSupport};
use ipmi_core::command::chassis::{
    ChassisAction, ChassisControl, ChassisState, ChassisStatus, GetChassisStatus, PowerState,
};
use ipmi_core::table::Severity;

use super::state_change::{self, DONE, INVALID_PARAMETER, INVALID_TRANSITION, NOT_SUPPORTED, requested};
use super::{Call, Invoked, ServedClass, View, not_implemented, put, reading, reboot, returns, text_key};
use crate::error::is_link_error;
use crate::facts::asset::Asset;
use crate::facts::identity::Identity;
use crate::map::health::Health;

/// The class.
pub(crate) struct ComputerSystem;

const HEALTH: &[&str] = &["HealthState", "OperationalStatus", "StatusDescriptions", "Status"];

impl ServedClass for ComputerSystem {
    fn name(&self) -> &'static str {
        "ComputerSystem"
    }

    fn enumerate(&self, call: &Call<'_>, view: &View<'_>, sink: &mut Sink<'_>) -> Result<ControlFlow<()>, CimError> {
        let identity = call.node.identity()?;
        if let Some(host) = host(call, view, &identity)?
            && sink(host).is_break()
        {
            return Ok(ControlFlow::Break(()));
        }
        Ok(sink(controller(call, view, &identity)?))
    }

    fn invoke(&self, call: &Call<'_>, target: &ObjectPath, method: &str, inputs: &[Value]) -> Invoked {
        let identity = call.node.identity()?;
        let name = text_key(target, "Name");
        let is_host = identity.host_name.eq_ignore_ascii_case(name);
        match method.to_ascii_lowercase().as_str() {
            "requeststatechange" => {
                let code = match state_change::parameters(inputs) {
                    Ok(wanted) => {
                        let code = if is_host { host_state(call, wanted)? } else { controller_state(call, wanted)? };
                        if code == DONE {
                            let name = if is_host { &identity.host_name } else { &identity.bmc_name };
                            call.node.remember_requested_state(name, wanted);
                        }
                        code
                    }
                    Err(code) => code,
                };
                Ok(state_change::output(code))
            }
            "setpowerstate" if is_host => power_state(call, inputs).map(returns),
            "setpowerstate" => Ok(returns(NOT_SUPPORTED)),
            _ => Err(not_implemented(self.name(), method)),
        }
    }
}

/// What both systems have.
fn system(call: &Call<'_>, view: &View<'_>, name: &Arc<str>, is_guid: bool) -> Instance {
    let mut system = Instance::new(view.class.clone());
    put(&mut system, "CreationClassName", "ComputerSystem");
    put(&mut system, "Name", name.clone());
    put(&mut system, "NameFormat", if is_guid { "UUID" } else { "Other" });
    put(&mut system, "RequestedState", call.node.requested_state(name));
    system
}

/// The managed host; `None` when it cannot match the filter.
fn host(call: &Call<'_>, view: &View<'_>, identity: &Identity) -> Result<Option<Instance>, CimError> {
    let mut host = system(call, view, &identity.host_name, identity.host_has_guid);
    put(&mut host, "Caption", "Computer System");
    put(&mut host, "Roles", Value::array(["Managed System"]));
    put(&mut host, "Dedicated", Value::array([0u16]));
    let chassis = identity.device.support.contains(DeviceSupport::CHASSIS);
    put(&mut host, "ResetCapability", if chassis { 4u16 } else { 5 });
    put(&mut host, "PowerManagementCapabilities", Value::array(if chassis { vec![5u16, 6] } else { vec![1] }));
    let from_fru = ["ElementName", "Description", "OtherIdentifyingInfo", "IdentifyingDescriptions"];
    let from_chassis = [HEALTH, &["EnabledState"]].concat();
    if !view.may_match(&host, &[&from_fru[..], &from_chassis].concat()) {
        return Ok(None);
    }
    if view.wants(&from_fru) {
        put_asset(&mut host, &*call.node.asset()?);
    }
    if view.wants(&from_chassis) {
        let status = chassis_status(call)?;
        put(&mut host, "EnabledState", status.map_or(5u16, |status| if is_on(&status) { 2 } else { 3 }));
        if view.wants(HEALTH) {
            let worst = reading::worst_health(call)?;
            put_host_health(&mut host, status.as_ref(), worst);
        }
    }
    Ok(Some(host))
}

/// The management controller.
fn controller(call: &Call<'_>, view: &View<'_>, identity: &Identity) -> Result<Instance, CimError> {
    let mut bmc = system(call, view, &identity.bmc_name, !identity.bmc_name.starts_with("bmc-"));
    put(&mut bmc, "Caption", "Management Controller");
    put(&mut bmc, "ElementName", "BMC");
    put(&mut bmc, "Description", format!("Baseboard management controller at {}", call.node.bmc().name()));
    put(&mut bmc, "Roles", Value::array(["Management Controller"]));
    put(&mut bmc, "Dedicated", Value::array([28u16]));
    put(&mut bmc, "ResetCapability", 4u16);
    put(&mut bmc, "PowerManagementCapabilities", Value::array([1u16]));
    put(&mut bmc, "EnabledState", 2u16);
    let health = if identity.device.available { Health::OK } else { Health::STARTING };
    put_health(&mut bmc, health);
    let device = &identity.device;
    let auxiliary = device.auxiliary_firmware.map(|[a, b, c, d]| format!("{a:02x} {b:02x} {c:02x} {d:02x}"));
    let facts = [
        ("IPMI device id", Some(device.device_id.to_string())),
        ("IPMI device revision", Some(device.device_revision.to_string())),
        ("Firmware revision", Some(identity.firmware())),
        ("IPMI version", Some(identity.ipmi_version())),
        ("Manufacturer IANA number", Some(device.manufacturer.to_string())),
        ("Product id", Some(device.product.to_string())),
        ("Auxiliary firmware revision", auxiliary),
    ];
    put_identifying(&mut bmc, facts.into_iter().filter_map(|(name, fact)| Some((name, fact?))));
    Ok(bmc)
}

fn put_asset(host: &mut Instance, asset: &Asset) {
    let names = [asset.manufacturer.as_deref(), asset.product.as_deref()];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = if name.is_empty() { "Managed System".to_owned() } else { name };
    put(host, "Description", format!("{name}, managed over IPMI"));
    put(host, "ElementName", name);
    let facts = [("Serial number", &asset.serial_number), ("Asset tag", &asset.asset_tag)];
    put_identifying(host, facts.into_iter().filter_map(|(name, fact)| Some((name, fact.as_ref()?.to_string()))));
}

fn put_identifying(system: &mut Instance, facts: impl Iterator<Item = (&'static str, String)>) {
    let (names, facts): (Vec<_>, Vec<_>) = facts.unzip();
    put(system, "OtherIdentifyingInfo", Value::array(facts));
    put(system, "IdentifyingDescriptions", Value::array(names));
}

/// Health in all its properties.
pub(crate) fn put_health(instance: &mut Instance, health: Health) {
    put(instance, "HealthState", health.health_state);
    put(instance, "OperationalStatus", Value::array([health.operational_status]));
    put(instance, "StatusDescriptions", Value::array([health.text()]));
    put(instance, "Status", health.status);
}

/// The worst of chassis faults and sensors, with the faults by name.
fn put_host_health(host: &mut Instance, status: Option<&ChassisStatus>, sensors: Health) {
    let faults = status.map(faults).unwrap_or_default();
    let health = if faults.is_empty() { sensors } else { sensors.worse(Health::of(Severity::Critical)) };
    put_health(host, health);
    if !faults.is_empty() {
        put(host, "StatusDescriptions", Value::array([faults.join(", ")]));
    }
}

fn faults(status: &ChassisStatus) -> Vec<&'static str> {
    let power = [
        (PowerState::FAULT, "Power fault"),
        (PowerState::INTERLOCK, "Interlock"),
        (PowerState::OVERLOAD, "Power overload"),
        (PowerState::CONTROL_FAULT, "Power control fault"),
    ];
    let state = [(ChassisState::DRIVE_FAULT, "Drive fault"), (ChassisState::FAN_FAULT, "Cooling or fan fault")];
    let power = power.into_iter().filter(|(flag, _)| status.power.contains(*flag)).map(|(_, text)| text);
    power.chain(state.into_iter().filter(|(flag, _)| status.state.contains(*flag)).map(|(_, text)| text)).collect()
}

pub(crate) fn is_on(status: &ChassisStatus) -> bool {
    status.power.contains(PowerState::ON)
}

/// Get Chassis Status; `None` when the BMC has no chassis device.
fn chassis_status(call: &Call<'_>) -> Result<Option<ChassisStatus>, CimError> {
    match call.node.bmc().call(&GetChassisStatus) {
        Ok(status) => Ok(Some(status)),
        Err(error) if is_link_error(&error) => Err(call.node.failure(error)),
        Err(_) => Ok(None),
    }
}

pub(crate) fn control(call: &Call<'_>, action: ChassisAction) -> Result<u32, CimError> {
    tracing::info!(bmc = call.node.bmc().name(), %action, user = %call.context.identity.user, "Chassis Control");
    state_change::return_code(call, call.node.bmc().call(&ChassisControl { action }))
}

/// RequestStateChange of the host.
fn host_state(call: &Call<'_>, wanted: u16) -> Result<u32, CimError> {
    let on = chassis_status(call)?.as_ref().is_some_and(is_on);
    match wanted {
        requested::ENABLED if on => Ok(INVALID_TRANSITION),
        requested::ENABLED => control(call, ChassisAction::PowerUp),
        requested::DISABLED => control(call, ChassisAction::PowerDown),
        requested::SHUT_DOWN | requested::RESET | requested::REBOOT if !on => Ok(INVALID_TRANSITION),
        requested::SHUT_DOWN => control(call, ChassisAction::SoftShutdown),
        requested::RESET => control(call, ChassisAction::HardReset),
        requested::REBOOT => reboot::start(call),
        _ => Ok(NOT_SUPPORTED),
    }
}

/// RequestStateChange of the controller.
fn controller_state(call: &Call<'_>, wanted: u16) -> Result<u32, CimError> {
    match wanted {
        requested::REBOOT | requested::RESET => {
            tracing::info!(bmc = call.node.bmc().name(), user = %call.context.identity.user, "Cold Reset");
            match call.node.bmc().call(&ColdReset) {
                // A controller may restart before it answers.
                Err(ipmi_core::Error::Timeout { .. }) => Ok(DONE),
                result => state_change::return_code(call, result),
            }
        }
        _ => Ok(NOT_SUPPORTED),
    }
}

/// SetPowerState of the host.
fn power_state(call: &Call<'_>, inputs: &[Value]) -> Result<u32, CimError> {
    if !inputs.get(1).is_none_or(Value::is_null) {
        return Ok(NOT_SUPPORTED);
    }
    let Some(Value::Uint32(wanted)) = inputs.first() else { return Ok(INVALID_PARAMETER) };
    match wanted {
        1 => control(call, ChassisAction::PowerUp),
        5 => control(call, ChassisAction::PowerCycle),
        6 => control(call, ChassisAction::PowerDown),
        8 => control(call, ChassisAction::SoftShutdown),
        2..=4 | 7 => Ok(NOT_SUPPORTED),
        _ => Ok(INVALID_PARAMETER),
    }
}
