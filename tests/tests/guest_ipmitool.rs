//! Over a real /dev/ipmi0, `ipmi` prints byte for byte what ipmitool prints in the same guest.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use tests::{data, diff, guest::Guest, program};

/// Command lines that must print the same, with the built-in BMC and with real nodes.
const COMMANDS: &[&str] = &[
    "mc info",
    "mc guid",
    "mc selftest",
    "mc getenables",
    "chassis status",
    "power status",
    "sdr list",
    "sdr elist",
    "sdr elist all",
    "-c sdr elist all",
    "sensor list",
    "sel info",
    "sel list",
    "sel elist",
    "fru print",
    "-v sensor list",
    "-v sel list",
    "-v fru print",
    "sdr info",
    "sdr type Temperature",
    "sdr entity 7",
    "sensor get 'Inlet Temp'",
    "sdr get 'Inlet Temp'",
    "sel get 0x1 0x2",
    "chassis poh",
    "chassis restart_cause",
    "sel nonsense",
    "power on",
    "-c chassis status",
    "raw 6 1",
    "raw 6 0xff",
    "raw 4 0x2d 1",
];

fn compare(name: &str, simulator: &[&str]) {
    let Some(guest) = Guest::prepare() else { return };
    let mut arguments = vec!["--vm", "127.0.0.1:0", "--freeze"];
    arguments.extend(simulator);
    let bmc = program::Running::start("bmc-sim", arguments);
    let address = bmc.wait_for("ready vm ");
    let commands: Vec<String> =
        COMMANDS.iter().flat_map(|command| [format!("ipmitool {command}"), format!("ipmi {command}")]).collect();
    let mut differences = Vec::new();
    let outcomes = guest.run(&address, &[&program::path("ipmi")], &commands);
    for (command, pair) in COMMANDS.iter().zip(outcomes.chunks(2)) {
        let [theirs, ours] = pair else { unreachable!("chunks of two") };
        assert!(!theirs.stdout.is_empty() || !theirs.stderr.is_empty(), "ipmitool {command} printed nothing");
        differences
            .extend(diff::lines(&theirs.stdout, &ours.stdout).iter().map(|line| format!("{command}: line {line}")));
        if theirs.status != ours.status {
            differences.push(format!("{command}: status {} but {}: {}", theirs.status, ours.status, ours.stderr));
        }
    }
    assert!(differences.is_empty(), "{name}:\n{}", differences.join("\n"));
}

fn compare_node(node: &str) {
    let Some(data) = data::shared() else { return };
    let emu = data.join("nodes").join(node).join("node.emu");
    compare(node, &["--emu", &path_text(&emu)]);
}

fn path_text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_built_in_server() {
    compare("built-in", &[]);
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
fn an_intel_s2600tp_with_satellite_controllers() {
    compare_node("s2600tp");
}
