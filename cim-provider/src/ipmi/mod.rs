//! The classes served: one file per class family, one row in [`CLASSES`] per class.

mod admin_domain;
mod association;
mod computer_system;
mod device;
mod log_record;
mod microsoft_ipmi;
mod numeric_sensor;
mod reading;
mod reboot;
mod record_log;
mod sensor;
mod state_change;
mod thresholds;

use std::ops::ControlFlow;
use std::sync::Arc;

use cim::provider::Sink;
use cim::{CimError, Class, EnumerateRequest, Instance, MethodOutput, ObjectPath, OperationContext, PropertySet};
use cim::{Slot, Status, Value};

use crate::schema::HARDWARE;
use crate::snapshot::Node;

/// Every class served.
pub(crate) const CLASSES: &[&dyn ServedClass] = &[
    &admin_domain::AdminDomain,
    &computer_system::ComputerSystem,
    &sensor::Sensor,
    &numeric_sensor::NumericSensor,
    &record_log::RecordLog,
    &log_record::LogRecord,
    &association::SystemComponent,
    &association::SystemDevice,
    &association::LogManagesRecord,
    &association::UseOfLog,
    &microsoft_ipmi::MicrosoftIpmi,
];

/// A class and how its instances come from a BMC. Errors are the provider's; `path` names an instance of this class.
pub(crate) trait ServedClass: Sync {
    /// Namespace.
    fn namespace(&self) -> &'static str {
        HARDWARE
    }

    /// Name, as in the MOF.
    fn name(&self) -> &'static str;

    /// Yields every instance of one BMC.
    fn enumerate(&self, call: &Call<'_>, view: &View<'_>, sink: &mut Sink<'_>) -> Result<ControlFlow<()>, CimError>;

    /// Finds one instance. The default looks through all of them with nothing but their keys.
    fn get(&self, call: &Call<'_>, class: &Arc<Class>, path: &ObjectPath, wanted: &PropertySet) -> Found {
        let _ = wanted;
        find(self, call, &View { class, wanted, request: None }, path)
    }

    /// Changes the slots in `changed`.
    fn modify(&self, _call: &Call<'_>, instance: &Instance, _changed: &PropertySet) -> Result<(), CimError> {
        Err(not_supported("modified", instance.class()))
    }

    /// Deletes an instance.
    fn delete(&self, _call: &Call<'_>, class: &Arc<Class>, _path: &ObjectPath) -> Result<(), CimError> {
        Err(not_supported("deleted", class))
    }

    /// Calls a method on an instance that [`get`](Self::get) finds.
    fn invoke(&self, _call: &Call<'_>, _target: &ObjectPath, method: &str, _inputs: &[Value]) -> Invoked {
        Err(not_implemented(self.name(), method))
    }
}

/// An instance, if there is one.
pub(crate) type Found = Result<Option<Instance>, CimError>;
/// What a method gave.
pub(crate) type Invoked = Result<MethodOutput, CimError>;

/// One operation on one BMC.
pub(crate) struct Call<'a> {
    /// Everything that is not an argument.
    pub(crate) context: &'a OperationContext,
    /// The BMC.
    pub(crate) node: &'a Node,
}

impl Call<'_> {
    /// Fails when the caller no longer waits.
    pub(crate) fn check_deadline(&self) -> Result<(), CimError> {
        match self.context.deadline {
            Some(deadline) if std::time::Instant::now() >= deadline => {
                let message = format!("BMC {}: the operation's time is over", self.node.bmc().name());
                Err(CimError::new(Status::TimedOut, message))
            }
            _ => Ok(()),
        }
    }
}

/// What is wanted of the instances of a class.
pub(crate) struct View<'a> {
    /// The class.
    pub(crate) class: &'a Arc<Class>,
    /// Properties somebody looks at.
    pub(crate) wanted: &'a PropertySet,
    /// The enumeration, when it is one: it may hold a filter.
    pub(crate) request: Option<&'a EnumerateRequest<'a>>,
}

impl View<'_> {
    /// Whether anybody looks at one of these properties.
    pub(crate) fn wants(&self, names: &[&str]) -> bool {
        names.iter().filter_map(|name| self.class.slot(name)).any(|slot| self.wanted.contains(slot))
    }

    /// Whether the filter can still be met when everything but these properties is known.
    pub(crate) fn may_match(&self, instance: &Instance, unknown: &[&str]) -> bool {
        self.request.is_none_or(|request| request.may_match(instance, &all_but(self.class, unknown)))
    }
}

/// Every slot but those of some properties.
pub(crate) fn all_but(class: &Class, names: &[&str]) -> PropertySet {
    let left_out: Vec<Slot> = names.iter().filter_map(|name| class.slot(name)).collect();
    (0..class.properties().len()).map(Slot).filter(|slot| !left_out.contains(slot)).collect()
}

/// Stores a property the MOF is known to have: a test asks for every property of every class.
pub(crate) fn put(instance: &mut Instance, name: &str, value: impl Into<Value>) {
    let known = instance.set(name, value);
    debug_assert!(known, "{} has no property {name}", instance.class().name);
}

/// The instance of `class` that `path` names.
fn find<C: ServedClass + ?Sized>(class: &C, call: &Call<'_>, view: &View<'_>, path: &ObjectPath) -> Found {
    let mut found = None;
    let _ = class.enumerate(call, view, &mut |instance| {
        if !names(path, &instance) {
            return ControlFlow::Continue(());
        }
        found = Some(instance);
        ControlFlow::Break(())
    })?;
    Ok(found)
}

/// Whether a path names an instance: every key agrees.
pub(crate) fn names(path: &ObjectPath, instance: &Instance) -> bool {
    instance
        .class()
        .keys()
        .all(|(slot, property)| path.key(&property.name).is_some_and(|key| same_key(key, instance.value(slot))))
}

/// Keys are compared as WMI does: text without case, references by what they refer to.
fn same_key(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.eq_ignore_ascii_case(right),
        (Value::Reference(left), Value::Reference(right)) => left.same_object(right),
        (left, right) => left == right,
    }
}

/// A method's result without out parameters.
pub(crate) fn returns(code: u32) -> MethodOutput {
    MethodOutput { result: code.into(), parameters: Vec::new() }
}

/// The text of a key in a path.
pub(crate) fn text_key<'a>(path: &'a ObjectPath, name: &str) -> &'a str {
    path.key(name).and_then(Value::as_str).unwrap_or_default()
}

fn not_supported(what: &str, class: &Class) -> CimError {
    CimError::new(Status::NotSupported, format!("instances of {} cannot be {what}", class.name))
}

pub(crate) fn not_implemented(class: &str, method: &str) -> CimError {
    CimError::new(Status::MethodNotImplemented, format!("{class}.{method} is not implemented"))
}
