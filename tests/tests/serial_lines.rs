//! ipmitool over serial basic and terminal mode, and `ipmi` over both, print what `ipmi` prints over serial KCS.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;
use std::process::{Command, Output};

use tests::{diff, peer, program};

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

struct Lines {
    folder: tempfile::TempDir,
    _bmc: program::Running,
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
        Self { folder, _bmc: bmc }
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
