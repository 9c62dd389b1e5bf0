//! Associations between the domain, its systems, their sensors, the log and its records.

use std::ops::ControlFlow;
use std::sync::Arc;

use cim::provider::Sink;
use cim::{CimError, Instance, Keys, ObjectPath, Value};

use super::device::SYSTEM_CLASS;
use super::{Call, ServedClass, View, log_record, put, record_log};
use crate::facts::SensorFact;
use crate::schema::HARDWARE;

/// AdminDomain to ComputerSystem.
pub(crate) struct SystemComponent;
/// ComputerSystem to Sensor and NumericSensor.
pub(crate) struct SystemDevice;
/// RecordLog to LogRecord.
pub(crate) struct LogManagesRecord;
/// ComputerSystem to RecordLog.
pub(crate) struct UseOfLog;

fn path<const N: usize, V: Into<Value>>(class: &str, keys: [(&str, V); N]) -> ObjectPath {
    let keys = keys.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    ObjectPath { server: None, namespace: Some(HARDWARE.into()), class: class.into(), keys: Keys::Named(keys) }
}

fn system(name: &str) -> ObjectPath {
    path(SYSTEM_CLASS, [("CreationClassName", SYSTEM_CLASS), ("Name", name)])
}

fn log() -> ObjectPath {
    path("RecordLog", [("InstanceID", record_log::INSTANCE_ID)])
}

fn device(system_name: &str, fact: &SensorFact) -> ObjectPath {
    let class = if fact.numeric.is_some() { "NumericSensor" } else { "Sensor" };
    let keys = [
        ("SystemCreationClassName", SYSTEM_CLASS),
        ("SystemName", system_name),
        ("CreationClassName", class),
        ("DeviceID", &fact.device_id),
    ];
    path(class, keys)
}

/// Yields an association between two elements.
fn link(view: &View<'_>, sink: &mut Sink<'_>, ends: [(&str, Arc<ObjectPath>); 2]) -> ControlFlow<()> {
    let mut association = Instance::new(view.class.clone());
    for (role, end) in ends {
        put(&mut association, role, Value::Reference(end));
    }
    if view.may_match(&association, &[]) { sink(association) } else { ControlFlow::Continue(()) }
}

impl ServedClass for SystemComponent {
    fn name(&self) -> &'static str {
        "SystemComponent"
    }

    fn enumerate(&self, call: &Call<'_>, view: &View<'_>, sink: &mut Sink<'_>) -> Result<ControlFlow<()>, CimError> {
        let identity = call.node.identity()?;
        let keys = [("CreationClassName", "AdminDomain"), ("Name", &*identity.domain_name)];
        let domain = Arc::new(path("AdminDomain", keys));
        Ok([&identity.host_name, &identity.bmc_name].into_iter().try_for_each(|name| {
            link(view, sink, [("GroupComponent", domain.clone()), ("PartComponent", system(name).into())])
        }))
    }
}

impl ServedClass for SystemDevice {
    fn name(&self) -> &'static str {
        "SystemDevice"
    }

    fn enumerate(&self, call: &Call<'_>, view: &View<'_>, sink: &mut Sink<'_>) -> Result<ControlFlow<()>, CimError> {
        let (identity, sdr) = (call.node.identity()?, call.node.sdr()?);
        let host = Arc::new(system(&identity.host_name));
        Ok(sdr.sensors.iter().try_for_each(|fact| {
            let part = device(&identity.host_name, fact).into();
            link(view, sink, [("GroupComponent", host.clone()), ("PartComponent", part)])
        }))
    }
}

impl ServedClass for LogManagesRecord {
    fn name(&self) -> &'static str {
        "LogManagesRecord"
    }

    fn enumerate(&self, call: &Call<'_>, view: &View<'_>, sink: &mut Sink<'_>) -> Result<ControlFlow<()>, CimError> {
        let Some(sel) = call.node.sel_if_any()? else { return Ok(ControlFlow::Continue(())) };
        let log = Arc::new(log());
        Ok(sel.records.iter().try_for_each(|record| {
            let record = path("LogRecord", log_record::keys(record));
            link(view, sink, [("Log", log.clone()), ("Record", record.into())])
        }))
    }
}

impl ServedClass for UseOfLog {
    fn name(&self) -> &'static str {
        "UseOfLog"
    }

    fn enumerate(&self, call: &Call<'_>, view: &View<'_>, sink: &mut Sink<'_>) -> Result<ControlFlow<()>, CimError> {
        if record_log::state(call)?.is_none() {
            return Ok(ControlFlow::Continue(()));
        }
        let identity = call.node.identity()?;
        let mut association = Instance::new(view.class.clone());
        put(&mut association, "Antecedent", log());
        put(&mut association, "Dependent", system(&identity.host_name));
        put(&mut association, "RecordedData", "Hardware events");
        Ok(if view.may_match(&association, &[]) { sink(association) } else { ControlFlow::Continue(()) })
    }
}
