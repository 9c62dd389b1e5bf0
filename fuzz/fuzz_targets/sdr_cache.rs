//! Files of the SDR cache: the envelope and what is in it.
#![no_main]

use kernel_bridge::cache::open_envelope;
use kernel_bridge::walk::sdr_cache::describe;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    match open_envelope(data) {
        Ok(content) => assert!(content.len() < data.len()),
        Err(reason) => assert!(!reason.is_empty()),
    }
    let _ = describe(data);
});
