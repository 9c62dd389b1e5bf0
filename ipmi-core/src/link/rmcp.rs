//! RMCP: the four bytes before every IPMI or ASF datagram, and its acknowledgement (IPMI 2.0 s13.1, ASF 2.0 s3.2.2).

use super::cursor::Cursor;
use crate::ParseError;

/// UDP port a BMC listens on.
pub const PORT: u16 = 623;
/// Longest datagram UDP can carry; nothing longer is read or written.
pub const MAX_DATAGRAM: usize = 65_535;

/// RMCP version 1.0 (ASF 2.0), the only one there is.
const VERSION: u8 = 0x06;
const ACK: u8 = 0x80;

/// What follows the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RmcpClass {
    /// 6: an ASF message, such as a presence ping.
    Asf,
    /// 7: an IPMI session packet.
    Ipmi,
    /// 8: defined by the manufacturer.
    Oem,
    /// Reserved.
    Unknown(u8),
}

impl RmcpClass {
    /// The class with this number; only the low five bits count.
    pub const fn from_code(code: u8) -> Self {
        match code & 0x1F {
            6 => Self::Asf,
            7 => Self::Ipmi,
            8 => Self::Oem,
            other => Self::Unknown(other),
        }
    }

    /// The number on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Self::Asf => 6,
            Self::Ipmi => 7,
            Self::Oem => 8,
            Self::Unknown(code) => code & 0x1F,
        }
    }
}

/// The RMCP header.
///
/// ```
/// use ipmi_core::link::rmcp::{RmcpClass, RmcpHeader};
/// let (header, rest) = RmcpHeader::parse(&[0x06, 0x00, 0xFF, 0x07, 0x06]).unwrap();
/// assert_eq!((header, rest), (RmcpHeader::IPMI, &[0x06][..]));
/// assert_eq!(header.acknowledgement(), None);
/// let asf = RmcpHeader { sequence: 5, class: RmcpClass::Asf, is_ack: false };
/// assert_eq!(asf.acknowledgement().unwrap().emit(), [0x06, 0x00, 0x05, 0x86]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RmcpHeader {
    /// Sequence number; [`NO_ACK`](Self::NO_ACK) asks for no acknowledgement.
    pub sequence: u8,
    /// What follows.
    pub class: RmcpClass,
    /// True in an acknowledgement, which carries no data.
    pub is_ack: bool,
}

impl RmcpHeader {
    /// Bytes on the wire.
    pub const LEN: usize = 4;
    /// The sequence number that asks for no acknowledgement.
    pub const NO_ACK: u8 = 0xFF;
    /// The header of every IPMI packet.
    pub const IPMI: Self = Self { sequence: Self::NO_ACK, class: RmcpClass::Ipmi, is_ack: false };
    /// The header of a ping that is not acknowledged on the RMCP level.
    pub const ASF: Self = Self { sequence: Self::NO_ACK, class: RmcpClass::Asf, is_ack: false };

    /// Reads the header; the rest of the datagram comes with it.
    ///
    /// # Errors
    /// When the datagram is too short or too long, or of another RMCP version.
    pub fn parse(datagram: &[u8]) -> Result<(Self, &[u8]), ParseError> {
        if datagram.len() > MAX_DATAGRAM {
            let (expected, found) = (MAX_DATAGRAM, datagram.len());
            return Err(ParseError::Trailing { field: "datagram", expected, found });
        }
        let mut cursor = Cursor::new("RMCP header", datagram);
        let [version, _reserved, sequence, class] = cursor.array()?;
        if version != VERSION {
            let found = u32::from(version);
            return Err(ParseError::Invalid { field: "RMCP version", expected: "06h", found });
        }
        let header = Self { sequence, class: RmcpClass::from_code(class), is_ack: class & ACK != 0 };
        Ok((header, cursor.rest()))
    }

    /// The bytes on the wire.
    pub const fn emit(&self) -> [u8; Self::LEN] {
        let ack = if self.is_ack { ACK } else { 0 };
        [VERSION, 0, self.sequence, self.class.code() | ack]
    }

    /// The acknowledgement this datagram asks for. IPMI packets and acknowledgements are never acknowledged.
    pub fn acknowledgement(&self) -> Option<Self> {
        let wanted = self.sequence != Self::NO_ACK && self.class != RmcpClass::Ipmi && !self.is_ack;
        wanted.then_some(Self { is_ack: true, ..*self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shorter_prefix_errs_and_other_versions_too() {
        let bytes = RmcpHeader::IPMI.emit();
        for len in 0..bytes.len() {
            assert!(RmcpHeader::parse(&bytes[..len]).is_err(), "{len}");
        }
        assert!(RmcpHeader::parse(&[0x05, 0, 0xFF, 7]).is_err());
        assert!(RmcpHeader::parse(&vec![6; MAX_DATAGRAM + 1]).is_err());
    }

    #[test]
    fn every_class_comes_back() {
        for byte in 0..=255 {
            let (header, _) = RmcpHeader::parse(&[6, 0, 1, byte]).unwrap();
            assert_eq!(header.emit()[3], byte & 0x9F);
            assert!(header.acknowledgement().is_none_or(|ack| ack.is_ack && ack.acknowledgement().is_none()));
        }
    }
}
