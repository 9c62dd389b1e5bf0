//! The event log and its clock (IPMI 2.0 s31).

use std::time::{SystemTime, UNIX_EPOCH};

use ipmi_core::command::storage::RecordId;
use kernel_bridge::walk::sel;

use ipmi_core::NetFn;

use super::document::{Document, byte, hex};
use super::reader::{Answer, BMC, Reader, at, long, word};
use crate::Failure;
use crate::progress::Progress;

const GET_SEL_INFO: u8 = 0x40;
const GET_SEL_TIME: u8 = 0x48;
const GET_UTC_OFFSET: u8 = 0x5C;
/// Bytes of a SEL record.
const SEL_RECORD: usize = 16;
/// Get SEL Info: nothing was added or erased, or nobody knows when.
const NEVER: u32 = u32::MAX;
/// Get SEL Time UTC Offset: unspecified.
const UNSPECIFIED: u16 = 0x07FF;
/// Seconds a clock may be away before it is another clock.
const CLOCK_TOLERANCE: i64 = 2;

pub(super) fn record(reader: &Reader<'_>, document: &mut Document) -> Result<(), Failure> {
    let info = match reader.ask(NetFn::STORAGE, GET_SEL_INFO, &[])? {
        Ok(info) => info,
        refused => {
            document.answer(BMC, NetFn::STORAGE, GET_SEL_INFO, &[], &refused);
            return Ok(());
        }
    };
    let (time, utc_offset) =
        (reader.ask(NetFn::STORAGE, GET_SEL_TIME, &[])?, reader.ask(NetFn::STORAGE, GET_UTC_OFFSET, &[])?);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let mut progress = Progress::new("Event log");
    let read = sel::read_log(reader.bmc, RecordId::FIRST, |done, total| progress.at(done, Some(total)));
    progress.clear();
    let room = usize::from(word(&info, 3)) / SEL_RECORD;
    document.table("[sel]").entry("support", byte(at(&info, 13)));
    for (name, offset) in [("last_add", 5), ("last_erase", 9)] {
        if long(&info, offset) != NEVER {
            document.entry(name, long(&info, offset));
        }
    }
    clock(&time, &utc_offset, i64::try_from(now).unwrap_or(i64::MAX), document);
    match read {
        Ok(log) => {
            document.entry("capacity", log.records.len() + room);
            document.entry("keep_ids", true);
            let records: Vec<_> = log.records.iter().map(|record| format!("  {},\n", hex(&record.bytes))).collect();
            document.entry("records", format!("[\n{}]", records.concat()));
            for problem in &log.problems {
                document.problem(&format!("event log, record {}: {}", problem.record, problem.reason));
            }
        }
        Err(error) => {
            document.entry("capacity", room);
            document.problem(&format!("event log: {}", reader.problem(&error)?));
        }
    }
    if utc_offset.is_err() {
        document.answer(BMC, NetFn::STORAGE, GET_UTC_OFFSET, &[], &utc_offset);
    }
    Ok(())
}

/// The clock of the event log, as entries of `[sel]`: how far it is from this computer's, and from UTC.
fn clock(time: &Answer, offset: &Answer, now: i64, document: &mut Document) {
    if let Ok(time) = time
        && time.len() == 4
    {
        let ahead = i64::from(long(time, 0)) - now;
        if ahead.abs() > CLOCK_TOLERANCE {
            document.entry("clock_offset", ahead);
        }
    }
    if let Ok(offset) = offset
        && offset.len() == 2
        && word(offset, 0) != UNSPECIFIED
    {
        document.entry("utc_offset", i16::from_le_bytes([at(offset, 0), at(offset, 1)]).clamp(-1440, 1440));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(time: &Answer, offset: &Answer) -> String {
        let mut document = Document::default();
        clock(time, offset, 1_000_000, &mut document);
        document.text().lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(";")
    }

    #[test]
    fn a_clock_that_is_right_is_not_mentioned() {
        let time = |time: u32| Ok(time.to_le_bytes().to_vec());
        assert_eq!(written(&time(1_000_001), &Ok(vec![0xFF, 0x07])), "");
        assert_eq!(written(&time(996_400), &Ok(vec![120, 0])), "clock_offset = -3600;utc_offset = 120");
        assert_eq!(written(&Err(0xC1), &Ok(vec![0xC4, 0xFF])), "utc_offset = -60");
    }
}
