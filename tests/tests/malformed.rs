//! Damaged records through the whole command line: what can be read is shown, the rest is named, and nothing a terminal
//! would act on gets through.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use tests::wsman_client::Server;
use tests::{data, program};

/// The controller every emulator file here begins with.
const CONTROLLER: &str = "mc_setbmc 0x20\nmc_add 0x20 32 no-device-sdrs 0x1 3 38 0xbf 0x1c4c 0x3242 dynsens\nmc_enable 0x20\nsel_enable 0x20 100 0x0a\n";
/// Bytes of an SDR header.
const SDR_HEADER: usize = 5;
/// Places where each repository is cut.
const CUTS: usize = 40;

/// FRU image, and what `fru print -v` must say of it. Files that are not listed are held to the common rules alone.
const FRU_EXPECTED: &[(&str, &[&str])] = &[
    ("real_hpe_dimm_spd_as_fru", &["Unknown FRU header version 0x23"]),
    ("real_ipmitool256_header_fa_c1", &["Unknown FRU header version 0x00"]),
    (
        "real_openmmc_afc_product_truncated",
        &["Creotech-Atmos", "CNPEM", "FRU product info area: area: expected checksum"],
    ),
    ("real_quanta_qk1u_multirec_offset_1", &["S0501825Q007", "FRU multirecord area: multirecord header"]),
    ("synth_all_00", &["Unknown FRU header version 0x00"]),
    ("synth_area_len_zero", &["FRU board info area: area length"]),
    // Its internal use area begins right behind the header, which is allowed.
    ("synth_area_points_into_header", &["Builtin FRU Device"]),
    ("synth_areas_overlap", &["SN0001", "FRU chassis info area: field list"]),
    ("synth_board_bcdplus", &["1234 -.:,_"]),
    ("synth_board_checksum_bad", &["SN0001", "FRU board info area: area: expected checksum 90h, found 91h"]),
    ("synth_board_control_chars_escape", &["[31mRED", "SN0001"]),
    ("synth_board_date_ffffff", &["SN0001"]),
    ("synth_board_sixbit_max63", &["SN0001"]),
    ("synth_board_unicode_lang0_odd", &["SN0001"]),
    ("synth_chassis_type_ff", &["Chassis Type          : Unknown", "CP"]),
    ("synth_header_checksum_bad", &["SN0001", "FRU common header: header: expected checksum FEh, found FFh"]),
    ("synth_header_version_0", &["Unknown FRU header version 0x00"]),
    ("synth_multirec_dcout_short", &["SN0001", "DC output: expected at least 13 bytes, found 1"]),
    ("synth_multirec_header_checksum_bad", &["SN0001", "multirecord header: expected checksum"]),
    ("synth_multirec_len_ff_past_end", &["SN0001", "multirecord: expected at least 260 bytes, found 21"]),
    ("synth_multirec_never_eol", &["SN0001", "expected a record marked as the last"]),
    ("synth_multirec_psu_short", &["SN0001", "power supply information: expected at least 24 bytes, found 3"]),
    ("synth_no_end_marker", &["SN0001", "field list: expected end mark C1h"]),
];

/// SDR dump, and what `sdr elist all` must say of it, read from the file and read from a BMC.
const SDR_EXPECTED: &[(&str, &[&str])] = &[
    ("synth_full_len_10", &["PSU1 Input", "full sensor record: expected at least 48 bytes, found 15"]),
    ("synth_id_control_chars", &["[2J"]),
    ("synth_id_latin1", &["Temp\u{FFFD}rature"]),
    ("synth_id_nul_padded", &["CPU  "]),
    ("synth_id_sixbit", &["IPMI"]),
    ("synth_idlen_0", &["E2h"]),
    ("synth_len_ff_short_data", &["record 0"]),
    ("synth_oem_c0_len_0_and_2", &["PSU1 Input", "OEM record: expected at least 8 bytes, found 7"]),
    ("synth_truncated_mid_record", &["NVMeSSD_0", "record 0070"]),
    ("synth_types_ff", &["PSU1 Input", "CATERR"]),
    ("synth_units_ff_ipmitool118", &["PSU1 Input"]),
];

/// The `.bin` files of a folder of malformed data, sorted.
fn files(kind: &str) -> Vec<PathBuf> {
    let Some(data) = data::shared() else { return Vec::new() };
    let folder = std::fs::read_dir(data.join("malformed").join(kind)).expect("malformed data");
    let mut files: Vec<_> =
        folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension() == Some(OsStr::new("bin"))).collect();
    files.sort();
    assert!(!files.is_empty(), "no {kind} files");
    files
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, " {byte:#04x}");
        text
    })
}

/// Runs `ipmi`, holds it to the common rules and returns what it said on both streams.
fn ipmi(what: &str, arguments: &[&OsStr]) -> (Output, String) {
    let output = program::run("ipmi", arguments);
    let mut said = String::new();
    for (stream, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        // Ids in Latin-1 come out byte for byte, as ipmitool prints them: an invalid byte of UTF-8 is one of those, or
        // a C1 control.
        let chunks: Vec<_> = bytes.utf8_chunks().collect();
        let in_utf8 = chunks.iter().flat_map(|chunk| chunk.valid().chars());
        let in_latin1 = chunks.iter().flat_map(|chunk| chunk.invalid().iter().copied().map(char::from));
        let text = String::from_utf8_lossy(bytes);
        let bad =
            in_utf8.chain(in_latin1).find(|character| character.is_control() && !matches!(character, '\n' | '\t'));
        assert_eq!(bad, None, "{what}: a control character on {stream}: {text:?}");
        said.push_str(&text);
    }
    let code = output.status.code();
    assert!(code.is_some_and(|code| code <= 2) && !said.contains("panicked"), "{what}: {code:?}: {said}");
    (output, said)
}

fn check(what: &str, table: &[(&str, &[&str])], file: &Path, said: &str) {
    let name = file.file_stem().unwrap().to_str().unwrap();
    let Some((_, expected)) = table.iter().find(|(known, _)| *known == name) else { return };
    for text in *expected {
        assert!(said.contains(text), "{what}: {name}: no {text:?} in:\n{said}");
    }
}

#[test]
fn damaged_frus_over_serial_kcs() {
    let folder = tempfile::tempdir().unwrap();
    for file in files("fru") {
        let image = std::fs::read(&file).unwrap();
        let emu = folder.path().join("fru.emu");
        std::fs::write(&emu, format!("{CONTROLLER}mc_add_fru_data 0x20 0 {} data{}\n", image.len(), hex(&image)))
            .unwrap();
        let link = folder.path().join("bmc");
        let bmc = program::Running::start(
            "bmc-sim",
            ["--emu".as_ref(), emu.as_os_str(), "--serial-kcs".as_ref(), link.as_os_str()],
        );
        bmc.wait_for("ready serial-kcs ");
        let url = format!("serial-kcs:{}", link.display());
        for verbose in ["-v", "-c", "--json"] {
            let what = format!("{} {verbose}", file.display());
            let (_, said) = ipmi(&what, &[verbose, "--bmc", &url, "fru", "print"].map(OsStr::new));
            assert!(!said.is_empty(), "{what}: not a word");
            if verbose == "-v" {
                check(&what, FRU_EXPECTED, &file, &said);
            }
        }
    }
}

#[test]
fn damaged_sdr_dumps_from_a_file_and_from_a_bmc() {
    let folder = tempfile::tempdir().unwrap();
    for file in files("sdr") {
        let what = format!("{} as a file", file.display());
        let (_, said) = ipmi(
            &what,
            &[
                "--bmc".as_ref(),
                "sim:".as_ref(),
                "-S".as_ref(),
                file.as_os_str(),
                "sdr".as_ref(),
                "elist".as_ref(),
                "all".as_ref(),
            ],
        );
        check(&what, SDR_EXPECTED, &file, &said);

        let dump = std::fs::read(&file).unwrap();
        let mut text = CONTROLLER.to_owned();
        for (start, end) in bounds(&dump) {
            let _ = writeln!(text, "main_sdr_add 0x20{}", hex(&dump[start..end.min(dump.len())]));
        }
        let emu = folder.path().join("sdr.emu");
        std::fs::write(&emu, text).unwrap();
        let url = format!("sim:{}", emu.display());
        for command in [["sdr", "elist", "all"].as_slice(), &["sdr", "list", "-v"], &["sensor", "list"]] {
            let what = format!("{} in a BMC, {command:?}", file.display());
            let words: Vec<&OsStr> =
                ["--bmc", &*url].into_iter().chain(command.iter().copied()).map(OsStr::new).collect();
            ipmi(&what, &words);
        }
    }
}

/// Start and end of each record by header and length; the last may end beyond the dump.
fn bounds(dump: &[u8]) -> Vec<(usize, usize)> {
    let mut bounds = Vec::new();
    let mut start = 0;
    while start < dump.len() {
        let end = start + SDR_HEADER + usize::from(dump.get(start + 4).copied().unwrap_or_default());
        bounds.push((start, end));
        start = end;
    }
    bounds
}

/// `sdr elist all` has a line for each record of these types.
fn is_listed(record_type: u8) -> bool {
    matches!(record_type, 0x01 | 0x02 | 0x03 | 0x10 | 0x11 | 0x12)
}

#[test]
fn cut_repositories_list_every_record_before_the_cut() {
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.bin");
    let mut random: u64 = 0x5EED;
    for (name, node) in data::nodes() {
        let dump = std::fs::read(node.join("sdr.bin")).unwrap();
        let bounds = bounds(&dump);
        // Nobody answers for the sensors there: the listing depends on the records alone.
        let emu = folder.path().join("empty.emu");
        std::fs::write(&emu, CONTROLLER).unwrap();
        let url = format!("sim:{}", emu.display());
        let list = |what: &str| {
            let words = ["--bmc", &url, "-S", cut.to_str().unwrap(), "sdr", "elist", "all"].map(OsStr::new);
            ipmi(what, &words)
        };
        std::fs::write(&cut, &dump).unwrap();
        let (whole, _) = list(&name);
        let whole = String::from_utf8_lossy(&whole.stdout);
        for _ in 0..CUTS {
            // Numerical Recipes' generator: any spread-out offsets do, as long as they are the same each time.
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let length = usize::try_from(random >> 33).unwrap() % dump.len();
            std::fs::write(&cut, &dump[..length]).unwrap();
            let what = format!("{name} cut at {length}");
            let (output, said) = list(&what);
            let stdout = String::from_utf8_lossy(&output.stdout);
            let complete = bounds.iter().filter(|(start, end)| *end <= length && is_listed(dump[start + 3])).count();
            assert_eq!(stdout.lines().count(), complete, "{what}: {said}");
            assert!(whole.starts_with(&*stdout), "{what}: other lines than those of the whole dump");
            let inside = bounds.iter().any(|(start, end)| (start + 1..*end).contains(&length));
            assert!(!inside || !output.stderr.is_empty(), "{what}: the cut record is not named");
        }
    }
}

#[test]
fn damaged_records_behind_the_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let mut emu = CONTROLLER.to_owned();
    for file in files("sdr") {
        let dump = std::fs::read(&file).unwrap();
        for (start, end) in bounds(&dump) {
            let _ = writeln!(emu, "main_sdr_add 0x20{}", hex(&dump[start..end.min(dump.len())]));
        }
    }
    for (id, file) in files("fru").into_iter().enumerate() {
        let image = std::fs::read(&file).unwrap();
        let _ = writeln!(emu, "mc_add_fru_data 0x20 {id} {} data{}", image.len(), hex(&image));
    }
    let path = folder.path().join("all.emu");
    std::fs::write(&path, emu).unwrap();
    let bmc = program::Running::start(
        "bmc-sim",
        ["--emu".as_ref(), path.as_os_str(), "--vm".as_ref(), "127.0.0.1:0".as_ref()],
    );
    let url = format!("vm:{}", bmc.wait_for("ready vm "));
    let arguments = ["--bmc", &url, "--http", "127.0.0.1:0", "--allow-unencrypted", "--user", "admin:admin"];
    let daemon = program::Running::start("cimd", arguments);
    let server = Server::from_url(&daemon.wait_for("ready "));
    for class in ["NumericSensor", "Sensor", "ComputerSystem", "RecordLog"] {
        let output = server.winrm(&["enumerate", &format!("wmi/root/hardware/{class}")]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{class}: {said}{}", String::from_utf8_lossy(&output.stderr));
        let bad = said.chars().find(|character| character.is_control() && !matches!(character, '\r' | '\n' | '\t'));
        assert_eq!(bad, None, "{class}: {said:?}");
        assert!(said.lines().count() > 5, "{class}: {said}");
    }
    assert!(!daemon.log().contains("panicked"), "{}", daemon.log());
}
