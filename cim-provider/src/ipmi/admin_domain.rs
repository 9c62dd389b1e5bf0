//! AdminDomain: the one domain that holds a BMC and the system it manages.

use std::ops::ControlFlow;

use cim::provider::Sink;
use cim::{CimError, Instance, ObjectPath, Value};

use super::computer_system::put_health;
use super::{Call, Invoked, ServedClass, View, not_implemented, put, reading, state_change};

/// The class.
pub(crate) struct AdminDomain;

impl ServedClass for AdminDomain {
    fn name(&self) -> &'static str {
        "AdminDomain"
    }

    fn enumerate(&self, call: &Call<'_>, view: &View<'_>, sink: &mut Sink<'_>) -> Result<ControlFlow<()>, CimError> {
        let identity = call.node.identity()?;
        let mut domain = Instance::new(view.class.clone());
        put(&mut domain, "CreationClassName", self.name());
        put(&mut domain, "Name", identity.domain_name.clone());
        // The value map of a domain's NameFormat knows no UUID.
        put(&mut domain, "NameFormat", "Other");
        put(&mut domain, "Caption", "Administrative Domain");
        put(
            &mut domain,
            "Description",
            format!("The management controller at {} and the system it manages", call.node.bmc().name()),
        );
        put(&mut domain, "ElementName", "IPMI Management Domain");
        put(&mut domain, "Roles", Value::array(["Management Domain"]));
        let unknown = ["HealthState", "OperationalStatus", "StatusDescriptions", "Status"];
        if !view.may_match(&domain, &unknown) {
            return Ok(ControlFlow::Continue(()));
        }
        if view.wants(&unknown) {
            put_health(&mut domain, reading::worst_health(call)?);
        }
        Ok(sink(domain))
    }

    fn invoke(&self, _call: &Call<'_>, _target: &ObjectPath, method: &str, inputs: &[Value]) -> Invoked {
        if !method.eq_ignore_ascii_case("RequestStateChange") {
            return Err(not_implemented(self.name(), method));
        }
        let code = state_change::parameters(inputs).map_or_else(|code| code, |_| state_change::NOT_SUPPORTED);
        Ok(state_change::output(code))
    }
}
