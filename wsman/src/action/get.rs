//! Get: read one instance (WS-Transfer s3.1).

use cim::Access;

use super::{Action, Answer, Call};
use crate::fault::Fault;
use crate::instance_xml::InstanceWriter;
use crate::ns::{self, Namespace};
use crate::soap::XmlWriter;

pub(super) const ACTION: Action =
    Action { uri: "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get", access: Access::Read, perform };

/// Prefixes of GetResponse and PutResponse.
pub(super) const PREFIXES: &[Namespace] = &[ns::SOAP, ns::ADDRESSING, ns::TRANSFER, ns::WSMAN, ns::MS_WSMAN];

fn perform(call: &Call<'_>) -> Result<Answer, Fault> {
    let (uri, class) = call.class()?;
    let path = call.path(&uri, &class)?;
    let instance = call.engine.broker().get(&call.context, &class.namespace, &path)?;
    let mut xml = XmlWriter::new();
    InstanceWriter::new(uri).write(&mut xml, &instance);
    Ok(Answer::new(ACTION.uri, PREFIXES, xml.finish()))
}
