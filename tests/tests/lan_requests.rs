//! What the network costs: datagrams per command against `ipmi_sim`, counted by a proxy that adds 5 ms to each round
//! trip.
//!
//! Times are a benchmark (`tests/bench`); what is asserted here are counts, and output equal to ipmitool's.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

use tests::ipmi_sim::IpmiSim;
use tests::lan::{self, Outcome, Remote};
use tests::proxy::{Path, Proxy, Record};
use tests::{diff, emu, program};

const SUITE_3: &str = "-I lanplus -C 3";
/// Added round trip.
const ROUND_TRIP: Duration = Duration::from_millis(5);
/// Longest silence that is no stall, on a machine at work with other tests. ipmitool's wait is 10 s.
const STALL: Duration = Duration::from_secs(1);

/// A BMC, the proxy before it, and an empty home.
struct Bench {
    proxy: Proxy,
    remote: Remote,
    _bmc: IpmiSim,
    _home: tempfile::TempDir,
}

impl Bench {
    fn start(path: Path) -> Option<Self> {
        if !lan::installed(&["ipmitool"]) {
            return None;
        }
        let bmc = IpmiSim::start(&emu::script())?;
        let proxy = Proxy::start(bmc.address(), path);
        let home = tempfile::tempdir().unwrap();
        let remote = Remote::new(proxy.address(), home.path());
        Some(Self { proxy, remote, _bmc: bmc, _home: home })
    }

    fn ipmi(&self, options: &str, command: &str) -> (Outcome, Record) {
        let _ = self.proxy.take();
        let outcome = self.remote.ipmi(options, command);
        assert_eq!(outcome.status, 0, "ipmi {options} {command}: {}", outcome.stderr);
        (outcome, self.proxy.take())
    }

    fn ipmitool(&self, command: &str) -> (Outcome, Record) {
        let _ = self.proxy.take();
        let outcome = self.remote.ipmitool(SUITE_3, command);
        assert_eq!(outcome.status, 0, "ipmitool {command}: {}", outcome.stderr);
        (outcome, self.proxy.take())
    }
}

fn at_most(what: &str, most: usize, record: &Record) {
    println!("{what}: {} datagrams to the BMC, at most {most}; {record}", record.requests());
    assert!(record.requests() <= most, "{what}: {} datagrams to the BMC, more than {most}", record.requests());
    assert!(record.longest_gap() < STALL, "{what} stalls: {record}");
}

/// Runs that a command gets to be cheap in: a machine at work with other tests is late now and then, and a request goes
/// twice.
const RUNS: usize = 3;

#[test]
fn mc_info_costs_seven_datagrams_and_never_stalls() {
    let Some(bench) = Bench::start(Path::round_trip(ROUND_TRIP)) else { return };
    let (theirs, _) = bench.ipmitool("mc info");
    for options in [SUITE_3, "-I lanplus"] {
        let mut runs: Vec<Record> = (0..RUNS)
            .map(|_| {
                // Nothing is remembered from the run before.
                let home = tempfile::tempdir().unwrap();
                let remote = Remote::new(bench.proxy.address(), home.path());
                let _ = bench.proxy.take();
                let ours = remote.ipmi(options, "mc info");
                assert_eq!(ours.status, 0, "{options} mc info: {}", ours.stderr);
                diff::assert_same(&format!("{options} mc info"), &theirs.stdout, &ours.stdout);
                bench.proxy.take()
            })
            .collect();
        runs.sort_by_key(Record::requests);
        at_most(&format!("{options} mc info"), 7, &runs[0]);
        for run in &runs {
            assert!(run.longest_gap() < STALL, "{options} mc info stalls: {run}");
        }
    }
}

/// `ipmi_sim` puts at most 36 bytes into a response (`IPMI_SIM_MAX_MSG_LENGTH` in its source), which is 33 of a record:
/// every record that is longer takes two reads from anybody. So cold means two reads for most of 165 records and a
/// reading for 149 sensors.
const COLD_IN_PIECES: usize = 480;

#[test]
fn sensors_cold_and_warm() {
    let Some(bench) = Bench::start(Path::round_trip(ROUND_TRIP)) else { return };
    let (theirs, baseline) = bench.ipmitool("sdr elist");
    assert_eq!(theirs.stdout.lines().count(), emu::SENSORS);
    println!("ipmitool sdr elist: {} datagrams to the BMC", baseline.requests());
    let (cold, record) = bench.ipmi(SUITE_3, "sdr elist");
    diff::assert_same("sdr elist, cold", &theirs.stdout, &cold.stdout);
    at_most("sdr elist, cold", COLD_IN_PIECES, &record);
    let (warm, record) = bench.ipmi(SUITE_3, "sdr elist");
    diff::assert_same("sdr elist, warm", &theirs.stdout, &warm.stdout);
    at_most("sdr elist, warm", 165, &record);
}

/// The same records in a BMC that hands out whole ones, as most do.
#[test]
fn sensors_cold_and_warm_in_whole_records() {
    if !lan::installed(&["ipmitool"]) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let script = home.path().join("node.emu");
    std::fs::write(&script, emu::script()).unwrap();
    let bmc =
        program::Running::start("bmc-sim", ["--lan", "127.0.0.1:0", "--freeze", "--emu", script.to_str().unwrap()]);
    let proxy = Proxy::start(bmc.wait_for("ready lan ").parse().unwrap(), Path::round_trip(ROUND_TRIP));
    let remote = Remote::new(proxy.address(), home.path());
    let theirs = remote.ipmitool(SUITE_3, "sdr elist");
    assert_eq!((theirs.status, theirs.stdout.lines().count()), (0, emu::SENSORS), "{}", theirs.stderr);
    for (what, most) in [("sdr elist of whole records, cold", 340), ("sdr elist of whole records, warm", 165)] {
        let _ = proxy.take();
        let ours = remote.ipmi(SUITE_3, "sdr elist");
        assert_eq!(ours.status, 0, "{what}: {}", ours.stderr);
        diff::assert_same(what, &theirs.stdout, &ours.stdout);
        at_most(what, most, &proxy.take());
    }
}

#[test]
fn event_log_complete() {
    let Some(bench) = Bench::start(Path::round_trip(ROUND_TRIP)) else { return };
    let (theirs, baseline) = bench.ipmitool("sel list");
    let (ours, record) = bench.ipmi(SUITE_3, "sel list");
    assert_eq!(ours.stdout.lines().count(), emu::SEL_RECORDS);
    diff::assert_same("sel list", &theirs.stdout, &ours.stdout);
    at_most("sel list", baseline.requests(), &record);
}

#[test]
fn a_bmc_that_takes_one_request_at_a_time() {
    let path = Path { one_at_a_time: Some(Duration::from_millis(2)), ..Path::default() };
    let Some(bench) = Bench::start(path) else { return };
    for command in ["sdr elist", "sel list"] {
        let (theirs, baseline) = bench.ipmitool(command);
        let (ours, record) = bench.ipmi(SUITE_3, command);
        diff::assert_same(&format!("{command}, one at a time"), &theirs.stdout, &ours.stdout);
        // Finding out that the BMC takes one at a time costs a few that it drops.
        let theirs = baseline.requests();
        println!("{command}: {} datagrams, ipmitool {theirs}; {record}", record.requests());
        at_most(&format!("{command}, one at a time"), theirs + theirs / 50, &record);
    }
}
