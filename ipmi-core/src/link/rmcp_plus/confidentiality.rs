//! Encrypted payloads: AES-CBC-128 with the padding of IPMI (IPMI 2.0 s13.29, table 13-20).

use aes::Aes128;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};

use super::SecurityError;
use super::cipher_suite::{AuthenticationAlgorithm, ConfidentialityAlgorithm};
use super::keys::SessionKeys;
use crate::ParseError;

const BLOCK: usize = 16;
const FIELD: &str = "encrypted payload";

/// A confidentiality algorithm with its key set.
#[derive(Clone)]
pub struct Confidentiality(State);

#[derive(Clone)]
enum State {
    None,
    Aes(Box<Aes128>),
}

impl Confidentiality {
    /// Longest payload that still fits its length field when encrypted: IV, padding and block borders go off.
    pub const MAX_PLAIN: usize = 65_535 / BLOCK * BLOCK - BLOCK - 1;

    /// Prepares `algorithm` for the session with these keys: the first 16 bytes of K2.
    ///
    /// # Errors
    /// When there is no implementation (xRC4, which no console offers), or the session has no keys.
    pub fn new(
        algorithm: ConfidentialityAlgorithm,
        authentication: AuthenticationAlgorithm,
        keys: &SessionKeys,
    ) -> Result<Self, SecurityError> {
        let unsupported = SecurityError::Unsupported { kind: "confidentiality", code: algorithm.code() };
        match algorithm {
            ConfidentialityAlgorithm::None => Ok(Self(State::None)),
            ConfidentialityAlgorithm::AesCbc128 if authentication != AuthenticationAlgorithm::None => {
                let key = keys.k2().as_bytes().get(..BLOCK).ok_or(unsupported)?;
                Ok(Self(State::Aes(Box::new(Aes128::new_from_slice(key).map_err(|_| unsupported)?))))
            }
            _ => Err(unsupported),
        }
    }

    /// True when payloads are encrypted.
    pub const fn is_encrypting(&self) -> bool {
        matches!(self.0, State::Aes(_))
    }

    /// The payload for `plain`. `iv` must be random and new for each packet; without encryption it is not used.
    ///
    /// # Errors
    /// When `plain` is longer than [`MAX_PLAIN`](Self::MAX_PLAIN).
    pub fn seal(&self, plain: &[u8], iv: [u8; BLOCK]) -> Result<Vec<u8>, SecurityError> {
        if plain.len() > Self::MAX_PLAIN {
            let (expected, found) = (Self::MAX_PLAIN, plain.len());
            return Err(ParseError::Trailing { field: "payload", expected, found }.into());
        }
        let State::Aes(aes) = &self.0 else { return Ok(plain.to_vec()) };
        let pad = (BLOCK - (plain.len() + 1) % BLOCK) % BLOCK;
        let mut out = Vec::with_capacity(BLOCK + plain.len() + pad + 1);
        out.extend(iv);
        out.extend_from_slice(plain);
        out.extend((1u8..).take(pad));
        out.extend(u8::try_from(pad));
        let length = out.len() - BLOCK;
        if let Some(body) = out.get_mut(BLOCK..) {
            let encryptor = cbc::Encryptor::<Aes128>::inner_iv_init(Aes128::clone(aes), &iv.into());
            encryptor.encrypt_padded::<NoPadding>(body, length).map_err(|_| SecurityError::Mismatch("block length"))?;
        }
        Ok(out)
    }

    /// What `payload` says.
    ///
    /// # Errors
    /// When it is no whole number of blocks, or its padding is not 01h 02h 03h... with its length.
    pub fn open(&self, payload: &[u8]) -> Result<Vec<u8>, SecurityError> {
        let State::Aes(aes) = &self.0 else { return Ok(payload.to_vec()) };
        let Some((iv, body)) = payload.split_first_chunk::<BLOCK>().filter(|(_, body)| !body.is_empty()) else {
            return Err(ParseError::Truncated { field: FIELD, expected: 2 * BLOCK, found: payload.len() }.into());
        };
        if body.len() % BLOCK != 0 {
            let found = u32::try_from(payload.len()).unwrap_or(u32::MAX);
            return Err(ParseError::Invalid { field: FIELD, expected: "a multiple of 16 bytes", found }.into());
        }
        let mut plain = body.to_vec();
        cbc::Decryptor::<Aes128>::inner_iv_init(Aes128::clone(aes), iv.into())
            .decrypt_padded::<NoPadding>(&mut plain)
            .map_err(|_| SecurityError::Mismatch("block length"))?;
        let pad = plain.pop().unwrap_or(u8::MAX);
        let wrong = |found| ParseError::Invalid { field: "confidentiality pad", expected: "01h 02h ... 0Fh", found };
        if usize::from(pad) >= BLOCK {
            return Err(wrong(u32::from(pad)).into());
        }
        let padding = plain.split_off(plain.len().saturating_sub(usize::from(pad)));
        match (1..=pad).zip(&padding).find(|(expected, found)| expected != *found) {
            Some((_, found)) => Err(wrong(u32::from(*found)).into()),
            None => Ok(plain),
        }
    }
}

impl std::fmt::Debug for Confidentiality {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_encrypting() { "Confidentiality(aes_cbc_128)" } else { "Confidentiality(none)" })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::keys::Code;
    use super::*;

    fn aes() -> Confidentiality {
        let sik = Code::parse("SIK", &[5; 20], 20).unwrap();
        let keys = SessionKeys::from_sik(AuthenticationAlgorithm::HmacSha1, sik).unwrap();
        let sha1 = AuthenticationAlgorithm::HmacSha1;
        Confidentiality::new(ConfidentialityAlgorithm::AesCbc128, sha1, &keys).unwrap()
    }

    #[test]
    fn every_length_comes_back_in_whole_blocks() {
        for len in 0..70 {
            let plain: Vec<u8> = (0..len).collect();
            let sealed = aes().seal(&plain, [7; 16]).unwrap();
            assert_eq!(sealed.len() % 16, 0);
            assert_eq!(sealed.len() / 16, 1 + usize::from(len) / 16 + 1);
            assert_eq!(aes().open(&sealed), Ok(plain));
        }
    }

    #[test]
    fn every_shorter_prefix_errs_or_says_something_else() {
        let sealed = aes().seal(&[9; 40], [7; 16]).unwrap();
        for len in 0..sealed.len() {
            assert!(aes().open(&sealed[..len]).is_err(), "{len}");
        }
    }

    #[test]
    fn wrong_pads_are_named() {
        let State::Aes(cipher) = aes().0 else { unreachable!() };
        for (last, before) in [(16, 15), (255, 15), (1, 2), (15, 14)] {
            let mut body = [0; 16];
            (body[14], body[15]) = (before, last);
            let encryptor = cbc::Encryptor::<Aes128>::inner_iv_init(Aes128::clone(&cipher), &[0; 16].into());
            let mut sealed = vec![0; 16];
            sealed.extend(encryptor.encrypt_padded::<NoPadding>(&mut body, 16).unwrap());
            let error = aes().open(&sealed).unwrap_err();
            assert!(error.to_string().starts_with("confidentiality pad"), "{error}");
        }
    }

    #[test]
    fn none_is_the_payload_itself_and_xrc4_is_not_there() {
        let keys = SessionKeys::from_sik(AuthenticationAlgorithm::None, Code::NONE).unwrap();
        let new = |algorithm| Confidentiality::new(algorithm, AuthenticationAlgorithm::None, &keys);
        let none = new(ConfidentialityAlgorithm::None).unwrap();
        assert_eq!(none.open(&none.seal(b"clear", [0; 16]).unwrap()), Ok(b"clear".to_vec()));
        assert!(new(ConfidentialityAlgorithm::AesCbc128).is_err());
        assert!(new(ConfidentialityAlgorithm::XRc4_128).is_err());
    }

    #[test]
    fn the_longest_payload() {
        let sealed = aes().seal(&vec![0; Confidentiality::MAX_PLAIN], [0; 16]).unwrap();
        assert!(u16::try_from(sealed.len()).is_ok());
        assert!(aes().seal(&vec![0; Confidentiality::MAX_PLAIN + 1], [0; 16]).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = aes().open(&bytes);
        }
    }
}
