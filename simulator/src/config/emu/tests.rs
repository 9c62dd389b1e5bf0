//! Emulator files: the real nodes of the shared data, and lines that are wrong.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::*;

const NOW: Duration = Duration::from_secs(1_700_000_000);

/// The directory of recorded data beside the workspace; `None` skips the test, except on CI, where it must be there.
fn shared_data() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let data = std::env::var_os("SHARED_DATA").map_or_else(|| workspace.join("../shared/data"), PathBuf::from);
    if data.is_dir() {
        return Some(data);
    }
    assert!(std::env::var_os("CI").is_none(), "{} is missing", data.display());
    println!("skipped: {} is missing", data.display());
    None
}

fn load_text(text: &str) -> Result<Bmc, ConfigError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("test.emu");
    std::fs::write(&path, text).unwrap();
    load(&path, NOW)
}

#[test]
fn every_real_node_loads_with_the_records_that_ipmi_sim_serves() {
    let Some(data) = shared_data() else { return };
    let mut nodes = 0;
    for node in std::fs::read_dir(data.join("nodes")).unwrap() {
        let node = node.unwrap().path();
        let bmc = load(&node.join("node.emu"), NOW).unwrap();
        let records: Vec<u8> = bmc.main.sdr.records().flatten().copied().collect();
        assert!(records == std::fs::read(node.join("sdr.bin")).unwrap(), "{}", node.display());
        for (id, fru) in &bmc.main.frus {
            let dump = node.join(format!("fru{id}.bin"));
            if dump.exists() {
                assert!(fru.bytes() == std::fs::read(dump).unwrap(), "{} FRU {id}", node.display());
            }
        }
        nodes += 1;
    }
    assert_eq!(nodes, 8);
}

#[test]
fn wrong_lines_are_named_with_what_was_expected() {
    let bmc = "mc_setbmc 0x20\nmc_add 0x20 1 no-device-sdrs 1 1 1 0xbf 1 1\n";
    for (line, expected) in [
        ("frobnicate 1", "expected an emulator command (man 5 ipmi_sim_cmd), found `frobnicate`"),
        ("sensor_add 0x30 0 1 1 1", "expected the address of a controller added with mc_add, found 0x30"),
        ("sensor_set_value 0x20 0 9 1 1", "expected a sensor added with sensor_add, found sensor 0x09 of 0x20"),
        ("main_sdr_add 0x20 1 2 300", "expected a byte of a record (a number up to 0xff), found `300`"),
        (
            "main_sdr_add 0x20 1 2",
            "expected a record with its 5-byte header and room for it, found Request data length",
        ),
        ("mc_enable", "expected an IPMB address, found the end of the line"),
        ("sel_add 0x20 2 1 2", "expected 13 bytes of a record, found 2"),
        ("include \"nowhere.emu\"", "nowhere.emu"),
    ] {
        let error = load_text(&format!("{bmc}{line}\n")).unwrap_err().to_string();
        assert!(error.contains(expected), "{line}: {error}");
        assert!(error.contains("test.emu:3: ") || line.starts_with("include"), "{error}");
    }
    assert!(load_text("").unwrap_err().to_string().contains("expected `mc_add 0x20 ...`"));
}

#[test]
fn many_files_are_one_error() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    std::fs::write(at("empty.emu"), "").unwrap();
    let text = |includes: usize| {
        format!(
            "mc_setbmc 0x20\nmc_add 0x20 1 no-device-sdrs 1 1 1 0xbf 1 1\n{}",
            "include \"empty.emu\"\n".repeat(includes)
        )
    };
    std::fs::write(at("test.emu"), text(MAX_FILES - 1)).unwrap();
    load(&at("test.emu"), NOW).unwrap();
    std::fs::write(at("test.emu"), text(MAX_FILES)).unwrap();
    let error = load(&at("test.emu"), NOW).unwrap_err().to_string();
    assert!(error.contains(&format!("test.emu:{}: ", MAX_FILES + 2)), "{error}");
    assert!(error.contains("at most 256 files"), "{error}");
    // Nested, eight files of ten lines are ten million.
    for depth in 0..7 {
        std::fs::write(at(&format!("{depth}.emu")), format!("include \"{}.emu\"\n", depth + 1).repeat(10)).unwrap();
    }
    std::fs::write(at("7.emu"), "").unwrap();
    assert!(load(&at("0.emu"), NOW).unwrap_err().to_string().contains("at most 256 files"));
}

#[test]
fn files_that_include_themselves_end_with_an_error() {
    let error = load_text("include \"test.emu\"\n").unwrap_err().to_string();
    assert!(error.contains("nested files"), "{error}");
}

#[test]
fn every_truncation_of_a_file_loads_or_errs() {
    let Some(data) = shared_data() else { return };
    let text = std::fs::read_to_string(data.join("nodes/vnode/node.emu")).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cut.emu");
    for end in (0..text.len()).step_by(97) {
        std::fs::write(&path, &text.as_bytes()[..end]).unwrap();
        let _ = load(&path, NOW);
    }
}

/// A BMC with one threshold sensor (1) and one discrete sensor (2) whose states all generate events.
const SENSORS: &str = "mc_setbmc 0x20\nmc_add 0x20 1 no-device-sdrs 1 1 1 0xbf 1 1\nsel_enable 0x20 100 0x0a\n\
    sensor_add 0x20 0 1 1 1\nsensor_add 0x20 0 2 7 0x6f\n\
    sensor_set_event_support 0x20 0 2 enable scanning per-state 000000011111111 000000011111111 000000011111111 000000011111111\n";

#[test]
fn remarks_after_a_command_are_left_alone() {
    for line in [
        "sensor_set_value 0x20 0 1 0x55 0 # half of it",
        "mc_enable 0x20 5",
        "main_sdr_add 0x20 1 0 0x51 0x12 3 1 2 3 # a record",
        "sel_add 0x20 2 1 2 3 4 5 6 7 8 9 10 11 12 13 # an event",
        "sensor_add 0x20 0 3 1 1 # a temperature",
        "sensor_add 0x20 0 3 1 1 poll 1000 file \"reading\" div=2 raw event-only",
        "mc_dump_fru_data 0x20 0",
    ] {
        load_text(&format!("{SENSORS}{line}\n")).unwrap_or_else(|error| panic!("{line}: {error}"));
    }
}

#[test]
fn one_bit_instead_of_all_others_is_set_without_a_value() {
    let lines = "sensor_set_bit 0x20 0 2 0 1 1\nsensor_set_bit 0x20 0 2 3 1 1\nsensor_set_bit_clr_rest 0x20 0 2 5 1\n\
        sensor_set_bit_clr_rest 0x20 0 2 6 0 1\n";
    let bmc = load_text(&format!("{SENSORS}{lines}")).unwrap();
    let sensor = &bmc.main.sensors[&(0, 2)];
    assert_eq!((sensor.states, sensor.reading), (1 << 6, 6));
    // Two bits on, both off again, bit 5 on: the last command generates no events.
    assert_eq!(bmc.main.sel.as_ref().unwrap().records().len(), 5);
}

#[test]
fn events_that_are_not_supported_are_not_enabled() {
    let line = "sensor_set_event_support 0x20 0 1 enable scanning per-state 000000000000001 000000000000010 \
        000000000000101 000000000001010\n";
    let bmc = load_text(&format!("{SENSORS}{line}")).unwrap();
    let sensor = &bmc.main.sensors[&(0, 1)];
    assert_eq!((sensor.assert_enabled, sensor.deassert_enabled), (0b01, 0b10));
}
