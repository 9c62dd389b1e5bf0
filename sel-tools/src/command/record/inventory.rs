//! What a BMC stores: sensor data records, FRU inventories, the event log (IPMI 2.0 s31, s33, s34).

use std::collections::BTreeSet;

use ipmi_core::command::app::DeviceSupport;
use ipmi_core::command::storage::{FruDeviceId, RecordId};
use ipmi_core::sdr::SdrRecord;
use ipmi_core::{ChannelNumber, SlaveAddress};
use kernel_bridge::walk::{fru, sdr, sel};

use super::document::{Document, byte, hex};
use super::reader::{BMC, Reader, at, word};
use super::sensors::Codes;
use crate::Failure;
use crate::progress::Progress;

const STORAGE: u8 = 0x0A;
const GET_FRU_AREA_INFO: u8 = 0x10;
const GET_SDR_INFO: u8 = 0x20;
const GET_SEL_INFO: u8 = 0x40;
/// Bytes of a SEL record.
const SEL_RECORD: usize = 16;

/// The records, and who keeps them.
pub(super) struct Records {
    pub(super) bytes: Vec<Vec<u8>>,
}

impl Records {
    /// Those that can be understood.
    pub(super) fn parsed(&self) -> impl Iterator<Item = (SdrRecord<'_>, &[u8])> {
        self.bytes.iter().filter_map(|bytes| Some((SdrRecord::parse(bytes).ok()?, bytes.as_slice())))
    }
}

pub(super) fn record_sdrs(reader: &Reader<'_>, document: &mut Document) -> Result<Records, Failure> {
    let mut progress = Progress::new("Sensor data records");
    let read = sdr::read_repository(reader.bmc, |done, total| progress.at(done, total));
    progress.clear();
    let read = match read {
        Ok(read) => read,
        Err(error) => {
            document.remark(&format!("no sensor data records: {}", reader.problem(&error)?));
            let refused = reader.ask(STORAGE, GET_SDR_INFO, &[])?;
            document.answer(BMC, STORAGE, GET_SDR_INFO, &[], &refused);
            return Ok(Records { bytes: Vec::new() });
        }
    };
    let records = Records { bytes: read.records.into_iter().map(|record| record.bytes).collect() };
    // Satellites stand before the records whose sensors they own.
    super::sensors::record_satellites(reader, &records, document)?;
    for problem in &read.problems {
        document.remark(&format!("record {}: {}", problem.record, problem.reason));
    }
    for record in &records.bytes {
        document.table("[[sdr]]").entry("hex", hex(record));
        if read.source == sdr::Source::Device {
            document.entry("device", byte(BMC));
        }
    }
    Ok(records)
}

/// Every FRU that a listing shows: the BMC's own, those that locators name, those of other controllers.
pub(super) fn record_frus(
    reader: &Reader<'_>,
    records: &Records,
    codes: &Codes,
    document: &mut Document,
) -> Result<(), Failure> {
    let mut devices = vec![(SlaveAddress::BMC, ChannelNumber::PRIMARY_IPMB, 0)];
    for (record, _) in records.parsed() {
        match record {
            SdrRecord::McLocator(view) if view.support().contains(DeviceSupport::FRU_INVENTORY) => {
                devices.push((view.address(), view.channel(), 0));
            }
            SdrRecord::FruLocator(view) if view.is_logical() => {
                devices.push((view.access_controller(), view.channel(), view.fru_id));
            }
            _ => {}
        }
    }
    let mut seen = BTreeSet::new();
    for (owner, channel, id) in devices {
        if !seen.insert((owner.0, id)) || !codes.answers(owner.0) {
            continue;
        }
        let target = Reader::target(owner.0, channel);
        match fru::read_whole(reader.bmc, target, FruDeviceId(id)) {
            Ok(image) => {
                let used = image.bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                document.table("[[fru]]").entry("id", id);
                if owner != SlaveAddress::BMC {
                    document.entry("owner", byte(owner.0));
                }
                document.entry("size", image.info.size).entry("hex", hex(image.bytes.get(..used).unwrap_or_default()));
                if let Some(problem) = image.problem {
                    document.remark(&format!("read as far as possible: {problem}"));
                }
            }
            Err(error) => match error.completion_code() {
                Some(code) if Some(code.0) == codes.absent => {}
                Some(code) => document.answer(owner.0, STORAGE, GET_FRU_AREA_INFO, &[id], &Err(code.0)),
                None if owner == SlaveAddress::BMC => {
                    document.remark(&format!("FRU {id}: {}", reader.problem(&error)?))
                }
                None => document.remark(&format!("FRU {id} of {:02X}h: {error}", owner.0)),
            },
        }
    }
    Ok(())
}

pub(super) fn record_sel(reader: &Reader<'_>, document: &mut Document) -> Result<(), Failure> {
    let info = match reader.ask(STORAGE, GET_SEL_INFO, &[])? {
        Ok(info) => info,
        refused => {
            document.answer(BMC, STORAGE, GET_SEL_INFO, &[], &refused);
            return Ok(());
        }
    };
    let mut progress = Progress::new("Event log");
    let read = sel::read_log(reader.bmc, RecordId::FIRST, |done, total| progress.at(done, Some(total)));
    progress.clear();
    let room = usize::from(word(&info, 3)) / SEL_RECORD;
    document.table("[sel]");
    match read {
        Ok(log) => {
            document.entry("capacity", log.records.len() + room).entry("support", byte(at(&info, 13)));
            document.entry("keep_ids", true);
            let records: Vec<_> = log.records.iter().map(|record| format!("  {},\n", hex(&record.bytes))).collect();
            document.entry("records", format!("[\n{}]", records.concat()));
            for problem in &log.problems {
                document.remark(&format!("record {}: {}", problem.record, problem.reason));
            }
        }
        Err(error) => {
            document.entry("capacity", room).entry("support", byte(at(&info, 13)));
            document.remark(&format!("no records: {}", reader.problem(&error)?));
        }
    }
    Ok(())
}
