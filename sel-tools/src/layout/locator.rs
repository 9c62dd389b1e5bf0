//! Rows and blocks of FRU, controller and generic device locators, and of event-only sensors.

use ipmi_core::sdr::{
    EventGeneration, EventOnlyView, FruLocatorView, GenericLocatorView, IdString, McLocatorView, SensorRecord,
};
use ipmi_core::table::{DeviceType, EntityId};
use serde::Serialize;

use super::sensor_line;
use crate::output::text;
use crate::row::sensor;
use crate::{Failure, Printer, Session, line, put};

/// A locator as JSON.
#[derive(Debug, Serialize)]
struct LocatorRow {
    #[serde(serialize_with = "text::serialize_string")]
    name: String,
    record_id: u16,
    record: &'static str,
    entity_id: u8,
    entity_instance: u8,
    entity_name: String,
    address: u8,
    channel: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    fru_id: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logical: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_address: Option<u8>,
}

fn name(id: IdString<'_>) -> String {
    sensor::id_text(id.encoding(), id.raw())
}

/// Prints a FRU device locator.
pub fn print_fru(printer: &mut Printer<'_>, view: &FruLocatorView<'_>) -> Result<(), Failure> {
    let (name, id, instance) = (name(view.id()), EntityId(view.entity.id), view.entity.instance & 0x7F);
    let logical = view.is_logical();
    if printer.json() {
        printer.row(&LocatorRow {
            name,
            record_id: view.header.record_id.get(),
            record: "fru",
            entity_id: id.0,
            entity_instance: instance,
            entity_name: id.to_string(),
            address: view.access_address,
            channel: view.channel().get(),
            fru_id: view.logical_id(),
            logical: Some(logical),
            device_address: (!logical).then_some(view.fru_id),
        });
        return Ok(());
    }
    if printer.verbose == 0 {
        return if printer.csv() {
            line!(printer, "{name},00h,ns,{}.{instance}", id.0)
        } else if printer.extended {
            let kind = if logical { "Logical" } else { "Physical" };
            line!(printer, "{name:<16} | 00h | ns  | {:2}.{instance} | {kind} FRU @{:02X}h", id.0, view.fru_id)
        } else {
            let kind = if logical { "Log" } else { "Phy" };
            line!(printer, "{name:<16} | {kind} FRU @{:02X}h {:02x}.{instance:x} | ok", view.fru_id, id.0)
        };
    }
    head(printer, &name, id, instance)?;
    line!(printer, "Device Access Address  : {:02X}h", view.access_address)?;
    let label = if logical { "Logical FRU Device     " } else { "Slave Address          " };
    line!(printer, "{label}: {:02X}h", view.fru_id)?;
    line!(printer, "Channel Number         : {:X}h", view.channel().get())?;
    line!(printer, "LUN.Bus                : {:X}h.{:X}h", view.lun().get(), view.bus())?;
    device_type(printer, view.device_type, view.device_modifier)?;
    line!(printer, "OEM                    : {:02X}h\n", view.oem)
}

/// Prints a generic device locator.
pub fn print_generic(printer: &mut Printer<'_>, view: &GenericLocatorView<'_>) -> Result<(), Failure> {
    let (name, id, instance) = (name(view.id()), EntityId(view.entity.id), view.entity.instance & 0x7F);
    let (access, address) = (view.access_address, view.slave_address);
    if printer.json() {
        printer.row(&LocatorRow {
            name,
            record_id: view.header.record_id.get(),
            record: "generic",
            entity_id: id.0,
            entity_instance: instance,
            entity_name: id.to_string(),
            address: access,
            channel: view.channel().get(),
            fru_id: None,
            logical: None,
            device_address: Some(address),
        });
        return Ok(());
    }
    if printer.verbose == 0 {
        return if printer.csv() {
            line!(printer, "{name},00h,ns,{}.{instance}", id.0)
        } else if printer.extended {
            put!(printer, "{name:<16} | 00h | ns  | {:2}.{instance} | ", id.0)?;
            line!(printer, "Generic Device @{access:02X}h:{address:02X}h.{}", view.oem)
        } else {
            line!(printer, "{name:<16} | Generic @{access:02X}:{address:02X}.{:<2} | ok", view.oem)
        };
    }
    head(printer, &name, id, instance)?;
    line!(printer, "Device Access Address  : {access:02X}h")?;
    line!(printer, "Device Slave Address   : {address:02X}h")?;
    line!(printer, "Address Span           : {:02X}h", view.address_span)?;
    line!(printer, "Channel Number         : {:X}h", view.channel().get())?;
    line!(printer, "LUN.Bus                : {:X}h.{:X}h", view.lun().get(), view.bus())?;
    device_type(printer, view.device_type, view.device_modifier)?;
    line!(printer, "OEM                    : {:02X}h\n", view.oem)
}

/// Prints a management controller locator.
pub fn print_mc(printer: &mut Printer<'_>, view: &McLocatorView<'_>) -> Result<(), Failure> {
    let (name, id, instance) = (name(view.id()), EntityId(view.entity.id), view.entity.instance & 0x7F);
    let presence = if view.is_static() { "Static" } else { "Dynamic" };
    if printer.json() {
        printer.row(&LocatorRow {
            name,
            record_id: view.header.record_id.get(),
            record: "mc",
            entity_id: id.0,
            entity_instance: instance,
            entity_name: id.to_string(),
            address: view.slave_address,
            channel: view.channel().get(),
            fru_id: None,
            logical: None,
            device_address: None,
        });
        return Ok(());
    }
    if printer.verbose == 0 {
        let address = view.slave_address;
        return if printer.csv() {
            line!(printer, "{name},00h,ok,{}.{instance}", id.0)
        } else if printer.extended {
            line!(printer, "{name:<16} | 00h | ok  | {:2}.{instance} | {presence} MC @ {address:02X}h", id.0)
        } else {
            let blank = if view.is_static() { " " } else { "" };
            line!(printer, "{name:<16} | {presence} MC @ {address:02X}h {blank} | ok")
        };
    }
    head(printer, &name, id, instance)?;
    line!(printer, "Device Slave Address   : {:02X}h", view.slave_address)?;
    line!(printer, "Channel Number         : {:X}h", view.channel().get())?;
    let required = |needed: bool| if needed { "Required" } else { "Not Required" };
    line!(printer, "ACPI System P/S Notif  : {}", required(view.needs_system_power_state()))?;
    line!(printer, "ACPI Device P/S Notif  : {}", required(view.needs_device_power_state()))?;
    line!(printer, "Controller Presence    : {presence}")?;
    let yes = |set: bool| if set { "Yes" } else { "No" };
    line!(printer, "Logs Init Agent Errors : {}", yes(view.logs_init_agent_errors()))?;
    let generation = match view.event_generation() {
        EventGeneration::Enable => "Enable",
        EventGeneration::Disable => "Disable",
        EventGeneration::DoNotInitialize => "Do Not Init Controller",
        EventGeneration::Reserved => "Reserved",
    };
    line!(printer, "Event Message Gen      : {generation}")?;
    line!(printer, "Device Capabilities")?;
    for (bit, label) in [
        "Chassis Device        ",
        "Bridge                ",
        "IPMB Event Generator  ",
        "IPMB Event Receiver   ",
        "FRU Inventory Device  ",
        "SEL Device            ",
        "SDR Repository        ",
        "Sensor Device         ",
    ]
    .iter()
    .enumerate()
    {
        line!(printer, " {label}: {}", yes(view.capabilities & 0x80 >> bit != 0))?;
    }
    line!(printer)
}

/// Prints an event-only sensor.
pub fn print_event_only(printer: &mut Printer<'_>, session: &Session, view: &EventOnlyView<'_>) -> Result<(), Failure> {
    let record = SensorRecord::EventOnly(*view);
    if printer.verbose == 0 || printer.json() {
        return sensor_line::print_event_only(printer, session, &record);
    }
    let (id, instance, sensor_type) = (record.entity_id(), record.entity_instance(), record.sensor_type());
    line!(printer, "Sensor ID              : {} (0x{:x})", sensor::name(&record), record.number())?;
    line!(printer, "Entity ID              : {}.{instance} ({id})", id.0)?;
    let name = session.sensor_type_name(sensor_type);
    line!(printer, "Sensor Type            : {name} (0x{:02x})\n", sensor_type.0)
}

fn head(printer: &mut Printer<'_>, name: &str, id: EntityId, instance: u8) -> Result<(), Failure> {
    line!(printer, "Device ID              : {name}")?;
    line!(printer, "Entity ID              : {}.{instance} ({id})", id.0)
}

fn device_type(printer: &mut Printer<'_>, device_type: u8, modifier: u8) -> Result<(), Failure> {
    let text = DeviceType(device_type).text(modifier);
    line!(printer, "Device Type.Modifier   : {device_type:X}h.{modifier:X}h ({text})")
}
