//! The server over real sockets: HTTP rules, authentication, timeouts, TLS, and our own client against it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod common;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cim::Access;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use wsman::auth::{Basic, Users};
use wsman::client::{Body, Client, ClientConfig, ClientError, Credentials, Endpoint, Enumerate, Resource, Tls};
use wsman::filter::WQL;
use wsman::resource_uri::WMI;
use wsman::server::{ServerConfig, Service, serve, tls_config_from_pem};
use wsman::{Engine, EngineConfig};
use zeroize::Zeroizing;

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    done: JoinHandle<std::io::Result<()>>,
}

async fn start(tls: Option<Arc<rustls::ServerConfig>>, allow_unencrypted: bool, config: ServerConfig) -> Running {
    start_over(common::broker(), tls, allow_unencrypted, config).await
}

async fn start_over(
    broker: Arc<cim::Broker>,
    tls: Option<Arc<rustls::ServerConfig>>,
    allow_unencrypted: bool,
    config: ServerConfig,
) -> Running {
    let mut users = Users::default();
    users.add("admin", Zeroizing::new("admin".to_owned()), Access::Full);
    users.add("guest", Zeroizing::new("guest".to_owned()), Access::Read);
    let engine = Arc::new(Engine::new(broker, EngineConfig::default()));
    let service = Service::new(engine, vec![Box::new(Basic::new(Arc::new(users), allow_unencrypted))], config);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let done = tokio::spawn(serve(service, listener, tls, async {
        let _ = stopped.await;
    }));
    Running { address, stop, done }
}

async fn plain() -> Running {
    start(None, true, ServerConfig::default()).await
}

fn config(address: SocketAddr, user: &str) -> ClientConfig {
    let endpoint = Endpoint::parse(&format!("http://{address}"), false, Tls::default()).unwrap();
    let credentials = Some(Credentials { user: user.to_owned(), password: Zeroizing::new(user.to_owned()) });
    ClientConfig { credentials, batch_items: 7, ..ClientConfig::new(endpoint) }
}

fn resource(class: &str, key: Option<&str>) -> Resource {
    let selectors = key.map(|key| ("DeviceID".to_owned(), key.to_owned())).into_iter().collect();
    Resource { uri: format!("{WMI}/root/hardware/{class}"), selectors, ..Resource::default() }
}

const IDENTIFY: &str = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Header/><s:Body><i:Identify \
                        xmlns:i='http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd'/></s:Body></s:Envelope>";

const TYPE: &str = "Content-Type: application/soap+xml;charset=UTF-8\r\n";
const ADMIN: &str = "Authorization: Basic YWRtaW46YWRtaW4=\r\n";

/// Sends bytes and reads until the server closes.
async fn raw(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply).await;
    String::from_utf8_lossy(&reply).into_owned()
}

async fn post(address: SocketAddr, path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n");
    raw(address, &(head + body)).await
}

fn status(reply: &str) -> &str {
    reply.split(' ').nth(1).unwrap_or("(none)")
}

#[tokio::test]
async fn every_operation_through_the_client() {
    let server = plain().await;
    let mut client = Client::new(config(server.address, "admin")).unwrap();
    assert_eq!(&*client.identify().await.unwrap().name, "IdentifyResponse");
    let mut items = Vec::new();
    client.enumerate(&resource("Fan", None), &Enumerate::default(), |item| items.push(item)).await.unwrap();
    assert_eq!(items.len(), usize::from(common::FANS));
    let query = "SELECT Name FROM Fan WHERE Reading &gt; 2000".to_owned();
    let request = Enumerate { filter: Some((WQL.to_owned(), query)), ..Enumerate::default() };
    let mut rows = Vec::new();
    client.enumerate(&resource("*", None), &request, |item| rows.push(item)).await.unwrap();
    assert!(rows.len() == 4 && rows.iter().all(|row| &*row.name == "XmlFragment" && row.children().count() == 1));
    let fan = resource("Fan", Some("fan.4"));
    assert_eq!(client.get(&fan).await.unwrap().child_named("Reading").unwrap().text(), "400");
    let body = format!("<p:Fan xmlns:p='{}'><p:UpperThreshold>9</p:UpperThreshold></p:Fan>", fan.uri);
    let new = client.put(&fan, &Body::Xml(body)).await.unwrap().unwrap();
    assert_eq!(new.child_named("UpperThreshold").unwrap().text(), "9");
    let body = format!("<p:RequestStateChange_INPUT xmlns:p='{}'/>", fan.uri);
    let output = client.invoke(&fan, "RequestStateChange", &Body::Xml(body)).await.unwrap();
    assert_eq!(output.child_named("ReturnValue").unwrap().text(), "0");
    let Err(ClientError::Fault(fault)) = client.delete(&fan).await else { panic!("deleted a fan") };
    assert_eq!(fault.subcode, "ActionNotSupported");
    assert!(client.get(&fan).await.is_ok(), "the connection goes on after a fault");
}

#[tokio::test]
async fn utf_16_and_readers() {
    let server = plain().await;
    let mut client =
        Client::new(ClientConfig { charset: wsman::soap::Charset::Utf16, ..config(server.address, "guest") }).unwrap();
    let fan = resource("Fan", Some("fan.4"));
    assert!(client.get(&fan).await.is_ok());
    let Err(ClientError::Fault(fault)) = client.put(&fan, &Body::Empty).await else {
        panic!("a reader changed something")
    };
    assert_eq!((fault.subcode.as_str(), fault.number), ("AccessDenied", Some(5)));
}

#[tokio::test]
async fn wrong_password_and_unencrypted() {
    let server = plain().await;
    let mut wrong = config(server.address, "admin");
    wrong.credentials.as_mut().unwrap().password = Zeroizing::new("x".to_owned());
    let error = Client::new(wrong).unwrap().get(&resource("Fan", Some("fan.4"))).await.unwrap_err();
    assert!(matches!(&error, ClientError::Unauthorized { offered } if offered == "Basic"), "{error}");
    let server = start(None, false, ServerConfig::default()).await;
    let error =
        Client::new(config(server.address, "admin")).unwrap().get(&resource("Fan", Some("fan.4"))).await.unwrap_err();
    assert!(matches!(&error, ClientError::Fault(fault) if fault.message.contains("use HTTPS")), "{error}");
}

#[tokio::test]
async fn https_with_a_certificate_of_its_own() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let tls = tls_config_from_pem(made.cert.pem().as_bytes(), made.signing_key.serialize_pem().as_bytes()).unwrap();
    let server = start(Some(tls), false, ServerConfig::default()).await;
    for (host, tls, works) in [
        ("localhost", Tls { skip_ca_check: true, skip_cn_check: false }, true),
        ("127.0.0.1", Tls { skip_ca_check: true, skip_cn_check: false }, false),
        ("127.0.0.1", Tls { skip_ca_check: true, skip_cn_check: true }, true),
    ] {
        let endpoint = Endpoint::parse(&format!("https://{host}:{}", server.address.port()), true, tls).unwrap();
        let mut client = Client::new(ClientConfig { endpoint, ..config(server.address, "admin") }).unwrap();
        assert_eq!(client.get(&resource("Fan", Some("fan.4"))).await.is_ok(), works, "{host} {tls:?}");
    }
}

#[tokio::test]
async fn operation_timeout_is_kept_by_a_provider_that_does_not() {
    let server = plain().await;
    let mut client =
        Client::new(ClientConfig { timeout: Duration::from_secs(2), ..config(server.address, "admin") }).unwrap();
    let began = Instant::now();
    let error = client.enumerate(&resource("Stuck", None), &Enumerate::default(), |_| {}).await.unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let ClientError::Fault(fault) = error else { panic!("{error}") };
    assert_eq!((fault.subcode.as_str(), fault.number), ("TimedOut", Some(2_150_858_793)));
    assert!(fault.message.contains("OperationTimeout") && fault.reason.contains("OperationTimeout"));
}

#[tokio::test]
async fn paths_methods_and_types_have_their_status() {
    let server = plain().await;
    let at = server.address;
    for (reply, expected) in [
        (post(at, "/wsman", &format!("{TYPE}{ADMIN}"), IDENTIFY).await, "200"),
        (post(at, "/wsman/", &format!("{TYPE}{ADMIN}"), IDENTIFY).await, "200"),
        (post(at, "/WSMan", &format!("{TYPE}{ADMIN}"), IDENTIFY).await, "200"),
        (post(at, "/wsman-anon/identify", TYPE, IDENTIFY).await, "200"),
        (post(at, "/wsman", &format!("{TYPE}WSMANIDENTIFY: unauthenticated\r\n"), IDENTIFY).await, "200"),
        (post(at, "/wsman", &format!("{TYPE}WSMANIDENTIFY: unauthenticated\r\n"), "<x").await, "401"),
        (post(at, "/wsman-anon/identify", TYPE, &IDENTIFY.replace("Identify", "Else")).await, "401"),
        (post(at, "/wsman", TYPE, IDENTIFY).await, "401"),
        (post(at, "/other", TYPE, IDENTIFY).await, "404"),
        (post(at, "/wsman", &format!("Content-Type: application/json\r\n{ADMIN}"), "{}").await, "415"),
        (post(at, "/wsman", &format!("{TYPE}{ADMIN}"), "<x").await, "400"),
        (post(at, "/wsman", &format!("{TYPE}{ADMIN}"), "").await, "400"),
        (post(at, "/wsman", &format!("{TYPE}{ADMIN}"), &"x".repeat(600_000)).await, "413"),
        (post(at, "/wsman", &format!("{TYPE}{ADMIN}X: {}\r\n", "x".repeat(70_000)), IDENTIFY).await, "431"),
        (raw(at, "GET /wsman HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await, "405"),
    ] {
        assert_eq!(status(&reply), expected, "{reply}");
        assert!(reply.to_ascii_lowercase().contains("content-type: application/soap+xml"), "{reply}");
        assert_eq!(expected == "401", reply.to_ascii_lowercase().contains("www-authenticate: basic realm=\"wsman\""));
    }
}

#[tokio::test]
async fn chunked_bodies_are_read_but_not_with_a_length() {
    let server = plain().await;
    let chunked = |extra: &str| {
        format!(
            "POST /wsman HTTP/1.1\r\nHost: x\r\n{TYPE}{ADMIN}{extra}\r\n{:x}\r\n{IDENTIFY}\r\n0\r\n\r\n",
            IDENTIFY.len()
        )
    };
    let te = "Transfer-Encoding: chunked\r\n";
    assert_eq!(status(&raw(server.address, &chunked(te)).await), "200");
    for both in [format!("Content-Length: 5\r\n{te}"), format!("{te}content-LENGTH: 5\r\n")] {
        assert_eq!(status(&raw(server.address, &chunked(&both)).await), "400");
    }
    let large = format!(
        "POST /wsman HTTP/1.1\r\nHost: x\r\n{TYPE}{ADMIN}{te}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        600_000,
        "x".repeat(600_000)
    );
    assert_eq!(status(&raw(server.address, &large).await), "413");
}

#[tokio::test]
async fn expect_continue_and_keep_alive() {
    let server = plain().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let length = IDENTIFY.len();
    for round in 0..3 {
        let head = format!(
            "POST /wsman HTTP/1.1\r\nHost: x\r\n{TYPE}{ADMIN}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(buffer[..read].starts_with(b"HTTP/1.1 100 Continue\r\n"), "round {round}");
        stream.write_all(IDENTIFY.as_bytes()).await.unwrap();
        let mut reply = String::new();
        while !reply.ends_with("</s:Envelope>") {
            let read = stream.read(&mut buffer).await.unwrap();
            assert_ne!(read, 0, "round {round}");
            reply.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        assert_eq!(status(&reply), "200", "round {round}");
    }
    // Without credentials the body is not asked for.
    let head =
        format!("POST /wsman HTTP/1.1\r\nHost: x\r\n{TYPE}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut buffer = [0; 4096];
    let read = stream.read(&mut buffer).await.unwrap();
    assert!(buffer[..read].starts_with(b"HTTP/1.1 401"));
}

#[tokio::test]
async fn refusals_leave_the_connection_open() {
    let server = plain().await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let body = "x".repeat(100_000);
    for (method, path, headers, expected) in [
        ("POST", "/other", ADMIN, "404"),
        ("PUT", "/wsman", ADMIN, "405"),
        ("POST", "/wsman", "", "401"),
        ("POST", "/wsman", ADMIN, "400"),
        ("POST", "/other", "", "404"),
    ] {
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: x\r\n{TYPE}{headers}Content-Length: {}\r\n\r\n", body.len());
        stream.write_all((head + &body).as_bytes()).await.unwrap();
        let mut reply = String::new();
        let mut buffer = [0; 4096];
        while !reply.ends_with("</s:Envelope>") {
            let read = stream.read(&mut buffer).await.unwrap();
            assert_ne!(read, 0, "{method} {path}: {reply}");
            reply.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        assert_eq!(status(&reply), expected, "{method} {path}: {reply}");
    }
}

#[tokio::test]
async fn slow_heads_are_cut_off() {
    let config = ServerConfig { head_timeout: Duration::from_millis(200), ..ServerConfig::default() };
    let server = start(None, true, config).await;
    let began = Instant::now();
    raw(server.address, "POST /wsman HT").await;
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn shutdown_answers_what_is_in_progress() {
    let (stuck, is_stuck) = std::sync::mpsc::channel();
    let server = start_over(common::broker_telling(stuck), None, true, ServerConfig::default()).await;
    let address = server.address;
    let client = tokio::spawn(async move {
        let mut client =
            Client::new(ClientConfig { timeout: Duration::from_millis(600), ..config(address, "admin") }).unwrap();
        client.enumerate(&resource("Stuck", None), &Enumerate::default(), |_| {}).await
    });
    tokio::task::spawn_blocking(move || is_stuck.recv()).await.unwrap().unwrap();
    server.stop.send(()).unwrap();
    assert!(matches!(client.await.unwrap(), Err(ClientError::Fault(_))));
    server.done.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}
