//! `sim:`: a simulated BMC inside the process.

use std::path::Path;
use std::time::Instant;

use kernel_bridge::transport::InProcess;
use kernel_bridge::{Bmc, Options};

/// Starts the built-in server, or the BMC an OpenIPMI emulator file describes.
///
/// # Errors
/// When the file is none.
pub fn open(name: String, file: Option<&Path>, options: Options) -> Result<Bmc, String> {
    let started = Instant::now();
    let mut simulator = match file {
        None => simulator::Bmc::builtin(&simulator::Options::default(), started.elapsed()),
        Some(path) => simulator::Bmc::from_emu(path, started.elapsed()).map_err(|error| error.to_string())?,
    };
    let handler = move |request: &ipmi_core::Request| {
        let now = started.elapsed();
        simulator.poll(now);
        simulator.handle(request, now)
    };
    Bmc::from_transport(name, Box::new(InProcess::new(Box::new(handler))), options).map_err(|error| error.to_string())
}
