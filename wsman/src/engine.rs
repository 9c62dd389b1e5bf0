//! The engine: a request's bytes, who sends it and the time go in, a reply's bytes come out; no sockets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cim::{Broker, Identity, OperationContext};

use crate::action::{self, Answer, Call, identify};
use crate::addressing::{MIN_ENVELOPE_SIZE, ReplyHeaders, RequestHeaders, message_id};
use crate::context::{Contexts, Limits};
use crate::fault::{Fault, FaultKind};
use crate::ns::{self, Namespace};
use crate::soap::{self, Charset, CharsetError, Element, Node, XmlWriter};

/// What an administrator can set.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Name of this host in faults.
    pub machine: String,
    /// Namespace of DMTF class URIs without `__cimnamespace` selector.
    pub default_namespace: String,
    /// Largest message in octets, in either direction.
    pub max_envelope_size: usize,
    /// Longest time an operation may take.
    pub max_timeout: Duration,
    /// Most items in one reply.
    pub max_batch_items: usize,
    /// How long an enumeration nobody pulls from is kept.
    pub enumeration_timeout: Duration,
    /// Most enumerations in progress.
    pub max_enumerations: usize,
    /// Most enumerations of one user in progress.
    pub max_enumerations_per_user: usize,
    /// Vendor told by Identify.
    pub product_vendor: String,
    /// Version told by Identify to users who are known.
    pub product_version: String,
    /// Security profiles told by Identify.
    pub security_profiles: Vec<String>,
}

impl Default for EngineConfig {
    /// The defaults of WinRM.
    fn default() -> Self {
        Self {
            machine: "localhost".to_owned(),
            default_namespace: "root/hardware".to_owned(),
            max_envelope_size: 500 * 1024,
            max_timeout: Duration::from_secs(60),
            max_batch_items: 32_000,
            enumeration_timeout: Duration::from_secs(240),
            max_enumerations: 1_000,
            max_enumerations_per_user: 100,
            product_vendor: "cimd".to_owned(),
            product_version: format!("OS: Linux SP: 0.0 Stack: 3.0 cimd: {}", env!("CARGO_PKG_VERSION")),
            security_profiles: Vec::new(),
        }
    }
}

/// A reply as it goes into HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Content-Type.
    pub content_type: &'static str,
    /// Body.
    pub body: Vec<u8>,
}

/// A request that was read and is well-formed.
#[derive(Debug)]
pub struct Request {
    charset: Charset,
    kind: Kind,
    received: Instant,
    deadline: Instant,
}

#[derive(Debug)]
enum Kind {
    Identify,
    Operation { headers: Box<RequestHeaders>, body: Element },
}

impl Request {
    /// When the client stops waiting; the reply should be on its way before.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Whether it asks for nothing but Identify, which needs no user.
    pub fn is_identify(&self) -> bool {
        matches!(self.kind, Kind::Identify)
    }
}

/// Serves WS-Management requests from a broker.
///
/// ```text
/// bytes --accept--> Request --perform(identity)--> Reply
///                      `----------fail-----------> Reply
/// ```
pub struct Engine {
    broker: Arc<Broker>,
    config: EngineConfig,
    contexts: Contexts,
}

/// What headers, envelope tags and a RelatesTo of usual length take.
const ENVELOPE_OVERHEAD: usize = 2_048;

/// Prefixes of a fault message.
const FAULT_PREFIXES: &[Namespace] =
    &[ns::SOAP, ns::ADDRESSING, ns::TRANSFER, ns::EVENTING, ns::ENUMERATION, ns::WSMAN, ns::MS_WSMAN];

impl Engine {
    /// An engine over a broker.
    pub fn new(broker: Arc<Broker>, config: EngineConfig) -> Self {
        let limits = Limits { total: config.max_enumerations, per_user: config.max_enumerations_per_user };
        Self { broker, config, contexts: Contexts::new(limits) }
    }

    /// The broker.
    pub fn broker(&self) -> &Broker {
        &self.broker
    }

    /// The configuration.
    pub fn config(&self) -> &EngineConfig {
        &self.config
    }

    pub(crate) fn contexts(&self) -> &Contexts {
        &self.contexts
    }

    /// Reads a request and answers it. Without an identity only Identify is answered.
    pub fn handle(&self, body: &[u8], content_type: Option<&str>, identity: Option<&Identity>, now: Instant) -> Reply {
        match self.accept(body, content_type, now) {
            Ok(request) => self.perform(&request, identity),
            Err(reply) => *reply,
        }
    }

    /// Reads a request: character set, XML, envelope, headers.
    ///
    /// # Errors
    /// The fault reply, when there is something wrong with it.
    pub fn accept(&self, body: &[u8], content_type: Option<&str>, now: Instant) -> Result<Request, Box<Reply>> {
        let stated = content_type.map_or(Ok(Charset::Utf8), Charset::from_content_type);
        let decoded = stated.and_then(|charset| charset.decode(body));
        let (text, charset) = decoded.map_err(|error| {
            let (status, kind) = match error {
                CharsetError::MediaType(_) => (415, FaultKind::EncodingType),
                CharsetError::Unsupported(_) => (500, FaultKind::CharacterSet),
                CharsetError::Invalid(_) => (400, FaultKind::InvalidXml),
            };
            Box::new(self.fault(&Fault::new(kind, error.to_string()), None, Charset::Utf8, status))
        })?;
        let root = soap::parse(&text).map_err(|error| Box::new(self.fault(&error.into(), None, charset, 400)))?;
        self.read_envelope(root, charset, now)
    }

    fn read_envelope(&self, root: Element, charset: Charset, now: Instant) -> Result<Request, Box<Reply>> {
        let header = root.child(ns::SOAP, "Header");
        let relates_to = header.and_then(message_id);
        let refuse = |fault: Fault| Box::new(self.fault(&fault, relates_to.as_deref(), charset, 500));
        if &*root.name != "Envelope" || &*root.namespace != ns::SOAP.uri {
            let kind = if &*root.name == "Envelope" {
                FaultKind::SoapVersionMismatch
            } else {
                FaultKind::SchemaValidationError
            };
            let message = format!("The root element {} ({}) is not a SOAP 1.2 envelope.", root.name, root.namespace);
            return Err(refuse(Fault::new(kind, message)));
        }
        let no_body = || refuse(Fault::new(FaultKind::SchemaValidationError, "The envelope has no Body."));
        if root.child(ns::SOAP, "Body").is_some_and(identify::is_identify) {
            return Ok(Request {
                charset,
                kind: Kind::Identify,
                received: now,
                deadline: now + self.config.max_timeout,
            });
        }
        let Some(header) = header else {
            return Err(refuse(Fault::new(FaultKind::HeaderRequired, "The envelope has no Header.")));
        };
        let headers = RequestHeaders::parse(header).map_err(&refuse)?;
        let timeout =
            headers.operation_timeout.map_or(self.config.max_timeout, |asked| asked.min(self.config.max_timeout));
        // Clients count from when they sent the request: answer a little before they give up.
        let deadline = now + timeout.saturating_sub((timeout / 10).min(Duration::from_millis(500)));
        let headers = Box::new(headers);
        let body = root.nodes.into_iter().find_map(|node| match node {
            Node::Element(element) if element.is(ns::SOAP, "Body") => Some(element),
            Node::Element(_) | Node::Text(_) => None,
        });
        match body {
            Some(body) => Ok(Request { charset, kind: Kind::Operation { headers, body }, received: now, deadline }),
            None => Err(no_body()),
        }
    }

    /// Carries out a request. Without an identity only Identify is answered.
    pub fn perform(&self, request: &Request, identity: Option<&Identity>) -> Reply {
        let (headers, body) = match &request.kind {
            Kind::Identify => {
                let text = identify::reply(&self.config, identity.is_some());
                return encode(text, request.charset, 200);
            }
            Kind::Operation { headers, body } => (headers, body),
        };
        let relates_to = Some(headers.message_id.as_str());
        let Some(identity) = identity else {
            let fault = Fault::new(FaultKind::AccessDenied, "Only Identify is answered without a user.");
            return self.fault(&fault, relates_to, request.charset, 500);
        };
        let limit = headers.max_envelope_size.unwrap_or(usize::MAX).min(self.config.max_envelope_size);
        let limit = limit.max(MIN_ENVELOPE_SIZE);
        let call = Call {
            engine: self,
            headers,
            body,
            context: OperationContext { identity: identity.clone(), deadline: Some(request.deadline) },
            now: request.received,
            room: room(limit, request.charset).saturating_sub(headers.message_id.len()),
        };
        match action::perform(&call) {
            Ok(answer) => self.reply(answer, headers, request.charset, limit),
            Err(fault) => self.fault(&fault, relates_to, request.charset, 500),
        }
    }

    /// Answers a request with a fault instead of carrying it out, or because carrying it out took too long.
    pub fn fail(&self, request: &Request, fault: &Fault) -> Reply {
        let relates_to = match &request.kind {
            Kind::Operation { headers, .. } => Some(headers.message_id.as_str()),
            Kind::Identify => None,
        };
        self.fault(fault, relates_to, request.charset, 500)
    }

    /// A fault reply to something that is no request at all: wrong path, wrong method, too large.
    pub fn refuse(&self, fault: &Fault, status: u16) -> Reply {
        self.fault(fault, None, Charset::Utf8, status)
    }

    fn reply(&self, answer: Answer, headers: &RequestHeaders, charset: Charset, limit: usize) -> Reply {
        let relates_to = Some(headers.message_id.as_str());
        let reply_headers = ReplyHeaders {
            action: &answer.action,
            relates_to,
            item_count: answer.item_count,
            fragment: headers.fragment.as_ref(),
            not_understood: None,
        };
        let text = envelope(answer.prefixes, &reply_headers, &answer.body);
        let size = charset.encoded_len(text.len());
        if size > limit {
            let message = format!("The reply takes {size} octets; MaxEnvelopeSize is {limit}.");
            return self.fault(&Fault::new(FaultKind::MaxEnvelopeSizeExceeded, message), relates_to, charset, 500);
        }
        encode(text, charset, 200)
    }

    fn fault(&self, fault: &Fault, relates_to: Option<&str>, charset: Charset, status: u16) -> Reply {
        tracing::debug!(kind = ?fault.kind, message = %fault.message.escape_debug(), "fault");
        let headers = ReplyHeaders {
            action: fault.kind.family().action(),
            relates_to,
            item_count: None,
            fragment: None,
            not_understood: fault
                .not_understood
                .as_deref()
                .map(|(name, namespace)| (name.as_str(), namespace.as_str())),
        };
        let mut body = XmlWriter::new();
        fault.write(&mut body, &self.config.machine);
        encode(envelope(FAULT_PREFIXES, &headers, &body.finish()), charset, status)
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("config", &self.config).finish_non_exhaustive()
    }
}

/// Bytes of UTF-8 that fit into a body when the whole message may take `limit` octets.
fn room(limit: usize, charset: Charset) -> usize {
    let text = match charset {
        Charset::Utf8 => limit,
        Charset::Utf16 => limit / 2 - 1,
    };
    text.saturating_sub(ENVELOPE_OVERHEAD)
}

fn encode(text: String, charset: Charset, status: u16) -> Reply {
    Reply { status, content_type: charset.content_type(), body: charset.encode(text) }
}

fn envelope(prefixes: &[Namespace], headers: &ReplyHeaders<'_>, body: &str) -> String {
    let mut xml = XmlWriter::new();
    xml.start("s:Envelope").attribute("xml:lang", ns::LANGUAGE);
    for namespace in prefixes {
        xml.declare(namespace.prefix, namespace.uri);
    }
    headers.write(&mut xml);
    xml.start("s:Body").raw(body).end("s:Body").end("s:Envelope");
    xml.finish()
}
