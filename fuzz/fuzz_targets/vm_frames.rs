//! VM protocol frames: what one end makes of any bytes, and of the frames the other end makes.
#![no_main]

use ipmi_core::link::system_message::{parse_request, parse_response};
use ipmi_core::link::vm::{Decoder, Frame, ToBmc, ToMachine, emit_message, emit_to_bmc, emit_to_machine};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut decoder = Decoder::default();
    let mut request = None;
    for byte in data {
        match decoder.push(*byte) {
            Some(Ok(Frame::Message { sequence, bytes })) => {
                assert!(
                    frames(&emit_message(sequence, &bytes)) == [Ok(Frame::Message { sequence, bytes: bytes.clone() })]
                );
                if let Some(request) = &request {
                    let _ = parse_response(request, &bytes);
                }
                request = parse_request(&bytes).ok().or(request);
            }
            Some(Ok(Frame::Control { id, argument })) => {
                let to_machine = ToMachine::parse(id, argument);
                assert_eq!(frames(&emit_to_machine(to_machine)).len(), 1);
                let to_bmc = ToBmc::parse(id, argument);
                assert_eq!(frames(&emit_to_bmc(to_bmc)).len(), 1);
            }
            Some(Err(error)) => assert!(!error.to_string().is_empty()),
            None => {}
        }
    }
    // A terminator, and whatever was half received is over.
    let _ = decoder.push(0xA0);
    let mut last = None;
    for byte in emit_message(7, &[0x18, 0x01]) {
        last = decoder.push(byte);
    }
    assert_eq!(last, Some(Ok(Frame::Message { sequence: 7, bytes: vec![0x18, 0x01] })));
});

fn frames(line: &[u8]) -> Vec<Result<Frame, ipmi_core::ParseError>> {
    let mut decoder = Decoder::default();
    line.iter().filter_map(|byte| decoder.push(*byte)).collect()
}
