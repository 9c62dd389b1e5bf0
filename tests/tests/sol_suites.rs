//! Serial over LAN in every cipher suite: `ipmi`, ipmitool and FreeIPMI's ipmiconsole each open the console of
//! `bmc-sim`, get their characters echoed and leave.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::Duration;

use tests::bmc_sim::BmcSim;
use tests::lan::Remote;
use tests::peer;
use tests::program;
use tests::terminal::Terminal;

/// Suites of `ipmi` and ipmiconsole; an assertion of its own ends ipmitool in 11 and 12.
const SUITES: &[u8] = &[0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17];
const IPMITOOL_SUITES: &[u8] = &[0, 1, 2, 3, 6, 7, 8, 15, 16, 17];
const PATIENCE: Duration = Duration::from_secs(20);

/// A BMC at a port of four digits: ipmiconsole takes no longer one.
fn bmc(peers: &[&str], test: u16) -> Option<BmcSim> {
    let first = 2000 + u16::try_from(std::process::id() % 6000).unwrap() + test * 131;
    let is_free = |port: &u16| UdpSocket::bind(SocketAddr::from(([127, 0, 0, 3], *port))).is_ok();
    let port = (first..9900).find(is_free).expect("a free port of four digits");
    BmcSim::start_at(&format!("127.0.0.3:{port}"), peers, "", &[])
}

fn open_and_leave(remote: &Remote, mut client: Command, greeting: &str, leave: &[u8]) {
    remote.environment(&mut client);
    let mut terminal = Terminal::start(&client);
    terminal.read_until(greeting.as_bytes(), PATIENCE);
    terminal.type_keys(b"\r");
    terminal.read_until(b"\r\nsim# ", PATIENCE);
    terminal.type_keys(b"echo typed\r");
    terminal.read_until(b"\r\ntyped\r\nsim# ", PATIENCE);
    terminal.type_keys(leave);
    assert!(terminal.wait(PATIENCE).success(), "{client:?}");
}

fn ipmitool_style(bmc: &BmcSim, program: impl AsRef<std::ffi::OsStr>, suites: &[u8]) {
    for suite in suites {
        let Remote { address, user, .. } = &bmc.remote;
        let mut client = Command::new(program.as_ref());
        client.args(["-I", "lanplus", "-C", &suite.to_string(), "-H", &address.ip().to_string()]);
        client.args(["-p", &address.port().to_string(), "-U", user, "-E", "sol", "activate"]);
        open_and_leave(&bmc.remote, client, "[SOL Session operational.", b"\r~.");
    }
}

#[test]
fn ipmi_in_every_suite() {
    let Some(bmc) = bmc(&[], 0) else { return };
    ipmitool_style(&bmc, program::path("ipmi"), SUITES);
}

#[test]
fn ipmitool_in_every_suite() {
    let Some(bmc) = bmc(&["ipmitool"], 1) else { return };
    ipmitool_style(&bmc, "ipmitool", IPMITOOL_SUITES);
}

#[test]
fn ipmiconsole_in_every_suite() {
    let Some(bmc) = bmc(&["ipmiconsole"], 2) else { return };
    for suite in SUITES {
        let Remote { address, user, password, .. } = &bmc.remote;
        let mut client = peer::command("ipmiconsole");
        client.args(["-h", &address.to_string(), "-u", user, "-p", password, "-I", &suite.to_string()]);
        open_and_leave(&bmc.remote, client, "[SOL established]", b"\r&.");
    }
}
