//! FreeIPMI over a real /dev/ipmi0: what it reads from `bmc-sim` is what it reads from the recorded machines.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::PathBuf;

use tests::{data, diff, guest::Guest, guest::Outcome, peer, program};

const PROGRAMS: [&str; 6] = ["bmc-info", "bmc-device", "ipmi-chassis", "ipmi-fru", "ipmi-sel", "ipmi-sensors"];
/// FreeIPMI looks for the key of its semaphores even where it uses the kernel's driver, and for the home folder of its
/// cache.
const SET_UP: &str =
    "mkdir -p /var/lib/freeipmi && : >/var/lib/freeipmi/ipckey && echo root:x:0:0::/tmp:/bin/sh >/etc/passwd";

/// FreeIPMI's programs; `None` when one is not installed.
fn programs() -> Option<Vec<PathBuf>> {
    PROGRAMS.iter().map(|name| peer::program(name)).collect()
}

/// What each command did, in a guest whose BMC is `bmc-sim` with `simulator` as its arguments.
fn run(simulator: &[&str], commands: &[&str]) -> Option<Vec<Outcome>> {
    let (guest, programs) = (Guest::prepare()?, programs()?);
    let bmc = program::Running::start("bmc-sim", ["--vm", "127.0.0.1:0", "--freeze"].iter().chain(simulator).copied());
    let address = bmc.wait_for("ready vm ");
    let commands: Vec<String> = std::iter::once(SET_UP.to_owned())
        .chain(commands.iter().map(|command| command.replacen(' ', " -D OPENIPMI ", 1)))
        .collect();
    let programs: Vec<_> = programs.iter().map(PathBuf::as_path).collect();
    let mut outcomes = guest.run(&address, &programs, &commands);
    assert_eq!(outcomes.remove(0).status, 0, "{SET_UP}");
    Some(outcomes)
}

/// Command lines, and the recorded texts they must reproduce.
const RECORDED: [(&str, &str); 5] = [
    ("ipmi-sensors --quiet-cache", "freeipmi_sensors.txt"),
    ("ipmi-sensors -v", "freeipmi_sensors_v.txt"),
    (
        "ipmi-sensors --comma-separated-output --output-sensor-state --output-sensor-thresholds",
        "freeipmi_sensors_csv.txt",
    ),
    ("ipmi-fru ", "freeipmi_fru.txt"),
    ("ipmi-fru -v", "freeipmi_fru_v.txt"),
];

fn compare_node(node: &str) {
    let Some(data) = data::shared() else { return };
    let node = data.join("nodes").join(node);
    let emu = node.join("node.emu");
    let mut commands: Vec<&str> = RECORDED.iter().map(|(command, _)| *command).collect();
    commands.push("bmc-info ");
    let Some(outcomes) = run(&["--emu", emu.to_str().unwrap()], &commands) else { return };
    for ((command, file), outcome) in RECORDED.iter().zip(&outcomes) {
        let expected = std::fs::read(node.join("expected").join(file)).unwrap();
        diff::assert_same(command, &String::from_utf8_lossy(&expected), &outcome.stdout);
    }
    // The GUID belongs to the recording's LAN configuration, as do the channels after it.
    let expected = std::fs::read_to_string(node.join("expected/freeipmi_bmc_info.txt")).unwrap();
    let device = |text: &str| text.split("\n\n").next().unwrap_or_default().to_owned();
    diff::assert_same("bmc-info", &device(&expected), &device(&outcomes[RECORDED.len()].stdout));
}

#[test]
fn a_dell_r730() {
    compare_node("dell_r730");
}

#[test]
fn a_quanta_d51_with_satellite_controllers() {
    compare_node("quanta_d51");
}

#[test]
fn a_virtual_node_without_inventory() {
    compare_node("vnode");
}

#[test]
fn the_built_in_server_without_a_complaint() {
    let expectations = [
        ("bmc-info --get-device-id", "IPMI Version          : 2.0"),
        ("bmc-info --get-system-guid", "-8b5a-11f0-8001-3cecef000042"),
        ("ipmi-sensors --quiet-cache", "| Inlet Temp      | Temperature                 | 22.00      | C     | 'OK'"),
        ("ipmi-sensors -vv", "Sensor Event: 'OK'"),
        ("ipmi-sensors --shared-sensors --bridge-sensors", "System Power"),
        ("ipmi-sensors --comma-separated-output --output-sensor-thresholds", ",Inlet Temp,Temperature,22.00,C,"),
        ("ipmi-sel ", "Upper Non-critical - going high ; Sensor Reading = 38.00 C ; Threshold = 38.00 C"),
        ("ipmi-sel -v", "Predictive Failure"),
        ("ipmi-sel --info", "Number of log entries                  : 44"),
        ("ipmi-fru -v", "FRU Power Supply Overall Capacity: 850 Watts"),
        ("ipmi-chassis --get-chassis-status", "System Power                        : on"),
        ("ipmi-chassis --get-chassis-capabilities", "SDR Device Address      : 20h"),
        ("bmc-device --get-self-test-results", "No Error"),
        ("bmc-device --get-acpi-power-state", "S0/G0"),
        ("ipmi-sel --delete=3", ""),
        ("ipmi-sel --info", "Number of log entries                  : 43"),
        ("ipmi-sel --clear", ""),
        ("ipmi-sel ", ""),
    ];
    let commands: Vec<&str> = expectations.iter().map(|(command, _)| *command).collect();
    let Some(outcomes) = run(&[], &commands) else { return };
    for ((command, text), outcome) in expectations.iter().zip(&outcomes) {
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{command}: {}", outcome.stdout);
        assert!(outcome.stdout.contains(text), "{command}: no {text:?} in\n{}", outcome.stdout);
    }
}
