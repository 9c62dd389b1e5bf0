//! The server: HTTP/1.1 connections in front of the engine (MS-WSMV 2.1, wsman reference s2).

mod handler;
mod tls;
mod watch;

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Semaphore};
use tokio_rustls::TlsAcceptor;

pub use tls::{TlsError, tls_config, tls_config_from_pem};

use crate::auth::{Authenticator, ConnectionState};
use crate::engine::Engine;
use watch::Watched;

/// What an administrator can set about connections.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Most connections at a time; more wait to be accepted.
    pub max_connections: usize,
    /// Most operations at a time; more wait for their turn.
    pub max_operations: usize,
    /// How long the head of a request, and an idle connection, may take.
    pub head_timeout: Duration,
    /// How long the body of a request may take.
    pub body_timeout: Duration,
    /// How long a TLS handshake may take.
    pub handshake_timeout: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            max_connections: 300,
            max_operations: 64,
            head_timeout: Duration::from_secs(60),
            body_timeout: Duration::from_secs(60),
            handshake_timeout: Duration::from_secs(10),
        }
    }
}

/// The engine with what stands between it and the network. Shared by all listeners.
pub struct Service {
    engine: Arc<Engine>,
    authenticators: Vec<Box<dyn Authenticator>>,
    config: ServerConfig,
    connections: Arc<Semaphore>,
    operations: Arc<Semaphore>,
}

impl Service {
    /// A service that offers these authentication schemes, best first.
    pub fn new(engine: Arc<Engine>, authenticators: Vec<Box<dyn Authenticator>>, config: ServerConfig) -> Arc<Self> {
        let connections = Arc::new(Semaphore::new(config.max_connections));
        let operations = Arc::new(Semaphore::new(config.max_operations));
        Arc::new(Self { engine, authenticators, config, connections, operations })
    }
}

/// Accepts connections until `shutdown` resolves, then lets requests in progress end.
///
/// # Errors
/// When the listener fails for good.
pub async fn serve(
    service: Arc<Service>,
    listener: TcpListener,
    tls: Option<Arc<rustls::ServerConfig>>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let acceptor = tls.map(TlsAcceptor::from);
    tokio::pin!(shutdown);
    loop {
        let permit = tokio::select! {
            permit = service.connections.clone().acquire_owned() => permit,
            () = &mut shutdown => break,
        };
        // The semaphore is never closed.
        let Ok(permit) = permit else { break };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) if is_passing(&error) => continue,
            Err(error) => {
                // Out of descriptors, most likely: wait for connections to end instead of spinning.
                tracing::warn!(%error, "accept failed");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (service, watcher, acceptor) = (service.clone(), graceful.watcher(), acceptor.clone());
        tokio::spawn(async move {
            let _permit = permit;
            // Replies are written whole: waiting for more to send only delays them.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY");
            }
            match acceptor {
                None => converse(service, watcher, stream, false).await,
                Some(acceptor) => {
                    let limit = service.config.handshake_timeout;
                    match tokio::time::timeout(limit, acceptor.accept(stream)).await {
                        Ok(Ok(stream)) => converse(service, watcher, stream, true).await,
                        Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
                        Err(_) => tracing::debug!("TLS handshake took too long"),
                    }
                }
            }
        });
    }
    drop(listener);
    graceful.shutdown().await;
    Ok(())
}

/// Whether accepting goes on: the client was gone before it was accepted.
fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    )
}

async fn converse(
    service: Arc<Service>,
    watcher: Watcher,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    secure: bool,
) {
    let length_seen = Arc::new(AtomicBool::new(false));
    let io = TokioIo::new(Watched::new(stream, length_seen.clone()));
    let head_timeout = service.config.head_timeout;
    let state = Arc::new(Mutex::new(ConnectionState { secure, ..ConnectionState::default() }));
    let answer =
        service_fn(move |request| handler::handle(service.clone(), state.clone(), length_seen.clone(), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_headers(handler::MAX_HEADERS)
        .max_buf_size(handler::MAX_HEAD)
        .serve_connection(io, answer);
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection ended");
    }
}
