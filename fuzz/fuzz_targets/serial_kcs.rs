//! The BMC end of a serial KCS line under any bytes, in any pieces, with time passing.
#![no_main]

use std::time::{Duration, Instant};

use ipmi_core::link::serial_kcs::{RESYNCHRONISE_SEQUENCE, SYNCHRONISED};
use ipmi_core::link::serial_kcs_bmc::{SerialKcsBmc, WAIT_LIMIT};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut now = Instant::now();
    let mut line = SerialKcsBmc::new();
    for piece in data.chunks(9) {
        let (how, bytes) = (piece[0], &piece[1..]);
        line.handle_input(bytes, now);
        // Each byte in gives at most one byte out (held waits may answer later).
        let _ = line.poll_output();
        while let Some(request) = line.poll_request() {
            if how & 1 != 0 {
                line.respond(request.ticket, &[0x1C, how, 0, 1, 2, 3], now);
            }
        }
        line.set_sms_atn(how & 2 != 0, now);
        now += Duration::from_millis(u64::from(how >> 2));
        line.handle_timeout(now);
    }
    // However deep the backlog, each timeout ends at least one wait, and then the line is in step again.
    for _ in 0..=data.len() {
        let Some(due) = line.poll_timeout() else { break };
        assert!(due <= now + WAIT_LIMIT);
        now = now.max(due);
        line.handle_timeout(now);
    }
    assert!(line.poll_timeout().is_none());
    let _ = line.poll_output();
    line.handle_input(&RESYNCHRONISE_SEQUENCE, now);
    // One or two of the three may complete a half-received access (a wait among them).
    while let Some(due) = line.poll_timeout() {
        line.handle_timeout(due);
    }
    assert_eq!(line.poll_output().last(), Some(&SYNCHRONISED));
});
