//! Delete: remove an instance (WS-Transfer s3.4).

use cim::Access;

use super::{Action, Answer, Call};
use crate::fault::Fault;
use crate::ns::{self, Namespace};

pub(super) const ACTION: Action = Action {
    uri: "http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete",
    access: Access::Full,
    fragments: false,
    perform,
};

/// Prefixes of DeleteResponse and of replies without a family of their own.
pub(super) const PREFIXES: &[Namespace] = &[ns::SOAP, ns::ADDRESSING, ns::WSMAN, ns::MS_WSMAN];

fn perform(call: &Call<'_>) -> Result<Answer, Fault> {
    let (uri, class) = call.class()?;
    let path = call.path(&uri, &class)?;
    call.engine.broker().delete(&call.context, &class.namespace, &path)?;
    Ok(Answer::new(ACTION.uri, PREFIXES, String::new()))
}
