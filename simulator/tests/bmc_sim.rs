//! The program: what it prints, how it ends, what it refuses.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bmc-sim"));
    command.args(arguments).env_remove("RUST_LOG");
    command
}

/// A program that is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str], lines: usize) -> (Running, Vec<String>) {
    let mut child = Running(command(arguments).stdout(Stdio::piped()).spawn().unwrap());
    let out = BufReader::new(child.0.stdout.take().unwrap());
    (child, out.lines().take(lines).map(Result::unwrap).collect())
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

#[test]
fn it_announces_each_face_and_ends_cleanly_on_sigterm() {
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("kcs");
    let link_text = link.to_str().unwrap();
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let (mut child, lines) = start(&["--vm", "127.0.0.1:0", "--serial-kcs", link_text], 2);
        let address = lines[0].strip_prefix("ready vm ").unwrap();
        assert!(!address.ends_with(":0"));
        TcpStream::connect(address).unwrap().read_exact(&mut [0; 3]).unwrap();
        assert_eq!(lines[1], format!("ready serial-kcs {link_text}"));
        assert!(link.exists());
        kill(Pid::from_raw(child.0.id().try_into().unwrap()), signal).unwrap();
        assert!(child.0.wait().unwrap().success());
        assert!(std::fs::symlink_metadata(&link).is_err());
    }
}

#[test]
fn count_serves_that_many() {
    let (_child, lines) = start(&["--vm", "127.0.0.1:0", "--count", "3", "--freeze"], 3);
    let mut addresses: Vec<_> = lines.iter().map(|line| line.strip_prefix("ready vm ").unwrap()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    assert_eq!(addresses.len(), 3);
}

#[test]
fn lan_ports_and_addresses_follow_each_other() {
    let (_child, lines) = start(&["--lan", "127.0.9.1+:0", "--count", "3", "--freeze"], 3);
    for (line, host) in lines.iter().zip(1..) {
        assert!(line.starts_with(&format!("ready lan 127.0.9.{host}:")), "{line}");
    }
}

#[test]
fn what_it_cannot_do_is_one_line_on_standard_error() {
    for (arguments, expected) in [
        (&["--lan", "nowhere"][..], "expected ADDR:PORT, found `nowhere`"),
        (&["--lan", "127.0.0.1:65535", "--count", "2"], "beyond 65535"),
        (&["--lan", "127.0.0.1:0", "--kg", "a key that is too long"], "at most 20 bytes"),
        (&["--serial-basic", "/nonexistent/x"], "--serial-basic /nonexistent/x"),
        (&["--serial-terminal", "/nonexistent/x"], "--serial-terminal /nonexistent/x"),
        (&["--vm", "127.0.0.1:0", "--user", "ab"], "expected NAME:PASSWORD[:PRIVILEGE]"),
        (&[], "expected at least one of --lan"),
        (&["--vm", "nowhere"], "expected ADDR:PORT, found `nowhere`"),
        (&["--vm", "127.0.0.1:0", "--chassis-hook", "/nonexistent"], "expected a program, found no file /nonexistent"),
        (&["--vm", "127.0.0.1:0", "--emu", "/nonexistent.emu"], "/nonexistent.emu: No such file"),
        (&["--vm", "127.0.0.1:0", "--config", "/nonexistent.toml"], "/nonexistent.toml: No such file"),
    ] {
        let output = run(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        assert!(error.contains(expected) && error.lines().count() == 1, "{arguments:?}: {error}");
    }
}

#[test]
fn help_manual_and_completions_come_from_the_command_line_definition() {
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    for flag in
        ["--config", "--emu", "--serial-kcs", "--vm", "--freeze", "--state-dir", "--seed", "--count", "Examples"]
    {
        assert!(help.contains(flag), "{flag}");
    }
    assert!(String::from_utf8(run(&["man"]).stdout).unwrap().contains(".TH bmc-sim"));
    assert!(run(&["completions", "bash"]).status.success());
    assert!(run(&["--version"]).status.success());
}

#[test]
fn faults_are_announced_with_their_seed_and_wrong_ones_named() {
    let arguments = ["--vm", "127.0.0.1:0", "--fault", "drop=1%,delay=5ms..20ms", "--seed", "7"];
    let mut child = Running(command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
    let line = BufReader::new(child.0.stderr.take().unwrap()).lines().next().unwrap().unwrap();
    assert_eq!(line, "bmc-sim: faults drop=1%,delay=5ms..20ms with --seed 7");
    for (spec, expected) in
        [("drop", "drop: expected a rate from 0% to 100%, found ``"), ("drip=1%", "found `drip=1%`")]
    {
        let output = run(&["--vm", "127.0.0.1:0", "--fault", spec]);
        assert!(!output.status.success());
        assert!(String::from_utf8(output.stderr).unwrap().contains(expected), "{spec}");
    }
}

#[test]
fn a_log_that_is_no_terminal_has_no_colours() {
    let arguments = ["--vm", "127.0.0.1:0", "--chassis-hook", "no-such-program-anywhere"];
    let mut child = Running(command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
    let line = BufReader::new(child.0.stderr.take().unwrap()).lines().next().unwrap().unwrap();
    assert!(line.contains("ERROR") && line.contains("no-such-program-anywhere") && !line.contains('\u{1b}'), "{line}");
}
