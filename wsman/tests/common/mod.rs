//! A small hardware namespace with a provider of its own: fans that can be set, commanded, and one class that never
//! answers.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code, and not all of it used by every test"
)]

use std::ops::ControlFlow;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use cim::provider::Sink;
use cim::{
    Broker, CimError, Class, EnumerateRequest, Instance, MethodOutput, ObjectPath, OperationContext, PropertySet,
    Provider, Repository, Status, Value,
};

const MOF: &str = r#"
class Device { [Key] string DeviceID; string Name; };
class Fan : Device {
    sint32 Reading;
    uint16 OperationalStatus[];
    datetime Since;
    uint64 Total;
    [Write] sint32 UpperThreshold;
    uint32 RequestStateChange([In] uint16 RequestedState, [Out] string Job);
    [Static] uint32 Add([In] uint8 Left, [In] uint8 Right, [Out] uint16 Sum, [In] uint8 More[]);
};
class Pump : Device { sint32 Flow; };
class Stuck : Device { };
"#;

/// Namespace of the test classes.
pub(crate) const NAMESPACE: &str = "root/hardware";

/// How many fans there are.
pub(crate) const FANS: u16 = 25;

#[derive(Default)]
struct Hardware {
    thresholds: Mutex<Vec<(String, i32)>>,
    /// Told when the class that never answers is asked for.
    stuck: Option<Mutex<Sender<()>>>,
}

impl Hardware {
    fn instances(&self, class: &Arc<Class>) -> Vec<Instance> {
        let count = if &*class.name == "Fan" { FANS } else { 2 };
        (0..count)
            .map(|number| {
                let mut instance = Instance::new(class.clone());
                let id = format!("{}.{number}", class.name.to_ascii_lowercase());
                instance.set("DeviceID", id.as_str());
                instance.set("Name", format!("{} <{number}> & co", class.name));
                instance.set("Flow", i32::from(number));
                instance.set("Reading", i32::from(number) * 100);
                instance.set("OperationalStatus", Value::array([2_u16, number]));
                instance.set("Since", cim::DateTime::from_unix_seconds(1_700_000_000));
                instance.set("Total", u64::MAX);
                let set =
                    self.thresholds.lock().unwrap().iter().find(|(other, _)| *other == id).map(|(_, value)| *value);
                instance.set("UpperThreshold", set);
                instance
            })
            .collect()
    }
}

impl Provider for Hardware {
    fn classes(&self) -> Vec<(&str, &str)> {
        ["Fan", "Pump", "Stuck"].iter().map(|class| (NAMESPACE, *class)).collect()
    }

    fn enumerate(
        &self,
        context: &OperationContext,
        request: &EnumerateRequest<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), CimError> {
        if &*request.class.name == "Stuck" {
            if let Some(stuck) = &self.stuck {
                let _ = stuck.lock().unwrap().send(());
            }
            // A provider that never looks at the clock: the server has to.
            let until =
                context.deadline.map_or(Duration::ZERO, |deadline| deadline.saturating_duration_since(Instant::now()));
            std::thread::sleep(until + Duration::from_millis(300));
            return Ok(());
        }
        for instance in self.instances(request.class) {
            if sink(instance) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    fn get(
        &self,
        _context: &OperationContext,
        class: &Arc<Class>,
        path: &ObjectPath,
        _wanted: &PropertySet,
    ) -> Result<Instance, CimError> {
        self.instances(class)
            .into_iter()
            .find(|instance| instance.path().same_keys(path))
            .ok_or_else(|| CimError::new(Status::NotFound, format!("there is no {}", path.relpath())))
    }

    fn modify(&self, _context: &OperationContext, instance: &Instance, _changed: &PropertySet) -> Result<(), CimError> {
        let (Some(Value::String(id)), Some(Value::Sint32(value))) =
            (instance.get("DeviceID"), instance.get("UpperThreshold"))
        else {
            return Err(CimError::new(Status::IllegalNull, "UpperThreshold needs a value"));
        };
        let mut thresholds = self.thresholds.lock().unwrap();
        thresholds.retain(|(other, _)| **other != **id);
        thresholds.push((id.to_string(), *value));
        Ok(())
    }

    fn invoke(
        &self,
        _context: &OperationContext,
        _class: &Arc<Class>,
        path: &ObjectPath,
        method: &str,
        inputs: &[Value],
    ) -> Result<MethodOutput, CimError> {
        match (method, inputs) {
            ("RequestStateChange", [state]) => Ok(MethodOutput {
                result: Value::from(0_u32),
                parameters: vec![("Job".into(), Value::from(format!("{} -> {state}", path.relpath())))],
            }),
            ("Add", [Value::Uint8(left), Value::Uint8(right), more]) => {
                let more: u16 = match more {
                    Value::Array(items) => {
                        items.iter().map(|item| if let Value::Uint8(item) = item { u16::from(*item) } else { 0 }).sum()
                    }
                    _ => 0,
                };
                let sum = u16::from(*left) + u16::from(*right) + more;
                Ok(MethodOutput { result: Value::from(0_u32), parameters: vec![("Sum".into(), Value::from(sum))] })
            }
            _ => Err(CimError::new(Status::InvalidMethodParameters, format!("{method}: {inputs:?}"))),
        }
    }
}

/// A broker that serves the test classes.
pub(crate) fn broker() -> Arc<Broker> {
    broker_of(Hardware::default())
}

/// The same, and `stuck` is told when the class that never answers is asked for.
pub(crate) fn broker_telling(stuck: Sender<()>) -> Arc<Broker> {
    broker_of(Hardware { stuck: Some(Mutex::new(stuck)), ..Hardware::default() })
}

fn broker_of(hardware: Hardware) -> Arc<Broker> {
    let mut repository = Repository::default();
    repository.load_mof(NAMESPACE, "test.mof", MOF).expect("the test classes");
    let mut broker = Broker::new(repository);
    broker.register(Arc::new(hardware)).expect("the test provider");
    Arc::new(broker)
}
