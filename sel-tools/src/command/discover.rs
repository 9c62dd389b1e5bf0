//! `discover`: the BMCs of this machine and the URLs that reach them (an addition to ipmitool's commands).

use kernel_bridge::BmcUrl;
use kernel_bridge::discover::{self, Described, Interface, Location};
use kernel_bridge::url::OpenDevice;
use serde::Serialize;

use crate::command::CommandRow;
use crate::{Failure, Printer, Session, line};

/// `discover`.
pub const COMMAND: CommandRow = CommandRow {
    group: "discover",
    name: "",
    words: "",
    about: "List this machine's BMCs: /dev/ipmiN, and what SMBIOS and ACPI tell of",
    run,
};

/// A way to a BMC as JSON.
#[derive(Debug, Serialize)]
struct Row {
    /// For `--bmc`; null where this program has no such way.
    url: Option<String>,
    interface: &'static str,
    /// Of the specification, for what the firmware describes.
    ipmi_version: Option<String>,
    address_space: Option<&'static str>,
    address: Option<u64>,
    register_spacing: Option<u8>,
}

fn run(_session: &Session, printer: &mut Printer<'_>, _words: &[String]) -> Result<(), Failure> {
    let devices = discover::devices().into_iter().map(device);
    let rows: Vec<Row> = devices.chain(discover::described().iter().map(described)).collect();
    let nothing = rows.is_empty();
    for row in rows {
        if printer.row(&row) {
            continue;
        }
        line!(printer, "{:<28} | {}", row.url.as_deref().unwrap_or("(no way to it)"), about(&row))?;
    }
    printer.end_rows()?;
    if nothing {
        return Err(Failure::new(
            "No BMC found: there is no /dev/ipmiN, and neither SMBIOS (type 38) nor ACPI (SPMI) tells of one; \
             reading those takes root",
        ));
    }
    Ok(())
}

fn device(number: u32) -> Row {
    Row {
        url: Some(BmcUrl::Open(OpenDevice::Number(number)).to_string()),
        interface: "Linux driver",
        ipmi_version: None,
        address_space: None,
        address: None,
        register_spacing: None,
    }
}

fn described(bmc: &Described) -> Row {
    let (address_space, address, register_spacing) = match bmc.location {
        Location::Io { base, spacing } => ("I/O port", base, Some(spacing)),
        Location::Memory { base, spacing } => ("memory", base, Some(spacing)),
        Location::SmBus { address } => ("SMBus", u64::from(address), None),
    };
    let interface = match bmc.interface {
        Interface::Kcs => "KCS",
        Interface::Smic => "SMIC",
        Interface::Bt => "BT",
        Interface::Ssif => "SSIF",
        Interface::Unknown(_) => "unknown",
    };
    let (major, minor) = bmc.version;
    Row {
        url: bmc.url().map(|url| url.to_string()),
        interface,
        ipmi_version: Some(format!("{major}.{minor}")),
        address_space: Some(address_space),
        address: Some(address),
        register_spacing,
    }
}

fn about(row: &Row) -> String {
    let mut words = row.interface.to_owned();
    if let (Some(space), Some(address)) = (row.address_space, row.address) {
        words += &format!(" at {space} {address:#x}");
    }
    if let Some(spacing) = row.register_spacing.filter(|spacing| *spacing != 1) {
        words += &format!(", registers {spacing} apart");
    }
    if let Some(version) = &row.ipmi_version {
        words += &format!(", IPMI {version}");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_described_with_their_url() {
        let location = Location::Io { base: 0xCA8, spacing: 4 };
        let row = described(&Described { interface: Interface::Kcs, version: (2, 0), location });
        assert_eq!(row.url.as_deref(), Some("kcs:0xca8?spacing=4"));
        assert_eq!(about(&row), "KCS at I/O port 0xca8, registers 4 apart, IPMI 2.0");
        let location = Location::Memory { base: 0xFED0_0000, spacing: 1 };
        let row = described(&Described { interface: Interface::Bt, version: (1, 5), location });
        assert_eq!((row.url.as_deref(), about(&row).as_str()), (None, "BT at memory 0xfed00000, IPMI 1.5"));
        assert_eq!(about(&device(1)), "Linux driver");
    }
}
