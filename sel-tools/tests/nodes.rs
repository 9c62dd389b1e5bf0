//! Every listing of eight recorded servers, byte for byte what ipmitool printed for them.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use std::path::{Path, PathBuf};

use common::{first_difference, node, run, run_words, shared_data};
use ipmi_core::command::storage::{AddSelEntry, SetSelTime};
use ipmi_core::time::Timestamp;

/// File with the expected text, and the command line.
const LISTINGS: &[(&str, &str)] = &[
    ("mc_info", "mc info"),
    ("mc_guid", "mc guid"),
    ("chassis_status", "chassis status"),
    ("sdr_info", "sdr info"),
    ("sdr_list", "sdr list"),
    ("sdr_list_csv", "-c sdr list"),
    ("sdr_list_all_v", "-v sdr list all"),
    ("sdr_elist_all", "sdr elist all"),
    ("sdr_elist_all_csv", "-c sdr elist all"),
    ("sdr_elist_full", "sdr elist full"),
    ("sdr_elist_compact", "sdr elist compact"),
    ("sdr_elist_event", "sdr elist event"),
    ("sdr_elist_mcloc", "sdr elist mcloc"),
    ("sdr_elist_fru", "sdr elist fru"),
    ("sdr_type_temperature", "sdr type Temperature"),
    ("sdr_type_fan", "sdr type Fan"),
    ("sdr_entity_list", "sdr entity 7"),
    ("sensor_list", "sensor list"),
    ("sensor_list_csv", "-c sensor list"),
    ("sensor_list_v", "-v sensor list"),
    ("fru_print", "fru print"),
    ("fru_list", "fru list"),
    ("fru_print_v", "-v fru print"),
    ("fru0_print", "fru print 0"),
    ("fru1_print", "fru print 1"),
    ("fru2_print", "fru print 2"),
];

/// Where this program is meant to differ: node, file, why.
const DIFFERENCES: &[(&str, &str, &str)] = &[];

fn nodes() -> Vec<PathBuf> {
    let Some(data) = shared_data() else { return Vec::new() };
    let entries = std::fs::read_dir(data.join("nodes")).unwrap();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.join("node.emu").is_file()).collect()
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

#[test]
fn listings_are_ipmitools() {
    let mut failures = Vec::new();
    for directory in nodes() {
        let bmc = node(&directory);
        for (file, line) in LISTINGS {
            let path = directory.join(format!("expected/{file}.txt"));
            let Ok(expected) = std::fs::read(&path) else { continue };
            let status = std::fs::read_to_string(path.with_extension("rc"));
            let status = status.map_or(0, |text| text.trim().parse().unwrap());
            let output = run(&bmc, line);
            let known = DIFFERENCES.iter().any(|(node, known, _)| (*node, *known) == (name(&directory), *file));
            if (output.out != expected || output.status != status) != known {
                let difference = first_difference(&output.out, &expected);
                failures.push(format!("{} {file}: status {}, {difference}", name(&directory), output.status));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// `sdr_get.txt` holds several command lines, each after `### `.
#[test]
fn sensors_by_name() {
    let mut failures = Vec::new();
    for directory in nodes() {
        let Ok(text) = std::fs::read(directory.join("expected/sdr_get.txt")) else { continue };
        let bmc = node(&directory);
        let text = String::from_utf8_lossy(&text).into_owned();
        for part in text.split("### ").skip(1) {
            let (line, expected) = part.split_once('\n').unwrap();
            let (command, name) = line.split_once('"').unwrap();
            let mut words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
            words.push(name.trim_end_matches('"').to_owned());
            let output = run_words(&bmc, words);
            if output.text() != expected {
                let difference = first_difference(&output.out, expected.as_bytes());
                failures.push(format!("{} {line}: {difference}", directory.display()));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Adds the recorded events, each with its time, and returns how many there are.
fn replay(bmc: &kernel_bridge::Bmc, directory: &Path) -> usize {
    let records = std::fs::read(directory.join("sel.raw")).unwrap();
    for record in records.chunks_exact(16) {
        let time = Timestamp(u32::from_le_bytes([record[3], record[4], record[5], record[6]]));
        bmc.call(&SetSelTime { time }).unwrap();
        bmc.call(&AddSelEntry { record: record.try_into().unwrap() }).unwrap();
    }
    records.len() / 16
}

/// The first events of this node are made when its sensors are set, with times that differ from run to run.
#[test]
fn events_of_a_manufacturer_are_ipmitools() {
    let Some(data) = shared_data() else { return };
    let directory = data.join("nodes/dell_r730");
    let bmc = node(&directory);
    let count = replay(&bmc, &directory);
    for (file, line) in [("sel_list", "sel list"), ("sel_elist", "sel elist"), ("sel_elist_csv", "-c sel elist")] {
        let expected = std::fs::read_to_string(directory.join(format!("expected/{file}.txt"))).unwrap();
        let last = |text: &str| {
            let lines: Vec<_> = text.lines().map(str::to_owned).collect();
            lines[lines.len() - count..].join("\n")
        };
        assert_eq!(last(&run(&bmc, line).text()), last(&expected), "{file}");
    }
}

#[test]
fn events_are_ipmitools() {
    let Some(data) = shared_data() else { return };
    let directory = data.join("nodes/vnode");
    let bmc = node(&directory);
    replay(&bmc, &directory);
    let blocks = std::fs::read_to_string(directory.join("expected/sel_get.txt")).unwrap();
    let ids = blocks.lines().filter_map(|line| line.strip_prefix("SEL Record ID          : "));
    let ids: Vec<String> = ids.map(|id| format!("0x{id}")).collect();
    for (file, line) in [
        ("sel_list", "sel list".to_owned()),
        ("sel_elist", "sel elist".to_owned()),
        ("sel_elist_csv", "-c sel elist".to_owned()),
        ("sel_list_v", "-v sel list".to_owned()),
        ("sel_get", format!("sel get {}", ids.join(" "))),
    ] {
        let expected = std::fs::read(directory.join(format!("expected/{file}.txt"))).unwrap();
        let output = run(&bmc, &line);
        assert!(output.out == expected, "{file}: {}", first_difference(&output.out, &expected));
    }
    let scratch = tempfile::tempdir().unwrap();
    for (command, file) in [("save", "sel.save.txt"), ("writeraw", "sel.writeraw.bin")] {
        let path = scratch.path().join(file);
        let words = ["sel", command, path.to_str().unwrap()];
        assert_eq!(run_words(&bmc, words.map(str::to_owned).to_vec()).status, 0);
        let (found, expected) = (std::fs::read(&path).unwrap(), std::fs::read(directory.join(file)).unwrap());
        assert!(found == expected, "{file}: {}", first_difference(&found, &expected));
    }
}

#[test]
fn dumps_are_what_the_machines_had() {
    let scratch = tempfile::tempdir().unwrap();
    for directory in nodes() {
        let path = scratch.path().join(name(&directory));
        let words = ["sdr", "dump", path.to_str().unwrap()].map(str::to_owned).to_vec();
        let output = run_words(&node(&directory), words);
        assert_eq!(output.text(), format!("Dumping Sensor Data Repository to '{}'\n", path.display()));
        assert!(std::fs::read(&path).unwrap() == std::fs::read(directory.join("sdr.bin")).unwrap(), "{directory:?}");
    }
}

#[test]
fn fru_files_are_what_the_machines_had() {
    let scratch = tempfile::tempdir().unwrap();
    for directory in nodes() {
        let bmc = node(&directory);
        for id in 0..=255 {
            let Ok(expected) = std::fs::read(directory.join(format!("fru{id}.bin"))) else { continue };
            let path = scratch.path().join("fru.bin");
            let words = ["fru".to_owned(), "read".to_owned(), id.to_string(), path.to_str().unwrap().to_owned()];
            let output = run_words(&bmc, words.to_vec());
            assert_eq!(output.text(), format!("Fru Size         : {} bytes\nDone\n", expected.len()));
            assert!(std::fs::read(&path).unwrap() == expected, "{directory:?} {id}");
        }
    }
}
