//! Serial basic mode: what either end makes of any bytes; what is written reads back the same.
#![no_main]

use ipmi_core::link::serial_basic::{Decoder, Item, emit};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut decoder = Decoder::default();
    let mut last = None;
    for byte in data {
        match decoder.push(*byte) {
            Some(Ok(Item::Message(message))) => last = Some(message),
            Some(Err(error)) => assert!(!error.to_string().is_empty()),
            Some(Ok(Item::Handshake)) | None => {}
        }
    }
    // A message gets through whatever came before.
    if let Some(message) = last {
        let items: Vec<_> = emit(&message).into_iter().filter_map(|byte| decoder.push(byte)).collect();
        assert_eq!(items, [Ok(Item::Message(message))]);
    }
});
