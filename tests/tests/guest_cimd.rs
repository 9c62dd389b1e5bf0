//! `cimd` over a real /dev/ipmi0: in the guest, WS-Man and the command line show the same sensors.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::Value;
use tests::{guest::Guest, program};

#[test]
fn ws_man_and_the_command_line_agree_over_the_linux_driver() {
    let Some(guest) = Guest::prepare() else { return };
    let bmc = program::Running::start("bmc-sim", ["--vm", "127.0.0.1:0", "--freeze"]);
    let address = bmc.wait_for("ready vm ");
    let wait =
        "n=0; until grep -q ^Try /tmp/ready || [ $n -gt 200 ]; do usleep 50000; n=$((n+1)); done; cat /tmp/ready";
    let login = "-r:http://127.0.0.1:5985 -u:admin -p:admin -a:basic -un";
    let commands = [
        "ifconfig lo 127.0.0.1 up".to_owned(),
        "cimd --http 127.0.0.1:5985 --allow-unencrypted --user admin:admin >/tmp/ready 2>/tmp/log &".to_owned(),
        wait.to_owned(),
        format!("winrm enumerate wmi/root/hardware/NumericSensor -format:json {login}"),
        "ipmi --json sensor list".to_owned(),
        format!("winrm invoke ClearLog 'wmi/root/hardware/RecordLog?InstanceID=IPMI:SEL Log' {login}"),
        "ipmi sel info".to_owned(),
    ];
    let programs = ["cimd", "winrm", "ipmi"].map(program::path);
    let programs: Vec<_> = programs.iter().map(AsRef::as_ref).collect();
    let outcomes = guest.run(&address, &programs, &commands);
    assert!(outcomes[2].stdout.contains("ready http://127.0.0.1:5985"), "{outcomes:?}");
    assert!(
        outcomes[2].stdout.contains("/dev/ipmi0") || outcomes[2].stdout.contains("open:0"),
        "{}",
        outcomes[2].stdout
    );

    let rows = |index: usize| -> Vec<Value> {
        let outcome = &outcomes[index];
        serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:?}"))
    };
    let over_ws_man: Vec<(String, f64)> = rows(3)
        .iter()
        .map(|row| {
            let number = |name: &str| row[name].as_str().unwrap_or("0").parse::<i32>().unwrap();
            let reading = f64::from(number("CurrentReading")) * 10f64.powi(number("UnitModifier"));
            (row["ElementName"].as_str().unwrap().to_owned(), reading)
        })
        .collect();
    let by_ipmi: Vec<(String, f64)> = rows(4)
        .iter()
        .filter(|row| row["event_reading_type"] == 1)
        .map(|row| (row["name"].as_str().unwrap().to_owned(), row["value"].as_f64().unwrap_or(0.0)))
        .collect();
    assert!(over_ws_man.len() >= 30);
    assert_eq!(over_ws_man.len(), by_ipmi.len());
    for (ws_man, ipmi) in over_ws_man.iter().zip(&by_ipmi) {
        assert_eq!(ws_man.0, ipmi.0);
        assert!((ws_man.1 - ipmi.1).abs() <= ipmi.1.abs() * 0.001 + 0.000_01, "{ws_man:?} {ipmi:?}");
    }
    assert_eq!(outcomes[5].status, 0, "{:?}", outcomes[5]);
    let entries = outcomes[6].stdout.lines().find(|line| line.starts_with("Entries")).unwrap();
    let count: u32 = entries.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(count <= 1, "{entries}");
}
