//! What the controller says it is: Get Device ID, GUIDs, self test (IPMI 2.0 s20).

use super::document::{Document, byte, hex};
use super::reader::{Answer, BMC, Reader, at, word};
use crate::Failure;

const APP: u8 = 0x06;
const GET_SELF_TEST: u8 = 0x04;
const GET_DEVICE_GUID: u8 = 0x08;
const GET_SYSTEM_GUID: u8 = 0x37;
/// Get Self Test Results: no error. What a simulated BMC says.
const NO_ERROR: [u8; 2] = [0x55, 0x00];

pub(super) fn record(reader: &Reader<'_>, document: &mut Document) -> Result<(), Failure> {
    let device = reader.ask(APP, 0x01, &[])?;
    let system_guid = reader.ask(APP, GET_SYSTEM_GUID, &[])?;
    let device_guid = reader.ask(APP, GET_DEVICE_GUID, &[])?;
    let self_test = reader.ask(APP, GET_SELF_TEST, &[])?;
    match &system_guid {
        Ok(guid) if guid.len() == 16 => document.value("system_guid", hex(guid)),
        other => document.answer(BMC, APP, GET_SYSTEM_GUID, &[], other),
    }
    document.table("[device]");
    describe(&device, document);
    if device_guid != system_guid {
        document.answer(BMC, APP, GET_DEVICE_GUID, &[], &device_guid);
    }
    if self_test.as_deref() != Ok(&NO_ERROR) {
        document.answer(BMC, APP, GET_SELF_TEST, &[], &self_test);
    }
    Ok(())
}

/// What Get Device ID says, as entries of the table begun last.
pub(super) fn describe(device: &Answer, document: &mut Document) {
    let data = match device {
        Ok(data) => data,
        Err(code) => return document.remark(&format!("Get Device ID refused: {code:02X}h")),
    };
    document
        .entry("device_id", at(data, 0))
        .entry("device_revision", at(data, 1) & 0x0F)
        .entry("device_sdrs", at(data, 1) & 0x80 != 0)
        .entry("firmware_major", at(data, 2) & 0x7F)
        .entry("firmware_minor", byte(at(data, 3)))
        .entry("ipmi_version", byte(at(data, 4)))
        .entry("support", byte(at(data, 5)))
        .entry("manufacturer", u32::from(word(data, 6)) | u32::from(at(data, 8)) << 16)
        .entry("product", word(data, 9));
    if let Some(auxiliary) = data.get(11..15) {
        document.entry("auxiliary_firmware", format!("{auxiliary:?}"));
    }
}
