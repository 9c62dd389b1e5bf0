//! ipmitool and FreeIPMI, as installed and without workaround flags, against `bmc-sim --lan`: in every suite and
//! authentication type they have, each prints what it prints in suite 3.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::SocketAddr;

use tests::lan::{self, Outcome, Remote};
use tests::{diff, program};

/// Cipher suites of RMCP+ (IPMI 2.0 table 22-20 and the SHA-256 suites behind it) that ipmitool has. With 11 and 12 an
/// assertion of its own ends it.
const IPMITOOL_SUITES: &[u8] = &[0, 1, 2, 3, 6, 7, 8, 15, 16, 17];
/// Those that FreeIPMI has.
const FREEIPMI_SUITES: &[u8] = &[0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17];

const IPMITOOL_1_5: &[&str] = &["-I lan", "-I lan -A NONE", "-I lan -A MD5", "-I lan -A PASSWORD"];
const FREEIPMI_1_5: &[&str] =
    &["-D LAN", "-D LAN -a NONE", "-D LAN -a STRAIGHT_PASSWORD_KEY", "-D LAN -a MD2", "-D LAN -a MD5"];

const IPMITOOL_COMMANDS: &[&str] = &[
    "mc info",
    "sdr elist all",
    "sensor list",
    "sel list",
    "fru print",
    "chassis status",
    "user list 1",
    "lan print 1",
];

const FREEIPMI_COMMANDS: &[(&str, &str)] = &[
    ("bmc-info", ""),
    ("ipmi-sensors", ""),
    ("ipmi-sel", ""),
    ("ipmi-fru", ""),
    ("ipmi-chassis", "--get-chassis-status"),
    ("ipmi-raw", "0 6 1"),
    ("ipmipower", "--stat"),
    ("ipmi-dcmi", "--get-dcmi-capability-info"),
];

/// It reads hundreds of settings. Its status is 1 on every BMC that lacks one of the suites 0 to 14, and nobody has the
/// XRC4 ones.
const FREEIPMI_CONFIG: &[(&str, &str)] = &[("ipmi-config", "--checkout")];

struct Bmc {
    remote: Remote,
    _running: program::Running,
    _home: tempfile::TempDir,
}

fn bmc(peers: &[&str]) -> Option<Bmc> {
    if !lan::installed(peers) {
        return None;
    }
    let running = program::Running::start("bmc-sim", ["--lan", "127.0.0.1:0", "--freeze"]);
    let address: SocketAddr = running.wait_for("ready lan ").parse().expect("address");
    let home = tempfile::tempdir().unwrap();
    let remote = Remote::new(address, home.path());
    Some(Bmc { remote, _running: running, _home: home })
}

/// Collects what differs from suite 3, which must work.
#[derive(Default)]
struct Matrix {
    findings: Vec<String>,
}

impl Matrix {
    fn command(&mut self, name: &str, reference: &Outcome, options: &[String], run: impl Fn(&str) -> Outcome) {
        let expected = i32::from(name == "ipmi-config");
        if reference.status != expected || reference.stdout.is_empty() {
            self.findings.push(format!("{name} in suite 3: status {}: {}", reference.status, reference.stderr.trim()));
            return;
        }
        for options in options {
            if is_broken(name, options) {
                continue;
            }
            let found = run(options);
            if found.status != expected {
                self.findings.push(format!("{name} {options}: status {}: {}", found.status, found.stderr.trim()));
                continue;
            }
            let lines = diff::lines(steady(name, &reference.stdout), steady(name, &found.stdout));
            self.findings.extend(lines.iter().map(|line| format!("{name} {options}: line {line}")));
        }
    }

    fn finish(self) {
        assert!(self.findings.is_empty(), "{} findings\n{}", self.findings.len(), self.findings.join("\n"));
    }
}

/// What a peer cannot do with any BMC: ipmipower never ends a log-in with a straight password, with `ipmi_sim` neither.
fn is_broken(tool: &str, options: &str) -> bool {
    tool == "ipmipower" && options.contains("STRAIGHT_PASSWORD_KEY")
}

/// What is the same in every run. The channels at the end of bmc-info's output are memory it never wrote to, other in
/// each run.
fn steady<'a>(tool: &str, stdout: &'a str) -> &'a str {
    match tool {
        "bmc-info" => stdout.split("Channel Information").next().unwrap_or(stdout),
        _ => stdout,
    }
}

fn suites(option: &str, suites: &[u8]) -> Vec<String> {
    suites.iter().map(|suite| format!("{option} {suite}")).collect()
}

fn owned(options: &[&str]) -> Vec<String> {
    options.iter().map(|&option| option.to_owned()).collect()
}

fn ipmitool(options: &[String], commands: &[&str]) {
    let Some(Bmc { remote, .. }) = &bmc(&["ipmitool"]) else { return };
    let mut matrix = Matrix::default();
    for command in commands {
        let reference = remote.ipmitool("-I lanplus -C 3", command);
        matrix
            .command(&format!("ipmitool {command}"), &reference, options, |options| remote.ipmitool(options, command));
    }
    matrix.finish();
}

fn freeipmi(options: &[String], commands: &[(&str, &str)]) {
    let tools: Vec<&str> = commands.iter().map(|(tool, _)| *tool).collect();
    let Some(Bmc { remote, .. }) = &bmc(&tools) else { return };
    let mut matrix = Matrix::default();
    for (tool, command) in commands {
        let reference = remote.freeipmi(tool, "-D LAN_2_0 -I 3", command);
        matrix.command(tool, &reference, options, |options| remote.freeipmi(tool, options, command));
    }
    matrix.finish();
}

#[test]
fn ipmitool_in_every_suite() {
    ipmitool(&suites("-I lanplus -C", IPMITOOL_SUITES), IPMITOOL_COMMANDS);
}

/// It asks for the suites and takes the best.
#[test]
fn ipmitool_by_itself() {
    ipmitool(&owned(&["-I lanplus"]), &["mc info"]);
}

#[test]
fn ipmitool_with_sessions_of_ipmi_1_5() {
    ipmitool(&owned(IPMITOOL_1_5), IPMITOOL_COMMANDS);
}

#[test]
fn freeipmi_in_every_suite() {
    freeipmi(&suites("-D LAN_2_0 -I", FREEIPMI_SUITES), FREEIPMI_COMMANDS);
}

#[test]
fn freeipmi_with_sessions_of_ipmi_1_5() {
    freeipmi(&owned(FREEIPMI_1_5), FREEIPMI_COMMANDS);
}

#[test]
fn freeipmi_reads_the_configuration() {
    let mut options = suites("-D LAN_2_0 -I", FREEIPMI_SUITES);
    options.push("-D LAN_2_0".to_owned());
    freeipmi(&options, FREEIPMI_CONFIG);
}

#[test]
fn refused_logins() {
    let Some(Bmc { remote, .. }) = &bmc(&["ipmitool", "bmc-info"]) else { return };
    let wrong = Remote { password: "incorrect".to_owned(), ..remote.clone() };
    let nobody = Remote { user: "nobody".to_owned(), ..remote.clone() };
    for remote in [&wrong, &nobody] {
        for options in ["-I lan -A MD5", "-I lanplus -C 3", "-I lanplus -C 17"] {
            assert_ne!(remote.ipmitool(options, "mc info").status, 0, "{} {options}", remote.user);
        }
    }
    let outcome = wrong.freeipmi("bmc-info", "-D LAN_2_0 -I 17", "");
    assert!(outcome.stderr.contains("password"), "{}", outcome.stderr);
    let outcome = nobody.freeipmi("bmc-info", "-D LAN_2_0 -I 17", "");
    assert!(outcome.stderr.contains("username"), "{}", outcome.stderr);
}
