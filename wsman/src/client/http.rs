//! One HTTP connection that is kept open and made anew when the server closed it.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use zeroize::Zeroizing;

use super::{ClientError, Credentials, Endpoint, tls};
use crate::soap::{self, Charset, Element};

/// Largest reply read, whatever MaxEnvelopeSize says.
const MAX_REPLY: usize = 64 * 1024 * 1024;

/// How much longer than the operation the network may take.
const NETWORK_DELAY: Duration = Duration::from_secs(5);

pub(super) struct Reply {
    pub(super) status: u16,
    /// The root element, when the reply is XML.
    pub(super) envelope: Result<Element, ClientError>,
}

pub(super) struct Connection {
    endpoint: Endpoint,
    tls: Option<Arc<rustls::ClientConfig>>,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    pub(super) fn new(endpoint: Endpoint) -> Result<Self, ClientError> {
        let tls = endpoint.tls.map(tls::client_config).transpose()?;
        Ok(Self { endpoint, tls, sender: None })
    }

    pub(super) async fn send(
        &mut self,
        envelope: String,
        charset: Charset,
        credentials: Option<&Credentials>,
        timeout: Duration,
        anonymous: bool,
    ) -> Result<Reply, ClientError> {
        let limit = timeout + NETWORK_DELAY;
        let address = self.endpoint.authority();
        match tokio::time::timeout(limit, self.exchange(envelope, charset, credentials, anonymous)).await {
            Ok(reply) => reply,
            Err(_) => {
                // Its reply may still come: the connection is of no use any more.
                self.sender = None;
                Err(ClientError::Timeout(address))
            }
        }
    }

    async fn exchange(
        &mut self,
        envelope: String,
        charset: Charset,
        credentials: Option<&Credentials>,
        anonymous: bool,
    ) -> Result<Reply, ClientError> {
        let request = self.request(charset.encode(envelope), charset, credentials, anonymous)?;
        let address = self.endpoint.authority();
        let broken = |source| ClientError::Connection { address: address.clone(), source };
        let sender = self.ready().await?;
        let response = match sender.send_request(request).await {
            Ok(response) => response,
            Err(error) => {
                self.sender = None;
                return Err(broken(error));
            }
        };
        let status = response.status();
        if status == StatusCode::UNAUTHORIZED {
            self.sender = None;
            return Err(ClientError::Unauthorized { offered: offered(&response) });
        }
        let content_type =
            response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = match Limited::new(response.into_body(), MAX_REPLY).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                self.sender = None;
                return Err(match error.downcast::<hyper::Error>() {
                    Ok(source) => broken(*source),
                    Err(error) if error.is::<LengthLimitError>() => ClientError::TooLarge(MAX_REPLY),
                    Err(_) => ClientError::Protocol("a whole body"),
                });
            }
        };
        let envelope = match content_type.as_deref().map(Charset::from_content_type) {
            // An error page of something else on that port: its status says more than its text.
            None | Some(Err(_)) if status != StatusCode::OK => Err(ClientError::Http(status.as_u16())),
            Some(Err(error)) => Err(error.into()),
            None => read(&body, Charset::Utf8),
            Some(Ok(charset)) => read(&body, charset),
        };
        Ok(Reply { status: status.as_u16(), envelope })
    }

    fn request(
        &self,
        body: Vec<u8>,
        charset: Charset,
        credentials: Option<&Credentials>,
        anonymous: bool,
    ) -> Result<Request<Full<Bytes>>, ClientError> {
        let mut request = Request::post(&self.endpoint.path)
            .header(header::HOST, self.endpoint.authority())
            .header(header::USER_AGENT, concat!("winrm/", env!("CARGO_PKG_VERSION")))
            .header(header::CONTENT_TYPE, charset.content_type());
        if anonymous {
            request = request.header("WSMANIDENTIFY", "unauthenticated");
        }
        if let Some(Credentials { user, password }) = credentials {
            let plain = Zeroizing::new(format!("{user}:{}", password.as_str()));
            let value = Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(plain.as_bytes())));
            let mut value =
                header::HeaderValue::from_str(&value).map_err(|_| ClientError::Protocol("a valid user name"))?;
            value.set_sensitive(true);
            request = request.header(header::AUTHORIZATION, value);
        }
        request.body(Full::new(Bytes::from(body))).map_err(|_| ClientError::Protocol("a valid address"))
    }

    /// The open connection, or a new one when there is none or the server closed it.
    async fn ready(&mut self) -> Result<&mut SendRequest<Full<Bytes>>, ClientError> {
        let usable = match &mut self.sender {
            Some(sender) => sender.ready().await.is_ok(),
            None => false,
        };
        let sender = match self.sender.take() {
            Some(sender) if usable => sender,
            _ => self.connect().await?,
        };
        Ok(self.sender.insert(sender))
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, ClientError> {
        let address = self.endpoint.authority();
        let failed = |source| ClientError::Connect { address: address.clone(), source };
        let stream = TcpStream::connect((self.endpoint.host.as_str(), self.endpoint.port)).await.map_err(failed)?;
        stream.set_nodelay(true).map_err(failed)?;
        match &self.tls {
            None => self.handshake(stream).await,
            Some(config) => {
                let name = ServerName::try_from(self.endpoint.host.clone())
                    .map_err(|_| ClientError::Tls(format!("{} is not a host name", self.endpoint.host)))?;
                let stream = TlsConnector::from(config.clone()).connect(name, stream).await.map_err(failed)?;
                self.handshake(stream).await
            }
        }
    }

    async fn handshake(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    ) -> Result<SendRequest<Full<Bytes>>, ClientError> {
        let address = self.endpoint.authority();
        let (sender, connection) = http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|source| ClientError::Connection { address, source })?;
        tokio::spawn(connection);
        Ok(sender)
    }
}

fn read(body: &[u8], charset: Charset) -> Result<Element, ClientError> {
    let (text, _) = charset.decode(body)?;
    Ok(soap::parse(&text)?)
}

fn offered<B>(response: &Response<B>) -> String {
    let schemes: Vec<&str> = response
        .headers()
        .get_all(header::WWW_AUTHENTICATE)
        .iter()
        .filter_map(|value| value.to_str().ok()?.split(' ').next())
        .collect();
    if schemes.is_empty() { "no authentication".to_owned() } else { schemes.join(", ") }
}
