//! The simulated BMC under any requests, with time passing: it answers each, and still knows itself afterwards.
#![no_main]

use std::time::Duration;

use ipmi_core::command::app::GetDeviceId;
use ipmi_core::{Lun, NetFn, Request};
use libfuzzer_sys::fuzz_target;
use simulator::{Bmc, Options};

fuzz_target!(|data: &[u8]| {
    let mut bmc = Bmc::builtin(&Options::default(), Duration::ZERO);
    let mut now = Duration::ZERO;
    let mut rest = data;
    while let [net_fn_lun, cmd, how, after @ ..] = rest {
        let (data, after) = after.split_at_checked(usize::from(how & 0x3F)).unwrap_or((after, &[]));
        rest = after;
        let request =
            Request { net_fn: NetFn::new(net_fn_lun >> 2), lun: Lun::new(*net_fn_lun), cmd: *cmd, data: data.to_vec() };
        let response = bmc.handle(&request, now);
        assert!(response.data.len() <= 1024, "{} bytes", response.data.len());
        now += Duration::from_millis(u64::from(how >> 6) * 700);
        bmc.poll(now);
        bmc.take_actions();
    }
    // A reset may be under way: give it time to end.
    now += Duration::from_secs(60);
    bmc.poll(now);
    assert!(bmc.handle(&Request::of(&GetDeviceId), now).decode::<GetDeviceId>().is_ok());
});
