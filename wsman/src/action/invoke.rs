//! Method calls: the action is the class URI with the method's name (DSP0227 s9, wsman reference s8).

use cim::{Class, Keys, Method, ObjectPath, Value};

use super::{Answer, Call, delete, schema};
use crate::fault::{Fault, FaultKind};
use crate::instance_xml::{InstanceWriter, Properties, declare, same_uri};
use crate::ns;
use crate::resource_uri::{ResourceUri, method_of};
use crate::soap::XmlWriter;
use crate::value_xml::{ValueReader, write_value};

pub(super) fn perform(call: &Call<'_>) -> Result<Answer, Fault> {
    let action = call.headers.action.as_str();
    let unsupported = |message: String| Fault::new(FaultKind::ActionNotSupported, message);
    // Without a resource URI the action is all there is to complain about.
    let Some(resource_uri) = call.headers.resource_uri.as_deref() else {
        return Err(unsupported(format!("The action {action} is not supported.")));
    };
    let Some(name) = method_of(action, resource_uri) else {
        let kind = if action.contains("/wbem/") { FaultKind::ActionMismatch } else { FaultKind::ActionNotSupported };
        return Err(Fault::new(kind, format!("The action {action} is not supported for {resource_uri}.")));
    };
    let (uri, class) = call.class()?;
    let method = class.method(name).ok_or_else(|| unsupported(format!("{} has no method {name}.", class.name)))?;
    let path = target(call, &uri, &class, method)?;
    let inputs = call.with_values(&uri.namespace, |values| inputs(call, resource_uri, method, values))?;
    let output = call.engine.broker().invoke(&call.context, &class.namespace, &path, &method.name, &inputs)?;

    let class_uri = uri.of_class(&class.namespace, &class.name);
    let mut writer = InstanceWriter::new(uri);
    let root = format!("{}_OUTPUT", method.name);
    let mut xml = XmlWriter::new();
    xml.start_in("p", &root);
    declare(&mut xml, &class_uri);
    xml.attribute("xml:lang", ns::LANGUAGE);
    for (name, value) in &output.parameters {
        write_value(&mut xml, &mut writer, "p", name, value);
    }
    if method.result.is_some() {
        write_value(&mut xml, &mut writer, "p", "ReturnValue", &output.result);
    }
    xml.end_in("p", &root);
    Ok(Answer::new(action, delete::PREFIXES, xml.finish()))
}

/// What the method is called on: a static method needs no instance.
fn target(call: &Call<'_>, uri: &ResourceUri, class: &Class, method: &Method) -> Result<ObjectPath, Fault> {
    if method.is_static && call.headers.selectors.keys().next().is_none() {
        return Ok(ObjectPath {
            server: None,
            namespace: Some(class.namespace.clone()),
            class: class.name.clone(),
            keys: Keys::None,
        });
    }
    call.path(uri, class)
}

/// The input parameters; one that is not given is NULL.
fn inputs(
    call: &Call<'_>,
    resource_uri: &str,
    method: &Method,
    values: &ValueReader<'_>,
) -> Result<Vec<(String, Value)>, Fault> {
    let Some(body) = call.body_element() else { return Ok(Vec::new()) };
    let expected = format!("{}_INPUT", method.name);
    if !body.name.eq_ignore_ascii_case(&expected) {
        return Err(schema(format!("The body must hold {expected}, not {}.", body.name)));
    }
    let properties = Properties::of(body);
    let foreign =
        (!same_uri(&body.namespace, resource_uri)).then_some(body).or_else(|| properties.foreign(resource_uri));
    if let Some(foreign) = foreign {
        let message = format!("{} must be in the namespace {resource_uri}.", foreign.name);
        return Err(Fault::new(FaultKind::InvalidXmlNamespace, message));
    }
    let mut inputs = Vec::new();
    for (name, elements) in properties.iter() {
        let parameter = method
            .parameters
            .iter()
            .find(|parameter| parameter.input && &*parameter.name == name)
            .ok_or_else(|| {
                Fault::new(FaultKind::InvalidParameterName, format!("{} has no input parameter {name}.", method.name))
            })?;
        let value = values.read(elements, &parameter.cim_type, parameter.array).map_err(|error| {
            Fault::new(FaultKind::ParameterTypeMismatch, format!("{}.", error.message)).with_cim_error(error)
        })?;
        inputs.push((parameter.name.to_string(), value));
    }
    Ok(inputs)
}
