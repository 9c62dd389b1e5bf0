//! `ipmi` over LAN to BMCs that are far away or slow: it logs in, and sends nearly everything once.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use tests::bmc_sim::BmcSim;
use tests::ipmi_sim::IpmiSim;
use tests::lan::Remote;
use tests::proxy::{Path, Proxy};

/// The log-in takes five datagrams, the request and Close Session one each.
const DATAGRAMS: usize = 7;
/// Two more may go out while it is not known how far away the BMC is.
const UNKNOWN: usize = 2;

/// Asks for the device through a path; gives the time it took.
fn mc_info(remote: &Remote, path: Path, interface: &str) -> Duration {
    let proxy = Proxy::start(remote.address, path);
    let started = Instant::now();
    let outcome = remote.at(proxy.address()).ipmi(interface, "mc info");
    let took = started.elapsed();
    let record = proxy.take();
    println!("{interface}, {:?} each way: {took:?}, {record}", path.delay);
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, ""), "{interface} {path:?}: {record}");
    assert!(outcome.stdout.starts_with("Device ID"), "{}", outcome.stdout);
    assert!(record.requests() <= DATAGRAMS + UNKNOWN, "{interface} {path:?}: {record}");
    took
}

#[test]
fn a_long_way() {
    let script = "mc_setbmc 0x20\nmc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02\nmc_enable 0x20\n";
    let (Some(sim), Some(bmc)) = (IpmiSim::start(script), BmcSim::start(&[], "", &[])) else { return };
    let home = tempfile::tempdir().unwrap();
    let theirs = Remote::new(sim.address(), home.path());
    std::thread::scope(|scope| {
        for (remote, interface) in [
            (&theirs, "-I lanplus"),
            (&theirs, "-I lanplus -C 3"),
            (&theirs, "-I lan"),
            (&bmc.remote, "-I lanplus"),
            (&bmc.remote, "-I lanplus -C 17"),
        ] {
            for milliseconds in [800, 1500] {
                scope.spawn(move || {
                    let round_trip = Duration::from_millis(milliseconds);
                    let took = mc_info(remote, Path::round_trip(round_trip), interface);
                    // The answer to Close Session is not waited for as long.
                    assert!(took < round_trip * 8 + Duration::from_secs(1), "{interface}: {took:?}");
                });
            }
        }
    });
}

#[test]
fn a_bmc_that_works_on_one_message_at_a_time() {
    let Some(bmc) = BmcSim::start(&[], "", &[]) else { return };
    let path = Path { one_at_a_time: Some(Duration::from_millis(800)), ..Path::default() };
    let took = mc_info(&bmc.remote, path, "-I lanplus -C 3");
    assert!(took < Duration::from_secs(12), "{took:?}");
}
