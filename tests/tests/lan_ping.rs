//! Presence pings: `ipmi ping` finds OpenIPMI's simulator, and what it says of `bmc-sim` FreeIPMI's rmcpping says too.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::UdpSocket;
use std::process::Command;

use tests::{ipmi_sim::IpmiSim, peer, program};

/// rmcpping knows only the RMCP port; addresses that no other test uses.
const HOSTS: &str = "127.0.62.[31-32]";

fn ping(words: &[&str]) -> (i32, String, String) {
    let output = program::run("ipmi", words);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn openipmis_simulator_answers_and_a_closed_port_does_not() {
    let script = "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\nmc_enable 0x20\n";
    let Some(sim) = IpmiSim::start(script) else { return };
    let there = sim.address().to_string();
    let closed = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let (status, out, _) = ping(&["ping", &there]);
    assert!(status == 0 && out.starts_with(&format!("{there}: IPMI supported, ASF 1.0")), "{out}");
    let (status, out, err) = ping(&["ping", &there, &closed]);
    assert!(status == 1 && out.lines().count() == 1, "{out}");
    assert_eq!(err, format!("{closed}: nobody listens on this port (is IPMI over LAN enabled?)\n"));
    let (status, out, _) = ping(&["--json", "-H", &format!("{there},{closed}"), "ping"]);
    let rows: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((status, rows.as_array().unwrap().len()), (1, 2));
    assert_eq!((&rows[0]["answered"], &rows[0]["ipmi"]), (&true.into(), &true.into()));
    assert_eq!((&rows[1]["answered"], &rows[1]["ipmi"]), (&false.into(), &serde_json::Value::Null));
}

#[test]
fn rmcpping_and_ipmi_ping_agree() {
    let Some(rmcpping) = peer::program("rmcpping") else { return };
    if UdpSocket::bind("127.0.62.31:623").is_err() {
        return peer::missing("permission to use port 623");
    }
    let _bmcs: Vec<_> = ["127.0.62.31", "127.0.62.32"]
        .map(|host| {
            let bmc = program::Running::start("bmc-sim", ["--lan", &format!("{host}:623"), "--freeze"]);
            bmc.wait_for("ready lan ");
            bmc
        })
        .into();
    let (status, out, err) = ping(&["-H", HOSTS, "ping"]);
    assert_eq!((status, out.lines().count(), err.as_str()), (0, 2, ""));
    for (line, host) in out.lines().zip(["127.0.62.31", "127.0.62.32"]) {
        let theirs = Command::new(&rmcpping).args(["-v", "-c", "1", host]).output().unwrap();
        let theirs = String::from_utf8(theirs.stdout).unwrap();
        assert!(theirs.contains("ipmi supported") && theirs.contains("1 pongs received"), "{theirs}");
        assert!(line.starts_with(&format!("{host}:623: IPMI supported")), "{line}");
    }
}
