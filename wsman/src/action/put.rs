//! Put: change properties of an instance (WS-Transfer s3.2, wsman reference s6.3).

use std::sync::Arc;

use cim::{Access, Class, Value};

use super::{Action, Answer, Call, get, schema};
use crate::addressing::Fragment;
use crate::fault::{Fault, FaultKind};
use crate::fragment::{self, Path};
use crate::instance_xml::read_instance;
use crate::ns;
use crate::resource_uri::ResourceUri;
use crate::soap::Element;

pub(super) const ACTION: Action = Action {
    uri: "http://schemas.xmlsoap.org/ws/2004/09/transfer/Put",
    access: Access::Full,
    fragments: true,
    perform,
};

fn perform(call: &Call<'_>) -> Result<Answer, Fault> {
    let (uri, class) = call.class()?;
    let path = call.path(&uri, &class)?;
    let element = call.body_element().ok_or_else(|| schema("The body of Put holds no instance."))?;
    if let Some(fragment) = &call.headers.fragment {
        let changes = fragment_changes(call, fragment, element, &uri, &class)?;
        let instance = call.engine.broker().modify(&call.context, &class.namespace, &path, &changes)?;
        return Ok(Answer::new(ACTION.uri, get::PREFIXES, get::write(call, uri, &instance)?));
    }
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
    Ok(Answer::new(ACTION.uri, get::PREFIXES, get::write(call, uri, &instance)?))
}

/// The one property a w:XmlFragment body changes, given as elements or as text.
fn fragment_changes(
    call: &Call<'_>,
    fragment: &Fragment,
    body: &Element,
    uri: &ResourceUri,
    class: &Class,
) -> Result<Vec<(String, Value)>, Fault> {
    if !body.is(ns::WSMAN, "XmlFragment") {
        return Err(Fault::new(FaultKind::InvalidXmlFragment, "The body must hold a w:XmlFragment."));
    }
    let path = Path::parse(fragment, &class.name)?;
    let (name, text) = path.property()?;
    let property = class
        .slot(name)
        .and_then(|slot| class.property(slot))
        .filter(|property| &*property.name == name && !property.key)
        .ok_or_else(|| fragment::invalid(name, &format!("the properties of {} that are no keys", class.name)))?;
    let elements: Vec<&Element> = if text { vec![body] } else { body.children().collect() };
    if !text && elements.iter().any(|element| *element.name != *name) {
        return Err(Fault::new(
            FaultKind::InvalidXmlFragment,
            format!("The fragment must hold {name} and nothing else."),
        ));
    }
    let value = if elements.is_empty() {
        Value::Null
    } else {
        call.with_values(&uri.namespace, |values| values.read(&elements, &property.cim_type, property.array))
            .map_err(|error| Fault::from(error).with_number(FaultKind::InvalidXmlValues.number()))?
    };
    Ok(vec![(name.to_owned(), value)])
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
