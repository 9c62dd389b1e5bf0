//! `cimd` with many connections, without stalls, ending in the middle of requests, and over a BMC that keeps going
//! away.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tests::program::Running;
use tests::wsman_client::{Server, WMI};

const IDENTIFY: &str = "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Header/><s:Body><i:Identify \
                        xmlns:i='http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd'/></s:Body></s:Envelope>";

/// An optimised enumeration of a class.
fn enumerate(class: &str) -> String {
    format!(
        "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope' \
         xmlns:a='http://schemas.xmlsoap.org/ws/2004/08/addressing' \
         xmlns:n='http://schemas.xmlsoap.org/ws/2004/09/enumeration' \
         xmlns:w='http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd'><s:Header><a:To>/wsman</a:To>\
         <a:Action>http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate</a:Action>\
         <a:MessageID>1</a:MessageID><w:ResourceURI>{WMI}root/hardware/{class}</w:ResourceURI>\
         <w:OperationTimeout>PT5S</w:OperationTimeout></s:Header><s:Body><n:Enumerate><w:OptimizeEnumeration/>\
         <w:MaxElements>1000</w:MaxElements></n:Enumerate></s:Body></s:Envelope>"
    )
}

/// One keep-alive connection.
struct Connection(TcpStream);

impl Connection {
    fn open(server: &Server) -> Self {
        let stream = TcpStream::connect(format!("{}:{}", server.host, server.port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        Self(stream)
    }

    /// Head and body go out in two packets, as most clients send them. `None` when the server closed the connection.
    fn send(&mut self, body: &str) -> Option<(u16, String)> {
        let head = format!(
            "POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Type: application/soap+xml;charset=UTF-8\r\n\
             Authorization: Basic YWRtaW46YWRtaW4=\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.0.write_all(head.as_bytes()).ok()?;
        self.0.write_all(body.as_bytes()).ok()?;
        let (mut reply, mut buffer) = (Vec::new(), [0; 65_536]);
        while !reply.ends_with(b"</s:Envelope>") {
            match self.0.read(&mut buffer).ok()? {
                0 => return None,
                count => reply.extend_from_slice(&buffer[..count]),
            }
        }
        let reply = String::from_utf8(reply).unwrap();
        Some((reply.split(' ').nth(1)?.parse().unwrap(), reply))
    }
}

fn bmc(address: &str) -> (Running, String) {
    let process = Running::start("bmc-sim", ["--vm", address, "--freeze"]);
    let address = process.wait_for("ready vm ");
    (process, address)
}

fn daemon(bmc: &str) -> (Running, Server) {
    let bmc = format!("vm:{bmc}");
    let arguments = ["--bmc", &bmc, "--http", "127.0.0.1:0", "--allow-unencrypted", "--user", "admin:admin"];
    let process = Running::start("cimd", arguments);
    let server = Server::from_url(&process.wait_for("ready "));
    (process, server)
}

#[test]
fn a_hundred_connections_without_a_stall() {
    let (_bmc, address) = bmc("127.0.0.1:0");
    let (_daemon, server) = daemon(&address);
    let mut all: Vec<Connection> = (0..100).map(|_| Connection::open(&server)).collect();
    let log = enumerate("RecordLog");
    std::thread::scope(|scope| {
        for connection in &mut all {
            let log = &log;
            scope.spawn(move || {
                for body in [IDENTIFY, log, IDENTIFY, log] {
                    let (status, reply) = connection.send(body).expect("kept open");
                    assert_eq!(status, 200, "{reply}");
                }
            });
        }
    });
    // A delayed acknowledgement costs 40 ms; a busy machine may cost that now and then, but not every time.
    let mut times: Vec<Duration> = (0..50)
        .map(|_| {
            let start = Instant::now();
            all[0].send(IDENTIFY).unwrap();
            start.elapsed()
        })
        .collect();
    times.sort();
    assert!(times[times.len() / 2] < Duration::from_millis(30), "{times:?}");
}

#[test]
fn a_bmc_that_goes_away_again_and_again() {
    let (mut process, address) = bmc("127.0.0.1:0");
    let (_daemon, server) = daemon(&address);
    let mut connection = Connection::open(&server);
    let sensors = enumerate("NumericSensor");
    let count = |reply: &str| reply.matches("</p:NumericSensor>").count();
    let all = count(&connection.send(&sensors).unwrap().1);
    assert!(all >= 50, "{all}");
    for round in 0..5 {
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            process.stop(Signal::SIGKILL);
        });
        let start = Instant::now();
        let fault = loop {
            let asked = Instant::now();
            let (status, reply) = connection.send(&sensors).unwrap();
            assert!(asked.elapsed() < Duration::from_secs(6), "round {round}: no answer in OperationTimeout");
            if status == 500 {
                break reply;
            }
            assert_eq!(count(&reply), all, "round {round}: half an answer");
            assert!(start.elapsed() < Duration::from_secs(10), "round {round}: no fault");
        };
        assert!(fault.contains("<f:WSManFault"), "{fault}");
        killer.join().unwrap();
        process = bmc(&address).0;
        let back = Instant::now();
        while count(&connection.send(&sensors).unwrap().1) != all {
            assert!(back.elapsed() < Duration::from_secs(5), "round {round}: no data 5 s after the BMC is back");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_daemon_that_is_told_to_end_while_requests_run() {
    let (_bmc, address) = bmc("127.0.0.1:0");
    let (mut daemon, server) = daemon(&address);
    let sensors = enumerate("NumericSensor");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            let (server, sensors) = (&server, &sensors);
            scope.spawn(move || {
                let mut connection = Connection::open(server);
                while let Some((status, reply)) = connection.send(sensors) {
                    assert_eq!(status, 200, "{reply}");
                }
            });
        }
        std::thread::sleep(Duration::from_millis(300));
        assert!(daemon.stop(Signal::SIGTERM).success());
    });
}
