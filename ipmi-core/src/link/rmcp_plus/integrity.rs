//! Integrity codes of packets inside a session (IPMI 2.0 s13.28.4, table 13-18).

use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

use super::SecurityError;
use super::cipher_suite::{AuthenticationAlgorithm, IntegrityAlgorithm};
use super::keys::{Code, Key20, SessionKeys};

/// An integrity algorithm with its key set, ready for packet after packet.
#[derive(Clone)]
pub struct Integrity {
    algorithm: IntegrityAlgorithm,
    state: State,
}

#[derive(Clone)]
enum State {
    None,
    HmacSha1(Hmac<Sha1>),
    HmacMd5(Hmac<Md5>),
    Md5(Key20),
    HmacSha256(Hmac<Sha256>),
}

impl Integrity {
    /// Prepares `algorithm` for the session with these keys. MD5-128 is keyed by the password, all others by K1.
    ///
    /// # Errors
    /// When the algorithm is not known, or the session has no keys because nobody was authenticated.
    pub fn new(
        algorithm: IntegrityAlgorithm,
        authentication: AuthenticationAlgorithm,
        keys: &SessionKeys,
        user_key: &Key20,
    ) -> Result<Self, SecurityError> {
        let unsupported = SecurityError::Unsupported { kind: "integrity", code: algorithm.code() };
        if authentication == AuthenticationAlgorithm::None && algorithm != IntegrityAlgorithm::None {
            return Err(unsupported);
        }
        let key = keys.k1().as_bytes();
        let state = match algorithm {
            IntegrityAlgorithm::None => State::None,
            IntegrityAlgorithm::HmacSha1_96 => {
                State::HmacSha1(<Hmac<Sha1> as KeyInit>::new_from_slice(key).map_err(|_| unsupported)?)
            }
            IntegrityAlgorithm::HmacMd5_128 => {
                State::HmacMd5(<Hmac<Md5> as KeyInit>::new_from_slice(key).map_err(|_| unsupported)?)
            }
            IntegrityAlgorithm::Md5_128 => State::Md5(user_key.clone()),
            IntegrityAlgorithm::HmacSha256_128 => {
                State::HmacSha256(<Hmac<Sha256> as KeyInit>::new_from_slice(key).map_err(|_| unsupported)?)
            }
            IntegrityAlgorithm::Unknown(_) => return Err(unsupported),
        };
        Ok(Self { algorithm, state })
    }

    /// Length of the code.
    pub fn code_len(&self) -> usize {
        self.algorithm.code_len().unwrap_or(0)
    }

    /// The code over `covered`.
    pub fn code(&self, covered: &[u8]) -> Code {
        let length = self.code_len();
        match &self.state {
            State::None => Code::NONE,
            State::HmacSha1(mac) => finish(mac, covered, length),
            State::HmacMd5(mac) => finish(mac, covered, length),
            State::HmacSha256(mac) => finish(mac, covered, length),
            State::Md5(key) => {
                let digest = Md5::new().chain_update(key.as_bytes()).chain_update(covered);
                Code::truncated(&digest.chain_update(key.as_bytes()).finalize(), length)
            }
        }
    }

    /// Compares in constant time.
    ///
    /// # Errors
    /// When `code` is not that of `covered`.
    pub fn verify(&self, covered: &[u8], code: &[u8]) -> Result<(), SecurityError> {
        let found = Code::parse("integrity code", code, self.code_len())?;
        if found == self.code(covered) { Ok(()) } else { Err(SecurityError::Mismatch("integrity code")) }
    }
}

impl std::fmt::Debug for Integrity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Integrity({})", self.algorithm.name())
    }
}

fn finish<M: Mac + Clone>(mac: &M, covered: &[u8], length: usize) -> Code {
    Code::truncated(&mac.clone().chain_update(covered).finalize().into_bytes(), length)
}

#[cfg(test)]
mod tests {
    use super::super::cipher_suite::CipherSuite;
    use super::*;

    #[test]
    fn every_suite_verifies_its_own_codes_and_no_others() {
        let user = Key20::new(b"secret").unwrap();
        for suite in CipherSuite::standard() {
            let algorithms = suite.algorithms().unwrap();
            let sik = Code::parse("SIK", &[5; 16], 16).unwrap();
            let keys = SessionKeys::from_sik(algorithms.authentication, sik).unwrap();
            let integrity = Integrity::new(algorithms.integrity, algorithms.authentication, &keys, &user).unwrap();
            let code = integrity.code(b"packet");
            assert_eq!(code.as_bytes().len(), algorithms.integrity.code_len().unwrap());
            assert_eq!(integrity.verify(b"packet", code.as_bytes()), Ok(()));
            if integrity.code_len() > 0 {
                assert_eq!(
                    integrity.verify(b"packeT", code.as_bytes()),
                    Err(SecurityError::Mismatch("integrity code"))
                );
                assert!(integrity.verify(b"packet", &code.as_bytes()[1..]).is_err());
            }
            assert!(!format!("{integrity:?}").contains("05"));
        }
    }

    /// MD5 of password, data, password, computed by another program.
    #[test]
    fn golden_md5_128() {
        let user = Key20::new(b"secret").unwrap();
        let keys = SessionKeys::from_sik(AuthenticationAlgorithm::HmacMd5, Code::NONE).unwrap();
        let integrity =
            Integrity::new(IntegrityAlgorithm::Md5_128, AuthenticationAlgorithm::HmacMd5, &keys, &user).unwrap();
        let golden = [0x9F, 0xA4, 0xE5, 0xBA, 0x6A, 0xE1, 0x02, 0x2D, 0xB4, 0xB5, 0x3C, 0x11, 0xE3, 0x94, 0x95, 0x8D];
        assert_eq!(integrity.code(b"packet").as_bytes(), golden);
    }

    #[test]
    fn no_integrity_without_authentication_nor_by_unknown_algorithms() {
        let user = Key20::new(b"").unwrap();
        let none = AuthenticationAlgorithm::None;
        let keys = SessionKeys::from_sik(none, Code::NONE).unwrap();
        assert!(Integrity::new(IntegrityAlgorithm::HmacSha1_96, none, &keys, &user).is_err());
        assert!(Integrity::new(IntegrityAlgorithm::Unknown(9), none, &keys, &user).is_err());
        assert!(Integrity::new(IntegrityAlgorithm::None, none, &keys, &user).is_ok());
    }
}
