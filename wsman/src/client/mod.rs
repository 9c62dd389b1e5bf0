//! The client: requests out, reply bodies in, enumerations to their end.

mod endpoint;
mod error;
mod http;
mod message;
mod tls;

use std::time::Duration;

pub use endpoint::{Endpoint, Tls};
pub use error::{ClientError, FaultReport};
pub use message::{Body, Enumerate, Resource};

use crate::ns;
use crate::soap::{Charset, Element};
use http::Connection;
use zeroize::Zeroizing;

/// Name and password.
#[derive(Clone)]
pub struct Credentials {
    /// User name.
    pub user: String,
    /// Password.
    pub password: Zeroizing<String>,
}

/// How to talk to a service.
#[derive(Clone)]
pub struct ClientConfig {
    /// Where it is.
    pub endpoint: Endpoint,
    /// Who asks, with the Basic scheme; nobody for `None`.
    pub credentials: Option<Credentials>,
    /// Character set of requests.
    pub charset: Charset,
    /// OperationTimeout.
    pub timeout: Duration,
    /// Largest reply.
    pub max_envelope_size: usize,
    /// Items asked for at a time.
    pub batch_items: usize,
}

impl ClientConfig {
    /// The defaults of the winrm command for an endpoint.
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            endpoint,
            credentials: None,
            charset: Charset::Utf8,
            timeout: Duration::from_secs(60),
            max_envelope_size: 512_000,
            batch_items: 100,
        }
    }
}

/// A client with one connection that is kept open.
pub struct Client {
    config: ClientConfig,
    connection: Connection,
}

impl Client {
    /// A client; it connects when the first request is made.
    ///
    /// # Errors
    /// When the TLS settings cannot be used.
    pub fn new(config: ClientConfig) -> Result<Self, ClientError> {
        let connection = Connection::new(config.endpoint.clone())?;
        Ok(Self { config, connection })
    }

    /// What the service says about itself.
    ///
    /// # Errors
    /// No connection, a fault, or a reply that makes no sense.
    pub async fn identify(&mut self) -> Result<Element, ClientError> {
        let anonymous = self.config.credentials.is_none();
        let body = self.exchange(message::identify(), anonymous).await?;
        first(body, "IdentifyResponse")
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// As [`identify`](Self::identify).
    pub async fn get(&mut self, resource: &Resource) -> Result<Element, ClientError> {
        let body = self.call("http://schemas.xmlsoap.org/ws/2004/09/transfer/Get", resource, &Body::Empty).await?;
        first(body, "GetResponse")
    }

    /// Replaces a resource; the new state when the service tells it.
    ///
    /// # Errors
    /// As [`identify`](Self::identify).
    pub async fn put(&mut self, resource: &Resource, body: &Body) -> Result<Option<Element>, ClientError> {
        let body = self.call("http://schemas.xmlsoap.org/ws/2004/09/transfer/Put", resource, body).await?;
        Ok(take_first(body))
    }

    /// Makes a resource; its address.
    ///
    /// # Errors
    /// As [`identify`](Self::identify).
    pub async fn create(&mut self, resource: &Resource, body: &Body) -> Result<Element, ClientError> {
        let body = self.call("http://schemas.xmlsoap.org/ws/2004/09/transfer/Create", resource, body).await?;
        first(body, "CreateResponse")
    }

    /// Removes a resource.
    ///
    /// # Errors
    /// As [`identify`](Self::identify).
    pub async fn delete(&mut self, resource: &Resource) -> Result<(), ClientError> {
        self.call("http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete", resource, &Body::Empty).await.map(drop)
    }

    /// Calls a method; its output element. `method` is a bare name or a whole action URI.
    ///
    /// # Errors
    /// As [`identify`](Self::identify).
    pub async fn invoke(&mut self, resource: &Resource, method: &str, body: &Body) -> Result<Element, ClientError> {
        let action = if method.contains("://") { method.to_owned() } else { format!("{}/{method}", resource.uri) };
        let body = self.call(&action, resource, body).await?;
        first(body, "the method's response")
    }

    /// Lists a resource to the end, handing on item after item.
    ///
    /// # Errors
    /// As [`identify`](Self::identify).
    pub async fn enumerate(
        &mut self,
        resource: &Resource,
        request: &Enumerate,
        mut each: impl FnMut(Element),
    ) -> Result<(), ClientError> {
        let action = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate";
        let body = Body::Xml(request.to_xml(self.config.batch_items));
        let mut reply = first(self.call(action, resource, &body).await?, "EnumerateResponse")?;
        loop {
            let context =
                reply.child(ns::ENUMERATION, "EnumerationContext").map(|context| context.trimmed().into_owned());
            let ended = reply.children().any(|child| &*child.name == "EndOfSequence");
            items(reply).into_iter().for_each(&mut each);
            let Some(context) = context.filter(|context| !context.is_empty() && !ended) else { return Ok(()) };
            let action = "http://schemas.xmlsoap.org/ws/2004/09/enumeration/Pull";
            let body = Body::Xml(message::pull(&context, self.config.batch_items));
            reply = first(self.call(action, resource, &body).await?, "PullResponse")?;
        }
    }

    async fn call(&mut self, action: &str, resource: &Resource, body: &Body) -> Result<Element, ClientError> {
        let envelope = message::request(&self.config, action, resource, body);
        self.exchange(envelope, false).await
    }

    /// Sends an envelope; the reply's s:Body.
    async fn exchange(&mut self, envelope: String, anonymous: bool) -> Result<Element, ClientError> {
        let credentials = self.config.credentials.as_ref().filter(|_| !anonymous);
        let reply =
            self.connection.send(envelope, self.config.charset, credentials, self.config.timeout, anonymous).await?;
        let root = reply.envelope?;
        let body = root
            .nodes
            .into_iter()
            .find_map(|node| match node {
                crate::soap::Node::Element(element) if element.is(ns::SOAP, "Body") => Some(element),
                _ => None,
            })
            .ok_or(ClientError::Protocol("a SOAP body"))?;
        match body.child(ns::SOAP, "Fault") {
            Some(fault) => Err(ClientError::Fault(Box::new(FaultReport::parse(fault)))),
            None if reply.status == 200 => Ok(body),
            None => Err(ClientError::Http(reply.status)),
        }
    }
}

fn take_first(body: Element) -> Option<Element> {
    body.nodes.into_iter().find_map(|node| match node {
        crate::soap::Node::Element(element) => Some(element),
        crate::soap::Node::Text(_) => None,
    })
}

fn first(body: Element, expected: &'static str) -> Result<Element, ClientError> {
    take_first(body).ok_or(ClientError::Protocol(expected))
}

/// The items of an EnumerateResponse or PullResponse, in whichever namespace.
fn items(reply: Element) -> Vec<Element> {
    let elements = |element: Element| {
        element.nodes.into_iter().filter_map(|node| match node {
            crate::soap::Node::Element(element) => Some(element),
            crate::soap::Node::Text(_) => None,
        })
    };
    elements(reply).filter(|child| &*child.name == "Items").flat_map(elements).collect()
}
