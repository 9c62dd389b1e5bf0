//! Passwords and keys on the command line are not to be seen by those who list processes.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::UdpSocket;
use std::process::{Command, Stdio};
use std::time::Duration;

use tests::program;

#[test]
fn other_users_do_not_see_them() {
    // A BMC that hears and says nothing.
    let bmc = UdpSocket::bind("127.0.0.1:0").unwrap();
    bmc.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let port = bmc.local_addr().unwrap().port().to_string();
    let mut command = Command::new(program::path("ipmi"));
    command.args(["-I", "lanplus", "-H", "127.0.0.1", "-p", &port, "-U", "admin", "-Psesame", "-k", "kg-secret"]);
    command.args(["mc", "info"]).env("IPMI_CACHE_DIR", "");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // Once it asks, it has read its arguments.
    bmc.recv(&mut [0; 256]).unwrap();
    let shown = std::fs::read(format!("/proc/{}/cmdline", child.id())).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let shown = String::from_utf8(shown).unwrap().replace('\0', " ");
    let expected = "-U admin -PXXXXXX -k XXXXXXXXX mc info ";
    assert!(shown.ends_with(expected), "{shown}");
}
