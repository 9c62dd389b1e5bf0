//! Release: give up an enumeration (WS-Enumeration s3.5).

use cim::Access;

use super::{Action, Answer, Call, enumerate, schema};
use crate::fault::Fault;
use crate::ns;

pub(super) const ACTION: Action = Action {
    uri: "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Release",
    access: Access::Read,
    fragments: false,
    perform,
};

fn perform(call: &Call<'_>) -> Result<Answer, Fault> {
    let id = call
        .body_element()
        .filter(|element| element.is(ns::ENUMERATION, "Release"))
        .and_then(|release| release.child(ns::ENUMERATION, "EnumerationContext"))
        .ok_or_else(|| schema("The body of Release must hold n:Release with an n:EnumerationContext."))?
        .trimmed();
    call.engine.contexts().close(&id, &call.context.identity.user, call.resource_uri()?, call.now)?;
    Ok(Answer::new(ACTION.uri, enumerate::PREFIXES, String::new()))
}
