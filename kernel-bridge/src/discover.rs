//! Finds this machine's BMC: /dev/ipmiN, the SMBIOS record of the IPMI device (DSP0134 type 38, IPMI 2.0 appendix C1)
//! and the ACPI table SPMI (IPMI 2.0 appendix C3).

use std::fs::DirEntry;
use std::path::{Path, PathBuf};

use crate::quirk::{self, Leniency};
use crate::url::{BmcUrl, OpenDevice};

const DMI_TABLE: &str = "/sys/firmware/dmi/tables/DMI";
const SPMI_TABLE: &str = "/sys/firmware/acpi/tables/SPMI";
const I2C_ADAPTERS: &str = "/sys/class/i2c-dev";
/// /dev/ipmi0 to /dev/ipmi7.
const DEVICES: u32 = 8;
/// SMBIOS structure types: IPMI device, end of table.
const IPMI_DEVICE: u8 = 38;
const END_OF_TABLE: u8 = 127;
/// Where KCS registers are unless something else is said (IPMI 2.0 s9).
const DEFAULT_KCS_BASE: u16 = 0xCA2;
/// Address space ids of an ACPI generic address.
const SYSTEM_IO: u8 = 1;
const SMBUS: u8 = 4;

/// How the BMC is wired to the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// 1: keyboard controller style.
    Kcs,
    /// 2: server management interface chip.
    Smic,
    /// 3: block transfer.
    Bt,
    /// 4: SMBus system interface.
    Ssif,
    /// Anything else.
    Unknown(u8),
}

impl Interface {
    const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Kcs,
            2 => Self::Smic,
            3 => Self::Bt,
            4 => Self::Ssif,
            other => Self::Unknown(other),
        }
    }
}

/// Where its registers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location {
    /// I/O ports.
    Io {
        /// First port.
        base: u64,
        /// Distance of the registers: 1, 4 or 16.
        spacing: u8,
    },
    /// Memory.
    Memory {
        /// First address.
        base: u64,
        /// Distance of the registers: 1, 4 or 16.
        spacing: u8,
    },
    /// SMBus, 7-bit address.
    SmBus {
        /// The address.
        address: u8,
    },
}

/// A BMC the firmware tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Described {
    /// How it is wired.
    pub interface: Interface,
    /// IPMI version, major and minor.
    pub version: (u8, u8),
    /// Where its registers are.
    pub location: Location,
}

impl Described {
    /// The URL that reaches it, where this project has a way to it.
    pub fn url(&self) -> Option<BmcUrl> {
        match (self.interface, self.location) {
            (Interface::Kcs, Location::Io { base, spacing }) => {
                Some(BmcUrl::Kcs { base: Some(u16::try_from(base).ok()?), spacing })
            }
            (Interface::Ssif, Location::SmBus { address }) => Some(BmcUrl::Ssif { path: smbus()?, address }),
            _ => None,
        }
    }

    /// With registers in memory taken for I/O ports: some firmware names the wrong address space. Addresses that
    /// no port has stay memory.
    fn in_ports(self) -> Self {
        let location = match self.location {
            Location::Memory { base, spacing } if (1..=u64::from(u16::MAX)).contains(&base) => {
                Location::Io { base, spacing }
            }
            location => location,
        };
        Self { location, ..self }
    }
}

/// The numbers N of the Linux driver's devices /dev/ipmiN.
pub fn devices() -> Vec<u32> {
    (0..DEVICES).filter(|number| Path::new(&format!("/dev/ipmi{number}")).exists()).collect()
}

/// Base and spacing of the first KCS interface in I/O space that the firmware describes; without one the default.
/// `assume_io`: what lies where memory cannot be counts as ports, as the quirk `assumeio` says.
pub fn kcs_ports(assume_io: bool) -> (u16, u8) {
    let described = described();
    if let Some(ports) = first_ports(&described) {
        return ports;
    }
    let in_ports: Vec<_> = described.into_iter().map(Described::in_ports).collect();
    let assumed = first_ports(&in_ports).filter(|_| assume_io);
    if assumed.is_some() {
        tracing::info!(remark = quirk::lenient_remark(Leniency::ASSUME_IO), "quirk");
    }
    assumed.unwrap_or((DEFAULT_KCS_BASE, 1))
}

fn first_ports(described: &[Described]) -> Option<(u16, u8)> {
    described.iter().filter_map(Described::url).find_map(|url| match url {
        BmcUrl::Kcs { base, spacing } => Some((base?, spacing)),
        _ => None,
    })
}

/// The ways to this machine's BMCs, best first: the kernel's driver, then what the firmware describes.
pub fn local() -> Vec<BmcUrl> {
    let mut urls: Vec<_> = devices().into_iter().map(|number| BmcUrl::Open(OpenDevice::Number(number))).collect();
    if urls.is_empty() {
        urls.extend(described().iter().filter_map(Described::url));
    }
    urls.dedup();
    urls
}

/// The machine's SMBus as i2c-dev shows it, if there is exactly one: the firmware does not say which it means.
fn smbus() -> Option<PathBuf> {
    let adapters = std::fs::read_dir(I2C_ADAPTERS).ok()?.filter_map(Result::ok);
    let is_smbus = |adapter: &DirEntry| {
        std::fs::read_to_string(adapter.path().join("name")).is_ok_and(|name| name.starts_with("SMBus"))
    };
    let mut buses = adapters.filter(is_smbus).map(|adapter| Path::new("/dev").join(adapter.file_name()));
    buses.next().filter(|_| buses.next().is_none())
}

/// What the firmware tells of this machine's BMCs. Reading it takes root.
pub fn described() -> Vec<Described> {
    let dmi = std::fs::read(DMI_TABLE).map(|table| smbios(&table)).unwrap_or_default();
    if !dmi.is_empty() {
        return dmi;
    }
    std::fs::read(SPMI_TABLE).ok().and_then(|table| spmi(&table)).into_iter().collect()
}

/// The IPMI devices of an SMBIOS structure table.
pub fn smbios(mut table: &[u8]) -> Vec<Described> {
    let mut found = Vec::new();
    // Every turn takes at least the four bytes of a header.
    while let &[kind, length, _, _, ..] = table {
        let (formatted, rest) = table.split_at_checked(usize::from(length)).unwrap_or((table, &[]));
        if length < 4 || kind == END_OF_TABLE {
            break;
        }
        if kind == IPMI_DEVICE {
            found.extend(ipmi_device(formatted));
        }
        // Strings follow, up to two zero bytes.
        let end = rest.windows(2).position(|pair| pair == [0, 0]);
        table = end.and_then(|end| rest.get(end + 2..)).unwrap_or(&[]);
    }
    found
}

/// Type 38: interface at 4, BCD version at 5, I2C address at 6, base address at 8, its modifier at 10h.
fn ipmi_device(record: &[u8]) -> Option<Described> {
    let &[_, _, _, _, interface, version, i2c, _, b0, b1, b2, b3, b4, b5, b6, b7, ref rest @ ..] = record else {
        return None;
    };
    let modifier = rest.first().copied().unwrap_or(0);
    let spacing = match modifier >> 6 {
        0 => 1,
        1 => 4,
        _ => 16,
    };
    let raw = u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]);
    // Bit 0 tells the address space; the address's own lowest bit is in the modifier.
    let base = raw & !1 | u64::from(modifier >> 4 & 1);
    let interface = Interface::from_code(interface);
    let location = match interface {
        // Eight bits wide in the base address; some firmware leaves that at zero and uses the other field, which is for
        // the BMC's address on the IPMB.
        Interface::Ssif => Location::SmBus { address: if b0 >> 1 == 0 { i2c >> 1 } else { b0 >> 1 } },
        _ if raw & 1 == 1 => Location::Io { base, spacing },
        _ => Location::Memory { base, spacing },
    };
    Some(Described { interface, version: (version >> 4, version & 0xF), location })
}

/// The ACPI table SPMI: after the 36-byte header interface type, 01h, version (minor, major), interrupt fields, then at
/// 48 the generic address: space, distance of the registers in bits, bit offset, access size, address.
pub fn spmi(table: &[u8]) -> Option<Described> {
    let body = table.strip_prefix(b"SPMI").and_then(|rest| rest.get(32..))?;
    let &[interface, _, minor, major, _, _, _, _, _, _, _, _, ref rest @ ..] = body else { return None };
    let &[space, width, _, _, a0, a1, a2, a3, a4, a5, a6, a7, ..] = rest else { return None };
    let base = u64::from_le_bytes([a0, a1, a2, a3, a4, a5, a6, a7]);
    let spacing = match width {
        32 => 4,
        128 => 16,
        _ => 1,
    };
    let location = match space {
        SYSTEM_IO => Location::Io { base, spacing },
        SMBUS => Location::SmBus { address: a0 & 0x7F },
        _ => Location::Memory { base, spacing },
    };
    Some(Described { interface: Interface::from_code(interface), version: (major, minor), location })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// BIOS information, then an IPMI device with these bytes from 4 on, then the end.
    fn table(device: &[u8]) -> Vec<u8> {
        let mut table = vec![0, 6, 0, 0, 1, 2];
        table.extend(b"Vendor\0Version\0\0");
        table.extend([38, u8::try_from(device.len() + 4).unwrap(), 1, 0]);
        table.extend(device);
        table.extend([0, 0, 127, 4, 2, 0, 0, 0]);
        table
    }

    #[test]
    fn registers_are_found_in_both_spaces() {
        let kcs = smbios(&table(&[1, 0x20, 0x20, 0xFF, 0xA3, 0x0C, 0, 0, 0, 0, 0, 0, 0x00, 0]));
        let location = Location::Io { base: 0xCA2, spacing: 1 };
        assert_eq!(kcs, [Described { interface: Interface::Kcs, version: (2, 0), location }]);
        assert_eq!(kcs[0].url().unwrap().to_string(), "kcs:0xca2");
        let odd = smbios(&table(&[1, 0x20, 0x20, 0xFF, 0xA9, 0x0C, 0, 0, 0, 0, 0, 0, 0x50, 0]));
        assert_eq!(odd[0].location, Location::Io { base: 0xCA9, spacing: 4 });
        let memory = smbios(&table(&[3, 0x20, 0x20, 0xFF, 0, 0, 0, 0xF0, 0, 0, 0, 0, 0x80, 0]));
        assert_eq!(memory[0].location, Location::Memory { base: 0xF000_0000, spacing: 16 });
        assert_eq!(memory[0].url(), None);
        let ssif = smbios(&table(&[4, 0x20, 0x20, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0]));
        assert_eq!(ssif[0].location, Location::SmBus { address: 0x10 });
        // As QEMU describes `smbus-ipmi,address=0x20`.
        let ssif = smbios(&[38, 18, 0, 0x30, 4, 0x20, 0x20, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 127, 4, 0, 0x7F]);
        assert_eq!(ssif[0].location, Location::SmBus { address: 0x20 });
    }

    #[test]
    fn ports_described_as_memory_are_found() {
        let memory = smbios(&table(&[1, 0x20, 0x20, 0xFF, 0xA2, 0x0C, 0, 0, 0, 0, 0, 0, 0x40, 0]));
        assert_eq!((memory[0].location, first_ports(&memory)), (Location::Memory { base: 0xCA2, spacing: 4 }, None));
        assert_eq!(first_ports(&[memory[0].in_ports()]), Some((0xCA2, 4)));
        for base in [0, 0x1_0000, 0xF000_0000] {
            let described = Described { location: Location::Memory { base, spacing: 1 }, ..memory[0] };
            assert_eq!(described.in_ports(), described, "{base:#x}");
        }
    }

    #[test]
    fn cut_and_random_tables_give_what_they_can() {
        let whole = table(&[1, 0x20, 0x20, 0xFF, 0xA3, 0x0C, 0, 0, 0, 0, 0, 0, 0x00, 0]);
        for length in 0..whole.len() {
            let found = smbios(&whole[..length]);
            assert!(found.len() <= 1);
        }
        assert!(smbios(&[38, 0, 0, 0]).is_empty() && smbios(&[1, 4, 0, 0, 5]).is_empty());
        assert!(smbios(&vec![0xFF; 4096]).is_empty());
    }

    #[test]
    fn the_acpi_table_is_read() {
        let mut table = b"SPMI".to_vec();
        table.resize(36, 0);
        table.extend([1, 1, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1, 32, 0, 0, 0xA8, 0x0C, 0, 0, 0, 0, 0, 0]);
        let described = spmi(&table).unwrap();
        assert_eq!(described.version, (2, 0));
        assert_eq!(described.url().unwrap().to_string(), "kcs:0xca8?spacing=4");
        for length in 0..table.len() {
            assert_eq!(spmi(&table[..length]), None);
        }
    }
}
