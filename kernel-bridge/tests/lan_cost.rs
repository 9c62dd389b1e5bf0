//! What requests over LAN cost, counted between us and OpenIPMI's simulator.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod lan;

use std::time::{Duration, Instant};

use ipmi_core::command::app::GetDeviceId;
use ipmi_core::{NetFn, Request, Target};
use kernel_bridge::Bmc;
use kernel_bridge::walk::sdr;
use lan::{Proxy, Trouble, options, simulator};

/// The log-in takes five, the request and Close Session one each.
const ONE_COMMAND: usize = 7;
const STALL: Duration = Duration::from_millis(500);

#[test]
fn one_command_costs_seven_datagrams_and_never_stalls() {
    let Some(simulator) = simulator("vnode") else { return };
    // The simulator has just started: its first answers are slow.
    Bmc::open(&simulator.url("lanplus", "?cipher=3"), &options()).unwrap().close(Duration::from_secs(1));
    for (scheme, query) in [("lanplus", "?cipher=3"), ("lanplus", ""), ("lan", "")] {
        // A busy machine may stall once; a wait that is built in shows every time.
        let quickest = (0..3).map(|_| one_command(simulator.port(), scheme, query)).min().unwrap();
        assert!(quickest < STALL, "{scheme}{query}: {quickest:?}");
    }
}

/// The longer time of two: the first finds out what the second remembers.
fn one_command(bmc: u16, scheme: &str, query: &str) -> Duration {
    let proxy = Proxy::start(bmc, Trouble::default());
    let times = [1, 2].map(|time| {
        let before = proxy.requests();
        let started = Instant::now();
        let bmc = Bmc::open(&proxy.url(scheme, query), &options()).unwrap();
        bmc.call(&GetDeviceId).unwrap();
        bmc.close(Duration::from_secs(1));
        let (cost, took) = (proxy.requests() - before, started.elapsed());
        println!("{scheme}{query} time {time}: {cost} datagrams, {took:?}");
        assert!(cost <= ONE_COMMAND, "{scheme}{query}: {cost}");
        took
    });
    times.into_iter().max().unwrap()
}

#[test]
fn several_under_way_cost_no_datagram_more() {
    let Some(simulator) = simulator("dell_r730") else { return };
    let readings = |trouble| {
        let proxy = Proxy::start(simulator.port(), trouble);
        let bmc = Bmc::open(&proxy.url("lanplus", "?cipher=3"), &options()).unwrap();
        let before = proxy.requests();
        let started = Instant::now();
        let pending: Vec<_> = (0..200u8)
            .map(|number| bmc.submit(Target::Bmc, Request::new(NetFn::SENSOR_EVENT, 0x2D, [number])))
            .collect();
        for pending in pending {
            pending.wait().unwrap();
        }
        (proxy.requests() - before, started.elapsed())
    };
    let delay = Duration::from_micros(2500);
    let (cost, took) = readings(Trouble { delay, ..Trouble::default() });
    println!("200 readings at 5 ms: {cost} datagrams, {took:?}");
    assert_eq!(cost, 200);
    let (cost, took) = readings(Trouble { delay, drop_each: Some(50), ..Trouble::default() });
    println!("with 2 % loss: {cost} datagrams, {took:?}");
    assert!(cost < 260, "{cost}");
    let (cost, took) = readings(Trouble { delay, one_at_a_time: true, ..Trouble::default() });
    println!("one at a time: {cost} datagrams, {took:?}");
    assert!(cost < 220, "{cost}");
}

#[test]
fn lost_datagrams_lose_no_record() {
    let Some(simulator) = simulator("quanta_d51") else { return };
    let proxy = Proxy::start(simulator.port(), Trouble { drop_each: Some(23), ..Trouble::default() });
    let mut options = options();
    options.session.timeout = Some(Duration::from_millis(100));
    let bmc = Bmc::open(&proxy.url("lanplus", "?cipher=3"), &options).unwrap();
    let repository = sdr::read_repository(&bmc, |_, _| {}).unwrap();
    assert_eq!(repository.problems, []);
    assert_eq!(repository.to_bytes().len(), std::fs::read(simulator.node().join("sdr.bin")).unwrap().len());
}
