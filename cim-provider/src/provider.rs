//! [`HardwareProvider`]: hands the broker's calls to the class rows.

use std::ops::ControlFlow;
use std::sync::Arc;

use cim::provider::Sink;
use cim::{Access, CimError, Class, EnumerateRequest, Instance, MethodOutput, ObjectPath, OperationContext};
use cim::{PropertySet, Provider, Status, Value};

use crate::ipmi::{CLASSES, Call, ServedClass, View};
use crate::snapshot::Node;

/// Serves the classes of `root/hardware` and `root/wmi` from a BMC.
pub struct HardwareProvider {
    node: Node,
}

impl HardwareProvider {
    /// Every class served, as (namespace, class name).
    pub fn served() -> Vec<(&'static str, &'static str)> {
        CLASSES.iter().map(|row| (row.namespace(), row.name())).collect()
    }

    /// Serves one BMC. Nothing is asked of it before a client asks.
    pub fn new(node: Node) -> Self {
        Self { node }
    }

    fn call<'a>(&'a self, context: &'a OperationContext) -> Call<'a> {
        Call { context, node: &self.node }
    }

    fn existing(
        &self,
        call: &Call<'_>,
        class: &Arc<Class>,
        path: &ObjectPath,
    ) -> Result<&'static dyn ServedClass, CimError> {
        let row = row(class)?;
        match row.get(call, class, path, &PropertySet::none())? {
            Some(_) => Ok(row),
            None => Err(not_found(class)),
        }
    }
}

fn row(class: &Class) -> Result<&'static dyn ServedClass, CimError> {
    let served = |row: &&&dyn ServedClass| {
        row.name().eq_ignore_ascii_case(&class.name) && row.namespace().eq_ignore_ascii_case(&class.namespace)
    };
    CLASSES.iter().find(served).copied().ok_or_else(|| {
        CimError::new(Status::ProviderNotCapable, format!("{} in {} is not served here", class.name, class.namespace))
    })
}

fn not_found(class: &Class) -> CimError {
    CimError::new(Status::NotFound, format!("{} has no instance with these keys", class.name))
}

/// Who may only read may not act on hardware.
fn check_access(context: &OperationContext) -> Result<(), CimError> {
    if context.identity.access >= Access::Full {
        return Ok(());
    }
    Err(CimError::new(Status::AccessDenied, format!("user {} may only read", context.identity.user)))
}

impl Provider for HardwareProvider {
    fn classes(&self) -> Vec<(&str, &str)> {
        Self::served()
    }

    fn enumerate(
        &self,
        context: &OperationContext,
        request: &EnumerateRequest<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), CimError> {
        let view = View { class: request.class, wanted: request.wanted, request: Some(request) };
        let call = self.call(context);
        call.check_deadline()?;
        let _: ControlFlow<()> = row(request.class)?.enumerate(&call, &view, sink)?;
        Ok(())
    }

    fn get(
        &self,
        context: &OperationContext,
        class: &Arc<Class>,
        path: &ObjectPath,
        wanted: &PropertySet,
    ) -> Result<Instance, CimError> {
        let call = self.call(context);
        call.check_deadline()?;
        row(class)?.get(&call, class, path, wanted)?.ok_or_else(|| not_found(class))
    }

    fn modify(&self, context: &OperationContext, instance: &Instance, changed: &PropertySet) -> Result<(), CimError> {
        check_access(context)?;
        let call = self.call(context);
        self.existing(&call, instance.class(), &instance.path())?.modify(&call, instance, changed)
    }

    fn delete(&self, context: &OperationContext, class: &Arc<Class>, path: &ObjectPath) -> Result<(), CimError> {
        check_access(context)?;
        let call = self.call(context);
        self.existing(&call, class, path)?.delete(&call, class, path)
    }

    fn invoke(
        &self,
        context: &OperationContext,
        class: &Arc<Class>,
        path: &ObjectPath,
        method: &str,
        inputs: &[Value],
    ) -> Result<MethodOutput, CimError> {
        check_access(context)?;
        let call = self.call(context);
        self.existing(&call, class, path)?.invoke(&call, path, method, inputs)
    }
}
