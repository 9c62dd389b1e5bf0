//! What configures a simulated BMC: TOML texts and specifications of faults.
#![no_main]

use std::path::Path;
use std::time::Duration;

use ipmi_core::Request;
use ipmi_core::command::app::GetDeviceId;
use libfuzzer_sys::fuzz_target;
use simulator::fault::Faults;
use simulator::{Bmc, Options};

const NOW: Duration = Duration::from_secs(1_700_000_000);

fuzz_target!(|text: &str| {
    if let Ok(faults) = text.parse::<Faults>() {
        // No faults are no text.
        let text = faults.to_string();
        assert!(text.is_empty() || text.parse().as_ref() == Ok(&faults), "{text}");
    }
    // Files are not read here.
    if text.contains("file") {
        return;
    }
    let text = format!("base = \"empty\"\n{text}");
    match Bmc::from_toml_text(&text, Path::new("bmc.toml"), &Options::default(), NOW) {
        Ok(mut bmc) => {
            let response = bmc.handle(&Request::of(&GetDeviceId), NOW);
            assert!(response.decode::<GetDeviceId>().is_ok());
        }
        Err(error) => assert!(error.to_string().starts_with("bmc.toml")),
    }
});
