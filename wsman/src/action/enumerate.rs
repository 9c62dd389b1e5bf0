//! Enumerate: list instances (WS-Enumeration s3.1, DSP0226 s8, wsman reference s7).

use std::collections::VecDeque;
use std::time::Duration;

use cim::Access;
use cim::broker::Polymorphism;

use super::{Action, Answer, Call, pull, schema};
use crate::context::{Enumeration, EnumerationMode, Item};
use crate::duration;
use crate::fault::{Fault, FaultKind};
use crate::filter::Filter;
use crate::ns::{self, Namespace};
use crate::resource_uri::ResourceUri;
use crate::soap::{Element, XmlWriter};

pub(super) const ACTION: Action = Action {
    uri: "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate",
    access: Access::Read,
    fragments: false,
    perform,
};

/// Prefixes of EnumerateResponse and PullResponse.
pub(super) const PREFIXES: &[Namespace] = &[ns::SOAP, ns::ADDRESSING, ns::ENUMERATION, ns::WSMAN, ns::MS_WSMAN];

/// ERROR_WSMAN_INVALID_URI_WMI_ENUM_WQL.
const CLASS_URI_WITH_WQL: u32 = 2_150_859_003;

fn perform(call: &Call<'_>) -> Result<Answer, Fault> {
    let request = call
        .body_element()
        .filter(|element| element.is(ns::ENUMERATION, "Enumerate"))
        .ok_or_else(|| schema("The body of Enumerate must hold an n:Enumerate element."))?;
    let uri = call.resource()?;
    if let Some((name, _)) = call.headers.selectors.keys().next() {
        return Err(Fault::new(FaultKind::UnexpectedSelectors, format!("Enumerate takes no selector {name}.")));
    }
    let mode = enumeration_mode(request)?;
    let polymorphism = polymorphism_mode(request)?;
    let expires = expires(request)?;
    let max_elements = max_elements(request, ns::WSMAN)?.unwrap_or(1).min(call.engine.config().max_batch_items);
    let filter = Filter::parse(request, &uri.namespace)?;

    let mut enumeration = find(call, uri, mode, polymorphism, filter)?;
    let item_count = call.headers.wants_item_count.then_some(enumeration.items.len());
    let mut xml = XmlWriter::new();
    xml.start("n:EnumerateResponse");
    if let (Some(granted), Some(asked)) = (expires, request.child(ns::ENUMERATION, "Expires")) {
        let asked = asked.trimmed();
        if duration::parse(&asked) == Some(granted) {
            xml.element("n:Expires", &asked);
        } else {
            xml.element("n:Expires", &duration::format_seconds(granted));
        }
    }
    let lifetime = expires.unwrap_or(call.engine.config().enumeration_timeout);
    let items = match request.child(ns::WSMAN, "OptimizeEnumeration") {
        Some(_) => Some(pull::take(&mut enumeration, max_elements, call.room, usize::MAX)?),
        None => None,
    };
    let done = items.is_some() && enumeration.items.is_empty();
    let context = if done {
        String::new()
    } else {
        let user = &call.context.identity.user;
        call.engine.contexts().open(enumeration, user, call.resource_uri()?, lifetime, call.now)?
    };
    xml.element("n:EnumerationContext", &context);
    if let Some(items) = items.filter(|items| !items.is_empty()) {
        xml.start("w:Items").raw(&items).end("w:Items");
    }
    if done {
        xml.leaf("w:EndOfSequence");
    }
    xml.end("n:EnumerateResponse");
    let mut answer = Answer::new(ACTION.uri, PREFIXES, xml.finish());
    answer.item_count = item_count;
    Ok(answer)
}

/// Asks the broker.
fn find(
    call: &Call<'_>,
    uri: ResourceUri,
    mode: EnumerationMode,
    polymorphism: Option<Polymorphism>,
    filter: Option<Filter>,
) -> Result<Enumeration, Fault> {
    let broker = call.engine.broker();
    if matches!(filter, Some(Filter::Query(_))) && polymorphism.unwrap_or_default() != Polymorphism::default() {
        let message = "A WQL filter takes no other polymorphism mode than IncludeSubClassProperties.";
        return Err(Fault::new(FaultKind::PolymorphismModeUnsupported, message));
    }
    let (items, projection): (VecDeque<Item>, _) = match (&filter, &uri.class) {
        (Some(Filter::Query(_)), Some(class)) if !is_association(&filter) => {
            let message = format!("A query names its class itself: use {}/* instead of {class}.", uri.namespace);
            return Err(Fault::new(FaultKind::InvalidResourceUri, message).with_number(CLASS_URI_WITH_WQL));
        }
        (Some(filter), _) => {
            let found = filter.run(broker, &call.context, &uri)?;
            (found.instances.into_iter().map(Item::Instance).collect(), found.projection)
        }
        (None, None) => {
            return Err(Fault::new(FaultKind::InvalidResourceUri, "An enumeration of all classes needs a filter."));
        }
        (None, Some(class)) => {
            let polymorphism = polymorphism.unwrap_or_default();
            // Paths need no property but the keys, which costs less than reading instances.
            let items = if mode == EnumerationMode::Epr && polymorphism == Polymorphism::IncludeSubclassProperties {
                broker.enumerate_paths(&call.context, &uri.namespace, class)?.into_iter().map(Item::Path).collect()
            } else {
                let instances = broker.enumerate(&call.context, &uri.namespace, class, polymorphism)?;
                instances.into_iter().map(Item::Instance).collect()
            };
            (items, None)
        }
    };
    Ok(Enumeration { uri, mode, projection, items })
}

fn is_association(filter: &Option<Filter>) -> bool {
    matches!(filter, Some(Filter::Query(query)) if query.trim_start().get(..6).is_none_or(|word| !word.eq_ignore_ascii_case("select")))
}

fn enumeration_mode(request: &Element) -> Result<EnumerationMode, Fault> {
    let Some(mode) = request.child(ns::WSMAN, "EnumerationMode") else { return Ok(EnumerationMode::Object) };
    match &*mode.trimmed() {
        "EnumerateObject" => Ok(EnumerationMode::Object),
        "EnumerateEPR" => Ok(EnumerationMode::Epr),
        "EnumerateObjectAndEPR" => Ok(EnumerationMode::ObjectAndEpr),
        other => Err(Fault::new(
            FaultKind::EnumerationModeUnsupported,
            format!("The enumeration mode {other} is not supported."),
        )),
    }
}

fn polymorphism_mode(request: &Element) -> Result<Option<Polymorphism>, Fault> {
    let Some(mode) = request.child(ns::CIM_BINDING, "PolymorphismMode") else { return Ok(None) };
    match &*mode.trimmed() {
        "IncludeSubClassProperties" => Ok(Some(Polymorphism::IncludeSubclassProperties)),
        "ExcludeSubClassProperties" => Ok(Some(Polymorphism::ExcludeSubclassProperties)),
        "None" => Ok(Some(Polymorphism::None)),
        other => Err(Fault::new(
            FaultKind::PolymorphismModeUnsupported,
            format!("The polymorphism mode {other} is not known."),
        )),
    }
}

fn expires(request: &Element) -> Result<Option<Duration>, Fault> {
    let Some(expires) = request.child(ns::ENUMERATION, "Expires") else { return Ok(None) };
    let text = expires.trimmed();
    match duration::parse(&text) {
        Some(duration) if !duration.is_zero() => Ok(Some(duration.min(Duration::from_secs(86_400)))),
        // A point in time needs both clocks to agree; a duration does not.
        None if cim::DateTime::parse(&text).is_ok() => {
            Err(Fault::new(FaultKind::UnsupportedExpirationType, "Expires must be a duration such as PT5M."))
        }
        _ => Err(Fault::new(
            FaultKind::EnumerateInvalidExpirationTime,
            format!("Expires {text:?} is not a duration to come."),
        )),
    }
}

/// The MaxElements element, when there is one.
pub(super) fn max_elements(request: &Element, namespace: Namespace) -> Result<Option<usize>, Fault> {
    positive(request, namespace, "MaxElements")
}

/// An element that holds a number above zero.
pub(super) fn positive(request: &Element, namespace: Namespace, name: &str) -> Result<Option<usize>, Fault> {
    let Some(element) = request.child(namespace, name) else { return Ok(None) };
    let text = element.trimmed();
    let digits = text.strip_prefix('+').unwrap_or(&text).trim_start_matches('0');
    match digits.parse::<usize>() {
        Ok(number) => Ok(Some(number)),
        // xs:positiveInteger has no end; more than fits here is as good as all there is.
        Err(_) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Some(usize::MAX)),
        Err(_) => Err(schema(format!("{name} {text:?} is not a number above zero."))),
    }
}
