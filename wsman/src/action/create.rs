//! Create: make an instance (WS-Transfer s3.3).

use cim::{Access, Instance};

use super::{Action, Answer, Call, schema};
use crate::fault::Fault;
use crate::instance_xml::read_instance;
use crate::ns::{self, Namespace};
use crate::selector::write_reference;
use crate::soap::XmlWriter;

pub(super) const ACTION: Action = Action {
    uri: "http://schemas.xmlsoap.org/ws/2004/09/transfer/Create",
    access: Access::Full,
    fragments: false,
    perform,
};

const PREFIXES: &[Namespace] = &[ns::SOAP, ns::ADDRESSING, ns::TRANSFER, ns::WSMAN, ns::SHELL, ns::MS_WSMAN];

fn perform(call: &Call<'_>) -> Result<Answer, Fault> {
    let (uri, class) = call.class()?;
    let element = call.body_element().ok_or_else(|| schema("The body of Create holds no instance."))?;
    if *element.name != *class.name {
        return Err(schema(format!("The body must hold a {}, not a {}.", class.name, element.name)));
    }
    let resource_uri = call.resource_uri()?;
    let values = call.with_values(&uri.namespace, |values| read_instance(element, &class, resource_uri, values))?;
    let mut instance = Instance::new(class);
    for (slot, value) in values {
        instance.put(slot, value);
    }
    let path = call.engine.broker().create(&call.context, &instance)?;
    let mut xml = XmlWriter::new();
    xml.start("x:ResourceCreated");
    write_reference(&mut xml, &uri, &path);
    xml.end("x:ResourceCreated");
    Ok(Answer::new(ACTION.uri, PREFIXES, xml.finish()))
}
