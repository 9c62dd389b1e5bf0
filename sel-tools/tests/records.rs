//! FRU inventories and sensor data records from files: good ones print what ipmitool printed, bad ones name what is
//! wrong and show the rest.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::{Output, first_difference, in_process, node, run, run_words, shared_data};
use ipmi_core::{CompletionCode, NetFn, Request, Response};
use kernel_bridge::Bmc;

/// A BMC whose only FRU is this file.
fn with_fru(image: Vec<u8>) -> Bmc {
    in_process(move |request: &Request| match (request.net_fn, request.cmd, request.data.as_slice()) {
        (NetFn::STORAGE, 0x10, [0]) => {
            let [low, high] = u16::try_from(image.len()).unwrap().to_le_bytes();
            Response::ok([low, high, 0])
        }
        (NetFn::STORAGE, 0x11, [0, low, high, count]) => {
            let start = usize::from(u16::from_le_bytes([*low, *high]));
            let Some(rest) = image.get(start..) else {
                return Response::refused(CompletionCode::PARAMETER_OUT_OF_RANGE);
            };
            let data = rest.get(..usize::from(*count)).unwrap_or(rest);
            Response::ok([&[u8::try_from(data.len()).unwrap()], data].concat())
        }
        _ => Response::refused(CompletionCode::INVALID_COMMAND),
    })
}

/// Every file below a directory with this ending.
fn files(directory: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_str().unwrap().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A file's expected text without the lines that were stderr's, and its exit status.
fn expected(path: &Path, is_stderr: impl Fn(&str) -> bool) -> (Vec<u8>, u8) {
    let bytes = std::fs::read(path).unwrap();
    let (mut text, mut status) = (Vec::new(), 0);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let shown = String::from_utf8_lossy(line);
        match shown.trim_end().strip_prefix("# rc=") {
            Some(code) => status = code.parse().unwrap(),
            None if is_stderr(&shown) => {}
            None => text.extend_from_slice(line),
        }
    }
    (text, status)
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_str().unwrap().to_owned()
}

fn has_control_bytes(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| *byte != b'\n' && (*byte < 0x20 || *byte == 0x7F))
}

/// FRU files printed otherwise than by ipmitool: file, why.
const FRU_DIFFERENCES: &[(&str, &str)] = &[
    ("AD9467-FMC-250EBZ", "a control byte in a field is not passed on"),
    ("synth_board_control_chars_escape", "control bytes in fields are not passed on"),
    ("synth_areas_overlap", "a field that runs beyond its area is cut at the area's end"),
    ("synth_no_end_marker", "bytes beyond the area are not taken for a field"),
];

fn fru_stderr(line: &str) -> bool {
    line.starts_with(" Unknown FRU header version") || line.starts_with("Read FRU Area") || line.starts_with("FRU Read")
}

#[test]
fn inventories_are_ipmitools() {
    let Some(data) = shared_data() else { return };
    let mut failures = Vec::new();
    for directory in ["fru", "malformed/fru"] {
        for path in files(&data.join(directory), ".bin") {
            let image = std::fs::read(&path).unwrap();
            let output = run(&with_fru(image), "fru print 0");
            let (text, status) = expected(&path.with_extension("ipmitool.txt"), fru_stderr);
            let known = FRU_DIFFERENCES.iter().any(|(file, _)| *file == name(&path));
            if ((output.out == text) && output.status == status) == known {
                let difference = first_difference(&output.out, &text);
                failures.push(format!("{}: status {}, {difference}", name(&path), output.status));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn bad_inventories_are_named_and_harmless() {
    let Some(data) = shared_data() else { return };
    for path in files(&data.join("malformed/fru"), ".bin") {
        let image = std::fs::read(&path).unwrap();
        for line in ["fru print 0", "-v fru print 0", "--json fru print 0"] {
            let output = run(&with_fru(image.clone()), line);
            assert!(!has_control_bytes(&output.out), "{}", path.display());
            assert!(!has_control_bytes(output.err.as_bytes()), "{}", path.display());
        }
        let harmless = ["synth_board_bcdplus", "synth_board_control", "synth_board_date", "synth_board_sixbit"];
        let harmless = harmless.iter().any(|start| name(&path).starts_with(start))
            || ["synth_board_unicode_lang0_odd", "synth_chassis_type_ff", "synth_area_points_into_header"]
                .contains(&name(&path).as_str());
        if !harmless {
            let output = run(&with_fru(image), "-v fru print 0");
            assert!(!output.err.is_empty(), "nothing said about {}", path.display());
        }
    }
}

#[test]
fn every_cut_inventory_is_harmless() {
    let Some(data) = shared_data() else { return };
    let path = files(&data.join("nodes/s2600kp"), "fru2.bin");
    let image = std::fs::read(&path[0]).unwrap();
    for len in 0..image.len().min(400) {
        run(&with_fru(image[..len].to_vec()), "-v fru print 0");
    }
}

/// SDR files printed otherwise than by ipmitool: file, why.
const SDR_DIFFERENCES: &[(&str, &str)] = &[
    ("synth_full_len_10", "ipmitool reads beyond a record of 10 bytes; it is named and left out here"),
    ("synth_id_control_chars", "control bytes of a name are not passed on"),
    ("synth_id_sixbit", "a packed name is unpacked instead of printed as bytes"),
    ("synth_id_unicode", "a UTF-16 name is decoded instead of cut at its first zero byte"),
];

fn sdr_stderr(line: &str) -> bool {
    line.starts_with("record ") || line.starts_with("header read") || line.starts_with("invalid sdr")
}

fn with_cache(bmc: &Bmc, options: &[&str], file: &Path) -> Output {
    let mut words = vec!["-S".to_owned(), file.to_str().unwrap().to_owned()];
    words.extend(options.iter().map(|word| (*word).to_owned()));
    run_words(bmc, words)
}

#[test]
fn sdr_files_are_ipmitools() {
    let Some(data) = shared_data() else { return };
    let mut failures = Vec::new();
    for directory in ["sdr", "malformed/sdr"] {
        for path in files(&data.join(directory), ".bin") {
            for (ending, command) in
                [("sdrelistall.txt", &["sdr", "elist", "all"][..]), ("sdrlistfull.txt", &["sdr", "list", "full"][..])]
            {
                let text = path.with_extension(ending);
                if !text.is_file() {
                    continue;
                }
                let bmc = node(&data.join("nodes/quanta_d51"));
                let output = with_cache(&bmc, command, &path);
                assert!(!has_control_bytes(&output.out), "{}", path.display());
                let (text, status) = expected(&text, sdr_stderr);
                let known = SDR_DIFFERENCES.iter().any(|(file, _)| *file == name(&path));
                if !known && (output.out != text || output.status != status) {
                    let difference = first_difference(&output.out, &text);
                    failures.push(format!("{} {ending}: status {}, {difference}", name(&path), output.status));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn bad_records_are_named_and_the_rest_is_shown() {
    let Some(data) = shared_data() else { return };
    let bmc = node(&data.join("nodes/quanta_d51"));
    let said = |file: &str| {
        let output = with_cache(&bmc, &["sdr", "elist", "all"], &data.join("malformed/sdr").join(file));
        assert_eq!(output.status, 0, "{file}");
        (output.text().lines().count(), output.err)
    };
    let (lines, err) = said("synth_full_len_10.bin");
    assert!(lines == 1 && err.contains("full sensor record"), "{err}");
    let (lines, err) = said("synth_truncated_mid_record.bin");
    assert!(lines > 100 && err == "record 0070 read 43 bytes, expected 52\n", "{lines} {err}");
    let (_, err) = said("synth_len_ff_short_data.bin");
    assert!(err.contains("expected 255"), "{err}");
    assert!(!has_control_bytes(said("synth_id_control_chars.bin").1.replace('\n', "").as_bytes()));
}

#[test]
fn every_cut_dump_is_harmless() {
    let Some(data) = shared_data() else { return };
    let dump = std::fs::read(data.join("nodes/vnode/sdr.bin")).unwrap();
    let simulator = simulator::Bmc::builtin(&simulator::Options::default(), Duration::ZERO);
    let bmc = common::simulated(simulator);
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().join("sdr.bin");
    for len in (0..dump.len().min(200)).chain([dump.len() - 1]) {
        std::fs::write(&path, &dump[..len]).unwrap();
        for command in [&["-v", "sdr", "list", "all"][..], &["sensor"][..]] {
            assert_eq!(with_cache(&bmc, command, &path).status, 0);
        }
    }
}
