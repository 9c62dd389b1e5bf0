//! What `ipmi` asks for a listing: requests counted on the way to OpenIPMI's simulator, over the VM protocol (OpenIPMI
//! `lanserv/README.vm`: A0h ends a message), cold and with what the run before kept.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tests::{emu, peer, program};

/// A byte that ends a message, escaped inside of one.
const END_OF_MESSAGE: u8 = 0xA0;
const START: Duration = Duration::from_secs(20);

/// The simulator behind a relay that counts, and a folder for the cache.
struct Bench {
    child: Child,
    relay: String,
    requests: Arc<AtomicUsize>,
    directory: tempfile::TempDir,
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Bench {
    fn start() -> Option<Self> {
        let simulator = peer::program("ipmi_sim")?;
        let directory = tempfile::tempdir().unwrap();
        let (lan, vm) = (free_port(), free_port());
        let (configuration, script) = (directory.path().join("lan.conf"), directory.path().join("node.emu"));
        let text = format!(
            "name \"bmc\"\nset_working_mc 0x20\n  startlan 1\n    addr 127.0.0.1 {lan}\n    priv_limit admin\n  \
             endlan\n  serial 15 127.0.0.1 {vm} codec VM\n"
        );
        std::fs::write(&configuration, text).unwrap();
        std::fs::write(&script, emu::script()).unwrap();
        let child = Command::new(simulator)
            .args(["-n", "-p", "-c"])
            .arg(&configuration)
            .arg("-f")
            .arg(&script)
            .arg("-s")
            .arg(directory.path())
            // It ends when its standard input does.
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + START;
        let simulator = loop {
            match TcpStream::connect(("127.0.0.1", vm)) {
                Ok(connection) => break connection,
                Err(error) => assert!(Instant::now() < end, "ipmi_sim does not listen: {error}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let requests = Arc::new(AtomicUsize::new(0));
        let relay = relay(simulator, Arc::clone(&requests));
        Some(Self { child, relay, requests, directory })
    }

    /// Runs `ipmi`; gives what it printed and how many requests it sent.
    fn ipmi(&self, words: &str) -> (String, usize) {
        self.requests.store(0, Ordering::SeqCst);
        let output = Command::new(program::path("ipmi"))
            .args(["--bmc", &self.relay])
            .args(words.split(' '))
            .env("TZ", "UTC")
            .env("IPMI_CACHE_DIR", self.directory.path().join("cache"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert!(output.status.success(), "ipmi {words}: {}", String::from_utf8_lossy(&output.stderr));
        let requests = self.requests.load(Ordering::SeqCst);
        println!("ipmi {words}: {requests} requests");
        (String::from_utf8_lossy(&output.stdout).into_owned(), requests)
    }
}

/// Passes bytes on between clients, one after the other, and the simulator, which takes one connection.
fn relay(mut simulator: TcpStream, requests: Arc<AtomicUsize>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let name = format!("vm:{}", listener.local_addr().unwrap());
    let current = Arc::new(Mutex::new(None::<TcpStream>));
    let (mut replies, to) = (simulator.try_clone().unwrap(), Arc::clone(&current));
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = replies.read(&mut buffer) {
            // A client that has gone misses the answers it did not wait for.
            if let Some(client) = to.lock().unwrap().as_mut() {
                let _ = client.write_all(&buffer[..count]);
            }
        }
    });
    std::thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            *current.lock().unwrap() = client.try_clone().ok();
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = client.read(&mut buffer) {
                let messages = buffer[..count].iter().filter(|byte| **byte == END_OF_MESSAGE).count();
                requests.fetch_add(messages, Ordering::SeqCst);
                if simulator.write_all(&buffer[..count]).is_err() {
                    return;
                }
            }
            *current.lock().unwrap() = None;
        }
    });
    name
}

#[test]
fn listings_ask_for_no_more_than_they_show() {
    let Some(bench) = Bench::start() else { return };
    // Over this link the simulator returns no more than 33 bytes of a record at once: two pieces for all but the
    // shortest.
    let records = 2 * emu::SDRS;
    // A sensor of the satellite takes Send Message, Get Message Flags and Get Message, the flags more than once.
    let readings = emu::SENSORS + 40;
    assert_eq!(bench.ipmi("mc info").1, 1);
    let (cold, asked) = bench.ipmi("sdr elist");
    assert_eq!(cold.lines().count(), emu::SENSORS);
    assert!(asked <= records + readings, "{asked}");
    let (warm, asked) = bench.ipmi("sdr elist");
    assert_eq!(warm, cold);
    assert!(asked <= readings, "{asked}");
    let (uncached, asked) = bench.ipmi("--no-cache sdr elist");
    assert_eq!(uncached, cold);
    assert!(asked > emu::SDRS + emu::SENSORS, "{asked}");
    let (events, asked) = bench.ipmi("sel list");
    assert_eq!((events.lines().count(), asked), (emu::SEL_RECORDS, emu::SEL_RECORDS + 2));
    assert!(bench.ipmi("sel elist").1 <= emu::SEL_RECORDS + 15);
    assert!(bench.ipmi("sensor list").1 <= 2 * emu::SENSORS + 60);
    let (list, asked) = bench.ipmi("cache list");
    assert!(list.starts_with("vm:127.0.0.1:") && list.contains("165 records"), "{list}");
    assert_eq!(asked, 0);
    bench.ipmi("cache clear");
    assert_eq!(bench.ipmi("cache list").0, "");
}
