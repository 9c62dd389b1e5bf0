//! `cimd` on a BMC over LAN: sensors are listed, a BMC that restarts is logged in to again, and the password is neither
//! in arguments nor in logs.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use tests::wsman_client::{Server, WMI};
use tests::{peer, program};

const PASSWORD: &str = "never-shown-4711";

fn bmc(address: &str) -> (program::Running, String) {
    let user = format!("admin:{PASSWORD}");
    let process = program::Running::start("bmc-sim", ["--lan", address, "--freeze", "--user", &user]);
    let address = process.wait_for("ready lan ");
    (process, address)
}

#[test]
fn a_bmc_over_lan_is_served_and_survives_its_restart() {
    let Some(python) = peer::python() else { return };
    let (mut first, address) = bmc("127.0.0.1:0");
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("pw"), format!("{PASSWORD}\n")).unwrap();
    let config = directory.path().join("cimd.toml");
    let text = format!("bmc = [\"lanplus://admin@{address}\"]\nbmc-password-file = \"pw\"\n");
    std::fs::write(&config, text).unwrap();
    let arguments = ["--config", config.to_str().unwrap(), "--http", "127.0.0.1:0", "--allow-unencrypted"];
    let daemon = program::Running::start("cimd", arguments.into_iter().chain(["--user", "admin:admin"]));
    let server = Server::from_url(&daemon.wait_for("ready "));
    let uri = format!("{WMI}root/hardware/NumericSensor");
    let read = || server.python(&python, "pypsrp", &["enumerate", &uri]);
    let count = read().as_array().unwrap().len();
    assert!(count > 50, "{count}");

    first.stop(nix::sys::signal::Signal::SIGKILL);
    let answer = read();
    assert!(answer["fault"]["wsman"].is_u64(), "a fault while the BMC is away: {answer}");
    let (_second, _) = bmc(&address);
    let back = Instant::now();
    loop {
        let rows = read();
        if rows.as_array().is_some_and(|rows| rows.len() == count) {
            break;
        }
        assert!(back.elapsed() < Duration::from_secs(60), "{rows}");
    }
    assert!(!daemon.log().contains(PASSWORD), "{}", daemon.log());
    let told = String::from_utf8_lossy(&std::fs::read(format!("/proc/{}/cmdline", daemon.id())).unwrap()).into_owned();
    assert!(told.contains("cimd.toml") && !told.contains(PASSWORD), "{told}");
}
