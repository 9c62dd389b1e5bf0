//! The BMC end of a KCS interface under register accesses in any order.
#![no_main]

use ipmi_core::link::kcs_bmc::KcsBmc;
use ipmi_core::link::kcs_register::Register;
use libfuzzer_sys::fuzz_target;

/// Longest request of the interface under test.
const MAX_REQUEST: usize = 40;

fuzz_target!(|data: &[u8]| {
    let mut bmc = KcsBmc::with_max_request(MAX_REQUEST);
    let mut pending = None;
    let mut last_ticket = None;
    for access in data.chunks_exact(2) {
        let (what, value) = (access[0], access[1]);
        match what % 8 {
            0 | 1 => drop(bmc.read(Register::Data)),
            2 => assert_eq!(bmc.read(Register::CommandStatus), bmc.status()),
            3 => bmc.set_sms_atn(value & 1 != 0),
            4 => {
                if let Some(ticket) = pending.take() {
                    bmc.respond(ticket, &vec![value; usize::from(value)]);
                }
            }
            5 => {
                // An old or made-up ticket is never taken while another request waits.
                let made_up = u32::from(value) ^ 0x8000_0000;
                assert!(pending == Some(made_up) || !bmc.respond(made_up, &[0x1C, 1, 0]));
            }
            which => {
                let register = if which == 6 { Register::Data } else { Register::CommandStatus };
                if let Some(request) = bmc.write(register, value) {
                    assert!(request.bytes.len() <= MAX_REQUEST);
                    assert_ne!(last_ticket, Some(request.ticket));
                    (pending, last_ticket) = (Some(request.ticket), Some(request.ticket));
                }
            }
        }
    }
    // Whatever happened before, a host that does it right gets its answer.
    bmc.write(Register::CommandStatus, 0x60);
    bmc.read(Register::Data);
    bmc.write(Register::Data, 0);
    bmc.read(Register::Data);
    bmc.write(Register::Data, 0x68);
    bmc.read(Register::Data);
    bmc.write(Register::CommandStatus, 0x61);
    bmc.write(Register::Data, 0x18);
    bmc.write(Register::CommandStatus, 0x62);
    let request = bmc.write(Register::Data, 0x01).expect("a request after recovery");
    assert_eq!(request.bytes, [0x18, 0x01]);
    assert!(bmc.respond(request.ticket, &[0x1C, 0x01, 0xC1]));
    assert_eq!(bmc.read(Register::Data), 0x1C);
});
