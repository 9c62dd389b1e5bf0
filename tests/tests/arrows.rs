//! The crates use each other only as ARCHITECTURE.md allows.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Which crates of ours each crate may use.
const ARROWS: &[(&str, &[&str])] = &[
    ("ipmi-core", &[]),
    ("kernel-bridge", &["ipmi-core"]),
    ("simulator", &["ipmi-core"]),
    ("cim", &[]),
    ("cim-provider", &["cim", "kernel-bridge", "ipmi-core"]),
    ("wsman", &["cim"]),
    ("cimd", &["cim", "cim-provider", "kernel-bridge", "ipmi-core", "simulator", "wsman"]),
    ("sel-tools", &["kernel-bridge", "ipmi-core", "simulator"]),
];

fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(tests::program::workspace())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn crates_use_only_what_they_may() {
    let metadata = metadata();
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        ARROWS.iter().map(|(name, uses)| (*name, uses.iter().copied().collect())).collect();
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    for package in packages {
        let name = package["name"].as_str().unwrap();
        if name == "tests" {
            continue;
        }
        let allowed = allowed.get(name).unwrap_or_else(|| panic!("{name} has no row in ARROWS"));
        for dependency in package["dependencies"].as_array().unwrap() {
            let used = dependency["name"].as_str().unwrap();
            let shipped = dependency["kind"].as_str() != Some("dev");
            // A crate's own tests may look at the other end of the wire; what is shipped may not.
            if ours.contains(used) && shipped {
                assert!(allowed.contains(used), "{name} must not use {used}");
            }
        }
    }
}

#[test]
fn every_crate_takes_the_workspace_lints() {
    for package in metadata()["packages"].as_array().unwrap() {
        let manifest = std::fs::read_to_string(package["manifest_path"].as_str().unwrap()).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{} lacks [lints] workspace = true", package["name"]);
    }
}
