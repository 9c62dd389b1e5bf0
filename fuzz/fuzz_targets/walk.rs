//! The walkers over repository, log, FRUs and sensors, with a BMC that answers anything.
#![no_main]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ipmi_core::command::storage::{FruDeviceId, RecordId};
use ipmi_core::sdr::SdrRecord;
use ipmi_core::{CompletionCode, Response, Target};
use kernel_bridge::transport::InProcess;
use kernel_bridge::{Bmc, Options, walk};
use libfuzzer_sys::fuzz_target;

/// Answers a BMC gives at most before it refuses everything.
const ANSWERS: usize = 300;

fuzz_target!(|data: &[u8]| {
    let answers = Arc::new(Mutex::new((data.to_vec(), 0_usize)));
    let handler = move |_: &ipmi_core::Request| {
        let mut state = answers.lock().expect("one thread answers");
        let (bytes, given) = &mut *state;
        *given += 1;
        let Some((&how, rest)) = bytes.split_first().filter(|_| *given < ANSWERS) else {
            return Response::refused(CompletionCode::INVALID_COMMAND);
        };
        let (taken, rest) = rest.split_at_checked(usize::from(how & 0x3F)).unwrap_or((rest, &[]));
        let code = match how >> 6 {
            // Lost reservation, too many bytes; never "busy", whose retries wait.
            2 => CompletionCode::RESERVATION_CANCELLED,
            3 => CompletionCode::CANNOT_RETURN_REQUESTED_BYTES,
            _ => CompletionCode::OK,
        };
        let response = Response { code, data: taken.to_vec() };
        *bytes = rest.to_vec();
        response
    };
    let options = Options { timeout: Duration::from_millis(500), retries: 0, ..Options::default() };
    let Ok(bmc) = Bmc::from_transport("fuzz", Box::new(InProcess::new(Box::new(handler))), options) else { return };
    if let Ok(repository) = walk::sdr::read_repository(&bmc, |_, _| ()) {
        let dump = repository.to_bytes();
        for record in ipmi_core::sdr::Records::new(&dump).flatten().take(4) {
            if let Some(sensor) = record.sensor() {
                let _ = walk::reading::read(&bmc, &sensor);
            }
            if let SdrRecord::FruLocator(view) = record {
                let _ = walk::fru::read(&bmc, Target::Bmc, FruDeviceId(view.logical_id().unwrap_or_default()));
            }
        }
    }
    let _ = walk::sel::read_log(&bmc, RecordId::FIRST, |_, _| ());
    if let Ok(image) = walk::fru::read_whole(&bmc, Target::Bmc, FruDeviceId(0)) {
        let _ = format!("{image:?}");
    }
});
