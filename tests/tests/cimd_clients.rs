//! `cimd` as its clients see it: the same sensors through winrm, pywinrm, pypsrp and `ipmi`; queries that read only
//! what they must; actions that the BMC carries out.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::Value;
use tests::wsman_client::{Server, WMI, column};
use tests::{peer, program};

struct Site {
    /// Serves until dropped.
    daemon: program::Running,
    server: Server,
}

fn simulated() -> Site {
    let mut command = std::process::Command::new(program::path("cimd"));
    command.args(["--simulate", "--http", "127.0.0.1:0"]).env("RUST_LOG", "warn,cim=debug,cim_provider=debug");
    let daemon = program::Running::spawn("cimd", command);
    let server = Server::from_url(&daemon.wait_for("ready "));
    Site { daemon, server }
}

/// Names that `ipmi sdr elist` prints for the sensors of the built-in server that have a threshold status or units.
fn threshold_sensors() -> Vec<String> {
    let output = program::run("ipmi", ["--bmc", "sim:", "--json", "sensor", "list"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = listed.as_array().unwrap_or_else(|| panic!("{listed}"));
    let names: Vec<_> = rows
        .iter()
        .filter(|row| row["event_reading_type"] == 1)
        .map(|row| row["name"].as_str().unwrap().to_owned())
        .collect();
    let elist = program::run("ipmi", ["--bmc", "sim:", "sdr", "elist"]);
    let elist = String::from_utf8_lossy(&elist.stdout).into_owned();
    for name in &names {
        assert!(elist.lines().any(|line| line.starts_with(name.as_str())), "{name} is not in sdr elist");
    }
    names
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names
}

#[test]
fn every_client_lists_the_sensors_that_ipmi_lists() {
    let site = simulated();
    let expected = sorted(threshold_sensors());
    assert!(expected.len() >= 30, "{expected:?}");

    let output = site.server.winrm(&["enumerate", "wmi/root/hardware/NumericSensor", "-format:json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let ours: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(sorted(column(&ours, "ElementName")), expected, "winrm");
    let text = site.server.winrm(&["enumerate", "wmi/root/hardware/NumericSensor"]);
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert_eq!(text.lines().filter(|line| *line == "NumericSensor").count(), expected.len(), "{text}");

    let Some(python) = peer::python() else { return };
    for client in ["pywinrm", "pypsrp"] {
        let rows = site.server.python(&python, client, &["enumerate", &format!("{WMI}root/hardware/NumericSensor")]);
        assert_eq!(sorted(column(&rows, "ElementName")), expected, "{client}");
    }
}

#[test]
fn a_query_reads_only_the_sensors_it_must() {
    let Some(python) = peer::python() else { return };
    let site = simulated();
    let query = "SELECT Name, CurrentReading FROM NumericSensor WHERE BaseUnits = 2 AND CurrentReading > 30";
    let rows = site.server.python(&python, "pypsrp", &["query", &format!("{WMI}root/hardware/*"), query]);
    let found = column(&rows, "Name");
    assert!(!found.is_empty());
    for row in rows.as_array().unwrap() {
        assert!(row["CurrentReading"].as_str().unwrap().parse::<i32>().unwrap() > 30, "{row}");
        assert_eq!(row.as_object().unwrap().len(), 3, "only the selected properties: {row}");
    }

    // The same filter, applied by the test to everything.
    let all = site.server.python(&python, "pypsrp", &["enumerate", &format!("{WMI}root/hardware/NumericSensor")]);
    let all = all.as_array().unwrap();
    let warm = |row: &&Value| row["BaseUnits"] == "2";
    let temperatures = all.iter().filter(warm).count();
    assert!(temperatures < all.len() / 2, "{temperatures} of {}", all.len());

    let log = site.daemon.log();
    let line = log
        .lines()
        .find(|line| {
            line.contains("NumericSensor")
                && line.contains("listed=")
                && line.contains(&format!("readings={temperatures}"))
        })
        .unwrap_or_else(|| panic!("no trace with readings={temperatures}:\n{log}"));
    assert!(line.contains(&format!("listed={}", all.len())), "{line}");

    // Nothing about readings is asked: nothing is read.
    let names = site.server.python(
        &python,
        "pypsrp",
        &["query", &format!("{WMI}root/hardware/*"), "SELECT Name FROM NumericSensor"],
    );
    assert_eq!(column(&names, "Name").len(), all.len());
    assert!(site.daemon.log().lines().any(|line| line.contains("NumericSensor") && line.contains("readings=0")));
}

#[test]
fn wrong_requests_get_the_right_fault_and_the_server_goes_on() {
    let Some(python) = peer::python() else { return };
    let site = simulated();
    let all = format!("{WMI}root/hardware/*");
    let cases: &[(&[&str], u64)] = &[
        (&["query", &all, "SELECT Nope FROM NumericSensor"], 0x8004_1017),
        (&["query", &all, "SELECT * FROM NumericSensor WHERE"], 0x8004_1017),
        (&["query", &all, "SELECT * FROM NoSuchClass"], 0x8004_1010),
    ];
    for (arguments, hresult) in cases {
        for client in ["pywinrm", "pypsrp"] {
            let answer = site.server.python(&python, client, arguments);
            let code = answer["fault"]["wsman"].as_u64().unwrap_or_else(|| panic!("{arguments:?}: {answer}"));
            let filter_fault = 2_150_858_778;
            assert!(code == *hresult || code == filter_fault, "{arguments:?}: {answer}");
        }
    }
    let missing = site.server.python(&python, "pywinrm", &["enumerate", &format!("{WMI}root/hardware/NoSuchClass")]);
    assert!(missing["fault"]["wsman"].is_u64(), "{missing}");
    let selector = site.server.python(&python, "pywinrm", &["get", &format!("{WMI}root/hardware/RecordLog"), "Nope=1"]);
    assert!(selector["fault"]["subcode"].as_str().unwrap().ends_with("InvalidSelectors"), "{selector}");
    let after = site.server.python(&python, "pywinrm", &["enumerate", &format!("{WMI}root/hardware/RecordLog")]);
    assert_eq!(after.as_array().unwrap().len(), 1);
}
