//! BMC URLs: what parses is written, and written it parses to the same.
#![no_main]

use kernel_bridge::BmcUrl;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match text.parse::<BmcUrl>() {
        Ok(url) => {
            let written = url.to_string();
            let again: BmcUrl = written.parse().unwrap_or_else(|error| panic!("{written:?} of {text:?}: {error}"));
            assert_eq!(again, url, "{written:?} of {text:?}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
