//! Bad requests to a running `cimd`: each gets the right answer or a closed connection, and the server goes on.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use tests::{data, program};

/// `admin:admin` and `admin:wrong`.
const ADMIN: &str = "Authorization: Basic YWRtaW46YWRtaW4=\r\n";
const WRONG: &str = "Authorization: Basic YWRtaW46d3Jvbmc=\r\n";
const SOAP: &str = "Content-Type: application/soap+xml;charset=UTF-8\r\n";
const IDENTIFY: &str = "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" \
    xmlns:i=\"http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd\"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>";
/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Longest request the daemon takes (WinRM's MaxEnvelopeSize default).
const MAX_ENVELOPE: usize = 500 * 1024;

/// A running daemon over its own simulated BMC.
struct Daemon {
    process: program::Running,
    address: String,
}

/// What came back for one request.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Daemon {
    fn start() -> Self {
        let process = program::Running::start("cimd", ["--simulate", "--http", "127.0.0.1:0"]);
        let url = process.wait_for("ready ");
        let address = url.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
        Self { process, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("the daemon listens");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends bytes as they are, ends the sending side if asked to, and reads what comes until the daemon closes.
    fn raw(&self, bytes: &[u8], half_close: bool) -> Vec<u8> {
        let mut stream = self.connect();
        // The daemon may answer and close before it has read everything.
        let _ = stream.write_all(bytes);
        if half_close {
            let _ = stream.shutdown(Shutdown::Write);
        }
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    fn post(&self, headers: &str, body: &[u8]) -> Answer {
        let mut request = format!(
            "POST /wsman HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        )
        .into_bytes();
        request.extend(body);
        parse(&self.raw(&request, false))
    }

    fn goes_on(&self, after: &str) {
        let answer = self.post(&format!("{ADMIN}{SOAP}"), IDENTIFY.as_bytes());
        assert_eq!(answer.status, 200, "Identify after {after}: {answer:?}");
        assert!(answer.body.contains("IdentifyResponse"), "Identify after {after}: {answer:?}");
        assert!(!self.process.log().contains("panicked"), "after {after}: {}", self.process.log());
    }
}

fn parse(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no HTTP answer: {text:?}"));
    let status =
        head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no status: {head}"));
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

/// A SOAP fault that names itself.
fn assert_fault(what: &str, answer: &Answer) {
    assert!(matches!(answer.status, 400 | 415 | 500), "{what}: {answer:?}");
    assert!(answer.head.contains("content-type: application/soap+xml"), "{what}: {answer:?}");
    assert!(answer.body.contains("Fault>") && answer.body.contains("Reason>"), "{what}: {answer:?}");
}

#[test]
fn damaged_xml_is_answered_with_a_fault() {
    let daemon = Daemon::start();
    let mut cases: Vec<(String, Vec<u8>)> = [
        "",
        " ",
        "<",
        "<a>",
        "<a/><b/>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
        "<?xml version=\"1.0\"?><?php ?><a/>",
        "<a b='1' b='2'/>",
        "<a>&bad;</a>",
        "<a>&#0;</a>",
        "<p:a/>",
        "\u{0}",
        "hello",
        "{\"json\": true}",
    ]
    .map(|text| (format!("{text:?}"), text.as_bytes().to_vec()))
    .into();
    cases.push(("deep".to_owned(), "<a>".repeat(20_000).into_bytes()));
    let attributes = (0..5_000).fold(String::new(), |mut text, number| {
        let _ = write!(text, " a{number}=''");
        text
    });
    cases.push(("many attributes".to_owned(), format!("<a{attributes}/>").into_bytes()));
    cases.push(("not UTF-8".to_owned(), vec![0xFF, 0xC0, 0x80, b'<']));
    cases.push(("cut Identify".to_owned(), IDENTIFY.as_bytes()[..IDENTIFY.len() - 5].to_vec()));
    if let Some(data) = data::shared() {
        for entry in std::fs::read_dir(data.join("malformed/xml")).unwrap() {
            let path = entry.unwrap().path();
            cases.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    for (what, body) in cases {
        let answer = daemon.post(&format!("{ADMIN}{SOAP}"), &body);
        // Two of the files are well-formed requests.
        if answer.status == 200 {
            assert!(what.contains("/xml/"), "{what}: {answer:?}");
            assert!(answer.head.contains("content-type: application/soap+xml"), "{what}: {answer:?}");
        } else {
            assert_fault(&what, &answer);
        }
        daemon.goes_on(&what);
    }
}

#[test]
fn every_cut_of_a_request_is_a_fault() {
    let daemon = Daemon::start();
    for length in (0..IDENTIFY.len()).step_by(7) {
        assert_fault(
            &format!("{length} bytes"),
            &daemon.post(&format!("{ADMIN}{SOAP}"), &IDENTIFY.as_bytes()[..length]),
        );
    }
    daemon.goes_on("cut requests");
}

#[test]
fn half_sent_requests_and_garbage_leave_the_server_running() {
    let daemon = Daemon::start();
    let head = format!("POST /wsman HTTP/1.1\r\nHost: x\r\n{ADMIN}{SOAP}Content-Length: {}\r\n\r\n", IDENTIFY.len());
    // Kept open all along: a client that never sends the rest.
    let mut silent = Vec::new();
    for bytes in ["", "POST", &head[..40], &head, &format!("{head}<s:Env")] {
        let mut stream = daemon.connect();
        stream.write_all(bytes.as_bytes()).unwrap();
        silent.push(stream);
        daemon.goes_on("half a request");
    }
    for bytes in ["", "POST /wsman", &head[..60], &format!("{head}<s:Env")] {
        let _ = daemon.raw(bytes.as_bytes(), true);
        daemon.goes_on("a client that hung up");
    }
    let mut random: u32 = 0x5EED;
    let garbage: Vec<u8> = (0..100_000)
        .map(|_| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random.to_be_bytes()[0]
        })
        .collect();
    // The start of a TLS hello comes when a client takes the port for HTTPS.
    let hello = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03];
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(200_000));
    let many = format!("POST /wsman HTTP/1.1\r\nHost: x\r\n{}\r\n", "X-A: b\r\n".repeat(5_000));
    for bytes in
        [garbage.as_slice(), &hello, b"\r\n\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", long.as_bytes(), many.as_bytes()]
    {
        let answer = daemon.raw(bytes, true);
        assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
        daemon.goes_on("garbage");
    }
    drop(silent);
}

#[test]
fn http_errors_have_their_status() {
    let daemon = Daemon::start();
    let soap = format!("{ADMIN}{SOAP}");
    let denied = daemon.post(&format!("{WRONG}{SOAP}"), IDENTIFY.as_bytes());
    assert_eq!(denied.status, 401, "{denied:?}");
    let unknown = daemon.post(SOAP, IDENTIFY.as_bytes());
    assert_eq!(unknown.status, 401, "{unknown:?}");
    assert!(unknown.head.contains("www-authenticate: basic"), "{unknown:?}");
    let garbled = daemon.post(&format!("Authorization: Basic ???\r\n{SOAP}"), IDENTIFY.as_bytes());
    assert_eq!(garbled.status, 401, "{garbled:?}");
    daemon.goes_on("wrong passwords");

    let big = daemon.post(&soap, &vec![b' '; MAX_ENVELOPE + 1]);
    assert_eq!(big.status, 413, "{}", big.head);
    // Stated, never sent: refused at once.
    let stated = format!("POST /wsman HTTP/1.1\r\nHost: x\r\n{soap}Content-Length: 99999999999\r\n\r\n");
    assert_eq!(parse(&daemon.raw(stated.as_bytes(), true)).status, 413);
    daemon.goes_on("a body that is too large");

    let kind = daemon.post(&format!("{ADMIN}Content-Type: text/html\r\n"), IDENTIFY.as_bytes());
    assert_eq!(kind.status, 415, "{kind:?}");
    let charset =
        daemon.post(&format!("{ADMIN}Content-Type: application/soap+xml;charset=KOI8-R\r\n"), IDENTIFY.as_bytes());
    assert_fault("charset", &charset);
    let get =
        daemon.raw(format!("GET /wsman HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{ADMIN}\r\n").as_bytes(), false);
    assert!(matches!(parse(&get).status, 404 | 405), "{}", String::from_utf8_lossy(&get));
    let elsewhere = format!("POST /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{soap}Content-Length: 0\r\n\r\n");
    assert_eq!(parse(&daemon.raw(elsewhere.as_bytes(), false)).status, 404);
    daemon.goes_on("other errors");
}
