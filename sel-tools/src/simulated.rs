//! `sim:`: a simulated BMC inside the process.

use std::path::Path;

use kernel_bridge::transport::InProcess;
use kernel_bridge::{Bmc, Options};

/// Starts the built-in server, or the BMC that a configuration (.toml) or an OpenIPMI emulator file describes.
///
/// # Errors
/// When the file is none.
pub fn open(name: String, file: Option<&Path>, options: Options) -> Result<Bmc, String> {
    let (clock, choices) = (simulator::Clock::start(), simulator::Options::default());
    let simulator = match file {
        None => Ok(simulator::Bmc::builtin(&choices, clock.now())),
        Some(path) if path.extension().is_some_and(|extension| extension == "toml") => {
            simulator::Bmc::from_toml(path, &choices, clock.now())
        }
        Some(path) => simulator::Bmc::from_emu(path, clock.now()),
    };
    let mut simulator = simulator.map_err(|error| error.to_string())?;
    let handler = move |request: &ipmi_core::Request| simulator.handle(request, clock.now());
    Bmc::from_transport(name, Box::new(InProcess::new(Box::new(handler))), options).map_err(|error| error.to_string())
}
