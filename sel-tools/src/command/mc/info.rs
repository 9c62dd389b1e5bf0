//! `mc info`: Get Device ID (IPMI 2.0 s20.1).

use ipmi_core::command::app::{DeviceId, DeviceSupport, GetDeviceId};
use ipmi_core::table::{Manufacturer, Product};
use serde::Serialize;

use crate::command::CommandRow;
use crate::registry::manufacturer_name;
use crate::{Failure, Printer, Session, line};

/// `mc info`.
pub const COMMAND: CommandRow =
    CommandRow { group: "mc", name: "info", words: "", about: "Identify the management controller", run };

/// The controller as JSON.
#[derive(Debug, Serialize)]
struct McInfo {
    device_id: u8,
    device_revision: u8,
    firmware_revision: String,
    ipmi_version: String,
    manufacturer_id: u32,
    manufacturer_name: Option<String>,
    product_id: u16,
    product_name: Option<&'static str>,
    available: bool,
    provides_device_sdrs: bool,
    support: Vec<&'static str>,
    auxiliary_firmware: Option<[u8; 4]>,
}

/// What a controller can support, in the order it is printed.
const SUPPORT: &[(DeviceSupport, &str)] = &[
    (DeviceSupport::SENSOR, "Sensor Device"),
    (DeviceSupport::SDR_REPOSITORY, "SDR Repository Device"),
    (DeviceSupport::SEL, "SEL Device"),
    (DeviceSupport::FRU_INVENTORY, "FRU Inventory Device"),
    (DeviceSupport::IPMB_EVENT_RECEIVER, "IPMB Event Receiver"),
    (DeviceSupport::IPMB_EVENT_GENERATOR, "IPMB Event Generator"),
    (DeviceSupport::BRIDGE, "Bridge"),
    (DeviceSupport::CHASSIS, "Chassis Device"),
];

fn run(session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    let device = session.call(&GetDeviceId)?;
    if printer.object(&facts(&device))? {
        return Ok(());
    }
    print(printer, &device)
}

fn supported(device: &DeviceId) -> impl Iterator<Item = &'static str> {
    let support = device.support;
    SUPPORT.iter().filter(move |(bit, _)| support.contains(*bit)).map(|(_, name)| *name)
}

fn facts(device: &DeviceId) -> McInfo {
    let manufacturer = Manufacturer(device.manufacturer);
    McInfo {
        device_id: device.device_id,
        device_revision: device.device_revision,
        firmware_revision: firmware(device),
        ipmi_version: version(device),
        manufacturer_id: device.manufacturer,
        manufacturer_name: manufacturer_name(manufacturer),
        product_id: device.product,
        product_name: Product { manufacturer, id: device.product }.name(),
        available: device.available,
        provides_device_sdrs: device.provides_device_sdrs,
        support: supported(device).collect(),
        auxiliary_firmware: device.auxiliary_firmware,
    }
}

fn firmware(device: &DeviceId) -> String {
    format!("{}.{:02x}", device.firmware_major, device.firmware_minor)
}

fn version(device: &DeviceId) -> String {
    format!("{:x}.{:x}", device.ipmi_version & 0x0F, device.ipmi_version >> 4)
}

fn print(printer: &mut Printer<'_>, device: &DeviceId) -> Result<(), Failure> {
    let yes = |set: bool| if set { "yes" } else { "no" };
    let manufacturer = Manufacturer(device.manufacturer);
    let rows: [(&str, String); 10] = [
        ("Device ID", device.device_id.to_string()),
        ("Device Revision", device.device_revision.to_string()),
        ("Firmware Revision", firmware(device)),
        ("IPMI Version", version(device)),
        ("Manufacturer ID", device.manufacturer.to_string()),
        ("Manufacturer Name", manufacturer_name(manufacturer).unwrap_or_else(|| manufacturer.to_string())),
        ("Product ID", format!("{0} (0x{0:04x})", device.product)),
        ("Product Name", Product { manufacturer, id: device.product }.to_string()),
        ("Device Available", yes(device.available).to_owned()),
        ("Provides Device SDRs", yes(device.provides_device_sdrs).to_owned()),
    ];
    for (label, value) in rows {
        line!(printer, "{label:<25} : {value}")?;
    }
    line!(printer, "Additional Device Support :")?;
    for name in supported(device) {
        line!(printer, "    {name}")?;
    }
    if let Some(bytes) = device.auxiliary_firmware {
        line!(printer, "Aux Firmware Rev Info     : ")?;
        for byte in bytes {
            line!(printer, "    0x{byte:02x}")?;
        }
    }
    Ok(())
}
