//! ASF messages over RMCP: presence ping and pong (IPMI 2.0 s13.2.3, s13.2.4; ASF 2.0 s3.2.4).

use super::cursor::Cursor;
use crate::ParseError;

/// The enterprise number of ASF itself, most significant byte first on the wire.
pub const ASF_ENTERPRISE: u32 = 4542;
/// The enterprise number by which a BMC shows that it speaks DCMI.
pub const DCMI_ENTERPRISE: u32 = 36_465;

const PONG: u8 = 0x40;
const PING: u8 = 0x80;
const SUPPORTS_IPMI: u8 = 0x80;
const ASF_1_0: u8 = 0x01;

/// A message of RMCP class ASF.
///
/// ```
/// use ipmi_core::link::asf::{AsfMessage, Pong};
/// let ping = AsfMessage::Ping { tag: 1 };
/// assert_eq!(ping.emit(), [0, 0, 0x11, 0xBE, 0x80, 1, 0, 0]);
/// assert_eq!(AsfMessage::parse(&ping.emit()), Ok(ping));
/// let pong = AsfMessage::parse(&AsfMessage::Pong { tag: 1, pong: Pong::IPMI }.emit());
/// assert!(matches!(pong, Ok(AsfMessage::Pong { tag: 1, pong }) if pong.supports_ipmi()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AsfMessage {
    /// Are you there?
    Ping {
        /// Comes back in the pong; FFh asks for no answer.
        tag: u8,
    },
    /// I am here.
    Pong {
        /// As in the ping.
        tag: u8,
        /// What the answering side can do.
        pong: Pong,
    },
    /// Anything else; nothing in IPMI uses it.
    Other {
        /// Enterprise number.
        enterprise: u32,
        /// Message type.
        message_type: u8,
        /// Message tag.
        tag: u8,
    },
}

/// The data of a presence pong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pong {
    /// [`ASF_ENTERPRISE`] or [`DCMI_ENTERPRISE`] when `oem` has no meaning.
    pub enterprise: u32,
    /// Defined by the enterprise.
    pub oem: [u8; 4],
    /// Supported entities: bit 7 IPMI, low four bits the ASF version.
    pub entities: u8,
    /// Supported interactions: bit 7 security extensions, bit 5 DASH.
    pub interactions: u8,
}

impl Pong {
    const LEN: u8 = 16;
    /// A BMC with IPMI and ASF 1.0.
    pub const IPMI: Self =
        Self { enterprise: ASF_ENTERPRISE, oem: [0; 4], entities: SUPPORTS_IPMI | ASF_1_0, interactions: 0 };

    /// True when IPMI is supported.
    pub const fn supports_ipmi(&self) -> bool {
        self.entities & SUPPORTS_IPMI != 0
    }
}

impl AsfMessage {
    /// Reads what follows an RMCP header of class ASF.
    ///
    /// # Errors
    /// When it is too short or its length byte counts more than there is.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        let mut cursor = Cursor::new("ASF message", bytes);
        let enterprise = u32::from_be_bytes(cursor.array()?);
        let [message_type, tag, _reserved, length] = cursor.array()?;
        let mut data = Cursor::new("ASF message data", cursor.slice(usize::from(length))?);
        Ok(match (enterprise, message_type) {
            (ASF_ENTERPRISE, PING) => Self::Ping { tag },
            (ASF_ENTERPRISE, PONG) => {
                let enterprise = u32::from_be_bytes(data.array()?);
                let oem = data.array()?;
                let [entities, interactions, _, _, _, _, _, _] = data.array()?;
                Self::Pong { tag, pong: Pong { enterprise, oem, entities, interactions } }
            }
            _ => Self::Other { enterprise, message_type, tag },
        })
    }

    /// The bytes after the RMCP header.
    pub fn emit(&self) -> Vec<u8> {
        let (enterprise, message_type, tag, length) = match *self {
            Self::Ping { tag } => (ASF_ENTERPRISE, PING, tag, 0),
            Self::Pong { tag, .. } => (ASF_ENTERPRISE, PONG, tag, Pong::LEN),
            Self::Other { enterprise, message_type, tag } => (enterprise, message_type, tag, 0),
        };
        let mut out = enterprise.to_be_bytes().to_vec();
        out.extend([message_type, tag, 0, length]);
        if let Self::Pong { pong, .. } = self {
            out.extend(pong.enterprise.to_be_bytes());
            out.extend(pong.oem);
            out.extend([pong.entities, pong.interactions, 0, 0, 0, 0, 0, 0]);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_pong_and_every_shorter_prefix() {
        let golden = [0, 0, 0x11, 0xBE, 0x40, 9, 0, 16, 0, 0, 0x8E, 0x71, 0, 0, 0, 0, 0x81, 0, 0, 0, 0, 0, 0, 0];
        let pong = Pong { enterprise: DCMI_ENTERPRISE, ..Pong::IPMI };
        let message = AsfMessage::Pong { tag: 9, pong };
        assert_eq!(message.emit(), golden);
        assert_eq!(AsfMessage::parse(&golden), Ok(message));
        for len in 0..golden.len() {
            assert!(AsfMessage::parse(&golden[..len]).is_err(), "{len}");
        }
    }

    #[test]
    fn a_pong_with_too_little_data_errs() {
        assert!(AsfMessage::parse(&[0, 0, 0x11, 0xBE, 0x40, 9, 0, 4, 0, 0, 0, 0]).is_err());
    }

    #[test]
    fn other_messages_are_values() {
        let other = AsfMessage::Other { enterprise: 343, message_type: 1, tag: 2 };
        assert_eq!(AsfMessage::parse(&other.emit()), Ok(other));
    }
}
