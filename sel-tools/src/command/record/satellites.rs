//! Controllers behind the BMC: who answers, what they are, their device SDRs (IPMI 2.0 s20, s35.2-4).

use std::collections::{BTreeMap, BTreeSet};

use ipmi_core::command::app::DeviceSupport;
use ipmi_core::sdr::SdrRecord;
use ipmi_core::{ChannelNumber, NetFn, Target};

use super::document::{Document, byte, hex};
use super::identity::{self, INVALID_COMMAND, NO_ERROR};
use super::inventory::Records;
use super::reader::{Answer, BMC, Reader, at, word};
use crate::Failure;

const GET_DEVICE_ID: u8 = 0x01;
const GET_SELF_TEST: u8 = 0x04;
const GET_DEVICE_GUID: u8 = 0x08;
const GET_EVENT_RECEIVER: u8 = 0x01;
const GET_DEVICE_SDR: u8 = 0x21;
const RESERVE_DEVICE_SDRS: u8 = 0x22;
/// Where a simulated satellite sends its events.
const EVENT_RECEIVER: [u8; 2] = [0x20, 0];
/// Bytes of a record's header, and of a piece of it that every bus carries.
const HEADER: u8 = 5;
const PIECE: u8 = 16;
/// Most device SDRs of a controller that are read.
const MOST_RECORDS: usize = 1024;
/// Record id of the first record, and after the last one.
const FIRST: u16 = 0x0000;
const LAST: u16 = 0xFFFF;
/// The reservation was cancelled.
const RESERVATION_CANCELLED: u8 = 0xC5;
/// How often a walk is begun again for that.
const TRIES: usize = 4;

/// The controllers that records name, and whether each answers where they say.
pub(super) struct Satellites {
    silent: BTreeSet<u8>,
    /// Those with an inventory of their own, where they answer.
    pub(super) inventories: Vec<(u8, ChannelNumber)>,
}

impl Satellites {
    /// False for controllers that do not.
    pub(super) fn answers(&self, owner: u8) -> bool {
        !self.silent.contains(&owner)
    }
}

/// Controllers other than the BMC that records name.
fn others(records: &Records) -> BTreeMap<u8, ChannelNumber> {
    let mut others = BTreeMap::new();
    for (record, _) in records.parsed() {
        let (address, channel) = match &record {
            SdrRecord::McLocator(view) => (view.address(), view.channel()),
            SdrRecord::FruLocator(view) if view.is_logical() => (view.access_controller(), view.channel()),
            other => match other.sensor() {
                Some(sensor) => (sensor.key().owner, sensor.key().channel),
                None => continue,
            },
        };
        if address.0 != BMC {
            others.entry(address.0).or_insert(channel);
        }
    }
    others
}

/// Writes the controllers that answer, and reads their device SDRs into `records`.
pub(super) fn record(
    reader: &Reader<'_>,
    records: &mut Records,
    document: &mut Document,
) -> Result<Satellites, Failure> {
    let mut satellites = Satellites { silent: BTreeSet::new(), inventories: Vec::new() };
    for (address, named) in others(records) {
        let mut channel = named;
        let mut device = ask(reader, address, channel, NetFn::APP, GET_DEVICE_ID)?;
        if let Err(code) = device {
            satellites.silent.insert(address);
            document.remark(&format!(
                "controller {address:02X}h does not answer on channel {}, which records name: {code:02X}h",
                channel.get()
            ));
            channel = ChannelNumber::PRIMARY_IPMB;
            if channel == named {
                continue;
            }
            device = ask(reader, address, channel, NetFn::APP, GET_DEVICE_ID)?;
        }
        if device.is_ok() {
            describe(reader, address, channel, &device, document)?;
            let data = device.unwrap_or_default();
            if DeviceSupport::from_bits_retain(at(&data, 5)).contains(DeviceSupport::FRU_INVENTORY) {
                satellites.inventories.push((address, channel));
            }
            if at(&data, 1) & 0x80 != 0 {
                record_device_sdrs(reader, address, channel, records, document)?;
            }
        }
    }
    Ok(satellites)
}

fn ask(reader: &Reader<'_>, address: u8, channel: ChannelNumber, net_fn: NetFn, cmd: u8) -> Result<Answer, Failure> {
    reader.ask_at(Reader::target(address, channel), net_fn, cmd, &[])
}

fn describe(
    reader: &Reader<'_>,
    address: u8,
    channel: ChannelNumber,
    device: &Answer,
    document: &mut Document,
) -> Result<(), Failure> {
    document.table("[[satellite]]").entry("address", byte(address));
    if channel != ChannelNumber::PRIMARY_IPMB {
        document.entry("channel", channel.get());
    }
    let guid = ask(reader, address, channel, NetFn::APP, GET_DEVICE_GUID)?;
    let self_test = ask(reader, address, channel, NetFn::APP, GET_SELF_TEST)?;
    let receiver = ask(reader, address, channel, NetFn::SENSOR_EVENT, GET_EVENT_RECEIVER)?;
    let known = guid.as_ref().is_ok_and(|guid| guid.len() == 16);
    if let (Ok(guid), true) = (&guid, known) {
        document.entry("guid", hex(guid));
    }
    document.table("[satellite.device]");
    identity::describe(device, document);
    if !known && guid != Err(INVALID_COMMAND) {
        document.answer(address, NetFn::APP, GET_DEVICE_GUID, &[], &guid);
    }
    if self_test.as_deref() != Ok(&NO_ERROR) {
        document.answer(address, NetFn::APP, GET_SELF_TEST, &[], &self_test);
    }
    if receiver.as_deref() != Ok(&EVENT_RECEIVER) {
        document.answer(address, NetFn::SENSOR_EVENT, GET_EVENT_RECEIVER, &[], &receiver);
    }
    Ok(())
}

/// Reads the device SDRs of a controller, the BMC among them, into `records`.
pub(super) fn record_device_sdrs(
    reader: &Reader<'_>,
    address: u8,
    channel: ChannelNumber,
    records: &mut Records,
    document: &mut Document,
) -> Result<(), Failure> {
    let target = Reader::target(address, channel);
    let mut read = Err(RESERVATION_CANCELLED);
    for _ in 0..TRIES {
        read = walk(reader, target)?;
        if read.as_ref().err() != Some(&RESERVATION_CANCELLED) {
            break;
        }
    }
    match read {
        Ok(found) => {
            for bytes in found {
                document.table("[[sdr]]").entry("device", byte(address)).entry("hex", hex(&bytes));
                records.of_devices.push(bytes);
            }
        }
        Err(code) => document.problem(&format!("device SDRs of controller {address:02X}h: {code:02X}h")),
    }
    Ok(())
}

/// Every device SDR, or the completion code that ended it.
fn walk(reader: &Reader<'_>, target: Target) -> Result<Result<Vec<Vec<u8>>, u8>, Failure> {
    let reservation = match reader.ask_at(target, NetFn::SENSOR_EVENT, RESERVE_DEVICE_SDRS, &[])? {
        Ok(data) => word(&data, 0).to_le_bytes(),
        Err(code) => return Ok(Err(code)),
    };
    let (mut found, mut seen, mut id) = (Vec::<Vec<u8>>::new(), BTreeSet::new(), FIRST);
    while id != LAST && found.len() < MOST_RECORDS && seen.insert(id) {
        let [low, high] = id.to_le_bytes();
        let [r0, r1] = reservation;
        let mut record = Vec::new();
        let mut next = LAST;
        loop {
            let whole = usize::from(at(&record, 4)) + usize::from(HEADER);
            let missing = u8::try_from(whole.saturating_sub(record.len())).unwrap_or(PIECE);
            let count = if record.is_empty() { HEADER } else { missing.min(PIECE) };
            // The command reaches the first 256 bytes.
            let Ok(offset) = u8::try_from(record.len()) else { break };
            if count == 0 {
                break;
            }
            match reader.ask_at(target, NetFn::SENSOR_EVENT, GET_DEVICE_SDR, &[r0, r1, low, high, offset, count])? {
                Ok(data) if data.len() == usize::from(count) + 2 => {
                    next = word(&data, 0);
                    record.extend(data.get(2..).unwrap_or_default());
                }
                // Shorter than it says it is: nothing a record could be made of.
                Ok(_) => return Ok(Err(0xFF)),
                // A device without any.
                Err(_) if id == FIRST && found.is_empty() && offset == 0 => return Ok(Ok(found)),
                Err(code) => return Ok(Err(code)),
            }
        }
        found.push(record);
        id = next;
    }
    Ok(Ok(found))
}
