//! What the kernel passes on from programs to `bmc-sim --cuse`: messages of any content, their lengths in front.
#![no_main]

use ipmi_core::{CompletionCode, Request, Response};
use libfuzzer_sys::fuzz_target;
use simulator::cuse::{Device, To};

fuzz_target!(|data: &[u8]| {
    let mut device = Device::new("ipmi0");
    let mut ask = |_: To, request: &Request| {
        assert!(request.data.len() <= 272);
        Response { code: CompletionCode::OK, data: request.data.clone() }
    };
    let mut rest = data;
    while let Some((&[length], after)) = rest.split_first_chunk() {
        let (message, after) = after.split_at(usize::from(length).min(after.len()));
        rest = after;
        for reply in device.handle(message, &mut ask) {
            // Every message says its own length.
            assert_eq!(reply.get(..4), Some(&u32::try_from(reply.len()).unwrap_or(0).to_ne_bytes()[..]));
        }
        device.event(message);
    }
});
