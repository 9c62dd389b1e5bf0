//! The chassis hook: what the program is run with, and that the BMC believes what it says.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use ipmi_core::{NetFn, Request};
use simulator::engine::{Clock, Engine};
use simulator::face::hook;
use simulator::{Bmc, Options};

/// A program that keeps its machine's state in a file and notes what it was asked.
fn program(directory: &Path) -> std::path::PathBuf {
    let path = directory.join("hook");
    let here = directory.display();
    let script = format!(
        "#!/bin/sh\ncd {here}\n[ \"$1\" = status ] || echo \"$BMC_SIM_INDEX $1\" >> log\n\
         case $1 in on) touch on ;; off) rm -f on ;; status) [ -e on ] ;; esac\n"
    );
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    path
}

fn until(what: &str, mut is: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn the_machine_follows_the_bmc_and_the_bmc_the_machine() {
    let directory = tempfile::tempdir().unwrap();
    let program = program(directory.path());
    let clock = Clock::start();
    let bmc = Bmc::builtin(&Options { seed: 1, freeze: true }, clock.now());
    let engine = Engine::start(bmc, clock, None).unwrap();
    let handle = engine.handle();
    let is_on = || handle.with(|bmc, _| bmc.chassis.power_on);
    let _hook = hook::start(handle.clone(), &program, 3).unwrap();
    // The machine is off at first, and the BMC learns that.
    until("learned that the machine is off", || !is_on());
    let log = || std::fs::read_to_string(directory.path().join("log")).unwrap_or_default();
    let control = |action: u8| assert_eq!(handle.ask(Request::new(NetFn::CHASSIS, 0x02, [action])).code.0, 0);
    control(1);
    control(3);
    control(4);
    control(0);
    until("all four actions", || log().lines().count() >= 4);
    assert_eq!(log(), "3 on\n3 reset\n3 diag\n3 off\n");
    until("the machine is off", || !directory.path().join("on").exists() && !is_on());
}

#[test]
fn a_program_that_cannot_be_run_leaves_the_bmc_alone() {
    let clock = Clock::start();
    let bmc = Bmc::builtin(&Options { seed: 1, freeze: true }, clock.now());
    let engine = Engine::start(bmc, clock, None).unwrap();
    let hook = hook::start(engine.handle(), Path::new("/nonexistent/hook"), 0).unwrap();
    assert_eq!(engine.handle().ask(Request::new(NetFn::CHASSIS, 0x02, [0])).code.0, 0);
    drop(hook);
}
