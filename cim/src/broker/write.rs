//! Operations that change something: modify, create, delete, invoke. They take full access.

use std::sync::Arc;

use super::{Broker, keys_of, scan};
use crate::{
    Access, CimError, Class, Instance, Method, MethodOutput, ObjectPath, OperationContext, PropertySet, Provider,
    Status, Value,
};

impl Broker {
    /// Changes properties of an instance: `changes` by name; unchanged read-only ones are accepted. Returns the new
    /// state.
    ///
    /// # Errors
    /// `AccessDenied`, `InvalidProperty`, `TypeMismatch`, `ReadOnly`, and as [`get`](Self::get).
    pub fn modify(
        &self,
        context: &OperationContext,
        namespace: &str,
        path: &ObjectPath,
        changes: &[(String, Value)],
    ) -> Result<Instance, CimError> {
        require_full_access(context)?;
        let mut instance = self.get(context, namespace, path)?;
        let class = instance.class().clone();
        let mut changed = Vec::new();
        for (name, value) in changes {
            let slot = class.slot(name);
            let Some((slot, property)) = slot.and_then(|slot| Some((slot, class.property(slot)?))) else {
                let message = format!("class {} has no property {name}", class.name);
                return Err(CimError::new(Status::InvalidProperty, message));
            };
            if !value.fits(&property.cim_type, property.array) {
                return Err(misfit(&format!("{}.{}", class.name, property.name), &property.cim_type, property.array));
            }
            if *value == *instance.value(slot) {
                continue;
            }
            if !property.is_writable() {
                let message = format!("{}.{} is read-only", class.name, property.name);
                return Err(CimError::new(Status::ReadOnly, message));
            }
            instance.put(slot, value.clone());
            changed.push(slot);
        }
        if changed.is_empty() {
            return Ok(instance);
        }
        let path = instance.path();
        self.provider_to_write(&class)?.modify(context, &instance, &changed.into_iter().collect::<PropertySet>())?;
        self.get(context, namespace, &path)
    }

    /// Creates an instance.
    ///
    /// # Errors
    /// `AccessDenied`, `IllegalNull` for a key without a value, and as the provider says.
    pub fn create(&self, context: &OperationContext, instance: &Instance) -> Result<ObjectPath, CimError> {
        require_full_access(context)?;
        let class = instance.class();
        if let Some((_, property)) = class.keys().find(|(slot, _)| instance.value(*slot).is_null()) {
            let message = format!("key {} of the new {} has no value", property.name, class.name);
            return Err(CimError::new(Status::IllegalNull, message));
        }
        scan::check_deadline(context)?;
        self.provider_to_write(class)?.create(context, instance)
    }

    /// Deletes an instance.
    ///
    /// # Errors
    /// `AccessDenied`, and as [`get`](Self::get).
    pub fn delete(&self, context: &OperationContext, namespace: &str, path: &ObjectPath) -> Result<(), CimError> {
        require_full_access(context)?;
        let instance = self.locate(context, namespace, path, keys_of)?;
        self.provider_to_write(instance.class())?.delete(context, instance.class(), &instance.path())
    }

    /// Calls a method. `inputs` by parameter name, already of the declared types.
    ///
    /// # Errors
    /// `AccessDenied`, `InvalidMethod`, `InvalidMethodParameters`, `TypeMismatch`, and as [`get`](Self::get).
    pub fn invoke(
        &self,
        context: &OperationContext,
        namespace: &str,
        path: &ObjectPath,
        method: &str,
        inputs: &[(String, Value)],
    ) -> Result<MethodOutput, CimError> {
        require_full_access(context)?;
        let class = self.repository().class(namespace, &path.class)?;
        let declared = method_of(&class, method)?;
        let (class, path) = if declared.is_static {
            // A static method of a base class belongs to whichever class has a provider.
            let served = self.served(&class).into_iter().find(|class| self.provider(class).is_some()).unwrap_or(class);
            let path =
                ObjectPath { namespace: Some(served.namespace.clone()), ..ObjectPath::class(served.name.clone()) };
            (served, path)
        } else {
            let instance = self.locate(context, namespace, path, keys_of)?;
            (instance.class().clone(), instance.path())
        };
        let declared = method_of(&class, method)?;
        let inputs = arguments(&class, declared, inputs)?;
        let Some(provider) = self.provider(&class) else {
            let message = format!("{}.{} has no provider", class.name, declared.name);
            return Err(CimError::new(Status::MethodNotImplemented, message));
        };
        scan::check_deadline(context)?;
        tracing::debug!(%path, method = %declared.name, "invoke");
        provider.invoke(context, &class, &path, &declared.name, &inputs)
    }

    fn provider_to_write(&self, class: &Class) -> Result<&Arc<dyn Provider>, CimError> {
        self.provider(class).ok_or_else(|| {
            let message = format!("instances of {} cannot be changed: it has no provider", class.name);
            CimError::new(Status::NotSupported, message)
        })
    }
}

fn method_of<'a>(class: &'a Class, name: &str) -> Result<&'a Method, CimError> {
    let missing = || CimError::new(Status::InvalidMethod, format!("class {} has no method {name}", class.name));
    class.method(name).ok_or_else(missing)
}

/// One value per input parameter, in the order of the declaration.
fn arguments(class: &Class, method: &Method, given: &[(String, Value)]) -> Result<Vec<Value>, CimError> {
    let name = format!("{}.{}", class.name, method.name);
    let expected: Vec<_> = method.parameters.iter().filter(|parameter| parameter.input).collect();
    let mut values = vec![None; expected.len()];
    for (parameter, value) in given {
        let place = expected
            .iter()
            .position(|declared| declared.name.eq_ignore_ascii_case(parameter))
            .and_then(|index| Some((expected.get(index)?, values.get_mut(index)?)));
        let Some((declared, place)) = place else {
            let message = format!("{name} has no input parameter {parameter}");
            return Err(CimError::new(Status::InvalidMethodParameters, message));
        };
        if !value.fits(&declared.cim_type, declared.array) {
            return Err(misfit(&format!("{name} parameter {}", declared.name), &declared.cim_type, declared.array));
        }
        if place.replace(value.clone()).is_some() {
            let message = format!("{name}: parameter {parameter} is given twice");
            return Err(CimError::new(Status::InvalidMethodParameters, message));
        }
    }
    Ok(values.into_iter().map(|value| value.unwrap_or(Value::Null)).collect())
}

fn misfit(what: &str, cim_type: &crate::CimType, array: bool) -> CimError {
    let array = if array { "[]" } else { "" };
    CimError::new(Status::TypeMismatch, format!("{what} needs a {cim_type}{array}"))
}

fn require_full_access(context: &OperationContext) -> Result<(), CimError> {
    if context.identity.access >= Access::Full {
        return Ok(());
    }
    let message = format!("{} may only read", context.identity.user);
    Err(CimError::new(Status::AccessDenied, message))
}
