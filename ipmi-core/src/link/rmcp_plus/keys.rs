//! Keys and proofs of the RAKP handshake (IPMI 2.0 s13.28.1-s13.28.4, s13.31, s13.32).

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::SecurityError;
use super::cipher_suite::AuthenticationAlgorithm;
use super::rakp::{Role, UserName};
use crate::ParseError;

/// A key of up to 20 bytes, padded with zeros: the password of a user (Kuid) or the key of the BMC (Kg).
/// Not shown by `Debug`, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key20([u8; Self::LEN]);

impl Key20 {
    /// Longest password or key.
    pub const LEN: usize = 20;

    /// Pads `key`.
    ///
    /// # Errors
    /// When it is longer than 20 bytes.
    pub fn new(key: &[u8]) -> Result<Self, ParseError> {
        let mut padded = Self([0; Self::LEN]);
        let Some(start) = padded.0.get_mut(..key.len()) else {
            let (expected, found) = (Self::LEN, key.len());
            return Err(ParseError::Trailing { field: "RMCP+ password or key", expected, found });
        };
        start.copy_from_slice(key);
        Ok(padded)
    }

    /// All 20 bytes.
    pub(super) fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// True when every byte is zero: as Kg it means that there is none.
    fn is_zero(&self) -> bool {
        self.0.ct_eq(&[0; Self::LEN]).into()
    }
}

impl std::fmt::Debug for Key20 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key20(..)")
    }
}

/// A code both ends compute: up to 32 bytes, compared in constant time.
#[derive(Clone, Copy, Zeroize)]
pub struct Code {
    bytes: [u8; Self::MAX],
    length: usize,
}

impl Code {
    const MAX: usize = 32;
    /// No code at all.
    pub const NONE: Self = Self { bytes: [0; Self::MAX], length: 0 };

    /// Takes exactly `length` bytes.
    ///
    /// # Errors
    /// When there are more or fewer, or more than any algorithm yields.
    pub fn parse(field: &'static str, bytes: &[u8], length: usize) -> Result<Self, ParseError> {
        ParseError::check_len(field, bytes, length)?;
        if bytes.len() > length || length > Self::MAX {
            return Err(ParseError::Trailing { field, expected: length.min(Self::MAX), found: bytes.len() });
        }
        Ok(Self::truncated(bytes, length))
    }

    /// The first `length` bytes of a digest.
    pub(super) fn truncated(digest: &[u8], length: usize) -> Self {
        let mut code = Self { length: length.min(digest.len()).min(Self::MAX), ..Self::NONE };
        code.bytes.iter_mut().zip(digest).take(code.length).for_each(|(to, from)| *to = *from);
        code
    }

    /// The bytes on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl Eq for Code {}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Code({} bytes)", self.length)
    }
}

/// HMAC over the joined `parts`.
fn hmac<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Code {
    // A key of any length will do for HMAC.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Code::NONE };
    for part in parts {
        mac.update(part);
    }
    let output = mac.finalize().into_bytes();
    Code::truncated(&output, output.len())
}

fn keyed(algorithm: AuthenticationAlgorithm, key: &[u8], parts: &[&[u8]]) -> Result<Code, SecurityError> {
    match algorithm {
        AuthenticationAlgorithm::None => Ok(Code::NONE),
        AuthenticationAlgorithm::HmacSha1 => Ok(hmac::<Hmac<Sha1>>(key, parts)),
        AuthenticationAlgorithm::HmacMd5 => Ok(hmac::<Hmac<Md5>>(key, parts)),
        AuthenticationAlgorithm::HmacSha256 => Ok(hmac::<Hmac<Sha256>>(key, parts)),
        AuthenticationAlgorithm::Unknown(code) => Err(SecurityError::Unsupported { kind: "authentication", code }),
    }
}

/// What both ends have told each other when the proofs are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// Authentication algorithm agreed.
    pub authentication: AuthenticationAlgorithm,
    /// SIDm.
    pub console_session_id: u32,
    /// SIDc.
    pub bmc_session_id: u32,
    /// Rm.
    pub console_random: [u8; 16],
    /// Rc.
    pub bmc_random: [u8; 16],
    /// GUIDc, as on the wire.
    pub guid: [u8; 16],
    /// The role byte of RAKP message 1, all bits.
    pub role: Role,
    /// User name.
    pub user_name: UserName,
}

impl Exchange {
    /// The key exchange authentication code of RAKP message 2.
    ///
    /// # Errors
    /// When the algorithm is not known.
    pub fn rakp2_code(&self, user_key: &Key20) -> Result<Code, SecurityError> {
        let parts: [&[u8]; 7] = [
            &self.console_session_id.to_le_bytes(),
            &self.bmc_session_id.to_le_bytes(),
            &self.console_random,
            &self.bmc_random,
            &self.guid,
            &[self.role.0, self.user_name.length()],
            self.user_name.as_bytes(),
        ];
        keyed(self.authentication, user_key.as_bytes(), &parts)
    }

    /// The key exchange authentication code of RAKP message 3.
    ///
    /// # Errors
    /// When the algorithm is not known.
    pub fn rakp3_code(&self, user_key: &Key20) -> Result<Code, SecurityError> {
        let parts: [&[u8]; 4] = [
            &self.bmc_random,
            &self.console_session_id.to_le_bytes(),
            &[self.role.0, self.user_name.length()],
            self.user_name.as_bytes(),
        ];
        keyed(self.authentication, user_key.as_bytes(), &parts)
    }

    /// The keys of the session. A BMC key that is absent or all zero means that the user's serves for both.
    ///
    /// # Errors
    /// When the algorithm is not known.
    pub fn session_keys(&self, user_key: &Key20, bmc_key: Option<&Key20>) -> Result<SessionKeys, SecurityError> {
        let parts: [&[u8]; 4] = [
            &self.console_random,
            &self.bmc_random,
            &[self.role.0, self.user_name.length()],
            self.user_name.as_bytes(),
        ];
        let key = bmc_key.filter(|key| !key.is_zero()).unwrap_or(user_key);
        SessionKeys::from_sik(self.authentication, keyed(self.authentication, key.as_bytes(), &parts)?)
    }

    /// The integrity check value of RAKP message 4.
    ///
    /// # Errors
    /// When the algorithm is not known.
    pub fn check_value(&self, keys: &SessionKeys) -> Result<Code, SecurityError> {
        let parts: [&[u8]; 3] = [&self.console_random, &self.bmc_session_id.to_le_bytes(), &self.guid];
        let digest = keyed(self.authentication, keys.sik.as_bytes(), &parts)?;
        Ok(Code::truncated(digest.as_bytes(), self.authentication.check_value_len().unwrap_or(0)))
    }
}

/// SIK, K1 and K2 of a session; empty without authentication. Not shown by `Debug`, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SessionKeys {
    sik: Code,
    k1: Code,
    k2: Code,
}

impl SessionKeys {
    /// Derives K1 and K2 from the session integrity key.
    ///
    /// # Errors
    /// When the algorithm is not known.
    pub fn from_sik(authentication: AuthenticationAlgorithm, sik: Code) -> Result<Self, SecurityError> {
        let constant = |byte| keyed(authentication, sik.as_bytes(), &[&[byte; 20]]);
        Ok(Self { sik, k1: constant(1)?, k2: constant(2)? })
    }

    /// The session integrity key.
    pub fn sik(&self) -> &Code {
        &self.sik
    }

    /// The key for integrity codes.
    pub fn k1(&self) -> &Code {
        &self.k1
    }

    /// The key for confidentiality.
    pub fn k2(&self) -> &Code {
        &self.k2
    }
}

impl std::fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionKeys(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange(authentication: AuthenticationAlgorithm) -> Exchange {
        Exchange {
            authentication,
            console_session_id: 0x0403_0201,
            bmc_session_id: 0x0807_0605,
            console_random: [0x11; 16],
            bmc_random: [0x22; 16],
            guid: [0x33; 16],
            role: Role(0x14),
            user_name: UserName::new(b"admin").unwrap(),
        }
    }

    fn hex(code: &Code) -> String {
        code.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Computed by another program from the formulas of the specification.
    #[test]
    fn golden_codes_of_every_algorithm() {
        let user = Key20::new(b"secret").unwrap();
        for (algorithm, golden) in [
            (
                AuthenticationAlgorithm::HmacSha1,
                [
                    "e2a25aa98697cd2264c574f8845bfb7301905aa1",
                    "a47adcb2c1059e3af3d763dde16d4e592256889a",
                    "5552f1a7791a99c7a27774bfbf95cfbd7f92e1ad",
                    "60def2de2949527f6e431655c940bedd6c335ae7",
                    "02778ee9afd3d491a890c1b5044e999309a6f6c2",
                    "ca2e07dcd82fbe4c0fc37261",
                ],
            ),
            (
                AuthenticationAlgorithm::HmacMd5,
                [
                    "2a49022ebab9f90962b444014543f8a4",
                    "e5840a2544812fae3cad9f896a8a6ef4",
                    "caf33582d38ea330ac0dee53a8370c5e",
                    "5be41a2ed23d4778e2a80596748a54c8",
                    "ebad7a536633225476a7b71d5c600ce1",
                    "7c1baa02f6bb53db10038c53e2acec34",
                ],
            ),
            (
                AuthenticationAlgorithm::HmacSha256,
                [
                    "f0c114980e8ea5b45eb82900943b0a83b16dbacae88f2b0dcfe19755d5a37666",
                    "19494049f68d78420dda0630f51685436785820573f6f7a68be142c8c2461ea7",
                    "2571e6cd64dd62687618e15d07e0a6922b4b23e5f7e29caa9342cc799b739ada",
                    "b33427b50714d87a2926b193bcd812009bfbc2884867f97ca14319eace9e3f54",
                    "34fd1dee650c376b5a49c2d437fdec4f2ce37101d4180c22afe5ddeb474bf32d",
                    "8cdca6d57953dac52b6a3b9767142be2",
                ],
            ),
        ] {
            let exchange = exchange(algorithm);
            let keys = exchange.session_keys(&user, Some(&Key20::new(b"bmc").unwrap())).unwrap();
            let found = [
                exchange.rakp2_code(&user).unwrap(),
                exchange.rakp3_code(&user).unwrap(),
                *keys.sik(),
                *keys.k1(),
                *keys.k2(),
                exchange.check_value(&keys).unwrap(),
            ];
            assert_eq!(found.each_ref().map(hex), golden, "{algorithm:?}");
        }
    }

    #[test]
    fn a_zero_bmc_key_is_none() {
        let user = Key20::new(b"secret").unwrap();
        let exchange = exchange(AuthenticationAlgorithm::HmacSha1);
        let one_key = exchange.session_keys(&user, None).unwrap();
        let zero = exchange.session_keys(&user, Some(&Key20::new(&[]).unwrap())).unwrap();
        assert_eq!(one_key.sik(), zero.sik());
    }

    #[test]
    fn none_and_unknown() {
        let user = Key20::new(b"").unwrap();
        assert_eq!(exchange(AuthenticationAlgorithm::None).rakp2_code(&user), Ok(Code::NONE));
        assert!(exchange(AuthenticationAlgorithm::Unknown(7)).session_keys(&user, None).is_err());
    }

    #[test]
    fn nothing_secret_is_shown_and_lengths_are_checked() {
        let user = Key20::new(b"secret").unwrap();
        let keys = exchange(AuthenticationAlgorithm::HmacSha1).session_keys(&user, None).unwrap();
        assert_eq!(format!("{user:?} {keys:?} {:?}", keys.k1()), "Key20(..) SessionKeys(..) Code(20 bytes)");
        assert!(Key20::new(&[1; 21]).is_err());
        assert!(Code::parse("code", &[0; 33], 33).is_err());
        assert_ne!(Code::parse("code", &[0; 12], 12), Code::parse("code", &[0; 16], 16));
    }
}
