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

#[test]
fn the_log_shows_requests_but_no_passwords() {
    let log = |words: &[&str]| {
        let mut command = Command::new(program::path("ipmi"));
        command.args(["--bmc", "sim:"]).args(words).env("IPMI_LOG", "trace").env("IPMI_CACHE_DIR", "");
        String::from_utf8(command.output().unwrap().stderr).unwrap()
    };
    let shown = log(&["raw", "6", "0x38", "0x0e", "4"]);
    assert!(shown.contains("request 06 38 0e 04") && shown.contains("response 00 "), "{shown}");
    // Set User Password of user 3: "sesame", padded.
    let password = ["0x73", "0x65", "0x73", "0x61", "0x6d", "0x65", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0"];
    let shown = log(&[&["raw", "6", "0x47", "3", "2"], &password[..]].concat());
    assert!(shown.contains("request 06 47 and 18 bytes that are not shown"), "{shown}");
    assert!(!shown.contains("73 65 73") && !shown.contains("115, 101, 115") && !shown.contains("sesame"), "{shown}");
}
