//! The program itself: help, version, closed pipes, Ctrl-C, BMCs that are not there.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::Read;
use std::process::{Command, Output, Stdio};

fn ipmi(words: &[&str]) -> Output {
    command(words).output().unwrap()
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ipmi"));
    command.args(words).env_remove("IPMI_BMC").env("TZ", "UTC");
    command
}

#[test]
fn help_and_version() {
    for word in ["-h", "--help"] {
        let output = ipmi(&[word]);
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains("sdr elist"));
    }
    assert_eq!(ipmi(&["-V"]).stdout, format!("ipmi version {}\n", env!("CARGO_PKG_VERSION")).into_bytes());
    assert!(!ipmi(&["man"]).stdout.is_empty() && !ipmi(&["completions", "zsh"]).stdout.is_empty());
    assert_eq!(ipmi(&[]).status.code(), Some(1));
    assert_eq!(ipmi(&["-x"]).status.code(), Some(1));
}

#[test]
fn bmcs_that_are_not_there_are_named() {
    for (words, message) in [
        (&["--bmc", "open:/no/such/device", "mc", "info"][..], "/no/such/device"),
        (&["-I", "serial-kcs", "-D", "/no/such/line", "mc", "info"], "/no/such/line"),
        (&["--bmc", "vm:127.0.0.1:1", "mc", "info"], "127.0.0.1:1"),
        (&["--bmc", "sim:/no/such.emu", "mc", "info"], "/no/such.emu"),
        (
            &["-I", "lan", "-H", "127.0.0.1:1", "-P", "x", "mc", "info"],
            "Error: Unable to establish IPMI v1.5 / RMCP session: lan://127.0.0.1:1: nobody listens on this port",
        ),
        (
            &["-I", "lanplus", "-H", "127.0.0.1:1", "-U", "admin", "-P", "x", "mc", "info"],
            "Error: Unable to establish IPMI v2 / RMCP+ session: lanplus://127.0.0.1:1: nobody listens on this port",
        ),
        (&["-I", "usb", "mc", "info"], "Interface usb is not in this build"),
        (&["--bmc", "sim:", "--quirk", "unheard-of", "mc", "info"], "unknown quirk \"unheard-of\"; known are"),
        (&["-I", "foo", "mc", "info"], "Error loading interface foo"),
    ] {
        let output = ipmi(words);
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(err.contains(message) && err.lines().count() == 1, "{words:?}: {err}");
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{words:?}");
    }
}

#[test]
fn the_environment_names_a_bmc() {
    let output = command(&["power", "status"]).env("IPMI_BMC", "sim:").output().unwrap();
    assert!(output.status.success() && output.stdout.starts_with(b"Chassis Power is "));
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let mut child = command(&["--bmc", "sim:", "-v", "sdr", "list", "all"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 1];
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut first).unwrap();
    drop(pipe);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn output_that_cannot_be_written_is_said() {
    for words in [&["--bmc", "sim:", "mc", "info"][..], &["--bmc", "sim:", "sdr", "elist"], &["--help"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command(words).stdout(full).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(err.starts_with("cannot write the output: ") && err.lines().count() == 1, "{words:?}: {err}");
        assert_eq!(output.status.code(), Some(1), "{words:?}");
    }
}

#[test]
fn ctrl_c_ends_with_130() {
    // Somebody listens and never says anything.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("vm:{}", silent.local_addr().unwrap());
    let mut child = command(&["--bmc", &url, "mc", "info"]).stderr(Stdio::piped()).spawn().unwrap();
    let _connection = silent.accept().unwrap();
    let pid = nix::unistd::Pid::from_raw(child.id().cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGINT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

/// A terminal that is closed takes stderr with it and sends SIGHUP.
#[test]
fn a_signal_ends_it_when_stderr_is_gone() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("vm:{}", silent.local_addr().unwrap());
    let gone = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut child = command(&["--bmc", &url, "mc", "info"]).stderr(gone).spawn().unwrap();
    let _connection = silent.accept().unwrap();
    let pid = nix::unistd::Pid::from_raw(child.id().cast_signed());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGHUP).unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if std::time::Instant::now() > end => {
                child.kill().unwrap();
                panic!("it still runs");
            }
            None => std::thread::sleep(std::time::Duration::from_millis(20)),
        }
    };
    assert_eq!(status.code(), Some(129));
}
