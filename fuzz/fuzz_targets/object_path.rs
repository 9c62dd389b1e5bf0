//! Object paths: what parses is written, and written it means the same.
#![no_main]

use cim::ObjectPath;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match text.parse::<ObjectPath>() {
        Ok(path) => {
            let written = path.to_string();
            let again: ObjectPath = written.parse().unwrap_or_else(|error| panic!("{written:?} of {text:?}: {error}"));
            assert_eq!(again.to_string(), written, "of {text:?}");
            assert!(path.same_object(&again), "{written:?} of {text:?}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
