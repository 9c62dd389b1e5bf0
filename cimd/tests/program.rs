//! The program itself: what it prints, how it ends, what it refuses.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

fn cimd(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cimd"));
    command.args(arguments).env_remove("CIMD_USER").env_remove("IPMI_BMC").env("RUST_LOG", "warn");
    command
}

fn run(arguments: &[&str]) -> (Output, String, String) {
    let output = cimd(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    (output, stdout, stderr)
}

#[test]
fn it_serves_says_so_and_ends_when_told() {
    let mut child =
        cimd(&["--simulate", "--http", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let ready = lines.next().unwrap();
    let authority = ready.strip_prefix("ready http://").unwrap().strip_suffix("/wsman").unwrap();
    let mut client = TcpStream::connect(authority).unwrap();
    client.write_all(b"POST /wsman HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("Basic"), "{answer}");

    let found = lines.next().unwrap();
    assert!(found.starts_with("BMC serial-kcs:") && found.contains("sensors"), "{found}");
    assert_eq!(lines.next().unwrap(), "Try:");
    assert_eq!(lines.by_ref().take(2).filter(|line| line.contains(" enumerate ")).count(), 2);

    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    let mut log = String::new();
    child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{log}");
    assert!(log.contains("SIMULATED"), "{log}");
}

#[test]
fn a_recording_is_served() {
    let directory = tempfile::tempdir().unwrap();
    let bmc = directory.path().join("bmc.toml");
    std::fs::write(&bmc, "base = \"empty\"\n").unwrap();
    let url = format!("sim:{}", bmc.display());
    let mut child = cimd(&["--bmc", &url, "--http", "127.0.0.1:0", "--allow-unencrypted", "--user", "a:b"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let found = lines.take(2).last().unwrap();
    assert!(found.starts_with(&format!("BMC {url}: ")) && found.contains("0 SEL entries"), "{found}");
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_configuration_is_checked_without_serving() {
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("cimd.toml");
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("cimd.example.toml");
    std::fs::copy(example, &config).unwrap();
    let config = config.to_str().unwrap();

    let (output, _, error) = run(&["check-config", config]);
    assert!(!output.status.success() && error.contains("admin.password"), "{error}");
    std::fs::write(directory.path().join("admin.password"), "secret\n").unwrap();
    let (output, text, error) = run(&["check-config", config]);
    assert!(output.status.success(), "{error}");
    assert!(text.contains("ok (BMC open:0)") && text.contains("https://0.0.0.0:5986/wsman"), "{text}");
    assert!(!text.contains("secret") && !error.contains("secret"));

    std::fs::write(config, "bmc = [\"open:0\"]\nhtpps = \"x\"\n").unwrap();
    let (output, _, error) = run(&["check-config", config]);
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("cimd.toml:2: unknown field `htpps`"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[test]
fn refusals_are_one_line_and_not_zero() {
    let cases: &[(&[&str], &str)] = &[
        (&["--config", "/nonexistent.toml"], "/nonexistent.toml"),
        (&["--bmc", "nonsense:", "--user", "a:b"], "nonsense"),
        (&["--bmc", "open:0", "--bmc", "open:1", "--user", "a:b"], "one BMC per daemon"),
        (&["--bmc", "open:0", "--user", "a:b", "--http", "127.0.0.1:0"], "--allow-unencrypted"),
        (&["--simulate", "--enable-shell"], "shell"),
        (&["--bmc", "sim:/nonexistent.toml", "--user", "a:b"], "/nonexistent.toml"),
        (&["--simulate", "--http", "127.0.0.1:0", "--mof", "/nonexistent.mof"], "/nonexistent.mof"),
    ];
    for (arguments, word) in cases {
        let (output, _, error) = run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
        let last = error.lines().last().unwrap();
        assert!(last.starts_with("cimd: ") && last.contains(word), "{arguments:?}: {error}");
    }
}

#[test]
fn help_manual_and_completions_come_from_one_definition() {
    let (_, help, _) = run(&["--help"]);
    for flag in [
        "--bmc",
        "--simulate",
        "--http",
        "--https",
        "--user",
        "--allow-unencrypted",
        "--enable-shell",
        "--mof",
        "--config",
        "check-config",
    ] {
        assert!(help.contains(flag), "{flag}");
    }
    assert!(run(&["man"]).1.contains(".TH cimd"));
    assert!(run(&["completions", "bash"]).1.contains("_cimd()"));
    assert!(run(&["--version"]).1.starts_with("cimd "));
}
