//! One HTTP request: path, method, who sends it, body, then the engine.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use bytes::Bytes;
use cim::Identity;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::Mutex;

use super::Service;
use crate::auth::{ConnectionState, Outcome, authenticate};
use crate::engine::Reply;
use crate::fault::{Fault, FaultKind};

/// Most header lines in a request.
pub(super) const MAX_HEADERS: usize = 64;

/// Most octets in the head of a request.
pub(super) const MAX_HEAD: usize = 64 * 1024;

/// What a WinRM client sends to ask for Identify without a user.
const IDENTIFY_HEADER: &str = "wsmanidentify";

pub(super) async fn handle(
    service: Arc<Service>,
    connection: Arc<Mutex<ConnectionState>>,
    length_seen: Arc<AtomicBool>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    // Requests on one connection come one after another: this lock is never contended.
    let mut connection = connection.lock().await;
    let received = Instant::now();
    let has_length = length_seen.swap(false, Ordering::Relaxed);
    let chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = match answer(&service, &mut connection, request, chunked && has_length, received).await {
        Ok(reply) => respond(reply),
        Err(refusal) => refusal.respond(&service, &connection),
    };
    if chunked {
        // Whatever a machine in between made of it, nothing may follow on this connection.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}

/// Why a request does not reach the engine.
struct Refusal {
    status: StatusCode,
    fault: Fault,
    /// One more round of authentication, as the scheme wants it.
    challenge: Option<String>,
}

impl Refusal {
    fn new(status: StatusCode, kind: FaultKind, message: impl Into<String>) -> Self {
        Self { status, fault: Fault::new(kind, message), challenge: None }
    }

    fn respond(self, service: &Service, connection: &ConnectionState) -> Response<Full<Bytes>> {
        let offers: Vec<String> =
            service.authenticators.iter().filter_map(|scheme| scheme.challenge(connection)).collect();
        if self.status == StatusCode::UNAUTHORIZED && offers.is_empty() {
            // There is nothing the client could answer with: asking again would send its password once more.
            let message = "This service takes no passwords over an unencrypted connection; use HTTPS.";
            let fault = Fault::new(FaultKind::AccessDenied, message);
            return respond(service.engine.refuse(&fault, StatusCode::FORBIDDEN.as_u16()));
        }
        let mut response = respond(service.engine.refuse(&self.fault, self.status.as_u16()));
        let headers = response.headers_mut();
        match self.status {
            StatusCode::UNAUTHORIZED => {
                let offers = self.challenge.map_or(offers, |challenge| vec![challenge]);
                for value in offers.iter().filter_map(|offer| HeaderValue::from_str(offer).ok()) {
                    headers.append(header::WWW_AUTHENTICATE, value);
                }
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
            }
            // The body was not read: what follows on the connection would be taken for a request.
            StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT | StatusCode::BAD_REQUEST => {
                headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }
}

fn respond(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(reply.content_type));
    response
}

async fn answer(
    service: &Arc<Service>,
    connection: &mut ConnectionState,
    request: Request<Incoming>,
    ambiguous: bool,
    received: Instant,
) -> Result<Reply, Refusal> {
    let (head, body) = request.into_parts();
    if ambiguous {
        let message = "Content-Length and Transfer-Encoding must not come together.";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, FaultKind::InvalidHeader, message));
    }
    let size: usize = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > MAX_HEAD {
        let message = format!("The head of the request takes {size} octets, {MAX_HEAD} are allowed.");
        return Err(Refusal::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, FaultKind::EncodingLimit, message));
    }
    let identity = match endpoint(&head).and_then(|anonymous| identify(service, connection, &head.headers, anonymous)) {
        // Who waits to be told to go on is refused before sending the body.
        Err(refusal) if head.headers.contains_key(header::EXPECT) => return Err(refusal),
        Err(refusal) => {
            read_body(service, body).await?;
            return Err(refusal);
        }
        Ok(identity) => identity,
    };
    let body = read_body(service, body).await?;
    let content_type = head.headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?"));
    let accepted = service.engine.accept(&body, content_type, received);
    let request = match accepted {
        Ok(request) => request,
        // Strangers are not told what is wrong with their message.
        Err(_) if identity.is_none() => return Err(unauthorized()),
        Err(reply) => return Ok(*reply),
    };
    if identity.is_none() && !request.is_identify() {
        return Err(unauthorized());
    }
    Ok(perform(service, request, identity).await)
}

fn unauthorized() -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, FaultKind::AccessDenied, "A user name and password are needed.")
}

/// Whether the path and headers of a request let it come without a user.
fn endpoint(head: &Parts) -> Result<bool, Refusal> {
    let path = head.uri.path();
    let is = |known: &str| path.strip_suffix('/').unwrap_or(path).eq_ignore_ascii_case(known);
    let anonymous = if is("/wsman") {
        head.headers.contains_key(IDENTIFY_HEADER)
    } else if is("/wsman-anon/identify") {
        true
    } else {
        let message = format!("There is nothing at {path}; WS-Management is at /wsman.");
        return Err(Refusal::new(StatusCode::NOT_FOUND, FaultKind::DestinationUnreachable, message));
    };
    if head.method != Method::POST {
        let message = format!("WS-Management is spoken with POST, not {}.", head.method);
        return Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, FaultKind::ActionNotSupported, message));
    }
    Ok(anonymous)
}

/// Who sends a request; nobody when it claims to need no user.
fn identify(
    service: &Service,
    connection: &mut ConnectionState,
    headers: &HeaderMap,
    anonymous: bool,
) -> Result<Option<Identity>, Refusal> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return match &connection.identity {
            Some(identity) => Ok(Some(identity.clone())),
            None if anonymous => Ok(None),
            None => Err(unauthorized()),
        };
    };
    match authenticate(&service.authenticators, value.to_str().unwrap_or_default(), connection) {
        Outcome::Authenticated(identity) => Ok(Some(identity)),
        Outcome::Denied if anonymous => Ok(None),
        Outcome::Denied => {
            tracing::info!("authentication failed");
            Err(unauthorized())
        }
        Outcome::Continue(challenge) => Err(Refusal { challenge: Some(challenge), ..unauthorized() }),
    }
}

async fn read_body(service: &Service, body: Incoming) -> Result<Bytes, Refusal> {
    let limit = service.engine.config().max_envelope_size;
    let too_large = || {
        let message = format!("The request is larger than {limit} octets.");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, FaultKind::ServerEnvelopeLimit, message)
    };
    if body.size_hint().lower() > limit as u64 {
        // A client that is still sending when the connection closes never sees the answer: let it finish, within
        // bounds.
        let _ = tokio::time::timeout(service.config.body_timeout, discard(body, limit.saturating_mul(16))).await;
        return Err(too_large());
    }
    match tokio::time::timeout(service.config.body_timeout, Limited::new(body, limit).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            FaultKind::InvalidHeader,
            format!("The body cannot be read: {error}."),
        )),
        Err(_) => {
            let message = "The body of the request took too long.";
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, FaultKind::OperationTimedOut, message))
        }
    }
}

/// Reads and forgets at most this many octets.
async fn discard(mut body: Incoming, mut limit: usize) {
    while let Some(Ok(frame)) = body.frame().await {
        match limit.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
            Some(rest) => limit = rest,
            None => return,
        }
    }
}

/// Runs the operation on a thread that may block, and answers in time even when it does not end.
async fn perform(service: &Arc<Service>, request: crate::engine::Request, identity: Option<Identity>) -> Reply {
    let deadline = tokio::time::Instant::from_std(request.deadline());
    let request = Arc::new(request);
    let work = {
        let (service, request) = (service.clone(), request.clone());
        async move {
            // An operation nobody waits for any more still counts: it holds its turn until it ends.
            let permit = service.operations.clone().acquire_owned().await;
            let engine = service.engine.clone();
            tokio::task::spawn_blocking(move || {
                let _permit = permit;
                engine.perform(&request, identity.as_ref())
            })
            .await
        }
    };
    match tokio::time::timeout_at(deadline, work).await {
        Ok(Ok(reply)) => reply,
        Ok(Err(error)) => {
            tracing::error!(%error, "an operation ended abnormally");
            let fault = Fault::new(FaultKind::InternalError, "The operation ended abnormally.");
            service.engine.fail(&request, &fault)
        }
        Err(_) => service.engine.fail(&request, &Fault::timed_out()),
    }
}
