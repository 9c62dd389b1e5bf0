//! Any request at any time gets a response: no panic, no hang, no response longer than a link can carry.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::time::Duration;

use ipmi_core::{Lun, NetFn, Request};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use simulator::fault::Faults;
use simulator::fault::request::RequestFaults;
use simulator::{Bmc, Options};

#[test]
fn random_requests_are_answered() {
    let seed = 0x1234_5678;
    let mut random = StdRng::seed_from_u64(seed);
    let mut now = Duration::from_secs(1_790_000_000);
    let mut bmc = Bmc::builtin(&Options { seed, freeze: false }, now);
    (bmc.profile.picmg, bmc.profile.hpm, bmc.profile.vita) = (true, true, true);
    bmc.faults = Some(RequestFaults::new(&Faults::parse("busy=1%,lost-reservation=5%,truncate=5%").unwrap(), seed));
    for round in 0..20_000_u32 {
        let net_fn = match random.random_range(0..10_u8) {
            0 => random.random_range(0..64),
            known => [0x00, 0x04, 0x04, 0x06, 0x06, 0x0A, 0x0A, 0x0C, 0x2C][usize::from(known - 1)],
        };
        let length = random.random_range(0..20_usize);
        let small = random.random_range(0..2_u8) == 0;
        let data: Vec<u8> =
            (0..length).map(|_| if small { random.random_range(0..8) } else { random.random_range(0..=255) }).collect();
        let mut data = data;
        if let (0x2C, Some(body)) = (net_fn, data.first_mut()) {
            *body = [0xDC, 0xDC, 0xDC, 0x00, 0x03][random.random_range(0..5_usize)];
        }
        let mut request = Request::new(NetFn::new(net_fn), random.random_range(0..=0x60), data);
        request.lun = Lun::new(random.random_range(0..4));
        let response = bmc.handle(&request, now);
        assert!(response.data.len() <= 1024, "seed {seed:#x} round {round}: {request:?}");
        now += Duration::from_millis(random.random_range(0..5_000));
        bmc.take_actions();
        bmc.take_datagrams();
    }
}
