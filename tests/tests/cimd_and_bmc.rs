//! `cimd` and `ipmi` on the same `bmc-sim`: what one changes the other sees, and a BMC that goes away comes back.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::wsman_client::{Server, WMI};
use tests::{peer, program};

struct Bmc {
    process: program::Running,
    address: String,
}

fn bmc(address: &str) -> Bmc {
    let process = program::Running::start("bmc-sim", ["--vm", address, "--freeze"]);
    let address = process.wait_for("ready vm ");
    Bmc { process, address }
}

fn daemon(bmc: &str) -> (program::Running, Server) {
    let daemon = program::Running::start(
        "cimd",
        ["--bmc", &format!("vm:{bmc}"), "--http", "127.0.0.1:0", "--allow-unencrypted", "--user", "admin:admin"],
    );
    let server = Server::from_url(&daemon.wait_for("ready "));
    (daemon, server)
}

fn ipmi(bmc: &str, arguments: &[&str]) -> String {
    let url = format!("vm:{bmc}");
    let output = program::run("ipmi", ["--bmc", &url].iter().chain(arguments));
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn selectors(
    server: &Server,
    python: &PathBuf,
    class: &str,
    wanted: impl Fn(&Value) -> bool,
    keys: &[&str],
) -> Vec<String> {
    let rows = server.python(python, "pypsrp", &["enumerate", &format!("{WMI}root/hardware/{class}")]);
    let row = rows.as_array().unwrap().iter().find(|row| wanted(row)).unwrap_or_else(|| panic!("{rows}")).clone();
    keys.iter().map(|key| format!("{key}={}", row[*key].as_str().unwrap())).collect()
}

fn invoke(server: &Server, python: &PathBuf, class: &str, method: &str, keys: &[String], inputs: &[&str]) -> Value {
    let uri = format!("{WMI}root/hardware/{class}");
    let mut arguments = vec!["invoke", &*uri, method];
    arguments.extend(keys.iter().map(String::as_str));
    arguments.extend(inputs);
    server.python(python, "pypsrp", &arguments)
}

#[test]
fn actions_through_ws_man_change_the_bmc() {
    let Some(python) = peer::python() else { return };
    let bmc = bmc("127.0.0.1:0");
    let (_daemon, server) = daemon(&bmc.address);

    assert!(ipmi(&bmc.address, &["sel", "list"]).lines().count() >= 30);
    let log = selectors(&server, &python, "RecordLog", |_| true, &["InstanceID"]);
    let answer = invoke(&server, &python, "RecordLog", "ClearLog", &log, &[]);
    assert_eq!(answer["ReturnValue"], "0", "{answer}");
    // A BMC may log the erasure itself; nothing older may be left.
    assert!(ipmi(&bmc.address, &["sel", "list"]).lines().count() <= 1);
    let records = server.python(&python, "pypsrp", &["enumerate", &format!("{WMI}root/hardware/LogRecord")]);
    assert!(records.as_array().unwrap().len() <= 1, "{records}");

    let host =
        selectors(&server, &python, "ComputerSystem", |row| row["Dedicated"] == "0", &["CreationClassName", "Name"]);
    assert_eq!(ipmi(&bmc.address, &["power", "status"]), "Chassis Power is on\n");
    let off = invoke(&server, &python, "ComputerSystem", "RequestStateChange", &host, &["@RequestedState=3"]);
    assert_eq!(off["ReturnValue"], "0", "{off}");
    assert_eq!(ipmi(&bmc.address, &["power", "status"]), "Chassis Power is off\n");
    let on = invoke(&server, &python, "ComputerSystem", "RequestStateChange", &host, &["@RequestedState=2"]);
    assert_eq!(on["ReturnValue"], "0", "{on}");
    assert_eq!(ipmi(&bmc.address, &["power", "status"]), "Chassis Power is on\n");
    let cycle = invoke(&server, &python, "ComputerSystem", "SetPowerState", &host, &["@PowerState=5"]);
    assert_eq!(cycle["ReturnValue"], "0", "{cycle}");
    // The power stays off for the power cycle interval.
    let start = Instant::now();
    while ipmi(&bmc.address, &["power", "status"]) != "Chassis Power is on\n" {
        assert!(start.elapsed() < Duration::from_secs(15), "the power does not come back");
        std::thread::sleep(Duration::from_millis(100));
    }
    let reset = invoke(&server, &python, "ComputerSystem", "RequestStateChange", &host, &["@RequestedState=11"]);
    assert_eq!(reset["ReturnValue"], "0", "{reset}");
    assert!(ipmi(&bmc.address, &["sel", "list"]).contains("Power"), "the SEL tells of the power changes");
}

#[test]
fn a_threshold_put_through_ws_man_is_what_ipmi_shows() {
    let Some(python) = peer::python() else { return };
    let bmc = bmc("127.0.0.1:0");
    let (_daemon, server) = daemon(&bmc.address);
    let uri = format!("{WMI}root/hardware/NumericSensor");
    let rows = server.python(&python, "pypsrp", &["enumerate", &uri]);
    let settable = |row: &&Value| {
        row["BaseUnits"] == "2"
            && row["SettableThresholds"].as_array().is_some_and(|codes| codes.contains(&"1".into()))
            && row["UnitModifier"] == "0"
    };
    let sensor = rows.as_array().unwrap().iter().find(settable).unwrap_or_else(|| panic!("{rows}"));
    let new = sensor["UpperThresholdNonCritical"].as_str().unwrap().parse::<i32>().unwrap() - 3;
    let keys: Vec<String> = ["SystemCreationClassName", "SystemName", "CreationClassName", "DeviceID"]
        .iter()
        .map(|key| format!("{key}={}", sensor[*key].as_str().unwrap()))
        .collect();
    let change = format!("@UpperThresholdNonCritical={new}");
    let mut arguments = vec!["put", &*uri];
    arguments.extend(keys.iter().map(String::as_str));
    arguments.push(&change);
    let answer = server.python(&python, "pywinrm", &arguments);
    assert!(answer.get("fault").is_none(), "{answer}");
    let shown = ipmi(&bmc.address, &["sensor", "get", sensor["ElementName"].as_str().unwrap()]);
    assert!(shown.contains(&format!("Upper Non-Critical    : {new}.000")), "{shown}");
}

#[test]
fn a_bmc_that_goes_away_and_comes_back() {
    let Some(python) = peer::python() else { return };
    let mut first = bmc("127.0.0.1:0");
    let (_daemon, server) = daemon(&first.address);
    let uri = format!("{WMI}root/hardware/NumericSensor");
    let read = || server.python(&python, "pypsrp", &["enumerate", &uri]);
    let count = read().as_array().unwrap().len();

    first.process.stop(nix::sys::signal::Signal::SIGKILL);
    let start = Instant::now();
    let answer = read();
    assert!(answer["fault"]["wsman"].is_u64(), "a fault while the BMC is away: {answer}");
    assert!(start.elapsed() < Duration::from_secs(25), "the fault comes within the operation's time");

    let second = bmc(&first.address);
    let back = Instant::now();
    loop {
        let answer = read();
        if answer.as_array().is_some_and(|rows| rows.len() == count) {
            break;
        }
        assert!(back.elapsed() < Duration::from_secs(5), "no data 5 s after the BMC is back: {answer}");
    }
    drop(second);
}
