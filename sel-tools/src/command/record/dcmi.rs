//! DCMI: capabilities, asset tag, controller id, power limit (DCMI 1.5 s6).

use ipmi_core::NetFn;

use super::document::{Document, text};
use super::reader::{BMC, Reader, at, long, word};
use crate::Failure;

const DCMI: u8 = 0xDC;
const GET_POWER_LIMIT: u8 = 0x03;
/// Bytes of an asset tag or controller id asked for at once.
const PIECE: u8 = 16;

pub(super) fn record(reader: &Reader<'_>, document: &mut Document) -> Result<(), Failure> {
    let mut capabilities = Vec::new();
    for selector in 1..=5 {
        if let answer @ Ok(_) = reader.ask(NetFn::GROUP_EXTENSION, 0x01, &[DCMI, selector])? {
            capabilities.push((selector, answer));
        }
    }
    document.table("[dcmi]").entry("enabled", !capabilities.is_empty());
    if capabilities.is_empty() {
        return Ok(());
    }
    for (name, cmd) in [("asset_tag", 0x06), ("controller_id", 0x09)] {
        if let Some(found) = string(reader, cmd)? {
            document.entry(name, text(&found));
        }
    }
    // One that is not in force has completion code 80h for an answer.
    if let Ok(limit) = reader.ask(NetFn::GROUP_EXTENSION, GET_POWER_LIMIT, &[DCMI, 0, 0])? {
        let (action, watts, correction, sampling) = (at(&limit, 3), word(&limit, 4), long(&limit, 6), word(&limit, 12));
        document.entry(
            "power_limit",
            format!(
                "{{ action = {action}, watts = {watts}, correction_ms = {correction}, sampling_s = {sampling}, active = true }}"
            ),
        );
    }
    for (selector, answer) in capabilities {
        document.answer(BMC, NetFn::GROUP_EXTENSION, 0x01, &[DCMI, selector], &answer);
    }
    Ok(())
}

/// A text of DCMI, read in pieces: total length first, then bytes.
fn string(reader: &Reader<'_>, cmd: u8) -> Result<Option<Vec<u8>>, Failure> {
    let mut found = Vec::new();
    loop {
        let offset = u8::try_from(found.len()).unwrap_or(u8::MAX);
        let Ok(answer) = reader.ask(NetFn::GROUP_EXTENSION, cmd, &[DCMI, offset, PIECE])? else { return Ok(None) };
        let (total, piece) = (usize::from(at(&answer, 1)), answer.get(2..).unwrap_or_default());
        found.extend(piece);
        if piece.is_empty() || found.len() >= total.min(64) {
            found.truncate(total.min(63));
            let end = found.iter().position(|byte| *byte == 0).unwrap_or(found.len());
            found.truncate(end);
            return Ok(Some(found));
        }
    }
}
