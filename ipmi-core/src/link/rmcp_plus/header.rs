//! The RMCP+ session packet: header, payload, integrity trailer (IPMI 2.0 s13.6, tables 13-8, 13-16).

use super::super::cursor::Cursor;
use super::super::rmcp::MAX_DATAGRAM;
use super::SecurityError;
use super::integrity::Integrity;
use crate::ParseError;

/// The authentication type that tells RMCP+ from IPMI 1.5.
const FORMAT: u8 = 0x06;
const ENCRYPTED: u8 = 0x80;
const AUTHENTICATED: u8 = 0x40;
const OEM_EXPLICIT: u8 = 0x02;
const PAD: u8 = 0xFF;
/// Next header, always the RMCP class of IPMI.
const NEXT_HEADER: u8 = 0x07;

/// What a packet carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PayloadType {
    /// 0: an IPMI message.
    Ipmi,
    /// 1: Serial over LAN.
    Sol,
    /// 2: what the manufacturer named here defines.
    OemExplicit {
        /// Enterprise number.
        enterprise: u32,
        /// The manufacturer's number of the payload.
        payload_id: u16,
    },
    /// 10h: Open Session Request.
    OpenSessionRequest,
    /// 11h: Open Session Response.
    OpenSessionResponse,
    /// 12h: RAKP message 1.
    Rakp1,
    /// 13h: RAKP message 2.
    Rakp2,
    /// 14h: RAKP message 3.
    Rakp3,
    /// 15h: RAKP message 4.
    Rakp4,
    /// 20h-27h are the manufacturer's, everything else is reserved.
    Other(u8),
}

impl PayloadType {
    /// The number on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Self::Ipmi => 0,
            Self::Sol => 1,
            Self::OemExplicit { .. } => OEM_EXPLICIT,
            Self::OpenSessionRequest => 0x10,
            Self::OpenSessionResponse => 0x11,
            Self::Rakp1 => 0x12,
            Self::Rakp2 => 0x13,
            Self::Rakp3 => 0x14,
            Self::Rakp4 => 0x15,
            Self::Other(code) => code & 0x3F,
        }
    }

    const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Ipmi,
            1 => Self::Sol,
            0x10 => Self::OpenSessionRequest,
            0x11 => Self::OpenSessionResponse,
            0x12 => Self::Rakp1,
            0x13 => Self::Rakp2,
            0x14 => Self::Rakp3,
            0x15 => Self::Rakp4,
            other => Self::Other(other),
        }
    }
}

/// The session header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionHeader {
    /// What follows.
    pub payload_type: PayloadType,
    /// True when the payload is encrypted.
    pub is_encrypted: bool,
    /// True when an integrity trailer follows the payload.
    pub is_authenticated: bool,
    /// Session id of the receiver; zero outside a session.
    pub session_id: u32,
    /// Sequence number; zero outside a session. Authenticated and other packets are counted apart.
    pub sequence: u32,
}

impl SessionHeader {
    /// The header of the handshake and of commands outside a session.
    pub const fn outside(payload_type: PayloadType) -> Self {
        Self { payload_type, is_encrypted: false, is_authenticated: false, session_id: 0, sequence: 0 }
    }
}

/// One packet, after the RMCP header.
///
/// The flags are those of the sender: a receiver still has to refuse a packet that is not authenticated or encrypted
/// although its session is.
///
/// ```
/// use ipmi_core::link::rmcp_plus::header::{Packet, PayloadType, SessionHeader};
/// let packet = Packet { header: SessionHeader::outside(PayloadType::Rakp4), payload: &[0, 2] };
/// let bytes = packet.emit(None).unwrap();
/// assert_eq!(bytes, [6, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 2]);
/// assert_eq!(Packet::parse(&bytes, None), Ok(packet));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Session header.
    pub header: SessionHeader,
    /// The payload, still encrypted when the header says so.
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads only the header: enough to find the session whose keys the rest needs.
    ///
    /// # Errors
    /// When it is too short or not of RMCP+.
    pub fn parse_header(bytes: &[u8]) -> Result<SessionHeader, ParseError> {
        Self::header(&mut Cursor::new("RMCP+ packet", bytes))
    }

    /// Reads what follows the RMCP header and verifies the integrity code of an authenticated packet.
    ///
    /// # Errors
    /// When a length, the trailer or the integrity code is wrong, or a packet is authenticated and there is no
    /// `integrity` to verify it with.
    pub fn parse(bytes: &'a [u8], integrity: Option<&Integrity>) -> Result<Self, SecurityError> {
        if bytes.len() > MAX_DATAGRAM {
            let (expected, found) = (MAX_DATAGRAM, bytes.len());
            return Err(ParseError::Trailing { field: "RMCP+ packet", expected, found }.into());
        }
        let mut cursor = Cursor::new("RMCP+ packet", bytes);
        let header = Self::header(&mut cursor)?;
        let length = cursor.u16()?;
        let payload = cursor.slice(usize::from(length))?;
        if header.is_authenticated {
            let integrity = integrity.ok_or(SecurityError::Mismatch("authenticated packet without session"))?;
            Self::verify_trailer(bytes, cursor, integrity)?;
        } else {
            cursor.at_most(0)?;
        }
        Ok(Self { header, payload })
    }

    fn header(cursor: &mut Cursor<'_>) -> Result<SessionHeader, ParseError> {
        let [format, kind] = cursor.array()?;
        if format != FORMAT {
            let found = u32::from(format);
            return Err(ParseError::Invalid { field: "authentication type", expected: "06h", found });
        }
        let payload_type = match kind & !(ENCRYPTED | AUTHENTICATED) {
            OEM_EXPLICIT => {
                // Three bytes of enterprise number and a reserved one.
                let enterprise = cursor.u32()?;
                PayloadType::OemExplicit { enterprise, payload_id: cursor.u16()? }
            }
            code => PayloadType::from_code(code),
        };
        Ok(SessionHeader {
            payload_type,
            is_encrypted: kind & ENCRYPTED != 0,
            is_authenticated: kind & AUTHENTICATED != 0,
            session_id: cursor.u32()?,
            sequence: cursor.u32()?,
        })
    }

    /// The trailer: pad, pad length, next header, integrity code.
    fn verify_trailer(bytes: &[u8], mut cursor: Cursor<'_>, integrity: &Integrity) -> Result<(), SecurityError> {
        let trailer = cursor.rest();
        let (field, code_len) = ("integrity trailer", integrity.code_len());
        ParseError::check_len(field, trailer, code_len + 2)?;
        let pad_len = trailer.len() - code_len - 2;
        cursor.slice(pad_len)?;
        let [stated, next_header] = cursor.array()?;
        if usize::from(stated) != pad_len {
            let (expected, found) = ("the number of bytes before it", u32::from(stated));
            return Err(ParseError::Invalid { field: "integrity pad length", expected, found }.into());
        }
        if next_header != NEXT_HEADER {
            let found = u32::from(next_header);
            return Err(ParseError::Invalid { field: "next header", expected: "07h", found }.into());
        }
        let code = cursor.slice(code_len)?;
        let covered = bytes.get(..bytes.len() - code_len).unwrap_or_default();
        integrity.verify(covered, code)
    }

    /// The bytes after the RMCP header, with the trailer when the header says so.
    ///
    /// # Errors
    /// When the payload does not fit a datagram, or `integrity` is absent from an authenticated packet.
    pub fn emit(&self, integrity: Option<&Integrity>) -> Result<Vec<u8>, SecurityError> {
        let header = &self.header;
        let encrypted = if header.is_encrypted { ENCRYPTED } else { 0 };
        let authenticated = if header.is_authenticated { AUTHENTICATED } else { 0 };
        let mut out = Vec::with_capacity(self.payload.len().min(MAX_DATAGRAM) + 48);
        out.extend([FORMAT, header.payload_type.code() | encrypted | authenticated]);
        if let PayloadType::OemExplicit { enterprise, payload_id } = header.payload_type {
            out.extend(enterprise.to_le_bytes());
            out.extend(payload_id.to_le_bytes());
        }
        out.extend(header.session_id.to_le_bytes());
        out.extend(header.sequence.to_le_bytes());
        let too_long = ParseError::Trailing { field: "payload", expected: MAX_DATAGRAM, found: self.payload.len() };
        out.extend(u16::try_from(self.payload.len()).map_err(|_| too_long)?.to_le_bytes());
        out.extend_from_slice(self.payload);
        if header.is_authenticated {
            let integrity = integrity.ok_or(SecurityError::Mismatch("authenticated packet without session"))?;
            let pad = (4 - (out.len() + 2) % 4) % 4;
            out.extend(std::iter::repeat_n(PAD, pad));
            out.extend(u8::try_from(pad));
            out.push(NEXT_HEADER);
            let code = integrity.code(&out);
            out.extend_from_slice(code.as_bytes());
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::cipher_suite::CipherSuite;
    use super::super::keys::{Code, Key20, SessionKeys};
    use super::*;

    fn integrity(suite: u8) -> Integrity {
        let algorithms = CipherSuite(suite).algorithms().unwrap();
        let sik = Code::parse("SIK", &[5; 20], 20).unwrap();
        let keys = SessionKeys::from_sik(algorithms.authentication, sik).unwrap();
        let user = Key20::new(b"secret").unwrap();
        Integrity::new(algorithms.integrity, algorithms.authentication, &keys, &user).unwrap()
    }

    fn header(payload_type: PayloadType) -> SessionHeader {
        SessionHeader { payload_type, is_encrypted: true, is_authenticated: true, session_id: 0x402, sequence: 3 }
    }

    #[test]
    fn golden_layout() {
        let packet = Packet { header: header(PayloadType::Sol), payload: &[1, 2, 3, 4, 5] };
        let bytes = packet.emit(Some(&integrity(2))).unwrap();
        let golden = [6, 0xC1, 2, 4, 0, 0, 3, 0, 0, 0, 5, 0, 1, 2, 3, 4, 5, 0xFF, 1, 7];
        assert_eq!((&bytes[..20], bytes.len()), (&golden[..], 32));
    }

    #[test]
    fn packets_of_every_suite_and_length_come_back() {
        let oem = PayloadType::OemExplicit { enterprise: 674, payload_id: 9 };
        for (suite, payload_type) in [(0, oem), (1, PayloadType::Ipmi), (3, oem), (8, PayloadType::Sol), (17, oem)] {
            let integrity = integrity(suite);
            for len in 0..20 {
                let packet = Packet { header: header(payload_type), payload: &[0; 20][..len] };
                let bytes = packet.emit(Some(&integrity)).unwrap();
                assert_eq!((bytes.len() - integrity.code_len()) % 4, 0);
                assert_eq!(Packet::parse(&bytes, Some(&integrity)), Ok(packet));
            }
        }
    }

    #[test]
    fn every_shorter_prefix_and_every_flipped_bit_errs() {
        let integrity = integrity(17);
        let bytes = Packet { header: header(PayloadType::Ipmi), payload: &[1; 9] }.emit(Some(&integrity)).unwrap();
        for len in 0..bytes.len() {
            assert!(Packet::parse(&bytes[..len], Some(&integrity)).is_err(), "{len}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(Packet::parse(&bad, Some(&integrity)).is_err(), "{bit}");
        }
        assert!(Packet::parse(&bytes, None).is_err());
    }

    #[test]
    fn a_packet_is_no_longer_than_a_datagram() {
        let outside = SessionHeader::outside(PayloadType::Ipmi);
        assert!(Packet { header: outside, payload: &vec![0; 65_536] }.emit(None).is_err());
        assert!(Packet::parse(&vec![6; 65_536], None).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic_and_what_parses_comes_back(mut bytes in proptest::collection::vec(any::<u8>(), 0..99)) {
            if let Some(first) = bytes.first_mut() {
                *first = FORMAT;
            }
            let integrity = integrity(3);
            let _ = Packet::parse_header(&bytes);
            if let Ok(packet) = Packet::parse(&bytes, Some(&integrity)) {
                prop_assert_eq!(packet.emit(Some(&integrity)).unwrap(), bytes);
            }
        }
    }
}
