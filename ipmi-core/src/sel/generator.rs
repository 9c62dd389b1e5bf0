//! Generator id: who logged an event (IPMI 2.0 table 32-1, bytes 8-9; s5.5 for software ids).

use std::fmt;

use crate::{ChannelNumber, Lun, SlaveAddress};

/// The two generator id bytes of a system event record.
///
/// ```
/// use ipmi_core::sel::{GeneratorId, SoftwareKind};
/// assert_eq!(GeneratorId([0x20, 0x00]).software(), None);
/// assert_eq!(GeneratorId([0x01, 0x00]).software(), Some(SoftwareKind::Bios));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct GeneratorId(pub [u8; 2]);

/// Software that logs events, by its id with bit 0 set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SoftwareKind {
    /// 01h-1Fh.
    Bios,
    /// 21h-3Fh.
    SmiHandler,
    /// 41h-5Fh.
    SystemManagementSoftware,
    /// 61h-7Fh.
    Oem,
    /// 81h-8Dh.
    RemoteConsole,
    /// 8Fh.
    TerminalMode,
    /// Ids the specification reserves.
    Reserved,
}

impl GeneratorId {
    /// Address or software id, 8 bit.
    pub const fn address(self) -> SlaveAddress {
        let Self([address, _]) = self;
        SlaveAddress(address)
    }

    /// Channel the event came over.
    pub const fn channel(self) -> ChannelNumber {
        let Self([_, second]) = self;
        ChannelNumber::new(second >> 4)
    }

    /// Logical unit of the generator.
    pub const fn lun(self) -> Lun {
        let Self([_, second]) = self;
        Lun::new(second)
    }

    /// Both bytes as ipmitool prints them, the second one on top.
    pub const fn number(self) -> u16 {
        u16::from_le_bytes(self.0)
    }

    /// What kind of software logged it; `None` when a controller did.
    pub fn software(self) -> Option<SoftwareKind> {
        let SlaveAddress(id) = self.address();
        self.address().is_software().then_some(match id {
            0x01..=0x1F => SoftwareKind::Bios,
            0x21..=0x3F => SoftwareKind::SmiHandler,
            0x41..=0x5F => SoftwareKind::SystemManagementSoftware,
            0x61..=0x7F => SoftwareKind::Oem,
            0x81..=0x8D => SoftwareKind::RemoteConsole,
            0x8F => SoftwareKind::TerminalMode,
            _ => SoftwareKind::Reserved,
        })
    }
}

impl fmt::Display for SoftwareKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Bios => "BIOS",
            Self::SmiHandler => "SMI Handler",
            Self::SystemManagementSoftware => "System Management Software",
            Self::Oem => "OEM",
            Self::RemoteConsole => "Remote Console Software",
            Self::TerminalMode => "Terminal Mode Remote Console Software",
            Self::Reserved => "Reserved",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_ranges() {
        let generator = GeneratorId([0x2C, 0x61]);
        assert_eq!((generator.channel().get(), generator.lun().get(), generator.number()), (6, 1, 0x612C));
        for (id, kind) in [(0x33, SoftwareKind::SmiHandler), (0x41, SoftwareKind::SystemManagementSoftware)] {
            assert_eq!(GeneratorId([id, 0]).software(), Some(kind));
        }
        assert_eq!(GeneratorId([0x91, 0]).software(), Some(SoftwareKind::Reserved));
    }
}
