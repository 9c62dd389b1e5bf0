//! OpenIPMI's simulator as the BMC, over the VM protocol, with the records of real machines.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ipmi_core::command::app::GetDeviceId;
use ipmi_core::command::storage::{FruDeviceId, RecordId};
use ipmi_core::sdr::SdrRecord;
use ipmi_core::{ChannelNumber, CompletionCode, SlaveAddress, Target};
use kernel_bridge::walk::{fru, reading, sdr, sel};
use kernel_bridge::{Bmc, BmcUrl, Options};

/// Says what is missing; that is a failure under `CI=true`.
fn missing(what: &str) {
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "missing: {what}");
    println!("skipped: no {what}");
}

/// The captured nodes: below `SHARED_DATA`, or beside the checkout.
fn nodes() -> Option<PathBuf> {
    let data = std::env::var_os("SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let nodes = data.join("nodes");
    if !nodes.is_dir() {
        missing("shared data");
        return None;
    }
    if Command::new("ipmi_sim").arg("--help").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        missing("ipmi_sim");
        return None;
    }
    Some(nodes)
}

/// A running simulator, ended when dropped.
struct Simulator {
    child: Child,
    url: BmcUrl,
    _state: tempfile::TempDir,
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start(node: &Path) -> Simulator {
    let port = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (lan, vm) = (port(), port());
    let state = tempfile::tempdir().unwrap();
    let configuration = state.path().join("lan.conf");
    let text = format!(
        "name \"bmc\"\nset_working_mc 0x20\n  startlan 1\n    addr 127.0.0.1 {lan}\n    priv_limit admin\n  \
         endlan\n  serial 15 127.0.0.1 {vm} codec VM\n"
    );
    std::fs::write(&configuration, text).unwrap();
    let child = Command::new("ipmi_sim")
        .args(["-n", "-p", "-c"])
        .arg(&configuration)
        .arg("-f")
        .arg(node.join("node.emu"))
        .arg("-s")
        .arg(state.path())
        // It ends when its standard input does.
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Simulator { child, url: format!("vm:127.0.0.1:{vm}").parse().unwrap(), _state: state }
}

impl Simulator {
    fn open(&self) -> Bmc {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            match Bmc::open(&self.url, &Options::default()) {
                Ok(bmc) => return bmc,
                Err(error) => assert!(Instant::now() < deadline, "{error}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

const NODES: [&str; 8] =
    ["dell_r630", "dell_r730", "dell_r730xd", "dell_r730xd_old", "quanta_d51", "s2600kp", "s2600tp", "vnode"];

#[test]
fn every_node_is_read_completely() {
    let Some(nodes) = nodes() else { return };
    for name in NODES {
        let node = nodes.join(name);
        let simulator = start(&node);
        let bmc = simulator.open();
        let repository = sdr::read_repository(&bmc, |_, _| {}).unwrap();
        assert_eq!(repository.problems, [], "{name}");
        // Record ids are given anew by the simulator: the rest of each record is compared.
        let expected = std::fs::read(node.join("sdr.bin")).unwrap();
        let read = repository.to_bytes();
        assert_eq!(read.len(), expected.len(), "{name}");
        let mut at = 0;
        for record in &repository.records {
            let length = record.bytes.len();
            assert_eq!(record.bytes[2..], expected[at + 2..at + length], "{name} record {}", record.id);
            at += length;
        }
        let mut values = 0;
        for record in &repository.records {
            let Ok(parsed) = SdrRecord::parse(&record.bytes) else { continue };
            if let Some(sensor) = parsed.sensor()
                && let Ok(reading) = reading::read(&bmc, &sensor)
            {
                values += usize::from(reading.value.is_some());
            }
        }
        let listed = std::fs::read_to_string(node.join("expected/sdr_elist_full.txt")).unwrap();
        let with_value = |line: &&str| {
            let value = line.rsplit('|').next().unwrap_or_default().trim();
            value.starts_with(|first: char| first.is_ascii_digit() || first == '-')
        };
        assert_eq!(values, listed.lines().filter(with_value).count(), "{name}");
        let log = sel::read_log(&bmc, RecordId::FIRST, |_, _| {}).unwrap();
        assert_eq!((log.records.len(), log.problems.len()), (usize::from(log.info.entries), 0), "{name}");
        if let Ok(expected) = std::fs::read(node.join("fru0.bin")) {
            let image = fru::read(&bmc, Target::Bmc, FruDeviceId::BUILTIN).unwrap();
            assert_eq!(image.bytes, expected[..image.bytes.len()], "{name}");
            assert_eq!(fru::read_whole(&bmc, Target::Bmc, FruDeviceId::BUILTIN).unwrap().bytes, expected, "{name}");
        }
    }
}

#[test]
fn satellites_answer_through_the_bmc() {
    let Some(nodes) = nodes() else { return };
    let simulator = start(&nodes.join("quanta_d51"));
    let bmc = simulator.open();
    let at = |address| Target::Ipmb { channel: ChannelNumber::PRIMARY_IPMB, address: SlaveAddress(address) };
    let own = bmc.call(&GetDeviceId).unwrap();
    let other = bmc.call_to(at(0x2C), &GetDeviceId).unwrap();
    assert_ne!(own, other);
    let error = bmc.call_to(at(0x44), &GetDeviceId).unwrap_err();
    assert_eq!(error.completion_code(), Some(CompletionCode::DESTINATION_UNAVAILABLE));
    // The bridge is in order again after the failure.
    assert_eq!(bmc.call_to(at(0x2C), &GetDeviceId).unwrap(), other);
}

#[test]
fn a_simulator_that_died_is_an_error_and_the_next_one_is_found() {
    let Some(nodes) = nodes() else { return };
    let simulator = start(&nodes.join("vnode"));
    let bmc = simulator.open();
    bmc.call(&GetDeviceId).unwrap();
    drop(simulator);
    let error = bmc.call(&GetDeviceId).unwrap_err();
    assert!(error.to_string().contains("127.0.0.1"), "{error}");
}

#[test]
fn the_log_is_cleared() {
    let Some(nodes) = nodes() else { return };
    let simulator = start(&nodes.join("s2600kp"));
    let bmc = simulator.open();
    assert!(!sel::read_log(&bmc, RecordId::FIRST, |_, _| {}).unwrap().records.is_empty());
    sel::clear(&bmc).unwrap();
    assert_eq!(sel::read_log(&bmc, RecordId::FIRST, |_, _| {}).unwrap().records, []);
}
