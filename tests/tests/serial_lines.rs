//! ipmitool over serial basic and terminal mode, and `ipmi` over both, print what `ipmi` prints over serial KCS and
//! what ipmitool prints over the LAN; lines that are slow, lose bytes or are cut; OpenIPMI's simulator at the other
//! end.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

mod line;

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use line::Line;
use tests::ipmi_sim::{self, IpmiSim};
use tests::{diff, emu, peer, program};

/// Command lines that must print the same over every interface.
const COMMANDS: &[&str] = &[
    "mc info",
    "chassis status",
    "power status",
    "sdr list",
    "sdr elist",
    "sel info",
    "sel list",
    "sel elist",
    "fru print",
    "raw 6 1",
    "raw 6 0xff",
    "-t 0x2c mc info",
    "-t 0x2c -b 0 raw 6 1",
    "-t 0x42 raw 6 1",
    "power off",
    "power status",
    "power on",
];

/// Command lines that ipmitool must answer alike over the LAN and over serial lines.
const LAN_COMMANDS: &[&str] = &[
    "mc info",
    "mc guid",
    "chassis status",
    "sdr elist",
    "sdr info",
    "sel list",
    "sel elist",
    "sensor list",
    "fru print",
    "user list 1",
    "lan print 1",
    "sol info 1",
    "chassis bootparam get 5",
    "dcmi power reading",
    "-t 0x2c mc info",
    "-t 0x2c -b 0 raw 6 1",
    "-t 0x42 raw 6 1",
];
/// Longest time `ipmi` may need to say that a line is no good: its timeout, and the start of the program.
const PATIENCE: Duration = Duration::from_secs(10);

struct Lines {
    folder: tempfile::TempDir,
    bmc: program::Running,
}

impl Lines {
    fn start(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let link = |name: &str| folder.path().join(name).display().to_string();
        let (kcs, basic, terminal) = (link("kcs"), link("serial-basic"), link("serial-terminal"));
        let mut arguments =
            vec!["--freeze", "--serial-kcs", &kcs, "--serial-basic", &basic, "--serial-terminal", &terminal];
        arguments.extend(more);
        let bmc = program::Running::start("bmc-sim", arguments);
        bmc.wait_for("ready serial-basic ");
        Self { folder, bmc }
    }

    fn kcs(&self, command: &str) -> Output {
        let url = format!("serial-kcs:{}", self.folder.path().join("kcs").display());
        program::run("ipmi", ["--bmc", &url].into_iter().chain(command.split(' ')))
    }

    fn arguments(&self, interface: &str, options: &str, command: &str) -> Vec<String> {
        let line = format!("{}:115200", self.folder.path().join(interface).display());
        let words = options.split_whitespace().chain(command.split(' ')).map(str::to_owned);
        ["-I", interface, "-D", &line].map(str::to_owned).into_iter().chain(words).collect()
    }

    fn port(&self, interface: &str) -> std::path::PathBuf {
        self.folder.path().join(interface)
    }

    fn ipmi(&self, interface: &str, options: &str, command: &str) -> Output {
        program::run("ipmi", self.arguments(interface, options, command))
    }

    fn ipmitool(&self, ipmitool: &Path, interface: &str, command: &str) -> Output {
        Command::new(ipmitool).args(self.arguments(interface, "", command)).output().expect("ipmitool starts")
    }
}

fn text(output: &Output) -> String {
    format!("{}(success: {})", String::from_utf8_lossy(&output.stdout), output.status.success())
}

#[test]
fn every_interface_prints_the_same() {
    let ipmitool = peer::program("ipmitool");
    let lines = Lines::start(&[]);
    for interface in ["serial-basic", "serial-terminal"] {
        for command in COMMANDS {
            let expected = text(&lines.kcs(command));
            let found = text(&lines.ipmi(interface, "", command));
            diff::assert_same(&format!("ipmi {interface} {command}"), &expected, &found);
            if let Some(ipmitool) = &ipmitool {
                let found = text(&lines.ipmitool(ipmitool, interface, command));
                diff::assert_same(&format!("ipmitool {interface} {command}"), &expected, &found);
            }
        }
    }
}

#[test]
fn a_line_with_log_in_answers_to_users_alone() {
    let lines = Lines::start(&["--serial-login", "--user", "root:geheim", "--user", "guest:g:user"]);
    for interface in ["serial-basic", "serial-terminal"] {
        assert!(!lines.ipmi(interface, "", "raw 6 1").status.success(), "{interface}");
        let refused = lines.ipmi(interface, "-U root -P wrong", "raw 6 1");
        let reason = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && reason.contains("cannot log in"), "{interface}: {reason}");
        assert!(!reason.contains("wrong"), "{reason}");
        let output = lines.ipmi(interface, "-U root -P geheim", "power status");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "Chassis Power is on\n", "{interface}");
        let output = lines.ipmi(interface, "-U guest -P g", "power off");
        assert!(!output.status.success(), "{interface}: a user may not switch the power");
    }
}

#[test]
fn ipmitool_prints_over_lines_what_it_prints_over_the_lan() {
    let Some(ipmitool) = peer::program("ipmitool") else { return };
    let lines = Lines::start(&["--lan", "127.0.0.1:0"]);
    let lan = lines.bmc.wait_for("ready lan ");
    let (host, port) = lan.rsplit_once(':').unwrap();
    for command in LAN_COMMANDS {
        let session = ["-I", "lanplus", "-C", "17", "-H", host, "-p", port, "-U", "admin", "-P", "admin"];
        let words = session.into_iter().chain(command.split(' '));
        let expected = text(&Command::new(&ipmitool).args(words).output().unwrap());
        for interface in ["serial-basic", "serial-terminal"] {
            let mut found = text(&lines.ipmitool(&ipmitool, interface, command));
            // A busy machine hands ipmitool both answers of a bridged request in one piece, of which it sees the first.
            if found != expected && command.starts_with("-t") {
                found = text(&lines.ipmitool(&ipmitool, interface, command));
            }
            diff::assert_same(&format!("{interface} {command}"), &expected, &found);
        }
    }
}

#[test]
fn an_escape_sequence_does_what_the_user_of_the_line_may() {
    const RESET: &[u8] = b"\x1bR\x1br\x1bR";
    let lines = Lines::start(&["--serial-login", "--user", "root:geheim"]);
    let mut line = OpenOptions::new().read(true).write(true).open(lines.port("serial-terminal")).unwrap();
    let mut say = |bytes: &[u8], answer: &[u8]| {
        line.write_all(bytes).unwrap();
        let (mut heard, mut buffer) = (Vec::<u8>::new(), [0; 256]);
        while !heard.windows(answer.len()).any(|part| part == answer) {
            let count = line.read(&mut buffer).unwrap();
            heard.extend(&buffer[..count]);
        }
    };
    let cause = || text(&lines.kcs("chassis restart_cause"));
    let before = cause();
    say(&[RESET, b"[SYS TMODE]\r"].concat(), b"[OK TMODE]");
    assert_eq!(cause(), before, "nobody is logged in");
    say(b"[SYS PWD -U root geheim]\r", b"[OK]");
    say(&[RESET, b"[SYS TMODE]\r"].concat(), b"[OK TMODE]");
    let after = cause();
    assert!(after != before && after.contains("chassis power control command"), "{before} {after}");
}

#[test]
fn a_slow_line_takes_its_time() {
    let lines = Lines::start(&[]);
    for interface in ["serial-basic", "serial-terminal"] {
        // 1200 bit/s.
        let slow = Line::to_port(&lines.port(interface), 120);
        let address = format!("{}:1200", slow.path().display());
        for command in ["mc info", "chassis status", "-t 0x2c raw 6 1"] {
            let found = program::run("ipmi", ["-I", interface, "-D", &address].into_iter().chain(command.split(' ')));
            diff::assert_same(command, &text(&lines.kcs(command)), &text(&found));
        }
    }
}

#[test]
fn a_line_that_is_cut_is_an_error_at_once() {
    let lines = Lines::start(&[]);
    for interface in ["serial-basic", "serial-terminal"] {
        let mut cut = Line::to_port(&lines.port(interface), 1200);
        let address = format!("{}:9600", cut.path().display());
        let child = Command::new(program::path("ipmi"))
            .args(["-I", interface, "-D", &address, "sdr", "elist"])
            .env("IPMI_CACHE_DIR", "")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_secs(1));
        cut.hang_up();
        let start = Instant::now();
        let output = child.wait_with_output().unwrap();
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(start.elapsed() < PATIENCE, "{interface}: {:?}", start.elapsed());
        assert!(!output.status.success() && reason.contains("the line"), "{interface}: {reason}");
    }
}

#[test]
fn bytes_that_are_lost_cost_time_or_end_in_an_error() {
    let sound = Lines::start(&[]);
    // Terminal mode has no checksums: of a byte that is another one nobody knows.
    for (interface, faults) in [("serial-basic", "drop=1%,corrupt=1%"), ("serial-terminal", "drop=1%")] {
        let mut right = 0;
        for seed in ["1", "2", "3", "4"] {
            let faulty = Lines::start(&["--fault", faults, "--seed", seed]);
            let start = Instant::now();
            let output = faulty.ipmi(interface, "", "mc info");
            assert!(start.elapsed() < PATIENCE, "{interface} seed {seed}: {:?}", start.elapsed());
            if output.status.success() {
                diff::assert_same(&format!("{interface} seed {seed}"), &text(&sound.kcs("mc info")), &text(&output));
                right += 1;
            } else {
                assert!(String::from_utf8_lossy(&output.stderr).contains("Get Device ID"), "{output:?}");
            }
        }
        assert!(right > 1, "{interface}: {right} of 4");
        let dead = Lines::start(&["--fault", "drop=100%"]);
        let start = Instant::now();
        let output = dead.ipmi(interface, "", "mc info");
        assert!(start.elapsed() < PATIENCE, "{interface}: {:?}", start.elapsed());
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && reason.contains("no response"), "{interface}: {reason}");
    }
}

/// `ipmi_sim` carries out what it is told in basic ("Direct") and terminal mode, and answers over none but the VM
/// protocol: it takes the other lines for unconnected. What it has understood shows in its log, read over the LAN.
/// (ipmitool sends nothing more than its first question, which is not answered.)
#[test]
fn openipmis_simulator_understands_requests() {
    /// An OEM record without time: all of it is kept. Every byte that basic mode escapes is in it.
    const RECORD: &str = "0x00 0x00 0xe0 0xa0 0xa5 0xa6 0xaa 0x1b 0x5b 0x5d 0x0d 0x0a 0x00 0xff 0x7f 0x80";
    const KEPT: &str = "e0 a0 a5 a6 aa 1b 5b 5d 0d 0a 00 ff 7f 80";
    for (interface, codec) in [("serial-basic", "Direct"), ("serial-terminal", "TerminalMode")] {
        let Some(bmc) = IpmiSim::start_serial(&emu::small_script(), codec) else { return };
        let line = Line::to_socket(TcpStream::connect(bmc.serial().unwrap()).unwrap());
        let address = format!("{}:115200", line.path().display());
        let over_lan = |command: &str| {
            let (host, port) = (bmc.address().ip().to_string(), bmc.address().port().to_string());
            let session = ["-I", "lanplus", "-H", &host, "-p", &port, "-U", ipmi_sim::USER];
            let words = session.into_iter().chain(["-P", ipmi_sim::PASSWORD]).chain(command.split(' '));
            text(&program::run("ipmi", words))
        };
        over_lan("sel clear");
        let words = ["-I", interface, "-D", &address, "raw", "0x0a", "0x44"].into_iter().chain(RECORD.split(' '));
        let output = program::run("ipmi", words);
        let reason = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && reason.contains("no response"), "{interface}: {reason}");
        let last = over_lan("raw 0x0a 0x43 0 0 0xff 0xff 0 0xff");
        assert!(last.split_whitespace().collect::<Vec<_>>().join(" ").contains(KEPT), "{interface}: {last}");
        // Adding a record again would make another one.
        let entries = over_lan("sel info");
        assert!(entries.contains("Entries          : 1\n"), "{interface}: {entries}");
    }
}

/// Who has a password for LAN in the environment has named no user of the line.
#[test]
fn a_password_in_the_environment_is_no_log_in() {
    let lines = Lines::start(&[]);
    for interface in ["serial-basic", "serial-terminal"] {
        let mut ipmi = Command::new(program::path("ipmi"));
        ipmi.args(lines.arguments(interface, "", "raw 6 1")).env("IPMI_PASSWORD", "of-the-lan").stdin(Stdio::null());
        let output = ipmi.output().unwrap();
        assert!(output.status.success(), "{interface}: {output:?}");
    }
}
