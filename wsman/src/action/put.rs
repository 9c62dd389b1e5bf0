//! Put: change properties of an instance (WS-Transfer s3.2, wsman reference s6.3).

use std::sync::Arc;

use cim::{Access, Class};

use super::{Action, Answer, Call, get, schema};
use crate::fault::{Fault, FaultKind};
use crate::instance_xml::{InstanceWriter, read_instance};
use crate::soap::{Element, XmlWriter};

pub(super) const ACTION: Action =
    Action { uri: "http://schemas.xmlsoap.org/ws/2004/09/transfer/Put", access: Access::Full, perform };

fn perform(call: &Call<'_>) -> Result<Answer, Fault> {
    let (uri, class) = call.class()?;
    let path = call.path(&uri, &class)?;
    let element = call.body_element().ok_or_else(|| schema("The body of Put holds no instance."))?;
    // What Get returned through a base class is an instance of a subclass, and comes back as one.
    let actual = body_class(call, element, &class)?;
    let body_uri = if Arc::ptr_eq(&actual, &class) {
        call.resource_uri()?.to_owned()
    } else {
        uri.of_class(&actual.namespace, &actual.name)
    };
    let values = call.with_values(&uri.namespace, |values| read_instance(element, &actual, &body_uri, values))?;
    let mut changes = Vec::new();
    for (slot, value) in values {
        let Some(property) = actual.property(slot) else { continue };
        if !property.key {
            changes.push((property.name.to_string(), value));
        } else if path.key(&property.name).is_some_and(|key| *key != value) {
            let message = format!("{} is a key: {value} cannot replace what the selector says.", property.name);
            return Err(Fault::new(FaultKind::InvalidSelectorValue, message));
        }
    }
    let instance = call.engine.broker().modify(&call.context, &class.namespace, &path, &changes)?;
    let mut xml = XmlWriter::new();
    InstanceWriter::new(uri).write(&mut xml, &instance);
    Ok(Answer::new(ACTION.uri, get::PREFIXES, xml.finish()))
}

/// The class an instance body is of: the one the request addresses or one that derives from it.
pub(super) fn body_class(call: &Call<'_>, element: &Element, class: &Arc<Class>) -> Result<Arc<Class>, Fault> {
    if *element.name == *class.name {
        return Ok(class.clone());
    }
    call.find_class(&class.namespace, &element.name)
        .ok()
        .filter(|other| other.is_a(&class.name))
        .ok_or_else(|| schema(format!("The body must hold a {}, not a {}.", class.name, element.name)))
}
