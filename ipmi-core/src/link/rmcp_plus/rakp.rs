//! RAKP messages 1 to 4 (IPMI 2.0 s13.20-s13.23, tables 13-11 to 13-14).

use super::super::cursor::Cursor;
use super::SecurityError;
use super::cipher_suite::AuthenticationAlgorithm;
use super::keys::Code;
use super::status::StatusCode;
use crate::{ParseError, Privilege};

/// The role byte: the privilege level asked for, and how the user is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Role(pub u8);

impl Role {
    const NAME_ONLY: u8 = 0x10;

    /// A role; `name_only` finds the user by name alone, otherwise by name and level.
    pub const fn new(privilege: Privilege, name_only: bool) -> Self {
        Self(privilege as u8 | if name_only { Self::NAME_ONLY } else { 0 })
    }

    /// The level; `None` for zero (the highest there is) and reserved numbers.
    pub const fn privilege(self) -> Option<Privilege> {
        Privilege::from_code(self.0 & 0x0F)
    }

    /// The level without the bit that chooses the lookup.
    pub(crate) const fn without_lookup(self) -> Self {
        Self(self.0 & !Self::NAME_ONLY)
    }

    /// True when the user is looked up by name alone.
    pub const fn is_name_only(self) -> bool {
        self.0 & Self::NAME_ONLY != 0
    }
}

/// A user name of up to 16 bytes; empty is the null user.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct UserName {
    bytes: [u8; Self::MAX],
    length: u8,
}

impl UserName {
    /// Longest name.
    pub const MAX: usize = 16;

    /// Checks the length.
    ///
    /// # Errors
    /// When the name is longer than 16 bytes.
    pub fn new(name: &[u8]) -> Result<Self, ParseError> {
        let mut bytes = [0; Self::MAX];
        match (bytes.get_mut(..name.len()), u8::try_from(name.len())) {
            (Some(start), Ok(length)) => {
                start.copy_from_slice(name);
                Ok(Self { bytes, length })
            }
            _ => Err(ParseError::Trailing { field: Rakp1::NAME, expected: Self::MAX, found: name.len() }),
        }
    }

    /// The name without padding.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.length)).unwrap_or_default()
    }

    /// Its length as sent.
    pub const fn length(&self) -> u8 {
        self.length
    }
}

impl std::fmt::Debug for UserName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UserName({:?})", String::from_utf8_lossy(self.as_bytes()))
    }
}

/// RAKP message 1, console to BMC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rakp1 {
    /// Comes back in message 2.
    pub tag: u8,
    /// From the Open Session Response.
    pub bmc_session_id: u32,
    /// Random number of the console.
    pub console_random: [u8; 16],
    /// Privilege and lookup.
    pub role: Role,
    /// Who logs in.
    pub user_name: UserName,
}

impl Rakp1 {
    /// The field a [`ParseError`] names when the user name is too long ([`StatusCode::INVALID_NAME_LENGTH`]).
    pub const NAME: &'static str = "RAKP user name";

    /// Reads the payload. Some consoles send the name padded to 16 bytes.
    ///
    /// # Errors
    /// When its length or that of the name is wrong.
    pub fn parse(payload: &[u8]) -> Result<Self, ParseError> {
        let mut cursor = Cursor::new("RAKP message 1", payload);
        let [tag, _, _, _] = cursor.array()?;
        let bmc_session_id = cursor.u32()?;
        let console_random = cursor.array()?;
        let [role, _, _, length] = cursor.array()?;
        if usize::from(length) > UserName::MAX {
            let (expected, found) = (UserName::MAX, usize::from(length));
            return Err(ParseError::Trailing { field: Self::NAME, expected, found });
        }
        let name = cursor.slice(usize::from(length))?;
        cursor.at_most(UserName::MAX - name.len())?;
        Ok(Self { tag, bmc_session_id, console_random, role: Role(role), user_name: UserName::new(name)? })
    }

    /// The payload.
    pub fn emit(&self) -> Vec<u8> {
        let mut out = vec![self.tag, 0, 0, 0];
        out.extend(self.bmc_session_id.to_le_bytes());
        out.extend(self.console_random);
        out.extend([self.role.0, 0, 0, self.user_name.length()]);
        out.extend(self.user_name.as_bytes());
        out
    }
}

/// RAKP message 2, 3 or 4: either the proof or the reason why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rakp<T> {
    /// Message tag.
    pub tag: u8,
    /// Session id of the receiver.
    pub session_id: u32,
    /// What the message says, or why it does not.
    pub outcome: Result<T, StatusCode>,
}

/// RAKP message 2, BMC to console.
pub type Rakp2 = Rakp<BmcProof>;
/// RAKP message 3, console to BMC: the key exchange authentication code.
pub type Rakp3 = Rakp<KeyExchangeCode>;
/// RAKP message 4, BMC to console: the integrity check value.
pub type Rakp4 = Rakp<CheckValue>;

/// What RAKP message 2 carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BmcProof {
    /// Random number of the BMC.
    pub bmc_random: [u8; 16],
    /// GUID of the BMC, as on the wire.
    pub guid: [u8; 16],
    /// Key exchange authentication code.
    pub code: Code,
}

/// What RAKP message 3 carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyExchangeCode(pub Code);

/// What RAKP message 4 carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckValue(pub Code);

/// The part of a RAKP message after the session id.
pub trait RakpBody: Sized {
    /// The message, in the specification's words.
    const NAME: &'static str;
    /// Reads the fixed fields; `code_len` bytes of code follow.
    #[doc(hidden)]
    fn parse_body(bytes: &[u8], authentication: AuthenticationAlgorithm) -> Result<Self, SecurityError>;
    /// Adds the fields.
    #[doc(hidden)]
    fn emit_body(&self, out: &mut Vec<u8>);
}

fn length_of(length: Option<usize>, authentication: AuthenticationAlgorithm) -> Result<usize, SecurityError> {
    length.ok_or(SecurityError::Unsupported { kind: "authentication", code: authentication.code() })
}

impl RakpBody for BmcProof {
    const NAME: &'static str = "RAKP message 2";

    fn parse_body(bytes: &[u8], authentication: AuthenticationAlgorithm) -> Result<Self, SecurityError> {
        let mut cursor = Cursor::new(Self::NAME, bytes);
        let (bmc_random, guid) = (cursor.array()?, cursor.array()?);
        let code = Code::parse(Self::NAME, cursor.rest(), length_of(authentication.code_len(), authentication)?)?;
        Ok(Self { bmc_random, guid, code })
    }

    fn emit_body(&self, out: &mut Vec<u8>) {
        out.extend(self.bmc_random);
        out.extend(self.guid);
        out.extend(self.code.as_bytes());
    }
}

impl RakpBody for KeyExchangeCode {
    const NAME: &'static str = "RAKP message 3";

    fn parse_body(bytes: &[u8], authentication: AuthenticationAlgorithm) -> Result<Self, SecurityError> {
        Ok(Self(Code::parse(Self::NAME, bytes, length_of(authentication.code_len(), authentication)?)?))
    }

    fn emit_body(&self, out: &mut Vec<u8>) {
        out.extend(self.0.as_bytes());
    }
}

impl RakpBody for CheckValue {
    const NAME: &'static str = "RAKP message 4";

    fn parse_body(bytes: &[u8], authentication: AuthenticationAlgorithm) -> Result<Self, SecurityError> {
        Ok(Self(Code::parse(Self::NAME, bytes, length_of(authentication.check_value_len(), authentication)?)?))
    }

    fn emit_body(&self, out: &mut Vec<u8>) {
        out.extend(self.0.as_bytes());
    }
}

impl<T: RakpBody> Rakp<T> {
    /// Reads the payload. After a status other than zero only tag and status must be there.
    ///
    /// # Errors
    /// When its length is not that of the algorithm's codes, or the algorithm is not known.
    pub fn parse(payload: &[u8], authentication: AuthenticationAlgorithm) -> Result<Self, SecurityError> {
        let mut cursor = Cursor::new(T::NAME, payload);
        let [tag, status] = cursor.array()?;
        if status != 0 {
            let session_id = cursor.slice(2).and_then(|_| cursor.u32()).unwrap_or(0);
            return Ok(Self { tag, session_id, outcome: Err(StatusCode(status)) });
        }
        cursor.slice(2)?;
        let session_id = cursor.u32()?;
        Ok(Self { tag, session_id, outcome: Ok(T::parse_body(cursor.rest(), authentication)?) })
    }

    /// The payload; 8 bytes when there is no proof in it.
    pub fn emit(&self) -> Vec<u8> {
        let status = self.outcome.as_ref().err().map_or(0, |status| status.0);
        let mut out = vec![self.tag, status, 0, 0];
        out.extend(self.session_id.to_le_bytes());
        if let Ok(body) = &self.outcome {
            body.emit_body(&mut out);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SHA1: AuthenticationAlgorithm = AuthenticationAlgorithm::HmacSha1;

    #[test]
    fn golden_rakp_1_and_every_shorter_prefix() {
        let message = Rakp1 {
            tag: 2,
            bmc_session_id: 0x402,
            console_random: [9; 16],
            role: Role::new(Privilege::Administrator, true),
            user_name: UserName::new(b"root").unwrap(),
        };
        let mut golden = vec![2, 0, 0, 0, 2, 4, 0, 0];
        golden.extend([9; 16]);
        golden.extend(b"\x14\0\0\x04root");
        assert_eq!(message.emit(), golden);
        assert_eq!(Rakp1::parse(&golden), Ok(message));
        for len in 0..golden.len() {
            assert!(Rakp1::parse(&golden[..len]).is_err(), "{len}");
        }
        golden.extend([0; 12]);
        assert_eq!(Rakp1::parse(&golden), Ok(message));
        golden.push(0);
        assert!(Rakp1::parse(&golden).is_err());
        golden[27] = 17;
        assert!(matches!(Rakp1::parse(&golden), Err(ParseError::Trailing { field: Rakp1::NAME, .. })));
    }

    #[test]
    fn proofs_come_back_and_every_shorter_prefix_errs() {
        let code = Code::parse("code", &[7; 20], 20).unwrap();
        let proof = BmcProof { bmc_random: [1; 16], guid: [2; 16], code };
        let message = Rakp2 { tag: 1, session_id: 5, outcome: Ok(proof) };
        let bytes = message.emit();
        assert_eq!(bytes.len(), 60);
        assert_eq!(Rakp2::parse(&bytes, SHA1), Ok(message));
        for len in 0..bytes.len() {
            assert!(Rakp2::parse(&bytes[..len], SHA1).is_err(), "{len}");
        }
        assert!(Rakp2::parse(&bytes, AuthenticationAlgorithm::HmacMd5).is_err());
        assert!(Rakp2::parse(&bytes, AuthenticationAlgorithm::HmacSha256).is_err());
        assert!(Rakp2::parse(&bytes, AuthenticationAlgorithm::Unknown(9)).is_err());
        assert_eq!(Rakp4::parse(&bytes[..20], SHA1).unwrap().emit(), bytes[..20]);
        assert_eq!(Rakp3::parse(&bytes[..28], SHA1).unwrap().emit(), bytes[..28]);
    }

    #[test]
    fn refusals() {
        let refused = Rakp4 { tag: 1, session_id: 5, outcome: Err(StatusCode::INVALID_INTEGRITY_CHECK) };
        assert_eq!(refused.emit(), [1, 0x0F, 0, 0, 5, 0, 0, 0]);
        assert_eq!(Rakp4::parse(&refused.emit(), SHA1), Ok(refused));
        assert_eq!(Rakp4::parse(&[1, 0x0F], SHA1).unwrap().outcome, refused.outcome);
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), code in 0..5u8) {
            let algorithm = AuthenticationAlgorithm::from_code(code);
            let _ = (Rakp1::parse(&bytes), Rakp2::parse(&bytes, algorithm));
            let _ = (Rakp3::parse(&bytes, algorithm), Rakp4::parse(&bytes, algorithm));
        }
    }
}
