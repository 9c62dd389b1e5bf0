//! PICMG records: AdvancedTCA, AMC and MicroTCA (PICMG 3.0 s3.6, AMC.0 s3.7, MTCA.0 s4).

/// A PICMG record in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PicmgRecord<'a> {
    /// Record id.
    pub id: u8,
    /// Format version.
    pub version: u8,
    /// Data.
    pub data: &'a [u8],
}

/// Carrier activation and current management of one module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PicmgCarrierActivation {
    /// Address on the local bus.
    pub address: u8,
    /// Largest current in tenths of an ampere.
    pub maximum_current: u8,
}

/// The records with a simple layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PicmgData<'a> {
    /// 16h: current an AMC draws, in tenths of an ampere.
    ModuleCurrent(u8),
    /// 17h: what a carrier can feed.
    CarrierActivation {
        /// Largest internal current in tenths of an ampere.
        maximum_current: u16,
        /// Seconds the carrier waits for its modules.
        readiness: u8,
        /// Modules, three bytes each; see [`PicmgData::carrier_modules`].
        modules: &'a [u8],
    },
    /// 1Ah: which sites a carrier has.
    CarrierInformation {
        /// AMC.0 extension version.
        extension_version: u8,
        /// Site numbers.
        sites: &'a [u8],
    },
    /// Every other record.
    Other(&'a [u8]),
}

impl<'a> PicmgRecord<'a> {
    pub(super) fn parse(data: &'a [u8]) -> Option<Self> {
        let &[id, version, ref data @ ..] = data else { return None };
        Some(Self { id, version, data })
    }

    /// Name of the record.
    pub const fn name(&self) -> Option<&'static str> {
        Some(match self.id {
            0x04 => "Backplane Point-to-Point Connectivity Record",
            0x10 => "Address Table Record",
            0x11 => "Shelf Power Distribution Record",
            0x12 => "Shelf Activation and Power Management Record",
            0x13 => "Shelf Manager IP Connection Record",
            0x14 => "Board Point-to-Point Connectivity Record",
            0x15 => "Radial IPMB-0 Link Mapping Record",
            0x16 => "Module Current Requirements Record",
            0x17 => "Carrier Activation and Current Management Record",
            0x18 => "Carrier Point-to-Point Connectivity Record",
            0x19 => "AMC Point-to-Point Connectivity Record",
            0x1A => "Carrier Information Table",
            0x20 => "MicroTCA Fru Information Partition Record",
            0x21 => "MicroTCA Carrier Manager IP Link Record",
            0x22 => "MicroTCA Carrier Information Record",
            0x25 => "MicroTCA Power Policy Record",
            0x26 => "MicroTCA Carrier Activation and Power Management Record",
            0x2C => "Clock Point-to-Point Connectivity Record",
            0x2D => "Clock Configuration Record",
            0x30 => "Zone 3 Interface Compatibility Record",
            _ => return None,
        })
    }

    /// The data by record id; `Other` too when it is shorter than its id demands.
    pub fn decode(&self) -> PicmgData<'a> {
        match (self.id, self.data) {
            (0x16, &[current, ..]) => PicmgData::ModuleCurrent(current),
            (0x17, &[low, high, readiness, count, ref modules @ ..]) => PicmgData::CarrierActivation {
                maximum_current: u16::from_le_bytes([low, high]),
                readiness,
                modules: modules.get(..usize::from(count) * 3).unwrap_or(modules),
            },
            (0x1A, &[extension_version, count, ref sites @ ..]) => PicmgData::CarrierInformation {
                extension_version,
                sites: sites.get(..usize::from(count)).unwrap_or(sites),
            },
            (_, data) => PicmgData::Other(data),
        }
    }
}

impl PicmgData<'_> {
    /// The modules of a carrier activation record.
    pub fn carrier_modules(&self) -> impl Iterator<Item = PicmgCarrierActivation> {
        let modules = match self {
            PicmgData::CarrierActivation { modules, .. } => *modules,
            _ => &[],
        };
        modules.chunks_exact(3).filter_map(|module| match *module {
            [address, maximum_current, _] => Some(PicmgCarrierActivation { address, maximum_current }),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_layouts() {
        let current = PicmgRecord::parse(&[0x16, 0, 65]).unwrap();
        assert_eq!(current.decode(), PicmgData::ModuleCurrent(65));
        assert_eq!(current.name(), Some("Module Current Requirements Record"));
        let activation = PicmgRecord::parse(&[0x17, 0, 0x2C, 1, 5, 2, 0x72, 60, 0xFF, 0x74, 50, 0xFF]).unwrap();
        let modules: Vec<_> = activation.decode().carrier_modules().collect();
        assert_eq!(modules[1], PicmgCarrierActivation { address: 0x74, maximum_current: 50 });
        let info = PicmgRecord::parse(&[0x1A, 0, 0x20, 9, 1, 2]).unwrap();
        assert_eq!(info.decode(), PicmgData::CarrierInformation { extension_version: 0x20, sites: &[1, 2] });
        assert_eq!(PicmgRecord::parse(&[0x16, 0]).unwrap().decode(), PicmgData::Other(&[]));
        assert_eq!(PicmgRecord::parse(&[0x16]), None);
    }
}
