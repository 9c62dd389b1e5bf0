//! Commands whose texts need answers no recorded server gives, their messages, and JSON.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{in_process, run, ticking};
use ipmi_core::{CompletionCode, Request, Response};
use kernel_bridge::Bmc;

/// A BMC that answers one command with these bytes and refuses the others.
fn answering(net_fn: u8, cmd: u8, data: &'static [u8]) -> Bmc {
    in_process(move |request: &Request| {
        if (request.net_fn.get(), request.cmd) == (net_fn, cmd) {
            Response::ok(data)
        } else {
            Response::refused(CompletionCode::INVALID_COMMAND)
        }
    })
}

fn builtin() -> Bmc {
    let options = simulator::Options { freeze: true, ..Default::default() };
    ticking(simulator::Bmc::builtin(&options, Duration::ZERO))
}

#[test]
fn texts_of_single_answers() {
    for (net_fn, cmd, data, line, text) in [
        (0x06, 0x04, &[0x55, 0x00][..], "mc selftest", "Selftest: passed\n"),
        (0x06, 0x04, &[0x56, 0x00], "mc selftest", "Selftest: not implemented\n"),
        (
            0x06,
            0x04,
            &[0x57, 0x81],
            "mc selftest",
            "Selftest: device corrupted\n -> SEL device not accessible\n -> controller operational firmware corrupted\n",
        ),
        (0x06, 0x04, &[0xFF, 0x00], "mc selftest", "Selftest: N/A\n"),
        (0x00, 0x01, &[0x01, 0, 0], "power status", "Chassis Power is on\n"),
        (0x00, 0x01, &[0x00, 0, 0], "chassis power status", "Chassis Power is off\n"),
        (0x00, 0x02, &[], "power cycle", "Chassis Power Control: Cycle\n"),
        (0x00, 0x02, &[], "chassis power on", "Chassis Power Control: Up/On\n"),
        (0x00, 0x04, &[], "chassis identify", "Chassis identify interval: default (15 seconds)\n"),
        (0x00, 0x04, &[], "chassis identify 5", "Chassis identify interval: 5 seconds\n"),
        (0x00, 0x04, &[], "chassis identify 0", "Chassis identify interval: off\n"),
        (0x00, 0x04, &[], "chassis identify force", "Chassis identify interval: indefinite\n"),
        (
            0x00,
            0x06,
            &[0x07],
            "chassis policy list",
            "Supported chassis power policy:  always-off always-on previous\n",
        ),
        (0x00, 0x06, &[0x07], "chassis policy previous", "Set chassis power restore policy to previous\n"),
        (0x00, 0x07, &[0x04, 0x00], "chassis restart_cause", "System restart cause: watchdog expired\n"),
        (0x00, 0x0F, &[60, 50, 0, 0, 0], "chassis poh", "POH Counter  : 2 days, 2 hours\n"),
        (0x00, 0x0F, &[7, 50, 0, 0, 0], "chassis poh", "POH Counter  : 0 days, 5 hours, 50 minutes\n"),
        (0x06, 0x02, &[], "mc reset cold", "Sent cold reset command to MC\n"),
        (0x06, 0x01, &[0x20, 0x81, 0x01], "raw 6 1", " 20 81 01\n"),
        (0x0A, 0x48, &[0x2C, 0x03, 0, 0], "sel time get", "S+ 00:13:32\n"),
    ] {
        let output = run(&answering(net_fn, cmd, data), line);
        assert_eq!((output.text().as_str(), output.status), (text, 0), "{line}: {}", output.err);
    }
}

#[test]
fn chassis_status_with_everything() {
    let output = run(&answering(0x00, 0x01, &[0x7F, 0x1F, 0x0F, 0xA5]), "chassis status");
    let expected = "\
System Power         : on
Power Overload       : true
Power Interlock      : active
Main Power Fault     : true
Power Control Fault  : true
Power Restore Policy : unknown
Last Power Event     : ac-failed overload interlock fault command
Chassis Intrusion    : active
Front-Panel Lockout  : active
Drive Fault          : true
Cooling/Fan Fault    : true
Sleep Button Disable : allowed
Diag Button Disable  : not allowed
Reset Button Disable : allowed
Power Button Disable : not allowed
Sleep Button Disabled: false
Diag Button Disabled : true
Reset Button Disabled: false
Power Button Disabled: true
";
    assert_eq!(output.text(), expected);
}

#[test]
fn log_info_with_allocation() {
    let bmc = in_process(|request: &Request| match request.cmd {
        0x40 => Response::ok([0x51, 2, 0, 0xFF, 0xFF, 0, 0, 0, 0x60, 0xFF, 0xFF, 0xFF, 0xFF, 0x8F]),
        0x41 => Response::ok([0x00, 0x02, 0x10, 0, 0xFE, 0x01, 0xFE, 0x01, 1]),
        _ => Response::refused(CompletionCode::INVALID_COMMAND),
    });
    let expected = "\
SEL Information
Version          : 1.5 (v1.5, v2 compliant)
Entries          : 2
Free Space       : 65535 bytes or more
Percent Used     : unknown
Last Add Time    : 01/14/21 08:25:36 UTC
Last Del Time    : Not Available
Overflow         : true
Supported Cmds   : 'Delete' 'Partial Add' 'Reserve' 'Get Alloc Info'\u{20}
# of Alloc Units : 512
Alloc Unit Size  : 16
# Free Units     : 510
Largest Free Blk : 510
Max Record Size  : 1
";
    assert_eq!(run(&bmc, "sel info").text(), expected);
}

#[test]
fn messages_and_statuses() {
    let refusing = || in_process(|_: &Request| Response::refused(CompletionCode::INVALID_COMMAND));
    for (line, status, err) in [
        ("mc reset foo", 1, "Invalid mc/bmc reset command: foo\nusage: mc reset <warm|cold>\n"),
        ("mc selftest", 1, "Bad response: (Invalid command)\n"),
        ("mc reset warm", 1, "MC reset command failed: Invalid command\n"),
        ("mc info", 1, "Get Device ID command failed: Invalid command\n"),
        ("power on", 1, "Set Chassis Power Control to Up/On failed: Invalid command\n"),
        ("power foo", 1, "Invalid chassis power command: foo\n"),
        ("power", 0, "chassis power Commands: status, on, off, cycle, reset, diag, soft\n"),
        ("chassis foo", 1, "Invalid chassis command: foo\n"),
        ("chassis poh", 1, "Get Chassis Power-On-Hours failed: Invalid command\n"),
        ("chassis restart_cause", 1, "Get Chassis Restart Cause failed: Invalid command\n"),
        ("chassis policy list", 1, "Power Restore Policy command failed: Invalid command\n"),
        ("chassis identify foo", 1, "Invalid interval given.\n"),
        ("sdr foo", 1, "Invalid SDR command: foo\n"),
        ("sdr get", 1, "No Sensor ID supplied\n"),
        ("sdr entity foo", 1, "Invalid entity: foo\n"),
        (
            "sdr list foo",
            1,
            "Invalid SDR list command: foo\nusage: sdr list [all|full|compact|event|mcloc|fru|generic]\n",
        ),
        ("sensor foo", 1, "Invalid sensor command: foo\n"),
        ("sel foo", 1, "Invalid SEL command: foo\n"),
        ("sel list first", 1, "Numeric argument required; got 'first'\n"),
        ("sel list foo 3", 1, "Unknown sel list option\n"),
        ("sel get", 0, "usage: sel get <entry>\n"),
        ("sel time set foo", 1, "Specified time could not be parsed\n"),
        ("fru print x", 1, "FRU ID 'x' is either invalid or out of range.\n"),
        ("raw app 1", 1, "Given netfn \"app\" is invalid.\n"),
        ("raw 6 300", 1, "Given command \"300\" is invalid.\n"),
        ("raw 6 1 zz", 1, "Given data \"zz\" is invalid.\n"),
        (
            "raw 0x06 0xff",
            1,
            "Unable to send RAW command (channel=0x0 netfn=0x6 lun=0x0 cmd=0xff rsp=0xc1): Invalid command\n",
        ),
    ] {
        let output = run(&refusing(), line);
        assert_eq!((output.err.as_str(), output.status), (err, status), "{line}");
        assert!(output.out.is_empty(), "{line}: {}", output.text());
    }
}

#[test]
fn unknown_commands_list_the_known_ones() {
    let output = run(&builtin(), "foo");
    assert!(output.err.starts_with("Invalid command: foo\nCommands:\n\traw           Send a RAW"), "{}", output.err);
    assert_eq!((output.status, run(&builtin(), "help").status), (1, 0));
    let nothing = run(&builtin(), "");
    assert!(nothing.err.starts_with("No command provided!") && nothing.err.contains("--bmc URL"));
}

#[test]
fn thresholds_can_be_set_and_are_checked() {
    let bmc = builtin();
    let before = run(&bmc, "-c sensor list");
    let row = before.text().lines().find(|row| row.starts_with("Inlet Temp,")).unwrap().to_owned();
    let cells: Vec<&str> = row.split(',').collect();
    let critical: f64 = cells[8].parse().unwrap();
    let line = format!("sensor thresh Inlet~Temp ucr {}", critical + 1.0);
    let output = run(&bmc, &line);
    let text = format!(
        "Locating sensor record 'Inlet Temp'...\nSetting sensor \"Inlet Temp\" Upper Critical threshold to {:.3}\n",
        critical + 1.0
    );
    assert_eq!((output.text(), output.status), (text, 0), "{}", output.err);
    let after = run(&bmc, "-c sensor list").text();
    let changed = row.replace(&format!(",{critical:.3},"), &format!(",{:.3},", critical + 1.0));
    assert!(after.lines().any(|row| row == changed), "{after}");
    let refused = run(&bmc, "sensor thresh Inlet~Temp ucr 1");
    assert_eq!(
        (refused.err.as_str(), refused.status),
        ("Invalid Threshold data values. Cannot Set Threshold Data.\n", 1)
    );
}

#[test]
fn the_log_can_be_pruned_and_cleared() {
    let bmc = builtin();
    let count = |bmc: &Bmc| run(bmc, "sel list").text().lines().count();
    let before = count(&bmc);
    let first = run(&bmc, "sel list first 1").text();
    let id = first.trim_start().split(' ').next().unwrap();
    let output = run(&bmc, &format!("sel delete 0x{id}"));
    assert_eq!(output.text(), format!("Deleted entry {}\n", u16::from_str_radix(id, 16).unwrap()));
    assert_eq!(count(&bmc), before - 1);
    assert_eq!(run(&bmc, "sel list last 3").text().lines().count(), 3);
    assert_eq!(run(&bmc, "sel clear").text(), "Clearing SEL.  Please allow a few seconds to erase.\n");
    let empty = run(&bmc, "sel list");
    assert!(empty.status == 0 && (empty.err == "SEL has no entries\n" || empty.text().lines().count() <= 1));
}

#[test]
fn json_has_numbers_and_every_row() {
    let bmc = builtin();
    for line in [
        "mc info",
        "mc guid",
        "mc selftest",
        "mc getenables",
        "sdr list all",
        "sdr elist",
        "sdr info",
        "sdr type list",
        "sdr entity 7",
        "sensor list",
        "sensor get Inlet~Temp",
        "sel info",
        "sel list",
        "sel get 1",
        "sel time get",
        "fru print",
        "chassis status",
        "chassis poh",
        "chassis restart_cause",
        "power status",
        "raw 6 1",
    ] {
        let output = run(&bmc, &format!("--json {line}"));
        assert_eq!(output.status, 0, "{line}: {}", output.err);
        let value: serde_json::Value =
            serde_json::from_slice(&output.out).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(value.is_object() || value.as_array().is_some_and(|rows| !rows.is_empty()), "{line}");
    }
    let rows: serde_json::Value = serde_json::from_slice(&run(&bmc, "--json sensor list").out).unwrap();
    let inlet = rows.as_array().unwrap().iter().find(|row| row["name"] == "Inlet Temp").unwrap();
    assert!(inlet["value"].is_f64() && inlet["thresholds"]["ucr"].is_f64());
    assert_eq!((inlet["units"].as_str(), inlet["status"].as_str()), (Some("degrees C"), Some("ok")));
    let texts = run(&bmc, "sensor list").text().lines().count();
    assert_eq!(rows.as_array().unwrap().len(), texts);
}

#[test]
fn a_bmc_that_lies_is_survived() {
    // Every answer has the right form and no sense: rubbish as long as a message can be.
    for filler in [0x00, 0x01, 0x55, 0xFF] {
        for len in [0, 1, 5, 16, 64, 255] {
            let bmc = in_process(move |_: &Request| Response::ok(vec![filler; len]));
            for line in
                ["mc info", "sdr elist all", "sensor list", "sel elist", "fru print", "chassis status", "sdr info"]
            {
                run(&bmc, line);
                run(&bmc, &format!("-v {line}"));
                run(&bmc, &format!("--json {line}"));
            }
        }
    }
}
