//! Records read from real machines, compared with what ipmitool printed for them, and damaged ones.
// Helpers outside test functions may panic too: that is how a test fails.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::fs;
use std::path::{Path, PathBuf};

use ipmi_core::event::{EventDirection, EventSource};
use ipmi_core::fru::{Field, FruInventory, MemoryModule, MultirecordData, spd_memory_type};
use ipmi_core::sdr::{Records, SdrRecord, SensorRecord};
use ipmi_core::sel::{self, SelRecord};
use ipmi_core::sensor::{Threshold, format_value};
use ipmi_core::table::Manufacturer;
use ipmi_core::text::printable;

/// The folder of shared data: `SHARED_DATA`, or beside the checkout. Absent means skipped, and failed under `CI=true`.
fn data() -> Option<PathBuf> {
    let path = std::env::var_os("SHARED_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "no shared data at {}", path.display());
    println!("skipped: no shared data");
    None
}

/// Every file below `folder` whose name ends in `ending`, sorted.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn nodes(data: &Path) -> Vec<PathBuf> {
    let mut nodes: Vec<_> = fs::read_dir(data.join("nodes")).unwrap().map(|entry| entry.unwrap().path()).collect();
    nodes.sort();
    assert!(nodes.len() >= 8);
    nodes
}

fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).into_owned()
}

#[test]
fn every_node_decodes_to_the_names_ipmitool_lists() {
    let Some(data) = data() else { return };
    for node in nodes(&data) {
        let dump = fs::read(node.join("sdr.bin")).unwrap();
        let listed = text(&node.join("expected/sdr_elist_all.txt"));
        let rows: Vec<_> = Records::new(&dump)
            .map(|record| record.unwrap_or_else(|problem| panic!("{}: {problem}", node.display())))
            .filter_map(|record| {
                let id = record.id()?.decode().into_owned();
                let (number, entity) = match record {
                    SdrRecord::McLocator(view) => (0, view.entity),
                    SdrRecord::FruLocator(view) => (0, view.entity),
                    SdrRecord::GenericLocator(view) => (0, view.entity),
                    _ => {
                        let identity = record.sensor()?.identity();
                        let entity = ipmi_core::sdr::EntityPair {
                            id: identity.entity_id,
                            instance: identity.entity_instance & 0x7F,
                        };
                        (identity.number, entity)
                    }
                };
                Some((id, number, format!("{}.{}", entity.id, entity.instance)))
            })
            .collect();
        let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split('|').map(str::trim).collect()).collect();
        assert_eq!(rows.len(), lines.len(), "{}", node.display());
        for ((name, number, entity), line) in rows.iter().zip(&lines) {
            assert_eq!(line[..2], [name.trim(), &format!("{number:02X}h")], "{}", node.display());
            assert_eq!(line[3], entity, "{}: {name}", node.display());
        }
    }
}

/// The blocks of a verbose listing: the first line and the rest.
fn blocks(listing: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut blocks: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for line in listing.lines() {
        let Some((label, value)) = line.split_once(" : ") else { continue };
        let (label, value) = (label.trim().to_owned(), value.trim().to_owned());
        if label == "Sensor ID" {
            blocks.push((value, Vec::new()));
        } else if let Some((_, lines)) = blocks.last_mut() {
            lines.push((label, value));
        }
    }
    blocks
}

#[test]
fn converted_values_print_like_ipmitools() {
    let Some(data) = data() else { return };
    let mut compared = 0;
    for node in nodes(&data) {
        let dump = fs::read(node.join("sdr.bin")).unwrap();
        let listing = text(&node.join("expected/sdr_list_all_v.txt"));
        let mut blocks = blocks(&listing).into_iter();
        for record in Records::new(&dump).map(Result::unwrap) {
            let Some(SensorRecord::Full(view)) = record.sensor() else { continue };
            let Some(factors) = record.sensor().unwrap().analog_factors() else { continue };
            let title = format!("{} ({:#x})", view.id().decode(), view.identity.number);
            let (_, lines) =
                blocks.by_ref().find(|(found, _)| *found == title).unwrap_or_else(|| panic!("{title} not listed"));
            let stated = |label: &str| lines.iter().find(|(found, _)| found == label).map(|(_, value)| value.as_str());
            let mut check = |label: &str, raw: u8| {
                let Some(expected) = stated(label).filter(|value| *value != "Unspecified") else { return };
                assert_eq!(format!("{:.3}", factors.convert(raw).unwrap()), expected, "{title} {label}");
                let back = factors.nearest_raw(expected.parse().unwrap()).unwrap();
                assert_eq!(format!("{:.3}", factors.convert(back).unwrap()), expected, "{title} {label} and back");
                compared += 1;
            };
            check("Nominal Reading", view.nominal);
            check("Normal Minimum", view.normal_min);
            check("Normal Maximum", view.normal_max);
            check("Minimum sensor range", view.sensor_min);
            check("Maximum sensor range", view.sensor_max);
            check("Upper non-recoverable", view.threshold(Threshold::UpperNonRecoverable));
            check("Upper critical", view.threshold(Threshold::UpperCritical));
            check("Upper non-critical", view.threshold(Threshold::UpperNonCritical));
            check("Lower non-recoverable", view.threshold(Threshold::LowerNonRecoverable));
            check("Lower critical", view.threshold(Threshold::LowerCritical));
            check("Lower non-critical", view.threshold(Threshold::LowerNonCritical));
            if let Some(reading) = stated("Sensor Reading").and_then(|value| value.split_once(" (+/- ")) {
                let (value, rest) = reading;
                let raw = factors.nearest_raw(value.parse().unwrap()).unwrap();
                assert_eq!(format_value(factors.convert(raw).unwrap(), 3), value, "{title}");
                let (tolerance, units) = rest.split_once(") ").unwrap();
                assert_eq!(format_value(factors.tolerance_value().unwrap(), 3), tolerance, "{title}");
                assert_eq!(view.setup.units().to_string(), units, "{title}");
            }
            if let Some(control) = stated("Event Message Control") {
                assert_eq!(view.setup.event_message_control().text(), control, "{title}");
            }
        }
    }
    assert!(compared > 300, "{compared}");
}

/// Text of a discrete state list must be among what the tables give for some state: checked the other way round, by
/// decoding the two state bytes that `sensor list` prints.
#[test]
fn discrete_states_have_ipmitools_texts() {
    let Some(data) = data() else { return };
    let mut compared = 0;
    for node in nodes(&data) {
        let dump = fs::read(node.join("sdr.bin")).unwrap();
        let elist = text(&node.join("expected/sdr_elist_all.txt"));
        let list = text(&node.join("expected/sensor_list.txt"));
        let mut listed = list.lines();
        for (record, line) in
            Records::new(&dump).map(Result::unwrap).filter(|record| record.id().is_some()).zip(elist.lines())
        {
            let Some(sensor) = record.sensor().filter(|sensor| sensor.setup().is_some()) else { continue };
            let name = sensor.id().decode().trim().to_owned();
            let Some(row) = listed.by_ref().find(|row| row.split('|').next().unwrap().trim() == name) else { break };
            let cells: Vec<_> = row.split('|').map(str::trim).collect();
            let Some(states) = cells[3].strip_prefix("0x").filter(|_| cells[2] == "discrete") else { continue };
            let bits = u16::from_str_radix(states, 16).unwrap().swap_bytes();
            let asserted = ipmi_core::sensor::AssertedStates {
                event_type: sensor.event_reading_type(),
                sensor_type: sensor.sensor_type(),
                states: ipmi_core::sdr::DiscreteStates::new(bits),
            };
            let expected = line.rsplit('|').next().unwrap().trim();
            if matches!(expected, "No Reading" | "Disabled") {
                continue;
            }
            assert_eq!(asserted.texts().collect::<Vec<_>>().join(", "), expected, "{}: {name}", node.display());
            compared += 1;
        }
    }
    assert!(compared > 300, "{compared}");
}

#[test]
fn events_have_ipmitools_texts() {
    let Some(data) = data() else { return };
    let mut compared = 0;
    for node in nodes(&data).into_iter().filter(|node| node.join("sel.raw").exists()) {
        let dump = fs::read(node.join("sel.raw")).unwrap();
        let listing = text(&node.join("expected/sel_list.txt"));
        let manufacturer = if node.to_string_lossy().contains("dell") { Manufacturer::DELL } else { Manufacturer(0) };
        let source = EventSource { manufacturer, ipmi_version: 0x02 };
        let rows: Vec<_> = listing.lines().collect();
        let records: Vec<_> = sel::records(&dump).map(Result::unwrap).collect();
        // Records the simulated BMC made by itself come first.
        for (record, row) in records.iter().zip(&rows[rows.len() - records.len()..]) {
            let cells: Vec<_> = row.split('|').collect();
            match record {
                SelRecord::System(system) => {
                    let event = system.event();
                    let [.., kind, description, direction] = cells[..] else { panic!("{row}") };
                    let sensor = match event.sensor_number {
                        0 => event.sensor_type.to_string(),
                        number => format!("{} #0x{number:02x}", event.sensor_type),
                    };
                    assert_eq!(kind.trim(), sensor, "{row}");
                    let expected = event.description_for(source).unwrap_or_default();
                    assert_eq!(description.trim(), expected.trim(), "{row}");
                    assert_eq!(direction.trim() == "Asserted", event.direction == EventDirection::Asserted, "{row}");
                    let _ = event.severity();
                }
                SelRecord::OemTimestamped(oem) => {
                    let [.., manufacturer, bytes] = cells[..] else { panic!("{row}") };
                    assert_eq!(manufacturer.trim(), format!("{:06x}", oem.manufacturer().0), "{row}");
                    assert_eq!(bytes.trim(), ipmi_core::text::hex(&oem.data), "{row}");
                }
                SelRecord::Oem(oem) => {
                    let shown = match oem.linux_panic() {
                        Some(panic) => String::from_utf8_lossy(panic.text).into_owned(),
                        None => ipmi_core::text::hex(&oem.data),
                    };
                    assert!(row.contains(&shown), "{row}");
                }
                SelRecord::Other(_) => {}
            }
            compared += 1;
        }
    }
    assert!(compared >= 40, "{compared}");
    for path in files(&data.join("sel"), ".raw") {
        assert!(sel::records(&fs::read(&path).unwrap()).all(|record| record.is_ok()), "{}", path.display());
    }
}

/// What ipmitool calls a field, and the field.
fn labelled<'a>(inventory: &FruInventory<'a>) -> Vec<(&'static str, Field<'a>)> {
    let mut fields = Vec::new();
    let mut push = |label, field: Option<Field<'a>>| fields.extend(field.map(|field| (label, field)));
    if let Some(area) = &inventory.chassis {
        push("Chassis Part Number", area.part_number);
        push("Chassis Serial", area.serial_number);
    }
    if let Some(area) = &inventory.board {
        push("Board Mfg", area.manufacturer);
        push("Board Product", area.product_name);
        push("Board Serial", area.serial_number);
        push("Board Part Number", area.part_number);
    }
    if let Some(area) = &inventory.product {
        push("Product Manufacturer", area.manufacturer);
        push("Product Name", area.name);
        push("Product Part Number", area.part_number);
        push("Product Version", area.version);
        push("Product Serial", area.serial_number);
        push("Product Asset Tag", area.asset_tag);
    }
    fields
}

/// Compares the fields of an inventory with what ipmitool printed of it; returns how many there were.
fn compare_fields(path: &Path, printed: &str) -> usize {
    let image = fs::read(path).unwrap();
    let Ok(inventory) = FruInventory::parse(&image) else {
        assert!(printed.contains("Unknown FRU header version") || image.len() < 8, "{}", path.display());
        return 0;
    };
    let mut compared = 0;
    for (label, field) in labelled(&inventory) {
        let printed = printed.lines().find_map(|line| {
            line.split_once(" : ").filter(|(found, _)| found.trim() == label).map(|(_, value)| value.trim())
        });
        let Some(printed) = printed else {
            assert!(field.decode().trim().is_empty() || field.is_cut(), "{}: {label}", path.display());
            continue;
        };
        assert_eq!(field.decode().trim(), printed, "{}: {label}", path.display());
        compared += 1;
    }
    for record in inventory.multirecords.iter().flat_map(|area| area.records()) {
        assert!(record.decode().is_ok() || record.errors != [None; 3], "{}: {record:?}", path.display());
    }
    compared
}

#[test]
fn fru_fields_are_ipmitools() {
    let Some(data) = data() else { return };
    let mut compared = 0;
    for path in files(&data.join("fru"), ".bin") {
        compared += compare_fields(&path, &text(&path.with_extension("ipmitool.txt")));
    }
    for path in files(&data.join("nodes"), ".bin") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name.starts_with("fru") {
            let (printed, errors) = ["txt", "err"]
                .map(|ending| path.with_file_name(format!("expected/{name}_print.{ending}")))
                .map(|path| {
                    fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
                })
                .into();
            compared += compare_fields(&path, &(printed + &errors));
        }
    }
    assert!(compared > 250, "{compared}");
}

#[test]
fn power_supply_records_are_freeipmis() {
    let Some(data) = data() else { return };
    let image = fs::read(data.join("nodes/s2600kp/fru2.bin")).unwrap();
    let records: Vec<_> = FruInventory::parse(&image).unwrap().multirecords.unwrap().records().collect();
    let Ok(MultirecordData::PowerSupply(supply)) = records[0].decode() else { panic!("{records:?}") };
    assert_eq!((supply.capacity_watts(), supply.peak_volt_amperes()), (1600, Some(2100)));
    assert_eq!((supply.inrush_amperes(), supply.inrush_interval), (Some(65), 2));
    assert_eq!((supply.low_voltage_1.get(), supply.high_voltage_2.get()), (9000, 26400));
    assert_eq!(supply.peak_capacity(), Some((2100, 10)));
    assert_eq!(supply.combined().map(|combined| combined.watts), Some(1600));
    let Ok(MultirecordData::DcOutput(output)) = records[1].decode() else { panic!("{records:?}") };
    assert_eq!((output.number(), output.is_standby(), output.nominal.get()), (1, false, 1200));
}

#[test]
fn damaged_dumps_keep_their_good_records() {
    let Some(data) = data() else { return };
    for (name, good, bad) in [
        ("real_pyipmi116_type13", 1, 0),
        ("synth_full_len_10", 1, 1),
        ("synth_len_ff_short_data", 0, 1),
        ("synth_oem_c0_len_0_and_2", 1, 2),
        ("synth_types_ff", 2, 0),
        ("synth_units_ff_ipmitool118", 2, 0),
        ("synth_idlen_0", 1, 0),
    ] {
        let bytes = fs::read(data.join(format!("malformed/sdr/{name}.bin"))).unwrap();
        let items: Vec<_> = Records::new(&bytes).collect();
        let found = items.iter().filter(|item| item.is_ok()).count();
        assert_eq!((found, items.len() - found), (good, bad), "{name}: {items:?}");
    }
    for (name, id) in [
        ("synth_id_c1", "A"),
        ("synth_id_nul_padded", "CPU"),
        ("synth_id_sixbit", "IPMI"),
        ("synth_id_unicode", "T"),
        ("synth_idlen_0", ""),
    ] {
        let bytes = fs::read(data.join(format!("malformed/sdr/{name}.bin"))).unwrap();
        let record = SdrRecord::parse(&bytes).unwrap();
        assert!(record.id().unwrap().decode().starts_with(id), "{name}: {:?}", record.id().unwrap().decode());
    }
    let bytes = fs::read(data.join("malformed/sdr/synth_id_control_chars.bin")).unwrap();
    let id = SdrRecord::parse(&bytes).unwrap().id().unwrap().decode().into_owned();
    assert!(id.contains('\u{1B}') && !printable(&id).contains('\u{1B}'), "{id:?}");
}

/// Reads everything there is to read: only a panic or an endless loop can fail here.
fn exercise_sdr(bytes: &[u8]) {
    for record in Records::new(bytes).flatten() {
        let _ = record.id().map(|id| printable(&id.decode()).into_owned());
        let Some(sensor) = record.sensor() else { continue };
        let _ = (sensor.sensor_type().to_string(), sensor.units().map(|units| units.to_string()));
        for shared in sensor.shared_sensors() {
            let _ = shared.suffix.map(|suffix| suffix.to_string());
        }
        if let Some(factors) = sensor.analog_factors() {
            let _ = (factors.convert(0x80), factors.nearest_raw(1.0), factors.tolerance_value());
        }
    }
    let _ = SdrRecord::parse(bytes);
}

fn exercise_fru(bytes: &[u8]) {
    let _ = MemoryModule::parse(bytes);
    let Ok(inventory) = FruInventory::parse(bytes) else { return };
    for (_, field) in labelled(&inventory) {
        let _ = printable(&field.decode()).into_owned();
    }
    for record in inventory.multirecords.iter().flat_map(|area| area.records()) {
        let _ = record.decode();
    }
    for problem in &inventory.problems {
        let _ = problem.to_string();
    }
}

#[test]
fn damaged_records_never_panic() {
    let Some(data) = data() else { return };
    for path in files(&data.join("malformed"), ".bin") {
        let bytes = fs::read(&path).unwrap();
        for len in 0..=bytes.len() {
            if path.to_string_lossy().contains("/fru/") {
                exercise_fru(&bytes[..len]);
            } else {
                exercise_sdr(&bytes[..len.max(bytes.len().saturating_sub(200))]);
            }
        }
    }
    for path in files(&data.join("fru"), ".bin").into_iter().chain(files(&data.join("nodes"), ".bin")) {
        let bytes = fs::read(&path).unwrap();
        if path.file_name().unwrap().to_string_lossy().starts_with("fru") || !path.starts_with(data.join("nodes")) {
            for len in (0..=bytes.len().min(600)).chain([bytes.len()]) {
                exercise_fru(&bytes[..len]);
            }
        }
    }
}

#[test]
fn every_truncation_of_every_record_is_a_named_error_or_a_shorter_record() {
    let Some(data) = data() else { return };
    for node in nodes(&data) {
        for name in ["sdr.bin", "sdr.orig.bin"] {
            let dump = fs::read(node.join(name)).unwrap();
            let mut offset = 0;
            for record in Records::new(&dump).map(Result::unwrap) {
                let whole = &dump[offset..offset + record.header().record_len()];
                offset += whole.len();
                for len in 0..whole.len() {
                    exercise_sdr(&whole[..len]);
                    match SdrRecord::parse(&whole[..len]) {
                        Ok(cut) => assert_eq!(cut.header(), record.header()),
                        Err(error) => assert!(error.to_string().contains("expected at least"), "{error}"),
                    }
                }
            }
            assert_eq!(offset, dump.len());
        }
    }
}

#[test]
fn damaged_inventories_tell_what_is_wrong() {
    let Some(data) = data() else { return };
    let folder = data.join("malformed/fru");
    let problems = |name: &str| {
        let bytes = fs::read(folder.join(name)).unwrap();
        FruInventory::parse(&bytes).map(|inventory| inventory.problems.len())
    };
    for name in files(&folder, ".bin").iter().filter_map(|path| path.file_name()?.to_str()) {
        let harmless = [
            "synth_area_points_into_header.bin",
            "synth_board_bcdplus.bin",
            "synth_board_control_chars_escape.bin",
            "synth_board_date_ffffff.bin",
            "synth_board_sixbit_max63.bin",
            "synth_board_unicode_lang0_odd.bin",
            "synth_chassis_type_ff.bin",
            "synth_multirec_dcout_short.bin",
            "synth_multirec_psu_short.bin",
        ];
        if !harmless.contains(&name) {
            assert_ne!(problems(name), Ok(0), "{name}");
        }
    }
    let spd = fs::read(folder.join("real_hpe_dimm_spd_as_fru.bin")).unwrap();
    assert_eq!(spd_memory_type(&spd), Some(ipmi_core::fru::MemoryType::Ddr4));
}
