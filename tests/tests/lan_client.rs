//! `ipmi` against `ipmi_sim` in every mode that ipmitool has, with equal output and status; refusals end with one clear
//! line.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use tests::ipmi_sim::{ANONYMOUS_PASSWORD, IpmiSim};
use tests::lan::{self, Outcome, Remote};
use tests::{diff, emu};

/// Modes of a login.
const MODES: &[&str] = &[
    "-I lan",
    "-I lan -A NONE",
    "-I lan -A MD5",
    "-I lan -A PASSWORD",
    "-I lan -L USER",
    "-I lan -L OPERATOR",
    "-I lanplus -C 0",
    "-I lanplus -C 1",
    "-I lanplus -C 2",
    "-I lanplus -C 3",
    "-I lanplus -C 3 -L USER",
    "-I lanplus -C 3 -L OPERATOR",
    "-I lanplus -C 3 -L ADMINISTRATOR+",
    "-I lanplus -C 3 -t 0x2c",
    "-I lan -A MD5 -t 0x2c -b 0",
    "-I lanplus -C 3 -t 0x24",
];

/// Asked in every mode.
const SHORT: &[&str] = &["mc info", "raw 6 1"];

/// Asked in some modes.
const COMMANDS: &[&str] = &[
    "chassis status",
    "fru print",
    "-c sdr elist all",
    "sdr elist all",
    "sel info",
    "sel list",
    "sensor list",
    "raw 6 0xff",
    "raw 4 0x2d 1",
];

/// A BMC without a proxy, and an empty home.
fn bmc() -> Option<(IpmiSim, tempfile::TempDir, Remote)> {
    if !lan::installed(&["ipmitool"]) {
        return None;
    }
    let bmc = IpmiSim::start(&emu::script())?;
    let home = tempfile::tempdir().unwrap();
    let remote = Remote::new(bmc.address(), home.path());
    Some((bmc, home, remote))
}

fn compare(options: &str, command: &str, theirs: &Outcome, ours: &Outcome) -> Vec<String> {
    let what = format!("{options} {command}");
    assert!(!theirs.stdout.is_empty() || !theirs.stderr.is_empty(), "ipmitool {what} printed nothing");
    let mut found: Vec<String> =
        diff::lines(&theirs.stdout, &ours.stdout).iter().map(|line| format!("{what}: line {line}")).collect();
    if theirs.status != ours.status {
        found.push(format!("{what}: status {} but {}: {}", theirs.status, ours.status, ours.stderr));
    }
    found
}

fn compare_all(remote: &Remote, modes: &[&str], commands: &[&str]) {
    let mut differences = Vec::new();
    for options in modes {
        for command in commands {
            let (theirs, ours) = (remote.ipmitool(options, command), remote.ipmi(options, command));
            differences.extend(compare(options, command, &theirs, &ours));
        }
    }
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

#[test]
fn every_mode() {
    let Some((_bmc, _home, remote)) = bmc() else { return };
    compare_all(&remote, MODES, SHORT);
}

#[test]
fn every_command() {
    let Some((_bmc, _home, remote)) = bmc() else { return };
    compare_all(&remote, &["-I lan -A MD5", "-I lanplus -C 1", "-I lanplus -C 3"], COMMANDS);
}

/// ipmitool as Debian builds it has no MD2 of its own and fails; `ipmi_sim` speaks it.
#[test]
fn md2_which_ipmitool_lacks() {
    let Some((_bmc, _home, remote)) = bmc() else { return };
    let (theirs, ours) = (remote.ipmitool("-I lan -A MD5", "mc info"), remote.ipmi("-I lan -A MD2", "mc info"));
    assert_eq!(ours.status, 0, "{}", ours.stderr);
    diff::assert_same("-A MD2 mc info", &theirs.stdout, &ours.stdout);
}

#[test]
fn a_user_without_a_name() {
    let Some((_bmc, _home, mut remote)) = bmc() else { return };
    ANONYMOUS_PASSWORD.clone_into(&mut remote.password);
    remote.user.clear();
    compare_all(&remote, &["-I lan -L USER", "-I lanplus -C 3 -L USER"], &["mc info"]);
}

#[test]
fn ipv6() {
    if !lan::installed(&["ipmitool"]) {
        return;
    }
    if std::net::UdpSocket::bind("[::1]:0").is_err() {
        println!("skipped: no IPv6 on this machine");
        return;
    }
    let Some(bmc) = IpmiSim::start_on("::1", &emu::script()) else { return };
    let home = tempfile::tempdir().unwrap();
    let remote = Remote::new(bmc.address(), home.path());
    compare_all(&remote, &["-I lan -6", "-I lanplus -C 3"], &["mc info", "sel info"]);
}

/// Runs a login that is to be refused; the one line it ends with.
fn refused(remote: &Remote, options: &str) -> String {
    let outcome = remote.ipmi(options, "mc info");
    assert_ne!(outcome.status, 0, "{options}");
    assert_eq!(outcome.stdout, "", "{options}");
    let lines: Vec<&str> = outcome.stderr.lines().collect();
    assert_eq!(lines.len(), 1, "{options}: {}", outcome.stderr);
    assert!(!lines[0].contains(&remote.password), "the password is shown: {}", lines[0]);
    lines[0].to_lowercase()
}

#[test]
fn refusals_are_named() {
    let Some((_bmc, _home, remote)) = bmc() else { return };
    let wrong = Remote { password: "incorrect".to_owned(), ..remote.clone() };
    let nobody = Remote { user: "nobody".to_owned(), password: "secret".to_owned(), ..remote.clone() };
    let remote = Remote { password: "kept-to-ourselves".to_owned(), ..remote };
    for (remote, options, word) in [
        // ipmi_sim is silent here, so that the tries decide how long it takes.
        (&wrong, "-I lan -N 1 -R 1", "password"),
        (&wrong, "-I lan -A MD5 -N 1 -R 1", "password"),
        (&wrong, "-I lanplus -C 3", "password"),
        (&wrong, "-I lanplus -C 1", "password"),
        (&nobody, "-I lan", "user"),
        (&nobody, "-I lanplus -C 3", "user"),
        (&remote, "-I lanplus -C 17", "algorithm"),
    ] {
        let line = refused(remote, options);
        println!("{options}: {line}");
        assert!(line.contains(word), "{options}: no {word:?} in {line:?}");
    }
}
