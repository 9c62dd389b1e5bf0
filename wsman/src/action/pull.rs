//! Pull: the next items of an enumeration (WS-Enumeration s3.2).

use cim::Access;

use super::{Action, Answer, Call, enumerate, schema};
use crate::context::{Enumeration, EnumerationMode, Item, lock};
use crate::fault::{Fault, FaultKind};
use crate::instance_xml::InstanceWriter;
use crate::ns;
use crate::selector::write_endpoint_reference;
use crate::soap::XmlWriter;

pub(super) const ACTION: Action = Action {
    uri: "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull",
    access: Access::Read,
    fragments: false,
    perform,
};

/// What the tags around items take.
const TAGS: usize = 256;

fn perform(call: &Call<'_>) -> Result<Answer, Fault> {
    let request = call
        .body_element()
        .filter(|element| element.is(ns::ENUMERATION, "Pull"))
        .ok_or_else(|| schema("The body of Pull must hold an n:Pull element."))?;
    let id = request
        .child(ns::ENUMERATION, "EnumerationContext")
        .ok_or_else(|| schema("Pull must hold an n:EnumerationContext."))?
        .trimmed();
    let max_elements =
        enumerate::max_elements(request, ns::ENUMERATION)?.unwrap_or(1).min(call.engine.config().max_batch_items);
    let max_characters = enumerate::positive(request, ns::ENUMERATION, "MaxCharacters")?.unwrap_or(usize::MAX);
    let (user, resource_uri) = (&call.context.identity.user, call.resource_uri()?);
    let found = call.engine.contexts().find(&id, user, resource_uri, call.now)?;
    let mut enumeration = lock(&found);
    let items = take(&mut enumeration, max_elements, call.room, max_characters)?;
    let done = enumeration.items.is_empty();
    drop(enumeration);

    let mut xml = XmlWriter::new();
    xml.start("n:PullResponse");
    if done {
        call.engine.contexts().close(&id, user, resource_uri, call.now)?;
    } else {
        xml.element("n:EnumerationContext", &id);
    }
    xml.start("n:Items").raw(&items).end("n:Items");
    if done {
        xml.leaf("n:EndOfSequence");
    }
    xml.end("n:PullResponse");
    Ok(Answer::new(ACTION.uri, enumerate::PREFIXES, xml.finish()))
}

/// Writes as many items as are asked for and fit, and takes them off the enumeration.
///
/// # Errors
/// `EncodingLimit` when not even one fits.
pub(super) fn take(
    enumeration: &mut Enumeration,
    max_elements: usize,
    room: usize,
    max_characters: usize,
) -> Result<String, Fault> {
    let room = room.saturating_sub(TAGS);
    let mut items = String::new();
    let mut characters = 0;
    let mut writer = InstanceWriter::new(enumeration.uri.clone());
    for taken in 0..max_elements {
        let Some(item) = enumeration.items.front() else { break };
        let mut xml = XmlWriter::new();
        write_item(&mut xml, &mut writer, enumeration, item);
        let text = xml.finish();
        let item_characters = if max_characters == usize::MAX { 0 } else { text.chars().count() };
        if items.len() + text.len() > room || characters + item_characters > max_characters {
            if taken == 0 {
                let message = format!("One item takes {} octets and does not fit.", text.len());
                return Err(Fault::new(FaultKind::MaxEnvelopeSizeExceeded, message));
            }
            break;
        }
        characters += item_characters;
        items.push_str(&text);
        enumeration.items.pop_front();
    }
    Ok(items)
}

fn write_item(xml: &mut XmlWriter, writer: &mut InstanceWriter, enumeration: &Enumeration, item: &Item) {
    let instance = match item {
        Item::Path(path) => return write_endpoint_reference(xml, &enumeration.uri, path),
        Item::Instance(instance) => instance,
    };
    let write_object = |xml: &mut XmlWriter, writer: &mut InstanceWriter| match &enumeration.projection {
        Some(slots) => writer.write_fragment(xml, instance, slots),
        None => writer.write(xml, instance),
    };
    match enumeration.mode {
        EnumerationMode::Object => write_object(xml, writer),
        EnumerationMode::Epr => write_endpoint_reference(xml, &enumeration.uri, &instance.path()),
        EnumerationMode::ObjectAndEpr => {
            xml.start("w:Item");
            write_object(xml, writer);
            write_endpoint_reference(xml, &enumeration.uri, &instance.path());
            xml.end("w:Item");
        }
    }
}
