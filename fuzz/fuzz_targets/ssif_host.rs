//! The host end of SSIF against a bus that gives anything: an exchange ends, and no later than its time is over.
#![no_main]

use std::time::{Duration, Instant};

use ipmi_core::link::ssif::{BLOCK, Capabilities, MAX_RESPONSE, SsifHost, Step, Transfer};
use libfuzzer_sys::fuzz_target;

/// Steps one exchange may take at most: far more than the longest one with every pause.
const LIMIT: usize = 10_000;

fuzz_target!(|data: &[u8]| {
    let (capabilities, mut data) = data.split_at_checked(4).unwrap_or((&[], data));
    let mut host = SsifHost::new(Capabilities::parse(capabilities));
    let mut now = Instant::now();
    for exchange in 0..3_usize {
        let end = now + Duration::from_secs(1);
        host.start(&vec![0x18; 2 + exchange * 40], end);
        for step in 0.. {
            assert!(step < LIMIT, "exchange {exchange} does not end");
            let (&[how], rest) = data.split_first_chunk().unwrap_or((&[0], &[]));
            match host.poll(now) {
                Step::Wait(time) => {
                    assert!(time > now && time <= end);
                    now = time;
                }
                Step::Write { data: block, .. } => {
                    assert!((1..=BLOCK).contains(&block.len()));
                    data = rest;
                    host.complete(if how < 0xC0 { Transfer::Written } else { Transfer::Refused }, now);
                    now += Duration::from_millis(1);
                }
                Step::Read { .. } => {
                    let (block, rest) = rest.split_at(usize::from(how & 0x3F).min(rest.len()));
                    data = rest;
                    host.complete(if how < 0xC0 { Transfer::Read(block) } else { Transfer::Damaged }, now);
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
