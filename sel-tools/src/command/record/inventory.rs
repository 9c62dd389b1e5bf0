//! What a BMC stores: sensor data records and FRU inventories (IPMI 2.0 s33, s34).

use std::collections::BTreeSet;

use ipmi_core::command::app::DeviceSupport;
use ipmi_core::command::storage::FruDeviceId;
use ipmi_core::sdr::SdrRecord;
use ipmi_core::{ChannelNumber, Error, NetFn, SlaveAddress};
use kernel_bridge::walk::{fru, sdr};

use super::document::{Document, byte, hex};
use super::reader::{BMC, Reader, at, long, word};
use super::satellites::{self, Satellites};
use crate::Failure;
use crate::progress::Progress;

const GET_DEVICE_ID: u8 = 0x01;
/// Get Device ID: the controller provides device SDRs.
const DEVICE_SDRS: u8 = 0x80;
const GET_FRU_AREA_INFO: u8 = 0x10;
const GET_SDR_INFO: u8 = 0x20;

/// The records, and who keeps them.
#[derive(Default)]
pub(super) struct Records {
    pub(super) bytes: Vec<Vec<u8>>,
    /// Device SDRs of controllers that are not the only records of the BMC.
    pub(super) of_devices: Vec<Vec<u8>>,
}

impl Records {
    /// Those that can be understood.
    pub(super) fn parsed(&self) -> impl Iterator<Item = (SdrRecord<'_>, &[u8])> {
        self.bytes
            .iter()
            .chain(&self.of_devices)
            .filter_map(|bytes| Some((SdrRecord::parse(bytes).ok()?, bytes.as_slice())))
    }
}

/// Writes the records, and the controllers behind the BMC that they name.
pub(super) fn record_sdrs(reader: &Reader<'_>, document: &mut Document) -> Result<(Records, Satellites), Failure> {
    let mut progress = Progress::new("Sensor data records");
    let read = sdr::read_repository(reader.bmc, |done, total| progress.at(done, total));
    progress.clear();
    let mut records = Records::default();
    match read {
        Ok(read) => {
            write_records(reader, &read, document)?;
            records.bytes = read.records.into_iter().map(|record| record.bytes).collect();
            let device = reader.ask(NetFn::APP, GET_DEVICE_ID, &[])?;
            if read.source == sdr::Source::Repository && device.is_ok_and(|data| at(&data, 1) & DEVICE_SDRS != 0) {
                let own = ChannelNumber::PRIMARY_IPMB;
                satellites::record_device_sdrs(reader, BMC, own, &mut records, document)?;
            }
        }
        Err(error) => {
            document.problem(&format!("sensor data records: {}", reader.problem(&error)?));
            let refused = reader.ask(NetFn::STORAGE, GET_SDR_INFO, &[])?;
            if refused.is_err() {
                document.answer(BMC, NetFn::STORAGE, GET_SDR_INFO, &[], &refused);
            }
        }
    }
    let satellites = satellites::record(reader, &mut records, document)?;
    Ok((records, satellites))
}

fn write_records(reader: &Reader<'_>, read: &sdr::SdrRepository, document: &mut Document) -> Result<(), Failure> {
    let of_device = read.source == sdr::Source::Device;
    document.table("[repository]").entry("keep_ids", true);
    if !of_device && let Ok(info) = reader.ask(NetFn::STORAGE, GET_SDR_INFO, &[])? {
        document.entry("support", byte(at(&info, 13))).entry("free", word(&info, 3));
        document.entry("last_add", long(&info, 5)).entry("last_erase", long(&info, 9));
    }
    for problem in &read.problems {
        document.problem(&format!("sensor data record {}: {}", problem.record, problem.reason));
    }
    for record in &read.records {
        document.table("[[sdr]]").entry("hex", hex(&record.bytes));
        if of_device {
            document.entry("device", byte(BMC));
        }
    }
    Ok(())
}

/// Every FRU that a listing shows: the BMC's own, those that locators name, those of other controllers.
pub(super) fn record_frus(
    reader: &Reader<'_>,
    records: &Records,
    satellites: &Satellites,
    absent: Option<u8>,
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
    devices.retain(|(owner, ..)| satellites.answers(owner.0));
    devices.extend(satellites.inventories.iter().map(|(owner, channel)| (SlaveAddress(*owner), *channel, 0)));
    let mut seen = BTreeSet::new();
    for (owner, channel, id) in devices {
        if !seen.insert((owner.0, id)) {
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
                    document.problem(&format!(
                        "FRU {id} of {:02X}h beyond {} bytes: {problem}",
                        owner.0,
                        image.bytes.len()
                    ));
                }
            }
            Err(Error::Completion { cmd: GET_FRU_AREA_INFO, code, .. }) => {
                if Some(code.0) != absent {
                    document.answer(owner.0, NetFn::STORAGE, GET_FRU_AREA_INFO, &[id], &Err(code.0));
                }
            }
            Err(error) if owner == SlaveAddress::BMC => {
                document.problem(&format!("FRU {id}: {}", reader.problem(&error)?));
            }
            Err(error) => document.problem(&format!("FRU {id} of {:02X}h: {error}", owner.0)),
        }
    }
    Ok(())
}
