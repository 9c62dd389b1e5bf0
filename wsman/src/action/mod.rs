//! The actions: one file each, one row each in [`ACTIONS`]; anything else may be a method call.

mod create;
mod delete;
mod enumerate;
mod get;
pub(crate) mod identify;
mod invoke;
mod pull;
mod put;
mod release;

use std::sync::Arc;
use std::time::Instant;

use cim::{Access, CimError, Class, Identity, ObjectPath, OperationContext};

use crate::addressing::RequestHeaders;
use crate::engine::Engine;
use crate::fault::{Fault, FaultKind};
use crate::ns::Namespace;
use crate::resource_uri::ResourceUri;
use crate::soap::Element;
use crate::value_xml::ValueReader;

/// An action of the protocol.
pub(crate) struct Action {
    /// Its URI in requests; replies add `Response`.
    pub(crate) uri: &'static str,
    /// What the user must be allowed to do.
    pub(crate) access: Access,
    /// Whether it can be about a part of the resource.
    pub(crate) fragments: bool,
    /// Does it.
    pub(crate) perform: fn(&Call<'_>) -> Result<Answer, Fault>,
}

/// Every action but Identify, which has no Action header, and method calls, which have one of their own.
const ACTIONS: &[Action] =
    &[get::ACTION, put::ACTION, create::ACTION, delete::ACTION, enumerate::ACTION, pull::ACTION, release::ACTION];

/// A request that is being carried out.
pub(crate) struct Call<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) headers: &'a RequestHeaders,
    /// The s:Body.
    pub(crate) body: &'a Element,
    pub(crate) context: OperationContext,
    pub(crate) now: Instant,
    /// Bytes of UTF-8 the reply's body may take.
    pub(crate) room: usize,
}

/// What the reply says.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) action: String,
    /// Prefixes its envelope declares, in the order Windows has for this kind of message.
    pub(crate) prefixes: &'static [Namespace],
    /// Content of s:Body.
    pub(crate) body: String,
    pub(crate) item_count: Option<usize>,
}

impl Answer {
    pub(crate) fn new(action: &str, prefixes: &'static [Namespace], body: String) -> Self {
        Self { action: format!("{action}Response"), prefixes, body, item_count: None }
    }
}

/// Carries out a request.
pub(crate) fn perform(call: &Call<'_>) -> Result<Answer, Fault> {
    let known = ACTIONS.iter().find(|action| action.uri == call.headers.action);
    require(&call.context.identity, known.map_or(Access::Full, |action| action.access))?;
    if let Some(option) = call.headers.options.iter().find(|option| option.must_comply) {
        return Err(Fault::new(FaultKind::OptionsInvalidName, format!("The option {} is not known.", option.name)));
    }
    if call.headers.fragment.is_some() && !known.is_some_and(|action| action.fragments) {
        let message = "This action takes no FragmentTransfer header.";
        return Err(Fault::new(FaultKind::FragmentTransferNotSupported, message));
    }
    match known {
        Some(action) => (action.perform)(call),
        None => invoke::perform(call),
    }
}

fn require(identity: &Identity, access: Access) -> Result<(), Fault> {
    if identity.access < access {
        let message = format!("User {} may read, but not change anything or call methods.", identity.user);
        return Err(Fault::new(FaultKind::AccessDenied, message));
    }
    Ok(())
}

impl Call<'_> {
    /// The ResourceURI header as it stands.
    pub(crate) fn resource_uri(&self) -> Result<&str, Fault> {
        let missing = || Fault::new(FaultKind::HeaderRequired, "The header w:ResourceURI is missing.");
        self.headers.resource_uri.as_deref().ok_or_else(missing)
    }

    /// The class, or all classes, the request is about.
    pub(crate) fn resource(&self) -> Result<ResourceUri, Fault> {
        let namespace = self.headers.selectors.cim_namespace();
        ResourceUri::parse(self.resource_uri()?, namespace, &self.engine.config().default_namespace)
    }

    /// The class the request is about, with the URI that named it.
    pub(crate) fn class(&self) -> Result<(ResourceUri, Arc<Class>), Fault> {
        let uri = self.resource()?;
        let name = uri.class.as_deref().ok_or_else(|| {
            Fault::new(FaultKind::InvalidResourceUri, "This action needs one class in the resource URI, not *.")
        })?;
        let class = self.find_class(&uri.namespace, name)?;
        Ok((uri, class))
    }

    pub(crate) fn find_class(&self, namespace: &str, name: &str) -> Result<Arc<Class>, CimError> {
        self.engine.broker().repository().class(namespace, name)
    }

    /// The instance the selectors name.
    pub(crate) fn path(&self, uri: &ResourceUri, class: &Class) -> Result<ObjectPath, Fault> {
        self.headers.selectors.to_path(class, &uri.namespace)
    }

    /// The only element in the body.
    pub(crate) fn body_element(&self) -> Option<&Element> {
        self.body.children().next()
    }

    /// Runs `read` with a reader for values in this request's namespace.
    pub(crate) fn with_values<T>(&self, namespace: &str, read: impl FnOnce(&ValueReader<'_>) -> T) -> T {
        let class = |name: &str| self.find_class(namespace, name);
        read(&ValueReader { default_namespace: namespace, class: &class })
    }
}

/// The fault for a body without the element it must have.
pub(crate) fn schema(message: impl Into<String>) -> Fault {
    Fault::new(FaultKind::SchemaValidationError, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_once_and_changes_need_full_access() {
        for (index, action) in ACTIONS.iter().enumerate() {
            assert!(ACTIONS[..index].iter().all(|other| other.uri != action.uri), "{}", action.uri);
            let reads = action.uri.ends_with("Get") || action.uri.contains("/enumeration/");
            assert_eq!(action.access == Access::Read, reads, "{}", action.uri);
        }
    }
}
