//! `ipmi sdr elist all` over serial KCS shows for each captured node what ipmitool showed for it.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use tests::{data, diff, program};

#[test]
fn every_node_lists_as_ipmitool_listed_it() {
    for (name, folder) in data::nodes() {
        let links = tempfile::tempdir().unwrap();
        let link = links.path().join("bmc");
        let emu = folder.join("node.emu");
        let bmc = program::Running::start(
            "bmc-sim",
            ["--emu".as_ref(), emu.as_os_str(), "--freeze".as_ref(), "--serial-kcs".as_ref(), link.as_os_str()],
        );
        bmc.wait_for("ready serial-kcs ");
        let output = program::run("ipmi", ["--bmc", &format!("serial-kcs:{}", link.display()), "sdr", "elist", "all"]);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let expected = std::fs::read_to_string(folder.join("expected/sdr_elist_all.txt")).unwrap();
        diff::assert_same(&format!("{name}: sdr elist all"), &expected, &String::from_utf8_lossy(&output.stdout));
    }
}
