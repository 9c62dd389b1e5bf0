//! What `cimd` says about each captured node is what `ipmi sensor list` and `ipmi sel list` say about it.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::HashMap;

use serde_json::Value;
use tests::wsman_client::Server;
use tests::{data, program};

fn rows(server: &Server, class: &str, more: &[&str]) -> Vec<Value> {
    let resource = format!("wmi/root/hardware/{class}");
    let output = server.winrm(&[&["enumerate", &resource, "-format:json"], more].concat());
    assert!(output.status.success(), "{class}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Value>(&output.stdout).expect("JSON").as_array().expect("rows").clone()
}

fn number(row: &Value, property: &str) -> Option<f64> {
    row[property].as_str().map(|text| text.parse().expect("a number"))
}

/// Whether a figure of CIM, in steps of ten to the UnitModifier, is the number of the list.
fn same(shown: &str, row: &Value, property: &str) -> bool {
    let step = 10_f64.powf(number(row, "UnitModifier").unwrap());
    match (shown.parse::<f64>(), number(row, property)) {
        // The list has three decimals.
        (Ok(shown), Some(figure)) => (shown - figure * step).abs() <= step / 2.0 + 0.001,
        (Err(_), None) => shown == "na",
        _ => false,
    }
}

/// RecordData has the fields RecordFormat declares, of the types it declares.
fn check_layout(row: &Value) {
    let (format, data) = (row["RecordFormat"].as_str().unwrap(), row["RecordData"].as_str().unwrap());
    let fields = |text: &str| -> Vec<String> {
        let inner = text.strip_prefix('*').and_then(|text| text.strip_suffix('*'));
        inner.unwrap_or_else(|| panic!("{text}")).split('*').map(str::to_owned).collect()
    };
    let (declared, given) = (fields(format), fields(data));
    assert_eq!(declared.len(), given.len(), "{row}");
    for (declared, given) in declared.iter().zip(&given) {
        let (kind, _) = declared.split_once(' ').unwrap();
        let (kind, count) = kind.strip_suffix(']').and_then(|kind| kind.split_once('[')).unwrap_or((kind, "1"));
        match kind {
            "boolean" => assert!(given == "true" || given == "false", "{row}"),
            "string" => assert!(!given.is_empty(), "{row}"),
            _ => {
                assert_eq!(given.split(' ').count().to_string(), count, "{declared}: {row}");
                assert!(given.split(' ').all(|byte| byte.parse::<u32>().is_ok()), "{declared}: {row}");
            }
        }
    }
}

fn check(name: &str, bmc: &str) {
    let daemon = program::Running::start(
        "cimd",
        ["--bmc", bmc, "--http", "127.0.0.1:0", "--allow-unencrypted", "--user", "admin:admin"],
    );
    let server = Server::from_url(&daemon.wait_for("ready "));
    let ipmi = |arguments: &[&str]| {
        let output = program::run("ipmi", ["--bmc", bmc].iter().chain(arguments));
        String::from_utf8(output.stdout).unwrap()
    };

    let sensors = [rows(&server, "NumericSensor", &[]), rows(&server, "Sensor", &[])].concat();
    let mut named: HashMap<&str, Vec<&Value>> = HashMap::new();
    for row in &sensors {
        named.entry(row["ElementName"].as_str().unwrap()).or_default().push(row);
        let states = &row["PossibleStates"];
        let state = &row["CurrentState"];
        assert!(states == state || states.as_array().is_some_and(|all| all.contains(state)), "{name}: {row}");
    }
    let mut compared = 0;
    for line in ipmi(&["sensor", "list"]).lines() {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        // Names of shared records are made differently, and are those of discrete sensors.
        let Some(row) = named.get_mut(columns[0]).filter(|rows| !rows.is_empty()).map(|rows| rows.remove(0)) else {
            assert_eq!(columns[2], "discrete", "{name}: no {line}");
            continue;
        };
        assert_eq!(columns[2] == "discrete", row["CreationClassName"] == "Sensor", "{name}: {line}: {row}");
        if columns[2] == "discrete" {
            continue;
        }
        assert!(same(columns[1], row, "CurrentReading"), "{name}: {line}: {row}");
        let health = match columns[3] {
            "ok" => "5",
            "nc" => "10",
            "cr" => "20",
            "nr" => "30",
            _ => "0",
        };
        assert_eq!(row["HealthState"], health, "{name}: {line}: {row}");
        for (column, property) in [
            (4, "LowerThresholdFatal"),
            (5, "LowerThresholdCritical"),
            (6, "LowerThresholdNonCritical"),
            (7, "UpperThresholdNonCritical"),
            (8, "UpperThresholdCritical"),
            (9, "UpperThresholdFatal"),
        ] {
            // A record that denies having thresholds is believed, whatever the sensor answers.
            let none = row.get("SupportedThresholds").is_none_or(Value::is_null);
            assert!(none || same(columns[column], row, property), "{name}: {property}: {line}: {row}");
        }
        compared += 1;
    }
    assert!(compared >= 19, "{name}: {compared} figures compared");

    let records = rows(&server, "LogRecord", &[]);
    let log = rows(&server, "RecordLog", &[]);
    assert_eq!(log.len(), 1, "{name}");
    assert_eq!(log[0]["CurrentNumberOfRecords"], records.len().to_string(), "{name}");
    let listed = ipmi(&["sel", "list"]).lines().filter(|line| line.contains('|')).count();
    assert_eq!(records.len(), listed, "{name}");
    records.iter().for_each(check_layout);
    let known = ["-filter:SELECT RecordID FROM LogRecord WHERE MessageTimestamp < \"99990101000000.000000+000\""];
    let unknown = ["-filter:SELECT RecordID FROM LogRecord WHERE MessageTimestamp = \"99990101000000.000000+000\""];
    assert_eq!(rows(&server, "*", &known).len() + rows(&server, "*", &unknown).len(), records.len(), "{name}");
}

#[test]
fn every_node_says_the_same_through_cim() {
    for (name, folder) in data::nodes() {
        let emu = folder.join("node.emu");
        let bmc = program::Running::start(
            "bmc-sim",
            ["--emu".as_ref(), emu.as_os_str(), "--freeze".as_ref(), "--vm".as_ref(), "127.0.0.1:0".as_ref()],
        );
        check(&name, &format!("vm:{}", bmc.wait_for("ready vm ")));
    }
}

#[test]
fn the_built_in_server_says_the_same_through_cim() {
    let bmc = program::Running::start("bmc-sim", ["--freeze", "--vm", "127.0.0.1:0"]);
    check("built-in", &format!("vm:{}", bmc.wait_for("ready vm ")));
}
