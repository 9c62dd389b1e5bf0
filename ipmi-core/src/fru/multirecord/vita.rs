//! VITA 57 records of FMC mezzanine modules (VITA 57.1 s5.5, 57.4).

/// Size of a mezzanine module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FmcModuleSize {
    /// Single width.
    Single,
    /// Double width.
    Double,
    /// Reserved code.
    Reserved(u8),
}

/// The main definition of an FMC module (subtype 0).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FmcMain {
    /// Module size.
    pub size: FmcModuleSize,
    /// Connector P1: 0 = LPC, 1 = HPC.
    pub p1: u8,
    /// Connector P2: 0 = LPC, 1 = HPC, `None` when not fitted.
    pub p2: Option<u8>,
    /// True when the clock runs from carrier to module.
    pub clock_from_carrier: bool,
    /// Signals of P1 bank A, P1 bank B, P2 bank A, P2 bank B.
    pub signals: [u8; 4],
    /// Transceivers of P1.
    pub p1_transceivers: u8,
    /// Transceivers of P2.
    pub p2_transceivers: u8,
    /// Highest JTAG clock in megahertz.
    pub maximum_tck: u8,
}

/// A VITA 57 record in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VitaData<'a> {
    /// Subtype 0.
    Main(FmcMain),
    /// Subtype 1: I2C devices, six-bit text of names, each followed by address characters.
    I2cDevices(&'a [u8]),
    /// Anything else, among it the FMC+ layouts: subtype, version and data.
    Other {
        /// Subtype.
        subtype: u8,
        /// Version.
        version: u8,
        /// Data.
        data: &'a [u8],
    },
}

impl<'a> VitaData<'a> {
    pub(super) fn parse(data: &'a [u8]) -> Option<Self> {
        let (&kind, data) = data.split_first()?;
        let (subtype, version) = (kind >> 4, kind & 0x0F);
        Some(match (subtype, version, data) {
            (0, 0, &[form, a1, b1, a2, b2, transceivers, maximum_tck, ..]) => Self::Main(FmcMain {
                size: match form >> 6 {
                    0 => FmcModuleSize::Single,
                    1 => FmcModuleSize::Double,
                    code => FmcModuleSize::Reserved(code),
                },
                p1: form >> 4 & 3,
                p2: Some(form >> 2 & 3).filter(|connector| *connector != 3),
                clock_from_carrier: form & 2 != 0,
                signals: [a1, b1, a2, b2],
                p1_transceivers: transceivers >> 4,
                p2_transceivers: transceivers & 0x0F,
                maximum_tck,
            }),
            (1, _, data) => Self::I2cDevices(data),
            (_, _, data) => Self::Other { subtype, version, data },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn main_definition() {
        let Some(VitaData::Main(main)) = VitaData::parse(&[0x00, 0x1C, 68, 0, 0, 0, 0x80, 10]) else { panic!() };
        assert_eq!((main.size, main.p1, main.p2), (FmcModuleSize::Single, 1, None));
        assert_eq!((main.signals[0], main.p1_transceivers, main.maximum_tck), (68, 8, 10));
        assert!(matches!(VitaData::parse(&[0x00, 1]), Some(VitaData::Other { subtype: 0, .. })));
        assert_eq!(VitaData::parse(&[]), None);
    }
}
