//! One KCS transfer, both ends: Get Device ID (2 bytes out, 18 in) and a whole SDR (8 out, 70 in).

#![allow(clippy::indexing_slicing, clippy::panic)]

use std::time::{Duration, Instant};

use divan::Bencher;
use ipmi_core::link::kcs::{KcsHost, Step};
use ipmi_core::link::kcs_bmc::KcsBmc;
use ipmi_core::link::serial_kcs::{self, Access};
use ipmi_core::link::serial_kcs_bmc::SerialKcsBmc;

fn main() {
    divan::main();
}

/// Request bytes and response length.
const TRANSFERS: [(&[u8], usize); 2] = [(&[0x18, 0x01], 18), (&[0x28, 0x23, 0x00, 0x00, 0x01, 0x00, 0x00, 0xFF], 70)];

/// Every access executed at once, as over I/O ports.
#[divan::bench(args = [0, 1])]
fn by_ports(bencher: Bencher<'_, '_>, transfer: usize) {
    let (request, length) = TRANSFERS[transfer];
    let response = vec![0x1C; length];
    let (mut host, mut bmc, now) = (KcsHost::new(), KcsBmc::new(), Instant::now());
    bencher.bench_local(|| {
        host.start(request, now + Duration::from_secs(5));
        loop {
            match host.poll() {
                Step::Access(Access::Write(register, value)) => {
                    if let Some(request) = bmc.write(register, value) {
                        bmc.respond(request.ticket, &response);
                    }
                }
                Step::Access(Access::Read(register)) => host.complete(bmc.read(register), now),
                Step::Access(Access::Wait { .. }) => host.complete(bmc.status(), now),
                Step::Done(response) => break response,
                step => panic!("{step:?}"),
            }
        }
    });
}

/// The same through the serial framing.
#[divan::bench(args = [0, 1])]
fn by_line(bencher: Bencher<'_, '_>, transfer: usize) {
    let (request, length) = TRANSFERS[transfer];
    let response = vec![0x1C; length];
    let (mut host, mut bmc, now) = (KcsHost::over_line(), SerialKcsBmc::new(), Instant::now());
    bencher.bench_local(|| {
        host.start(request, now + Duration::from_secs(5));
        let mut line = Vec::new();
        loop {
            match host.poll() {
                Step::Access(access) => serial_kcs::emit(access, &mut line),
                Step::Blocked => {
                    bmc.handle_input(&line, now);
                    line.clear();
                    if let Some(request) = bmc.poll_request() {
                        bmc.respond(request.ticket, &response, now);
                    }
                    for byte in bmc.poll_output() {
                        host.complete(byte, now);
                    }
                }
                Step::Done(response) => break response,
                step => panic!("{step:?}"),
            }
        }
    });
}
