//! One `ipmi` process reads every sensor of a thousand BMCs in one run.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use tests::fleet::Fleet;
use tests::{diff, emu, lan};

const BMCS: u16 = 1000;

#[test]
fn every_sensor_of_a_thousand_bmcs() {
    let fleet = Fleet::start(BMCS);
    let home = tempfile::tempdir().unwrap();
    let remote = fleet.remote(home.path());
    let outcome = remote.run(fleet.ipmi("sdr elist"));
    assert_eq!(outcome.status, 0, "{}", outcome.stderr.lines().take(5).collect::<Vec<_>>().join("\n"));
    let mut found: BTreeMap<&str, String> = BTreeMap::new();
    for line in outcome.stdout.lines() {
        let (host, row) = line.split_once(": ").unwrap_or_else(|| panic!("no host in {line:?}"));
        let text = found.entry(host).or_default();
        text.push_str(row);
        text.push('\n');
    }
    assert_eq!(found.len(), usize::from(BMCS));
    let (first, expected) = found.first_key_value().unwrap();
    assert_eq!(expected.lines().count(), emu::SMALL_SENSORS, "{first}");
    if lan::installed(&["ipmitool"]) {
        let theirs = remote.ipmitool("-I lanplus -C 3", "sdr elist");
        diff::assert_same("ipmitool of the first", &theirs.stdout, expected);
    }
    for (host, text) in &found {
        diff::assert_same(host, expected, text);
    }
}
