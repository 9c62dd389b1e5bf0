//! MOF text: compiled or refused with a position, and what is written out compiles again.
#![no_main]

use cim::Repository;
use cim::mof::{class_text, instance_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut repository = Repository::default();
    if let Err(error) = repository.load_mof("root/x", "fuzz.mof", text) {
        assert!(!error.to_string().is_empty());
        return;
    }
    for class in repository.classes("root/x").unwrap_or_default() {
        let _ = class_text(class);
        for instance in repository.static_instances(class) {
            let _ = instance_text(instance);
        }
    }
});
