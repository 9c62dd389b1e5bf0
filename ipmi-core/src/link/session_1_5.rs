//! The IPMI 1.5 session packet and its authentication codes (IPMI 2.0 s13.6, s22.17.1; table 13-8).

use md2::Md2;
use md5::{Digest, Md5};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::cursor::Cursor;
use crate::ParseError;

/// How packets of a session are authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthType {
    /// 0: not at all.
    None,
    /// 1: MD2 over password and packet.
    Md2,
    /// 2: MD5 over password and packet.
    Md5,
    /// 4: the password itself, in clear.
    StraightPassword,
    /// 5: defined by the manufacturer.
    Oem,
    /// 6: not a 1.5 packet but RMCP+.
    RmcpPlus,
    /// Reserved.
    Unknown(u8),
}

impl AuthType {
    /// The type with this number; only the low four bits count.
    pub const fn from_code(code: u8) -> Self {
        match code & 0x0F {
            0 => Self::None,
            1 => Self::Md2,
            2 => Self::Md5,
            4 => Self::StraightPassword,
            5 => Self::Oem,
            6 => Self::RmcpPlus,
            other => Self::Unknown(other),
        }
    }

    /// The number on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Md2 => 1,
            Self::Md5 => 2,
            Self::StraightPassword => 4,
            Self::Oem => 5,
            Self::RmcpPlus => 6,
            Self::Unknown(code) => code & 0x0F,
        }
    }
}

/// A password of an IPMI 1.5 session: up to 16 bytes, padded with zeros. Not shown by `Debug`, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Password15([u8; Self::LEN]);

impl Password15 {
    /// Longest password.
    pub const LEN: usize = 16;

    /// Pads `password`.
    ///
    /// # Errors
    /// When it is longer than 16 bytes.
    pub fn new(password: &[u8]) -> Result<Self, ParseError> {
        let mut padded = Self([0; Self::LEN]);
        let Some(start) = padded.0.get_mut(..password.len()) else {
            let (expected, found) = (Self::LEN, password.len());
            return Err(ParseError::Trailing { field: "IPMI 1.5 password", expected, found });
        };
        start.copy_from_slice(password);
        Ok(padded)
    }
}

impl std::fmt::Debug for Password15 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password15(..)")
    }
}

/// One packet, after the RMCP header. Before activation session id and sequence number are zero; Activate Session
/// itself carries the temporary session id.
///
/// ```
/// use ipmi_core::link::session_1_5::{AuthType, Packet15, Password15};
/// let password = Password15::new(b"secret").unwrap();
/// let message = [0x20, 0x18, 0xC8, 0x81, 0x04, 0x01, 0x7A];
/// let packet = Packet15::sealed(AuthType::Md5, 3, 0x1234, &message, &password).unwrap();
/// let bytes = packet.emit();
/// let read = Packet15::parse(&bytes).unwrap();
/// assert_eq!(read, packet);
/// assert!(read.is_authentic(&password));
/// assert!(!read.is_authentic(&Password15::new(b"Secret").unwrap()));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Packet15<'a> {
    /// How the packet is authenticated.
    pub auth_type: AuthType,
    /// Sequence number; zero outside a session.
    pub sequence: u32,
    /// Session id; zero outside a session.
    pub session_id: u32,
    /// Authentication code; all zero and not on the wire for [`AuthType::None`].
    pub auth_code: [u8; 16],
    /// The IPMI message, framed as on an IPMB.
    pub message: &'a [u8],
}

/// Without the authentication code: a straight password is one.
impl std::fmt::Debug for Packet15<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packet15")
            .field("auth_type", &self.auth_type)
            .field("sequence", &self.sequence)
            .field("session_id", &self.session_id)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

/// Lengths of a whole datagram that a network chip of the time could not receive: one byte is added.
const PADDED_LENGTHS: [usize; 5] = [56, 84, 112, 128, 156];

impl<'a> Packet15<'a> {
    /// Longest message: its length is one byte.
    pub const MAX_MESSAGE: usize = 255;

    /// A packet with its authentication code; `None` when the message is longer than a packet holds or the type has no
    /// code that IPMI defines.
    pub fn sealed(
        auth_type: AuthType,
        sequence: u32,
        session_id: u32,
        message: &'a [u8],
        password: &Password15,
    ) -> Option<Self> {
        if message.len() > Self::MAX_MESSAGE {
            return None;
        }
        let packet = Self { auth_type, sequence, session_id, auth_code: [0; 16], message };
        Some(Self { auth_code: packet.computed_code(password)?, ..packet })
    }

    /// Reads what follows the RMCP header. One pad byte after the message is skipped.
    ///
    /// # Errors
    /// When it is too short or too long, or not of IPMI 1.5.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let mut cursor = Cursor::new("IPMI 1.5 packet", bytes);
        let code = cursor.u8()?;
        let auth_type = AuthType::from_code(code);
        if matches!(auth_type, AuthType::RmcpPlus | AuthType::Unknown(_)) {
            let (field, expected, found) = ("authentication type", "00h, 01h, 02h, 04h or 05h", u32::from(code));
            return Err(ParseError::Invalid { field, expected, found });
        }
        let (sequence, session_id) = (cursor.u32()?, cursor.u32()?);
        let auth_code = if auth_type == AuthType::None { [0; 16] } else { cursor.array()? };
        let length = cursor.u8()?;
        let message = cursor.slice(usize::from(length))?;
        cursor.at_most(1)?;
        Ok(Self { auth_type, sequence, session_id, auth_code, message })
    }

    /// The bytes after the RMCP header, legacy pad included. A message longer than [`MAX_MESSAGE`](Self::MAX_MESSAGE)
    /// is cut there.
    pub fn emit(&self) -> Vec<u8> {
        let mut out = self.emit_unpadded();
        if PADDED_LENGTHS.contains(&(super::rmcp::RmcpHeader::LEN + out.len())) {
            out.push(0);
        }
        out
    }

    /// The same without the legacy pad, which only some network controllers need. FreeIPMI 1.6.10 takes the pad of a
    /// response for part of its message and drops it.
    pub fn emit_unpadded(&self) -> Vec<u8> {
        let length = u8::try_from(self.message.len()).unwrap_or(u8::MAX);
        let mut out = vec![self.auth_type.code()];
        out.extend(self.sequence.to_le_bytes());
        out.extend(self.session_id.to_le_bytes());
        if self.auth_type != AuthType::None {
            out.extend(self.auth_code);
        }
        out.push(length);
        out.extend(self.message.iter().take(usize::from(length)));
        out
    }

    /// True when the authentication code fits `password`, compared in constant time. Always false for manufacturers'
    /// types.
    pub fn is_authentic(&self, password: &Password15) -> bool {
        self.computed_code(password).is_some_and(|code| code.ct_eq(&self.auth_code).into())
    }

    fn computed_code(&self, password: &Password15) -> Option<[u8; 16]> {
        match self.auth_type {
            AuthType::None => Some([0; 16]),
            AuthType::StraightPassword => Some(password.0),
            AuthType::Md2 => Some(self.digest::<Md2>(password).into()),
            AuthType::Md5 => Some(self.digest::<Md5>(password).into()),
            AuthType::Oem | AuthType::RmcpPlus | AuthType::Unknown(_) => None,
        }
    }

    fn digest<D: Digest>(&self, password: &Password15) -> md5::digest::Output<D> {
        D::new()
            .chain_update(password.0)
            .chain_update(self.session_id.to_le_bytes())
            .chain_update(self.message)
            .chain_update(self.sequence.to_le_bytes())
            .chain_update(password.0)
            .finalize()
    }
}

/// What Activate Session carries in place of the challenge on a channel with a single session, whose messages have no
/// session header: the password itself, or a digest of it and the challenge (s22.17.1). `None` for types without one.
pub fn single_session_code(
    auth_type: AuthType,
    password: &Password15,
    temporary_session_id: u32,
    challenge: &[u8; 16],
) -> Option<[u8; 16]> {
    fn digest<D: Digest>(password: &Password15, id: u32, challenge: &[u8; 16]) -> md5::digest::Output<D> {
        D::new()
            .chain_update(password.0)
            .chain_update(id.to_le_bytes())
            .chain_update(challenge)
            .chain_update(password.0)
            .finalize()
    }
    match auth_type {
        AuthType::None => Some([0; 16]),
        AuthType::StraightPassword => Some(password.0),
        AuthType::Md2 => Some(digest::<Md2>(password, temporary_session_id, challenge).into()),
        AuthType::Md5 => Some(digest::<Md5>(password, temporary_session_id, challenge).into()),
        AuthType::Oem | AuthType::RmcpPlus | AuthType::Unknown(_) => None,
    }
}

/// What Get AuthCode answers: a digest of 16 bytes between the password and itself (s22.21). `None` for types without
/// one.
pub fn authentication_code(auth_type: AuthType, password: &Password15, data: &[u8; 16]) -> Option<[u8; 16]> {
    fn digest<D: Digest>(password: &Password15, data: &[u8; 16]) -> md5::digest::Output<D> {
        D::new().chain_update(password.0).chain_update(data).chain_update(password.0).finalize()
    }
    match auth_type {
        AuthType::Md2 => Some(digest::<Md2>(password, data).into()),
        AuthType::Md5 => Some(digest::<Md5>(password, data).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MESSAGE: [u8; 7] = [0x20, 0x18, 0xC8, 0x81, 0x04, 0x01, 0x7A];

    fn password() -> Password15 {
        Password15::new(b"sixteen bytes ok").unwrap()
    }

    #[test]
    fn golden_packet_outside_a_session() {
        let packet = Packet15::sealed(AuthType::None, 0, 0, &MESSAGE, &password()).unwrap();
        let golden = [0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0x20, 0x18, 0xC8, 0x81, 0x04, 0x01, 0x7A];
        assert_eq!(packet.emit(), golden);
        assert_eq!(Packet15::parse(&golden), Ok(packet));
    }

    /// MD5 of the concatenation, computed by another program.
    #[test]
    fn golden_md5_code() {
        let packet = Packet15::sealed(AuthType::Md5, 1, 0x0403_0201, &MESSAGE, &password()).unwrap();
        let golden = [0xF0, 0xBD, 0x14, 0x10, 0x00, 0xE2, 0x3C, 0x4D, 0xEB, 0x28, 0xD5, 0xCE, 0x45, 0x71, 0x30, 0x42];
        assert_eq!(packet.auth_code, golden);
    }

    #[test]
    fn every_type_authenticates_and_every_change_is_seen() {
        for auth_type in [AuthType::Md2, AuthType::Md5] {
            let bytes = Packet15::sealed(auth_type, 7, 9, &MESSAGE, &password()).unwrap().emit();
            assert!(Packet15::parse(&bytes).unwrap().is_authentic(&password()));
            for bit in 8..bytes.len() * 8 {
                let mut bad = bytes.clone();
                bad[bit / 8] ^= 1 << (bit % 8);
                assert!(!Packet15::parse(&bad).is_ok_and(|packet| packet.is_authentic(&password())), "{bit}");
            }
        }
        let straight = Packet15::sealed(AuthType::StraightPassword, 7, 9, &MESSAGE, &password()).unwrap();
        assert_eq!(&straight.emit()[9..25], b"sixteen bytes ok");
        assert!(!format!("{straight:?}").contains("115, 105"));
        assert_eq!(Packet15::sealed(AuthType::Oem, 7, 9, &MESSAGE, &password()), None);
    }

    #[test]
    fn every_shorter_prefix_errs_and_a_second_pad_byte_too() {
        let mut bytes = Packet15::sealed(AuthType::Md5, 7, 9, &MESSAGE, &password()).unwrap().emit();
        for len in 0..bytes.len() {
            assert!(Packet15::parse(&bytes[..len]).is_err(), "{len}");
        }
        bytes.push(0);
        assert!(Packet15::parse(&bytes).is_ok());
        bytes.push(0);
        assert!(Packet15::parse(&bytes).is_err());
        assert!(Packet15::parse(&[6; 40]).is_err());
    }

    #[test]
    fn legacy_pad() {
        // 4 of RMCP, 10 of session header, 42 of message: 56.
        let message = [0; 42];
        let padded = Packet15::sealed(AuthType::None, 0, 0, &message, &password()).unwrap();
        assert_eq!(padded.emit().len() + 4, 57);
        assert_eq!(padded.emit_unpadded().len() + 4, 56);
        assert_eq!(Packet15::parse(&padded.emit()), Ok(padded));
        let plain = Packet15::sealed(AuthType::None, 0, 0, &message[..41], &password()).unwrap();
        assert_eq!(plain.emit().len() + 4, 55);
    }

    #[test]
    fn passwords_and_messages_have_an_end_and_debug_hides_the_password() {
        assert!(Password15::new(&[b'x'; 17]).is_err());
        assert_eq!(format!("{:?}", password()), "Password15(..)");
        assert_eq!(Packet15::sealed(AuthType::None, 0, 0, &[0; 256], &password()), None);
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic_and_what_parses_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(packet) = Packet15::parse(&bytes) {
                let emitted = packet.emit();
                prop_assert_eq!(Packet15::parse(&emitted), Ok(packet));
                packet.is_authentic(&password());
            }
        }
    }

    /// The MD5 digest is Python's, over password, temporary session id, challenge and password.
    #[test]
    fn codes_of_single_session_channels() {
        let code = |auth_type| single_session_code(auth_type, &password(), 0x0403_0201, &[0xC4; 16]);
        assert_eq!(code(AuthType::None), Some([0; 16]));
        assert_eq!(code(AuthType::StraightPassword), Some(*b"sixteen bytes ok"));
        assert_eq!(code(AuthType::Oem), None);
        assert_ne!(code(AuthType::Md2), code(AuthType::Md5));
        let golden = [0x75, 0x3C, 0x8A, 0x87, 0x0B, 0xE4, 0x3D, 0x65, 0xA7, 0x2D, 0x36, 0x10, 0xA9, 0x1B, 0x46, 0x8D];
        assert_eq!(code(AuthType::Md5), Some(golden));
    }
}
