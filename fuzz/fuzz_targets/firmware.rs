//! SMBIOS structure tables and the ACPI table SPMI: what they say of the BMC.
#![no_main]

use kernel_bridge::BmcUrl;
use kernel_bridge::discover::{smbios, spmi};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut found = smbios(data);
    assert!(found.len() <= data.len() / 16);
    found.extend(spmi(data));
    for described in found {
        if let Some(url) = described.url() {
            assert_eq!(url.to_string().parse::<BmcUrl>().as_ref(), Ok(&url));
        }
    }
});
