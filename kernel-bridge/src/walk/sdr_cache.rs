//! The sensor data records of a BMC kept on disk, read again only when the BMC says that they changed (SDR Repository
//! Timestamps, IPMI 2.0 s33.9; sensor population change indicator, s35.2).
//!
//! A file belongs to an address: GUIDs are shared by whole batches of some BMCs. What came in a session whose packets
//! nothing authenticates is kept apart: anybody may have made it, and it would count later, in a session that proves
//! who answers. A file is good as long as the controller says of itself and of its records what it said when they were
//! read. Where that says little, because the clock of the repository does not run, the first and the last record are
//! read and compared too.

use ipmi_core::command::app::{DeviceId, GetDeviceId, GetSystemGuid};
use ipmi_core::command::storage::RecordId;
use ipmi_core::time::{Timestamp, TimestampKind};
use ipmi_core::{Error, Target};

use super::is_link_error;
use super::sdr::{Origin, Record, SdrRepository, Source, read, read_repository};
use super::sdr_record::{WHOLE, Walk};
use crate::{Bmc, cache};

/// Bytes compared of records that do not come whole: number, owner and entity of a sensor are among them.
const SAMPLE: u8 = 16;

/// As [`read_repository`], from the directory [`Options::cache`](crate::Options::cache) where the records are there and
/// still the BMC's. Files that cannot be used are made anew; the notes of the result say so.
///
/// # Errors
/// As [`read_repository`].
pub fn read_repository_cached(
    bmc: &Bmc,
    mut progress: impl FnMut(usize, Option<usize>),
) -> Result<SdrRepository, Error> {
    let Some(directory) = &bmc.options().cache else { return read_repository(bmc, progress) };
    let device = bmc.call(&GetDeviceId)?;
    let origin = Origin::find(bmc, &device)?;
    let key = key(bmc);
    let path = cache::path(directory, &key);
    let mut notes = Vec::new();
    let mut note = |what: &str| notes.push(format!("{}: {}: {what}", bmc.name(), path.display()));
    let mut state = State { key, identity: identity(&device), stamp: stamp(&origin), guid: None };
    if says_little(&origin) {
        let guid = bmc.call(&GetSystemGuid);
        state.guid = Some(guid.map(|guid| guid.0.to_vec()).unwrap_or_default());
    }
    match cache::load(&path) {
        Ok(None) => {}
        Ok(Some(content)) => match parse(&content) {
            Some((kept, records)) if kept == state => {
                if state.guid.is_none() || still_there(bmc, origin.source, &records) {
                    progress(records.len(), Some(records.len()));
                    let Origin { source, info, .. } = origin;
                    return Ok(SdrRepository { source, info, records, problems: Vec::new(), notes });
                }
                note("the records changed, the file is made anew");
            }
            Some(_) => note("the records changed, the file is made anew"),
            None => note("not understood, made anew"),
        },
        Err(reason) => note(&format!("{reason}, made anew")),
    }
    let mut repository = read(bmc, origin, progress)?;
    // What could only be read in part is worth another try next time.
    let complete = origin.total().is_none_or(|total| repository.records.len() >= total);
    if complete
        && repository.problems.is_empty()
        && let Err(error) = cache::store(&path, &emit(&state, &repository.records))
    {
        note(&format!("cannot be written: {error}"));
    }
    repository.notes = notes;
    Ok(repository)
}

/// What must be as it was for the records to be the BMC's.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    key: String,
    identity: Vec<u8>,
    stamp: Vec<u8>,
    /// Asked only where the stamp says little; empty when the BMC has none.
    guid: Option<Vec<u8>>,
}

/// Which BMC: the way to it without a user's name, and the controller asked behind it. Ways that begin at this machine
/// carry its name, since home directories travel.
fn key(bmc: &Bmc) -> String {
    let options = bmc.options();
    let mut key = place(bmc.name());
    if !key.contains("://") {
        let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        key = format!("{key} on {}", machine.trim_end());
    }
    if bmc.session().is_some_and(|session| !session.agreed.is_some_and(|agreed| agreed.authenticates())) {
        key.push_str(" without authentication");
    }
    if options.target != Target::Bmc {
        key.push_str(&format!(" to {:?} through {:?}", options.target, options.transit));
    }
    key
}

/// `lanplus://user@host:623?cipher=3` and `lan://host:623` are one BMC; other names stay as they are.
fn place(name: &str) -> String {
    match name.split_once("://") {
        Some(("lan" | "lanplus", rest)) => {
            let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
            format!("lan://{}", host.split(['?', '/']).next().unwrap_or_default())
        }
        _ => name.to_owned(),
    }
}

/// What the controller is; a new firmware may bring new records.
fn identity(device: &DeviceId) -> Vec<u8> {
    let mut bytes = vec![
        device.device_id,
        device.device_revision,
        u8::from(device.provides_device_sdrs),
        device.firmware_major,
        device.firmware_minor,
        device.ipmi_version,
        device.support.bits(),
    ];
    bytes.extend(device.manufacturer.to_le_bytes());
    bytes.extend(device.product.to_le_bytes());
    bytes.extend(device.auxiliary_firmware.iter().flatten());
    bytes
}

/// What the BMC says of its records.
fn stamp(origin: &Origin) -> Vec<u8> {
    let mut bytes = vec![match origin.source {
        Source::Repository => 0,
        Source::Device => 1,
    }];
    if let Some(info) = &origin.info {
        bytes.push(info.version);
        bytes.extend(info.records.to_le_bytes());
        bytes.extend(info.free.to_le_bytes());
        bytes.extend(info.last_addition.to_bytes());
        bytes.extend(info.last_erase.to_bytes());
    }
    if let Some(info) = &origin.device {
        bytes.extend([info.count, u8::from(info.dynamic), info.luns]);
        bytes.extend(info.population_change.iter().flat_map(|change| change.to_le_bytes()));
    }
    bytes
}

/// True when the stamp may stay the same although the records change: no time, or one that begins with every start of
/// the BMC.
fn says_little(origin: &Origin) -> bool {
    let works = |time: Timestamp| matches!(time.kind(), TimestampKind::Unix(_));
    match (&origin.info, &origin.device) {
        (Some(info), _) => !works(info.last_addition) && !works(info.last_erase),
        (None, Some(info)) => info.population_change.is_none_or(|change| change == 0),
        (None, None) => true,
    }
}

/// Compares the first and the last record; their beginnings where the BMC returns only so many bytes at once.
fn still_there(bmc: &Bmc, source: Source, records: &[Record]) -> bool {
    let bmc = &bmc.together();
    let mut walk = Walk::new(bmc, source, None);
    let (Some(first), Some(last)) = (records.first(), records.last()) else {
        return walk.record(RecordId::FIRST).result.is_err();
    };
    for count in [WHOLE, SAMPLE] {
        // Some BMCs refuse to read beyond the end of a record.
        let of = |record: &Record| match count {
            WHOLE => WHOLE,
            count => count.min(u8::try_from(record.bytes.len()).unwrap_or(count)),
        };
        let asked = [(RecordId::FIRST, of(first)), (last.id, of(last))];
        let parts = match walk.starts(asked) {
            Ok(parts) => parts,
            Err(error) if is_link_error(&error) => return false,
            Err(_) => continue,
        };
        let pairs = || parts.iter().zip([first, last]);
        if pairs().all(|(part, record)| part.data.len() >= record.bytes.len().min(usize::from(count))) {
            let same = pairs().all(|(part, record)| record.bytes.starts_with(&part.data));
            return same && parts.last().is_some_and(|part| part.next == RecordId::LAST);
        }
    }
    false
}

fn emit(state: &State, records: &[Record]) -> Vec<u8> {
    let mut content = Vec::new();
    let none = Vec::new();
    let guid = [u8::from(state.guid.is_some())];
    for part in [state.key.as_bytes(), &state.identity, &state.stamp, &guid, state.guid.as_ref().unwrap_or(&none)] {
        emit_part(part, &mut content);
    }
    for record in records {
        emit_part(&record.id.0.to_le_bytes(), &mut content);
        emit_part(&record.bytes, &mut content);
    }
    content
}

/// Length in two bytes, then the bytes. Nothing here is longer: keys are URLs, records have at most 260 bytes.
fn emit_part(part: &[u8], content: &mut Vec<u8>) {
    let part = part.get(..usize::from(u16::MAX)).unwrap_or(part);
    content.extend(u16::try_from(part.len()).unwrap_or(u16::MAX).to_le_bytes());
    content.extend(part);
}

fn parse(mut content: &[u8]) -> Option<(State, Vec<Record>)> {
    let key = String::from_utf8(part(&mut content)?.to_vec()).ok()?;
    let (identity, stamp) = (part(&mut content)?.to_vec(), part(&mut content)?.to_vec());
    let (asked, guid) = (part(&mut content)? == [1], part(&mut content)?.to_vec());
    let mut records = Vec::new();
    while !content.is_empty() {
        let id = RecordId::from_bytes(part(&mut content)?.try_into().ok()?);
        records.push(Record { id, bytes: part(&mut content)?.to_vec() });
    }
    Some((State { key, identity, stamp, guid: asked.then_some(guid) }, records))
}

fn part<'a>(content: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = content.split_first_chunk::<2>()?;
    let (part, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    *content = rest;
    Some(part)
}

/// Which BMC a file of the cache is about, and how many records it holds; `None` for one that makes no sense.
pub fn describe(content: &[u8]) -> Option<(String, usize)> {
    parse(content).map(|(state, records)| (state.key, records.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State { key: "vm:h:1 on x".to_owned(), identity: vec![1, 2, 3], stamp: vec![4], guid: Some(vec![5; 16]) }
    }

    fn records() -> Vec<Record> {
        (1..4).map(|id| Record { id: RecordId(id), bytes: vec![id as u8, 0, 0x51, 0xC0, 0] }).collect()
    }

    #[test]
    fn content_comes_back() {
        let content = emit(&state(), &records());
        assert_eq!(parse(&content), Some((state(), records())));
        assert_eq!(describe(&content), Some(("vm:h:1 on x".to_owned(), 3)));
        let unasked = State { guid: None, ..state() };
        assert_eq!(parse(&emit(&unasked, &[])), Some((unasked, vec![])));
    }

    #[test]
    fn a_shorter_content_is_another_or_none() {
        let content = emit(&state(), &records());
        for length in 0..content.len() {
            assert_ne!(parse(&content[..length]), Some((state(), records())), "{length}");
        }
    }

    #[test]
    fn random_content_never_panics() {
        let mut seed = 1_u64;
        for length in 0..400 {
            let bytes: Vec<u8> = std::iter::repeat_with(|| {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                (seed % 5) as u8
            })
            .take(length)
            .collect();
            let _ = describe(&bytes);
        }
    }

    #[test]
    fn users_and_ciphers_make_no_other_bmc() {
        assert_eq!(place("lanplus://admin@host:623?cipher=17"), "lan://host:623");
        assert_eq!(place("lan://a@b@[::1]:9000"), "lan://[::1]:9000");
        assert_eq!(place("vm:host:9002"), "vm:host:9002");
    }
}
