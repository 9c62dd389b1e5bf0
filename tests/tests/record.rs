//! `bmc-sim record`: ipmitool cannot tell the clone from the BMC, and what could not be recorded is said.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tests::lan::{self, Outcome, Remote};
use tests::program::{self, Running};
use tests::{data, diff};

/// What ipmitool is asked, of both.
const COMMANDS: &[&str] = &[
    "mc info",
    "mc guid",
    "mc selftest",
    "mc getenables",
    "mc watchdog get",
    "mc getsysinfo system_name",
    "mc getsysinfo system_fw_version",
    "sdr elist all",
    "sdr info",
    "-v sdr list compact",
    "sel elist",
    "sel info",
    "fru print",
    "sensor",
    "chassis status",
    "chassis restart_cause",
    "chassis bootparam get 5",
    "lan print 1",
    "lan alert print 1",
    "channel info 2",
    "channel getaccess 1",
    "user list 1",
    "user summary 1",
    "sol info 1",
    "sol payload status 1 2",
    "pef status",
    "pef filter list",
    "pef policy list",
    "dcmi discover",
    "dcmi asset_tag",
    "dcmi power get_limit",
    "-t 0x2c mc info",
    "-t 0x2c mc guid",
    "-t 0x2c sdr elist all",
    "-t 0x2c fru print 0",
    "raw 4 1",
    "raw 6 7",
    "raw 6 8",
    "raw 6 0x44 1 1",
    "raw 6 0x44 1 3",
    "raw 10 0x40",
    "raw 10 0x5c",
    "raw 12 2 1 2 0 0",
    "raw 12 2 1 24 0 0",
    "raw 12 2 1 26 0 0",
];

/// What is set on the built-in BMC first, so that nothing of it is what a new BMC has anyway.
const CHANGES: &[&str] = &[
    "chassis policy always-on",
    "chassis bootdev cdrom options=persistent,efiboot",
    "lan set 1 ipaddr 10.9.8.7",
    "lan set 1 snmp private",
    "lan set 1 auth user MD5",
    "lan set 1 cipher_privs aaaaaaaaaaaaXXX",
    "lan set 1 bad_pass_thresh 3 1 50 60",
    "lan alert set 1 1 ipaddr 10.9.8.6",
    "user set name 3 carol",
    "user priv 3 3 1",
    "channel setaccess 1 3 callin=off ipmi=on link=off privilege=3",
    "sol set retry-count 5 1",
    "sol payload disable 1 3",
    "mc setsysinfo system_name a-clone-with-a-long-name",
    "mc watchdog set use=sms action=reset timeout=100",
    "raw 6 0x40 1 0xaa 0x84",
    "raw 10 0x5d 0x78 0x00",
    "raw 4 0x12 1 1",
    "raw 4 0x12 9 2 0x18 0x11 0",
    "dcmi set_asset_tag CLONE-1",
    "dcmi power set_limit limit 350",
    "dcmi power activate",
    "event 1",
];

/// A `bmc-sim` on the network.
struct Served {
    remote: Remote,
    running: Running,
    home: tempfile::TempDir,
}

impl Served {
    fn start(words: &[&OsStr]) -> Self {
        let always = ["--lan", "127.0.0.1:0", "--freeze"].map(OsStr::new);
        let running = Running::start("bmc-sim", always.iter().chain(words));
        let address = running.wait_for("ready lan ").parse().expect("address");
        let home = tempfile::tempdir().unwrap();
        Self { remote: Remote::new(address, home.path()), running, home }
    }

    fn ipmitool(&self, command: &str) -> Outcome {
        ipmitool(&self.remote, command)
    }

    fn url(&self) -> String {
        format!("lanplus://admin@{}", self.remote.address)
    }

    /// `bmc-sim record` with these words; the password is in the environment.
    fn recorder(&self, words: &[&str]) -> Command {
        let mut command = Command::new(program::path("bmc-sim"));
        self.remote.environment(&mut command);
        command.env("IPMI_PASSWORD", "admin").args(words);
        command
    }

    fn record(&self, words: &[&str]) -> Outcome {
        self.recorder(words).stdin(Stdio::null()).output().expect("bmc-sim").into()
    }

    /// The recording as a file.
    fn file(&self, text: &str) -> PathBuf {
        let file = self.home.path().join("node.toml");
        std::fs::write(&file, text).unwrap();
        file
    }
}

fn ipmitool(remote: &Remote, command: &str) -> Outcome {
    remote.ipmitool("-I lanplus -C 17", command)
}

fn clone_of(bmc: &Served) -> Served {
    let recording = bmc.record(&["record", "--bmc", &bmc.url()]);
    assert_eq!((recording.status, recording.stderr.as_str()), (0, ""), "{}", recording.stdout);
    let file = bmc.file(&recording.stdout);
    Served::start(&["--config".as_ref(), file.as_os_str()])
}

/// What ipmitool prints of one and not of the other.
fn differences(bmc: &Served, clone: &Served, commands: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for command in commands {
        let (expected, answer) = std::thread::scope(|scope| {
            let remote = &bmc.remote;
            let expected = scope.spawn(|| ipmitool(remote, command));
            (clone.ipmitool(command), expected.join().unwrap())
        });
        let [expected, answer] = [answer, expected].map(|outcome| {
            // The port is not the BMC's.
            let ports = [bmc, clone].map(|served| served.remote.address.port().to_string());
            let text = format!("{}{}status {}", outcome.stdout, outcome.stderr, outcome.status);
            ports.iter().fold(text, |text, port| text.replace(port, "PORT"))
        });
        let lines = diff::lines(&expected, &answer);
        if !lines.is_empty() {
            found.push(format!("{command}:\n{}", lines.join("\n")));
        }
    }
    found
}

fn assert_clone(name: &str, words: &[&OsStr], changes: &[&str]) {
    let bmc = Served::start(words);
    for change in changes {
        let outcome = bmc.ipmitool(change);
        assert_eq!(outcome.status, 0, "{change}: {}{}", outcome.stdout, outcome.stderr);
    }
    let clone = clone_of(&bmc);
    let found = differences(&bmc, &clone, COMMANDS);
    assert!(found.is_empty(), "{name}: {}", found.join("\n"));
    // A comparison that cannot fail shows nothing.
    assert_eq!(clone.ipmitool("chassis policy previous").status, 0);
    let found = differences(&bmc, &clone, &["chassis status"]);
    assert_eq!(found.len(), 1, "{name}");
}

#[test]
fn the_built_in_bmc_and_what_was_set_on_it() {
    if lan::installed(&["ipmitool"]) {
        assert_clone("built-in", &[], CHANGES);
    }
}

#[test]
fn captured_nodes() {
    if !lan::installed(&["ipmitool"]) {
        return;
    }
    let nodes = data::nodes();
    let chosen = ["dell_r730", "quanta_d51", "s2600kp"];
    let chosen: Vec<_> = nodes.iter().filter(|(name, _)| chosen.contains(&name.as_str())).collect();
    assert!(nodes.is_empty() || chosen.len() == 3);
    std::thread::scope(|scope| {
        for (name, folder) in chosen {
            scope.spawn(move || assert_clone(name, &["--emu".as_ref(), folder.join("node.emu").as_os_str()], &[]));
        }
    });
}

#[test]
fn options_stand_on_either_side_of_the_word() {
    let bmc = Served::start(&[]);
    let (url, password) = (bmc.url(), bmc.home.path().join("password"));
    std::fs::write(&password, "admin\n").unwrap();
    let password = password.to_str().unwrap();
    let port = bmc.remote.address.port().to_string();
    let oem = "net_fn = 0x06\ncmd = 0x42\nrequest = \"0e\"\nresponse = \"01";
    for words in [
        &["record", "--bmc", &url, "-P", "admin", "--oem", "6:0x42:0e", "-C", "3"][..],
        &["--bmc", &url, "-f", password, "-C", "17", "--oem=6:0x42:0e", "record"],
        &["-I", "lanplus", "-H", "127.0.0.1", "-p", &port, "record", "-U", "admin", "-E", "--oem", "6:0x42:0e"],
    ] {
        let outcome = bmc.record(words);
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{words:?}");
        assert!(outcome.stdout.contains(oem) && outcome.stdout.ends_with("complete = true\n"), "{words:?}");
        assert!(outcome.stdout.contains("# Passwords and keys cannot be read"), "{words:?}");
    }
    let help = bmc.record(&["record", "--help"]);
    assert!(
        help.status == 0 && help.stdout.contains("--oem") && help.stdout.contains("IPMI_PASSWORD"),
        "{}",
        help.stdout
    );
    let wrong = bmc.record(&["record", "--bmc", &url, "-P", "wrong"]);
    assert_eq!(wrong.status, 1);
    assert!(wrong.stderr.contains("broke off") && !wrong.stdout.contains("complete = true"), "{}", wrong.stderr);
}

#[test]
fn without_ipmi_it_says_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("bmc-sim");
    std::fs::copy(program::path("bmc-sim"), &program).unwrap();
    let outcome: Outcome =
        Command::new(&program).args(["record", "--bmc", "sim:"]).env("PATH", "").output().unwrap().into();
    assert_eq!((outcome.status, outcome.stdout.as_str()), (1, ""));
    assert!(outcome.stderr.contains("the program `ipmi`"), "{}", outcome.stderr);
}

/// What bmc-sim says of a recording it does not serve.
fn refusal(file: &Path) -> String {
    let words = [OsStr::new("--lan"), OsStr::new("127.0.0.1:0"), OsStr::new("--config"), file.as_os_str()];
    let outcome: Outcome = program::run("bmc-sim", words).into();
    assert_eq!(outcome.status, 1);
    outcome.stderr
}

/// Starts a recording that takes minutes, and waits until it has begun.
fn begun(bmc: &Served) -> Running {
    let recorder = bmc.recorder(&["record", "--bmc", &bmc.url(), "-N", "1", "-R", "1"]);
    let recorder = Running::spawn("bmc-sim record", recorder);
    recorder.wait_for("recorded = true");
    recorder
}

#[test]
fn a_recording_that_was_interrupted_says_so() {
    let bmc = Served::start(&["--fault".as_ref(), "slow-records=500ms".as_ref()]);
    let mut recorder = begun(&bmc);
    let status = recorder.stop(Signal::SIGINT);
    assert_eq!(status.code(), Some(128 + Signal::SIGINT as i32));
    // What it wrote may still be on its way here.
    let end = Instant::now() + Duration::from_secs(10);
    while !recorder.log().contains("broke off") && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(recorder.log().contains("broke off"), "{}", recorder.log());
}

#[test]
fn a_recording_of_a_bmc_that_went_away_is_not_served() {
    let mut bmc = Served::start(&["--fault".as_ref(), "slow-records=500ms".as_ref()]);
    let recorder = bmc.recorder(&["record", "--bmc", &bmc.url(), "-N", "1", "-R", "1"]);
    let thread = std::thread::spawn({
        let mut recorder = recorder;
        move || Outcome::from(recorder.stdin(Stdio::null()).output().unwrap())
    });
    // Whatever it is doing then, it has not read 90 records.
    std::thread::sleep(Duration::from_millis(1500));
    bmc.running.stop(Signal::SIGKILL);
    let outcome = thread.join().unwrap();
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("broke off"), "{}", outcome.stderr);
    assert!(outcome.stdout.ends_with("# The recording broke off here.\n"), "{}", outcome.stdout);
    let said = refusal(&bmc.file(&outcome.stdout));
    assert!(said.contains("the recording broke off before its end"), "{said}");
}

#[test]
fn what_a_bmc_refuses_is_named_and_the_rest_is_served() {
    let bmc = Served::start(&["--fault".as_ref(), "truncate=100%".as_ref()]);
    let outcome = bmc.record(&["record", "--bmc", &bmc.url()]);
    assert_eq!(outcome.status, 1);
    for what in ["sensor data record", "event log", "FRU 0"] {
        assert!(outcome.stderr.contains(&format!("Not recorded: {what}")), "{what}: {}", outcome.stderr);
        assert!(outcome.stdout.contains(&format!("# missing: {what}")), "{what}: {}", outcome.stdout);
    }
    let file = bmc.file(&outcome.stdout);
    let clone = Served::start(&["--config".as_ref(), file.as_os_str()]);
    if lan::installed(&["ipmitool"]) {
        let found = differences(&bmc, &clone, &["mc info", "chassis status", "lan print 1"]);
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}
