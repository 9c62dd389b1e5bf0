//! The crates use each other only as ARCHITECTURE.md allows.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The crates of ours that each crate may use, as the code map of ARCHITECTURE.md has them.
fn arrows(ours: &BTreeSet<&str>) -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(tests::program::workspace().join("ARCHITECTURE.md")).unwrap();
    let (_, map) = text.split_once("## Code map and allowed arrows").expect("a code map");
    let (map, _) = map.split_once("\n### ").expect("sections after the map");
    let mut arrows: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in map.lines() {
        let [_, name, uses, _, _] = line.split('|').map(str::trim).collect::<Vec<_>>()[..] else { continue };
        let Some(name) = ours.get(name.trim_matches('`')) else { continue };
        let used = match uses {
            "all of the above" => arrows.keys().cloned().collect(),
            "anything" => ours.iter().map(ToString::to_string).collect(),
            _ => {
                let words = uses.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
                words.filter(|word| ours.contains(word)).map(str::to_owned).collect()
            }
        };
        arrows.insert((*name).to_owned(), used);
    }
    arrows
}

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
    let packages = metadata["packages"].as_array().unwrap();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package["name"].as_str().unwrap()).collect();
    let arrows = arrows(&ours);
    assert!(arrows["ipmi-core"].is_empty() && arrows["cimd"].len() > 4, "{arrows:?}");
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let allowed = arrows.get(name).unwrap_or_else(|| panic!("ARCHITECTURE.md has no row for {name}"));
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
