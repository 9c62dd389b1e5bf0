//! pyghmi, an RMCP+ stack of others, at either end: it reads `bmc-sim`, and `ipmi` controls a BMC made with it.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tests::lan::Remote;
use tests::{peer, program};

fn script(python: &Path, name: &str) -> Command {
    let mut command = Command::new(python);
    command.arg(program::workspace().join("tests/python").join(name));
    command
}

/// What `ipmi --json` shows.
fn json(remote: &Remote, command: &str) -> Vec<Value> {
    let outcome = remote.ipmi("-I lanplus -C 3 --json", command);
    assert_eq!(outcome.status, 0, "{command}: {}", outcome.stderr);
    match serde_json::from_str(&outcome.stdout).expect("JSON") {
        Value::Array(rows) => rows,
        one => vec![one],
    }
}

#[test]
fn reads_the_simulator() {
    let Some(python) = peer::python_with(&["pyghmi"]) else { return };
    let bmc = program::Running::start("bmc-sim", ["--lan", "127.0.0.1:0", "--freeze"]);
    let address: SocketAddr = bmc.wait_for("ready lan ").parse().unwrap();
    let home = tempfile::tempdir().unwrap();
    let remote = Remote::new(address, home.path());
    let mut client = script(&python, "pyghmi_client.py");
    client.args([&address.ip().to_string(), &address.port().to_string(), &remote.user, &remote.password]);
    let outcome = remote.run(client);
    assert_eq!(outcome.status, 0, "pyghmi: {}", outcome.stderr);
    let seen: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(seen["power"], "on");
    same_sensors(seen["sensors"].as_array().unwrap(), &json(&remote, "sensor list"));
    same_events(seen["sel"].as_array().unwrap(), &json(&remote, "sel list"));
    same_inventory(&seen["fru"], &json(&remote, "fru print"));
}

/// Every reading pyghmi took, under the same name and with the same value.
fn same_sensors(theirs: &[Value], ours: &[Value]) {
    let mut values = 0;
    for sensor in theirs {
        let same = ours.iter().find(|row| row["name"] == sensor["name"]);
        let same = same.unwrap_or_else(|| panic!("pyghmi has a sensor that ipmi lacks: {sensor}"));
        // It asks the BMC for the sensors of other controllers too, and shows what has the same number there.
        if same["owner"] != 0x20 {
            continue;
        }
        if let Some(value) = sensor["value"].as_f64().filter(|_| sensor["unavailable"] == false) {
            let ours = same["value"].as_f64().unwrap_or_else(|| panic!("no value: {same}"));
            assert!((value - ours).abs() <= 0.01 + value.abs() * 0.001, "{sensor} {same}");
            values += 1;
        }
    }
    let readable = ours.iter().filter(|row| row["owner"] == 0x20 && row["value"].is_f64()).count();
    assert_eq!(values, readable, "readings");
}

fn same_events(theirs: &[Value], ours: &[Value]) {
    // pyghmi takes clock changes to correct the times of events before them and does not show them.
    let is_clock_change =
        |row: &Value| row["sensor_type"] == 0x12 && row["event_data"][0].as_u64().map(|b| b & 0xF) == Some(5);
    let shown: Vec<&Value> = ours.iter().filter(|row| !is_clock_change(row)).collect();
    assert!(shown.len() > 10);
    assert_eq!(theirs.len(), shown.len());
    for (event, row) in theirs.iter().zip(shown) {
        assert_eq!(event["record_id"], row["record_id"]);
        if event["component_type_id"].is_u64() {
            assert_eq!(event["component_type_id"], row["sensor_type"], "{event} {row}");
            assert_eq!(event["timecode"], row["timestamp"]["seconds"], "{event} {row}");
            assert_eq!(
                event["deassertion"].as_bool(),
                row["asserted"].as_bool().map(|asserted| !asserted),
                "{event} {row}"
            );
            if row["sensor_name"].is_string() {
                assert_eq!(event["component"], row["sensor_name"], "{event} {row}");
            }
        }
    }
}

fn same_inventory(theirs: &Value, ours: &[Value]) {
    const FIELDS: &[(&str, &str, &str)] = &[
        ("Chassis part number", "chassis", "part_number"),
        ("Chassis serial number", "chassis", "serial"),
        ("Board manufacturer", "board", "manufacturer"),
        ("Board product name", "board", "product"),
        ("Board serial number", "board", "serial"),
        ("Manufacturer", "product", "manufacturer"),
        ("Product name", "product", "name"),
        ("Model", "product", "part_number"),
        ("Serial Number", "product", "serial"),
        ("Asset Number", "product", "asset_tag"),
    ];
    let devices = theirs.as_object().unwrap();
    assert!(devices.len() > 1, "{theirs}");
    for (name, fields) in devices {
        let description = if name == "System" { "Builtin FRU Device" } else { name };
        let device = ours.iter().find(|row| row["description"] == *description && row["address"] == 0x20);
        let device = device.unwrap_or_else(|| panic!("pyghmi has a FRU that ipmi lacks: {name}"));
        // Memory modules carry the contents of an SPD, which pyghmi names differently.
        for (field, area, ours) in FIELDS.iter().filter(|_| device["product"].is_object()) {
            if fields[field].is_string() {
                assert_eq!(fields[field], device[area][ours], "{name}: {field}");
            }
        }
    }
    assert!(theirs["System"]["Serial Number"].is_string(), "{theirs}");
}

#[test]
fn a_bmc_of_pyghmi_is_controlled() {
    let Some(python) = peer::python_with(&["pyghmi"]) else { return };
    let mut server = script(&python, "pyghmi_bmc.py");
    server.args(["127.0.0.1", "0", "admin", "correct horse"]);
    let bmc = program::Running::spawn("pyghmi_bmc.py", server);
    let address: SocketAddr = bmc.wait_for("ready ").parse().unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut remote = Remote::new(address, home.path());
    "correct horse".clone_into(&mut remote.password);
    for (command, shown, told) in [
        ("power status", "Chassis Power is off\n", None),
        ("power on", "Chassis Power Control: Up/On\n", Some("power on")),
        ("power status", "Chassis Power is on\n", None),
        ("power reset", "Chassis Power Control: Reset\n", Some("power reset")),
        ("power off", "Chassis Power Control: Down/Off\n", Some("power off")),
        ("chassis bootdev pxe", "Set Boot Device to pxe\n", Some("boot network")),
    ] {
        for options in ["-I lanplus", "-I lanplus -C 3"] {
            let outcome = remote.ipmi(options, command);
            assert_eq!(
                (outcome.status, outcome.stdout.as_str()),
                (0, shown),
                "{options} {command}: {}",
                outcome.stderr
            );
            if let Some(told) = told {
                bmc.wait_for(told);
            }
        }
    }
    let status = remote.ipmi("-I lanplus", "chassis status");
    assert!(status.stdout.starts_with("System Power         : off\n"), "{status:?}");
    // pyghmi has no such operation and says so.
    let cycle = remote.ipmi("-I lanplus", "power cycle");
    assert_eq!((cycle.status, cycle.stdout.as_str()), (1, ""), "{}", cycle.stderr);
    let wrong = Remote { password: "incorrect".to_owned(), ..remote }.ipmi("-I lanplus -C 3", "power status");
    assert_eq!((wrong.status, wrong.stdout.as_str()), (1, ""));
    assert!(wrong.stderr.contains("password") && wrong.stderr.lines().count() == 1, "{}", wrong.stderr);
}
