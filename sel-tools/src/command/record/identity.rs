//! What the controller says it is: Get Device ID, GUIDs, self test, group extensions (IPMI 2.0 s20; PICMG 3.0 s3.4;
//! HPM.1).

use ipmi_core::NetFn;

use super::document::{Document, byte, hex};
use super::reader::{Answer, BMC, Reader, at, word};
use crate::Failure;

const GET_SELF_TEST: u8 = 0x04;
const GET_DEVICE_GUID: u8 = 0x08;
const GET_SYSTEM_GUID: u8 = 0x37;
/// Refusal of a command nobody knows.
pub(super) const INVALID_COMMAND: u8 = 0xC1;
/// Questions that only those with a group extension answer: PICMG and VITA properties, HPM.1 target capabilities.
const EXTENSIONS: [(&str, u8, &[u8]); 3] = [("picmg", 0x00, &[0x00]), ("vita", 0x00, &[0x03]), ("hpm", 0x2E, &[0x00])];
/// Get Self Test Results: no error. What a simulated controller says.
pub(super) const NO_ERROR: [u8; 2] = [0x55, 0x00];

pub(super) fn record(reader: &Reader<'_>, document: &mut Document) -> Result<(), Failure> {
    let device = reader.ask(NetFn::APP, 0x01, &[])?;
    let system_guid = reader.ask(NetFn::APP, GET_SYSTEM_GUID, &[])?;
    let device_guid = reader.ask(NetFn::APP, GET_DEVICE_GUID, &[])?;
    let self_test = reader.ask(NetFn::APP, GET_SELF_TEST, &[])?;
    match &system_guid {
        Ok(guid) if guid.len() == 16 => document.value("system_guid", hex(guid)),
        other => document.answer(BMC, NetFn::APP, GET_SYSTEM_GUID, &[], other),
    }
    match &device_guid {
        Ok(guid) if guid.len() == 16 => document.value("device_guid", hex(guid)),
        // A simulated BMC without one refuses like that.
        Err(INVALID_COMMAND) => {}
        other => document.answer(BMC, NetFn::APP, GET_DEVICE_GUID, &[], other),
    }
    document.table("[device]");
    describe(&device, document);
    if self_test.as_deref() != Ok(&NO_ERROR) {
        document.answer(BMC, NetFn::APP, GET_SELF_TEST, &[], &self_test);
    }
    record_extensions(reader, document)
}

fn record_extensions(reader: &Reader<'_>, document: &mut Document) -> Result<(), Failure> {
    let mut there = Vec::new();
    for (name, cmd, data) in EXTENSIONS {
        let answer = reader.ask(NetFn::GROUP_EXTENSION, cmd, data)?;
        if answer.is_ok() {
            there.push((name, cmd, data, answer));
        }
    }
    if !there.is_empty() {
        document.table("[extensions]");
    }
    for (name, ..) in &there {
        document.entry(name, true);
    }
    for (_, cmd, data, answer) in there {
        document.answer(BMC, NetFn::GROUP_EXTENSION, cmd, data, &answer);
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
