//! The host end of KCS against registers that hold anything: a transfer ends, and no later than its time is over.
#![no_main]

use std::time::{Duration, Instant};

use ipmi_core::link::kcs::{KcsHost, MAX_RESPONSE, Step};
use libfuzzer_sys::fuzz_target;

/// Accesses one transfer may take at most: far more than the longest request and response with every retry.
const LIMIT: usize = 100_000;

fuzz_target!(|data: &[u8]| {
    let Some((&how, data)) = data.split_first() else { return };
    let mut host = if how & 1 == 0 { KcsHost::new() } else { KcsHost::over_line() };
    let mut now = Instant::now();
    let mut bytes = data.iter().copied();
    // Registers that stand still once the input is used up.
    let last = data.last().copied().unwrap_or_default();
    for transfer in 0..3 {
        let request: Vec<u8> = (0..how >> 3).collect();
        host.start(&request, now + Duration::from_secs(1));
        for step in 0.. {
            assert!(step < LIMIT, "transfer {transfer} does not end");
            match host.poll() {
                Step::Access(_) => {}
                Step::Blocked => {
                    now += Duration::from_millis(u64::from(how & 6));
                    host.complete(bytes.next().unwrap_or(last), now);
                    now += Duration::from_millis(1);
                }
                Step::Done(response) => {
                    assert!(response.len() <= MAX_RESPONSE);
                    break;
                }
                Step::Failed(error) => {
                    assert!(!error.to_string().is_empty());
                    break;
                }
                Step::Idle => break,
            }
        }
    }
});
