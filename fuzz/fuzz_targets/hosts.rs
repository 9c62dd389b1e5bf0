//! Words that stand for several hosts: a bounded list, or what is wrong.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sel_tools::hosts::{MOST, expand};

fuzz_target!(|word: &str| {
    // Files are not read here.
    if word.contains('@') {
        return;
    }
    match expand(word) {
        Ok(hosts) => {
            assert!(hosts.len() <= MOST);
            assert!(hosts.iter().all(|host| !host.is_empty() && host.len() <= word.len() + 64));
        }
        Err(reason) => assert!(!reason.is_empty()),
    }
});
