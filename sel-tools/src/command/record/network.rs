//! Channels, users, LAN and SOL parameters, DCMI (IPMI 2.0 s22, s23, s26; DCMI 1.5 s6). Passwords and keys cannot be read.

use super::document::{Document, hex, text};
use super::reader::{Answer, BMC, Reader, at};
use crate::Failure;

const APP: u8 = 0x06;
const TRANSPORT: u8 = 0x0C;
const GROUP: u8 = 0x2C;
const DCMI: u8 = 0xDC;
/// Medium type of a channel: 802.3 LAN.
const LAN_MEDIUM: u8 = 0x04;
/// Channel of a simulated BMC without a LAN channel of its own number.
const CHANNELS: std::ops::RangeInclusive<u8> = 1..=11;
/// LAN parameters with bytes of a fixed number that a simulated BMC keeps as they are.
const LAN_PARAMETERS: [(u8, usize); 9] = [(4, 1), (7, 3), (8, 2), (10, 1), (11, 1), (14, 4), (15, 6), (20, 2), (21, 1)];
/// SOL parameters.
const SOL_PARAMETERS: [(u8, usize); 6] = [(1, 1), (2, 1), (3, 2), (4, 2), (5, 1), (6, 1)];
/// Cipher suites at most.
const SUITES: usize = 16;
/// Names of the privilege levels from 1 up.
const LEVELS: [&str; 5] = ["callback", "user", "operator", "administrator", "oem"];
/// Bytes of an asset tag or controller id asked for at once.
const PIECE: u8 = 16;

pub(super) fn record(reader: &Reader<'_>, document: &mut Document) -> Result<(), Failure> {
    let mut lan = None;
    for channel in CHANNELS {
        let Ok(info) = reader.ask(APP, 0x42, &[channel])? else { continue };
        let (medium, protocol, sessions) = (at(&info, 1) & 0x7F, at(&info, 2) & 0x1F, at(&info, 3) >> 6);
        document
            .remark(&format!("channel {channel}: medium {medium:02X}h, protocol {protocol:02X}h, sessions {sessions}"));
        if medium == LAN_MEDIUM && lan.is_none() {
            lan = Some(channel);
        }
    }
    if let Some(channel) = lan {
        record_lan(reader, channel, document)?;
        record_parameters(reader, "sol", 0x22, channel, &SOL_PARAMETERS, document)?;
    }
    record_users(reader, lan.unwrap_or(1), document)?;
    record_dcmi(reader, document)
}

/// A configuration parameter, without its revision byte.
fn parameter(reader: &Reader<'_>, cmd: u8, channel: u8, number: u8) -> Result<Answer, Failure> {
    let answer = reader.ask(TRANSPORT, cmd, &[channel, number, 0, 0])?;
    Ok(answer.map(|data| data.get(1..).unwrap_or_default().to_vec()))
}

fn record_lan(reader: &Reader<'_>, channel: u8, document: &mut Document) -> Result<(), Failure> {
    document.table("[lan]");
    for (name, number) in [("address", 3), ("mask", 6), ("gateway", 12)] {
        if let Ok([a, b, c, d]) = parameter(reader, 0x02, channel, number)?.as_deref() {
            document.entry(name, format!("\"{a}.{b}.{c}.{d}\""));
        }
    }
    if let Ok(mac) = parameter(reader, 0x02, channel, 5)?
        && mac.len() == 6
    {
        document.entry("mac", hex(&mac));
    }
    if let Ok(community) = parameter(reader, 0x02, channel, 16)? {
        let end = community.iter().position(|byte| *byte == 0).unwrap_or(community.len());
        document.entry("community", text(community.get(..end).unwrap_or_default()));
    }
    let count = parameter(reader, 0x02, channel, 22)?;
    if let (Ok(count), Ok(suites)) = (count, parameter(reader, 0x02, channel, 23)?) {
        let suites: Vec<u8> = suites.into_iter().skip(1).take(usize::from(at(&count, 0) & 0x1F).min(SUITES)).collect();
        if !suites.is_empty() {
            document.entry("cipher_suites", format!("{suites:?}"));
        }
    }
    record_parameters(reader, "lan", 0x02, channel, &LAN_PARAMETERS, document)
}

fn record_parameters(
    reader: &Reader<'_>,
    family: &str,
    cmd: u8,
    channel: u8,
    known: &[(u8, usize)],
    document: &mut Document,
) -> Result<(), Failure> {
    for (number, length) in known {
        if let Ok(value) = parameter(reader, cmd, channel, *number)?
            && value.len() == *length
        {
            document.table("[[parameter]]").entry("of", format!("\"{family}\"")).entry("number", number);
            document.entry("hex", hex(&value));
        }
    }
    Ok(())
}

fn record_users(reader: &Reader<'_>, channel: u8, document: &mut Document) -> Result<(), Failure> {
    let first = match reader.ask(APP, 0x44, &[channel, 1])? {
        Ok(first) => first,
        Err(code) => {
            document.remark(&format!("users cannot be read: {code:02X}h"));
            return Ok(());
        }
    };
    let mut known = 0;
    for id in 1..=at(&first, 0) & 0x3F {
        let (Ok(access), name) = (reader.ask(APP, 0x44, &[channel, id])?, reader.ask(APP, 0x46, &[id])?) else {
            continue;
        };
        let name = name.unwrap_or_default();
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        let name = name.get(..end).unwrap_or_default();
        let level = usize::from(at(&access, 3) & 0x0F).checked_sub(1).and_then(|level| LEVELS.get(level));
        let Some(level) = level.filter(|_| id == 1 || !name.is_empty()) else { continue };
        known += 1;
        document.table("[[user]]").entry("id", id).entry("name", text(name)).entry("privilege", format!("\"{level}\""));
    }
    if known > 0 {
        document.remark("passwords cannot be read: nobody logs in until `password` is given here, or --user");
    }
    Ok(())
}

fn record_dcmi(reader: &Reader<'_>, document: &mut Document) -> Result<(), Failure> {
    let mut capabilities = Vec::new();
    for selector in 1..=5 {
        if let answer @ Ok(_) = reader.ask(GROUP, 0x01, &[DCMI, selector])? {
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
    for (selector, answer) in capabilities {
        document.answer(BMC, GROUP, 0x01, &[DCMI, selector], &answer);
    }
    Ok(())
}

/// A text of DCMI, read in pieces: total length first, then bytes.
fn string(reader: &Reader<'_>, cmd: u8) -> Result<Option<Vec<u8>>, Failure> {
    let mut found = Vec::new();
    loop {
        let offset = u8::try_from(found.len()).unwrap_or(u8::MAX);
        let Ok(answer) = reader.ask(GROUP, cmd, &[DCMI, offset, PIECE])? else { return Ok(None) };
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
