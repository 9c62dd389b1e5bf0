//! Get: read one instance (WS-Transfer s3.1).

use cim::{Access, Instance};

use super::{Action, Answer, Call};
use crate::fault::{Fault, FaultKind};
use crate::fragment::{self, Path};
use crate::instance_xml::InstanceWriter;
use crate::ns::{self, Namespace};
use crate::resource_uri::ResourceUri;
use crate::soap::{self, XmlWriter};

pub(super) const ACTION: Action = Action {
    uri: "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get",
    access: Access::Read,
    fragments: true,
    perform,
};

/// Prefixes of GetResponse and PutResponse.
pub(super) const PREFIXES: &[Namespace] = &[ns::SOAP, ns::ADDRESSING, ns::TRANSFER, ns::WSMAN, ns::MS_WSMAN];

fn perform(call: &Call<'_>) -> Result<Answer, Fault> {
    let (uri, class) = call.class()?;
    let path = call.path(&uri, &class)?;
    let instance = call.engine.broker().get(&call.context, &class.namespace, &path)?;
    Ok(Answer::new(ACTION.uri, PREFIXES, write(call, uri, &instance)?))
}

/// The instance, or the part of it the request is about.
pub(super) fn write(call: &Call<'_>, uri: ResourceUri, instance: &Instance) -> Result<String, Fault> {
    let mut xml = XmlWriter::new();
    InstanceWriter::new(uri).write(&mut xml, instance);
    let whole = xml.finish();
    let Some(fragment) = &call.headers.fragment else { return Ok(whole) };
    let class = instance.class();
    let path = Path::parse(fragment, &class.name)?;
    // A property without values has no element, which is not the same as no property.
    let known = class.slot(path.first()).and_then(|slot| class.property(slot));
    if known.is_none_or(|property| &*property.name != path.first()) {
        return Err(fragment::invalid(&fragment.expression, &format!("the properties of {}", class.name)));
    }
    // References need the prefixes the envelope declares.
    let prefixes: String =
        PREFIXES.iter().map(|namespace| format!(" xmlns:{}=\"{}\"", namespace.prefix, namespace.uri)).collect();
    let root = soap::parse(&format!("<s:Body{prefixes}>{whole}</s:Body>"))
        .map_err(|error| Fault::new(FaultKind::InternalError, error.to_string()))?;
    let mut xml = XmlWriter::new();
    if let Some(element) = root.children().next() {
        path.write(element, &mut xml);
    }
    Ok(xml.finish())
}
