//! Every command's response parser: no bytes panic, and a refused length is refused by name.
#![no_main]

use ipmi_core::CompletionCode;
use ipmi_core::command::all_commands;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((which, data)) = data.split_first() else { return };
    let Some(row) = all_commands::rows().nth(usize::from(*which) % all_commands::rows().count()) else { return };
    let least = *row.response_len.start();
    match (row.parse)(data) {
        Ok(()) => assert!(data.len() >= least, "{} took {} of at least {least} bytes", row.name, data.len()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let _ = (row.code_text)(CompletionCode(data.first().copied().unwrap_or_default()));
});
