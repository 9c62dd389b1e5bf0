//! IPMB frames: what parses is emitted as it came, and answers are found only where they are.
#![no_main]

use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::{CompletionCode, Lun, NetFn, Response, SlaveAddress};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(message) = IpmbMessage::parse(data) {
        assert_eq!(message.emit(), data);
        if !message.net_fn.is_response() {
            let answer = message.reply(&Response { code: CompletionCode(0xC1), data: data.to_vec() });
            assert!(message.is_answered_by(&answer));
            let found = message.response_in(&answer.emit()).expect("its own answer");
            assert_eq!((found.code, found.data.as_slice()), (CompletionCode(0xC1), data));
        }
    }
    let request = IpmbMessage {
        responder: SlaveAddress(0x2C),
        net_fn: NetFn::APP,
        responder_lun: Lun::BMC,
        requester: SlaveAddress(0x20),
        requester_lun: Lun::BMC,
        sequence: 1,
        cmd: 1,
        data: Vec::new(),
    };
    if let Some(response) = request.response_in(data) {
        assert!(response.data.len() < data.len());
    }
});
