//! Sensor types that the specification leaves to others: `ipmi` names them as ipmitool does, by the maker of the BMC or
//! by the group whose extension it follows.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use tests::bmc_sim::BmcSim;
use tests::diff;

/// Events of sensor types F0h, C0h and F2h.
const EVENTS: &str = r#"records = ["010002d0a06469200004f0406fa00102", "020002d0a06469200004c0406fa00102",
    "030002d0a06469200004f2406fa00102"]"#;

#[test]
fn events_have_the_types_of_maker_or_group() {
    for (who, more, names) in [
        ("nobody", "", ["Unknown", "Unknown", "Unknown"]),
        ("PICMG", "[extensions]\npicmg = true\n", ["FRU Hot Swap", "Unknown", "Module Hot Swap"]),
        ("VITA", "[extensions]\nvita = true\n", ["FRU State", "Unknown", "FRU Health"]),
        ("both", "[extensions]\npicmg = true\nvita = true\n", ["FRU Hot Swap", "Unknown", "Module Hot Swap"]),
        ("Kontron", "[device]\nmanufacturer = 15000\n", ["Unknown", "Firmware Info", "RTM Module Hotswap"]),
    ] {
        let config = format!("[sel]\n{EVENTS}\n{more}");
        let Some(bmc) = BmcSim::start(&["ipmitool"], &config, &[]) else { return };
        for command in ["sel list", "sel elist"] {
            let theirs = bmc.remote.ipmitool("-I lanplus -C 3", command);
            let ours = bmc.remote.ipmi("-I lanplus -C 3", command);
            diff::assert_same(&format!("{who}: {command}"), &theirs.stdout, &ours.stdout);
            for (line, name) in ours.stdout.lines().zip(names) {
                assert!(line.contains(&format!("| {name} #0x40 |")), "{who}: no {name:?} in {line:?}");
            }
            assert_eq!(ours.stdout.lines().count(), names.len(), "{}", ours.stderr);
        }
    }
}
