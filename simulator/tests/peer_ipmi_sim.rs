//! Emulator files: our answers against those of `ipmi_sim` on the same file, byte for byte, for every real node.
//!
//! Known differences, all of them commands or checks `ipmi_sim` does not have, are in docs/bmc-sim.md and not asked
//! here.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ipmi_core::checksum::checksum;
use ipmi_core::link::system_message;
use ipmi_core::link::vm::{self, Decoder, Frame};
use ipmi_core::{CompletionCode, NetFn, Request, Response};
use simulator::Bmc;

const NOW: Duration = Duration::from_secs(1_790_000_000);
const CHASSIS: u8 = 0x00;
const SENSOR: u8 = 0x04;
const APP: u8 = 0x06;
const STORAGE: u8 = 0x0A;

/// Something that answers requests.
trait Answers {
    fn ask(&mut self, request: &Request) -> Response;
}

struct Ours(Bmc);

impl Answers for Ours {
    fn ask(&mut self, request: &Request) -> Response {
        self.0.handle(request, NOW)
    }
}

/// `ipmi_sim` behind its VM protocol.
struct IpmiSim {
    child: Child,
    stream: TcpStream,
    decoder: Decoder,
    sequence: u8,
    _directory: tempfile::TempDir,
}

impl IpmiSim {
    /// `None` when the program is not installed.
    fn start(emu: &Path) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let (lan, serial) = free_ports();
        let configuration = directory.path().join("lan.conf");
        let text = format!(
            "name \"bmc\"\nset_working_mc 0x20\n  startlan 1\n    addr 127.0.0.1 {lan}\n    priv_limit admin\n  endlan\n  \
             serial 15 127.0.0.1 {serial} codec VM\n"
        );
        std::fs::write(&configuration, text).unwrap();
        let child = Command::new("ipmi_sim")
            .args(["-n", "-p", "-c"])
            .arg(&configuration)
            .arg("-f")
            .arg(emu)
            .arg("-s")
            .arg(directory.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) => panic!("ipmi_sim: {error}"),
        };
        let started = Instant::now();
        let mut stream = loop {
            match TcpStream::connect(("127.0.0.1", serial)) {
                Ok(stream) => break stream,
                Err(error) if started.elapsed() > Duration::from_secs(20) => {
                    let _ = child.kill();
                    panic!("ipmi_sim does not listen: {error}");
                }
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        };
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(&vm::emit_to_bmc(vm::ToBmc::Version(vm::VERSION))).unwrap();
        Some(Self { child, stream, decoder: Decoder::default(), sequence: 0, _directory: directory })
    }
}

impl Drop for IpmiSim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Answers for IpmiSim {
    fn ask(&mut self, request: &Request) -> Response {
        self.sequence = self.sequence.wrapping_add(1);
        self.stream.write_all(&vm::emit_request(self.sequence, request)).unwrap();
        loop {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).unwrap();
            if let Some(Ok(Frame::Message { sequence, bytes })) = self.decoder.push(byte[0])
                && sequence == self.sequence
            {
                return system_message::parse_response(request, &bytes).unwrap();
            }
        }
    }
}

/// A UDP and a TCP port nobody uses.
fn free_ports() -> (u16, u16) {
    let lan = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let serial = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    (lan, serial)
}

fn request(net_fn: u8, cmd: u8, data: &[u8]) -> Request {
    Request::new(NetFn::new(net_fn), cmd, data)
}

/// Everything compared: a label and the answer, timestamps and reservation ids left out.
fn transcript(bmc: &mut dyn Answers) -> Vec<(String, Response)> {
    let mut lines = Vec::new();
    let mut note = |label: String, response: Response| lines.push((label, response));
    let mut one = |bmc: &mut dyn Answers, net_fn: u8, cmd: u8, data: &[u8]| {
        note(format!("{net_fn:02X} {cmd:02X} {data:02X?}"), bmc.ask(&request(net_fn, cmd, data)));
    };
    one(bmc, APP, 0x01, &[]);
    one(bmc, APP, 0x31, &[]);
    one(bmc, APP, 0x2F, &[]);
    one(bmc, APP, 0x35, &[]);
    one(bmc, CHASSIS, 0xEE, &[]);
    for fru in 0..=32 {
        one(bmc, STORAGE, 0x10, &[fru]);
        for offset in [0_u16, 8, 30, 0x0100, 0x01F8, 0x0800, 0x1FF8, 0x2001] {
            let [low, high] = offset.to_le_bytes();
            one(bmc, STORAGE, 0x11, &[fru, low, high, 16]);
        }
    }
    for number in 0..=255 {
        for cmd in [0x27, 0x29, 0x2D, 0x2F] {
            one(bmc, SENSOR, cmd, &[number]);
        }
        one(bmc, SENSOR, 0x25, &[number, 0xFF]);
    }
    records(bmc, &mut note);
    for address in [0x01, 0x2C, 0x33, 0xB1, 0x42] {
        note(format!("{address:02X}: device id"), bridged(bmc, address, APP, 0x01, &[]));
        for number in 0..=255 {
            note(format!("{address:02X}: reading {number:02X}"), bridged(bmc, address, SENSOR, 0x2D, &[number]));
            note(format!("{address:02X}: thresholds {number:02X}"), bridged(bmc, address, SENSOR, 0x27, &[number]));
        }
    }
    lines
}

/// SDR repository in pieces both can return, and the SEL without timestamps.
fn records(bmc: &mut dyn Answers, note: &mut dyn FnMut(String, Response)) {
    let reservation = bmc.ask(&request(STORAGE, 0x22, &[])).data;
    let mut id = [0, 0];
    for _ in 0..1000 {
        let header = bmc.ask(&request(STORAGE, 0x23, &[reservation[0], reservation[1], id[0], id[1], 0, 5]));
        note(format!("SDR {id:02X?} header"), header.clone());
        let Some(&length) = header.data.get(6) else { break };
        for offset in (5..length.saturating_add(5)).step_by(16) {
            let count = (length + 5 - offset).min(16);
            let piece = [reservation[0], reservation[1], id[0], id[1], offset, count];
            note(format!("SDR {id:02X?} at {offset}"), bmc.ask(&request(STORAGE, 0x23, &piece)));
        }
        id = [header.data[0], header.data[1]];
        if id == [0xFF, 0xFF] {
            break;
        }
    }
    let mut id = [0, 0];
    for _ in 0..1000 {
        let mut entry = bmc.ask(&request(STORAGE, 0x43, &[0, 0, id[0], id[1], 0, 0xFF]));
        if entry.code != CompletionCode::OK {
            note("SEL end".into(), entry);
            break;
        }
        let next = [entry.data[0], entry.data[1]];
        entry.data[5..9].fill(0);
        note(format!("SEL {id:02X?}"), entry);
        if next == [0xFF, 0xFF] {
            break;
        }
        id = next;
    }
}

/// Send Message to a satellite, then Get Message until its answer is there.
fn bridged(bmc: &mut dyn Answers, address: u8, net_fn: u8, cmd: u8, data: &[u8]) -> Response {
    let mut message = vec![0x00, address, net_fn << 2, checksum(&[address, net_fn << 2])];
    let mut body = vec![0x20, 0x0A, cmd];
    body.extend_from_slice(data);
    body.push(checksum(&body));
    message.extend(body);
    let sent = bmc.ask(&request(APP, 0x34, &message));
    if sent.code != CompletionCode::OK {
        return sent;
    }
    let started = Instant::now();
    loop {
        let mut reply = bmc.ask(&request(APP, 0x33, &[]));
        // ipmi_sim's checksums in Get Message cover other bytes than they should; nobody looks at them.
        if let [_, _, header, .., body] = reply.data.as_mut_slice() {
            (*header, *body) = (0, 0);
        }
        if reply.code == CompletionCode::OK || started.elapsed() > Duration::from_secs(5) {
            return reply;
        }
    }
}

/// The recorded nodes beside the workspace; `None` skips the test, except on CI, where they must be there.
fn nodes() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let data = std::env::var_os("SHARED_DATA").map_or_else(|| workspace.join("../shared/data"), PathBuf::from);
    missing(data.is_dir(), &data.display().to_string()).then(|| data.join("nodes"))
}

fn missing(there: bool, what: &str) -> bool {
    assert!(there || std::env::var_os("CI").is_none(), "{what} is missing");
    if !there {
        println!("skipped: {what} is missing");
    }
    there
}

/// Asks both; false when `ipmi_sim` is missing.
fn compare(emu: &Path) -> bool {
    let theirs = IpmiSim::start(emu);
    if !missing(theirs.is_some(), "ipmi_sim") {
        return false;
    }
    let theirs = transcript(&mut theirs.unwrap());
    let ours = transcript(&mut Ours(Bmc::from_emu(emu, NOW).unwrap()));
    let differences: Vec<_> = theirs.iter().zip(&ours).filter(|(theirs, ours)| theirs != ours).collect();
    assert!(differences.is_empty(), "{}: {:?}", emu.display(), &differences[..differences.len().min(5)]);
    assert_eq!(theirs.len(), ours.len(), "{}", emu.display());
    true
}

#[test]
fn every_node_answers_as_ipmi_sim_does() {
    let Some(nodes) = nodes() else { return };
    let mut compared = 0;
    for node in std::fs::read_dir(nodes).unwrap() {
        if !compare(&node.unwrap().path().join("node.emu")) {
            return;
        }
        compared += 1;
    }
    assert!(compared > 0, "no nodes");
}

/// Forms of the commands that no recorded node uses.
const UNUSUAL: &str = r#"
mc_setbmc 0x20
mc_add 0x20 32 no-device-sdrs 0X01 02 0x1e 0x9f 0x2a2 0x0100
sel_enable 0x20 1000 0x0a # remark
define MC "0x20"
define FILE "ru.bin"
	# an indented remark, and tabs
sensor_add	$MC 0 1 1 1
sensor_set_threshold $MC 0 1 settable 111111 0xf0 0xe0 0xd0 0x30 0x20 0x10
sensor_set_event_support $MC 0 1 enable scanning per-state 000111111111111 000111111111111 \
    000111111111111 000111111111111
sensor_set_hysteresis $MC 0 1 settable 2 2
sensor_set_value $MC 0 1 0xf5 1 words that are ignored
sensor_set_value $MC 0 1 0xCD 1 # remark
sensor_set_value $MC 0 1 010 1
sensor_add 0x20 0 2 7 0x6f
sensor_set_event_support 0x20 0 2 1 1 0 000000011111111 000000011111111 000000011111111 000000011111111
sensor_set_bit 0x20 0 2 0 1 1
sensor_set_bit 0x20 0 2 3 1 1
sensor_set_bit_clr_rest 0x20 0 2 5 1
sensor_set_bit_clr_rest 0x20 0 2 6 0
sensor_add 0x20 0 3 1 1
sensor_set_threshold 0x20 0 3 2 011011 1 2 3 4 5 6
sensor_set_event_support 0x20 0 3 enable scanning global 000000000000001 000000000000010 000000000000100 000000000001000
sensor_add 0x20 0 4 1 1
sensor_set_threshold 0x20 0 4 readable 011011 1 2 3 4 5 6
sensor_set_hysteresis 0x20 0 4 fixed 3 4
sensor_set_event_support 0x20 0 4 disable no-scanning entire-sensor 000000000000001 000000000000010 000000000000100 000000000001000
sensor_add 0x20 0 5 1 1
sensor_set_event_support 0x20 0 5 enable scanning per-state 000000000000001 000000000000010 000000000000101 000000000001010
sensor_add 0x20 0 6 7 0x6f event-only
sensor_add 0x20 0 7 1 1 poll 60000 file "/nonexistent" div=2
main_sdr_add 0x20 0x09 0x00 0x51 0xc0 \
0x03 1 2 3
sel_add 0x20 0xc0 1 2 3 4 5 6 7 8 9 10 11 12 13
sel_add 0x20 2 0xaa 0xbb 0xcc 0xdd 0x20 0 4 1 1 1 0x57 1 2 14
mc_add_fru_data 0x20 0 32 data 1 2 3 4 5 6 7 8
mc_add_fru_data 0x20 33 16 file 4 "f"$FILE
mc_dump_fru_data 0x20 0
include "more.emu"
mc_enable 0x20
"#;

#[test]
fn unusual_forms_are_understood_as_ipmi_sim_does() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("fru.bin"), [0x5A; 40]).unwrap();
    std::fs::write(directory.path().join("more.emu"), "sensor_add 0x20 0 8 1 1\nsensor_set_value 0x20 0 8 0x21 0\n")
        .unwrap();
    let emu = directory.path().join("unusual.emu");
    // `ipmi_sim` looks for other files where it was started.
    let beside = |text: &str, file: &str| text.replace(file, directory.path().join(file).to_str().unwrap());
    let text = beside(UNUSUAL, "more.emu").replace("\"f\"$FILE", &format!("\"{}/f\"$FILE", directory.path().display()));
    std::fs::write(&emu, text).unwrap();
    compare(&emu);
}
