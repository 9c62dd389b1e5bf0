//! Algorithms and cipher suites (IPMI 2.0 s13.28, tables 13-17, 13-18, 13-19, 22-20).

macro_rules! algorithms {
    ($(#[$enum_doc:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $code:literal, $text:literal;)* }) => {
        $(#[$enum_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$doc])* $variant,)*
            /// Reserved or defined by the manufacturer (30h-3Fh).
            Unknown(u8),
        }

        impl $name {
            /// The algorithm with this number; only the low six bits count.
            pub const fn from_code(code: u8) -> Self {
                match code & 0x3F {
                    $($code => Self::$variant,)*
                    other => Self::Unknown(other),
                }
            }

            /// The number on the wire.
            pub const fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Unknown(code) => code & 0x3F,
                }
            }

            /// The name as ipmitool prints it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(_) => "unknown",
                }
            }
        }
    };
}

algorithms! {
    /// How both ends prove that they know the key (table 13-17).
    AuthenticationAlgorithm {
        /// RAKP-none.
        None = 0, "none";
        /// RAKP-HMAC-SHA1.
        HmacSha1 = 1, "hmac_sha1";
        /// RAKP-HMAC-MD5.
        HmacMd5 = 2, "hmac_md5";
        /// RAKP-HMAC-SHA256.
        HmacSha256 = 3, "hmac_sha256";
    }
}

algorithms! {
    /// How packets are protected against change (table 13-18).
    IntegrityAlgorithm {
        /// Not at all.
        None = 0, "none";
        /// HMAC-SHA1-96.
        HmacSha1_96 = 1, "hmac_sha1_96";
        /// HMAC-MD5-128.
        HmacMd5_128 = 2, "hmac_md5_128";
        /// MD5-128: a plain MD5 between two copies of the password.
        Md5_128 = 3, "md5_128";
        /// HMAC-SHA256-128.
        HmacSha256_128 = 4, "sha256_128";
    }
}

algorithms! {
    /// How payloads are kept secret (table 13-19).
    ConfidentialityAlgorithm {
        /// Not at all.
        None = 0, "none";
        /// AES-CBC-128.
        AesCbc128 = 1, "aes_cbc_128";
        /// xRC4-128.
        XRc4_128 = 2, "xrc4_128";
        /// xRC4-40.
        XRc4_40 = 3, "xrc4_40";
    }
}

impl AuthenticationAlgorithm {
    /// Length of the key exchange authentication code in RAKP 2 and 3; `None` when the algorithm is not known.
    pub const fn code_len(self) -> Option<usize> {
        match self {
            Self::None => Some(0),
            Self::HmacSha1 => Some(20),
            Self::HmacMd5 => Some(16),
            Self::HmacSha256 => Some(32),
            Self::Unknown(_) => None,
        }
    }

    /// Length of the integrity check value in RAKP 4; `None` when the algorithm is not known.
    pub const fn check_value_len(self) -> Option<usize> {
        match self {
            Self::None => Some(0),
            Self::HmacSha1 => Some(12),
            Self::HmacMd5 | Self::HmacSha256 => Some(16),
            Self::Unknown(_) => None,
        }
    }
}

impl IntegrityAlgorithm {
    /// Length of the code after each authenticated packet; `None` when the algorithm is not known.
    pub const fn code_len(self) -> Option<usize> {
        match self {
            Self::None => Some(0),
            Self::HmacSha1_96 => Some(12),
            Self::HmacMd5_128 | Self::Md5_128 | Self::HmacSha256_128 => Some(16),
            Self::Unknown(_) => None,
        }
    }
}

/// The three algorithms of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Algorithms {
    /// How both ends prove that they know the key.
    pub authentication: AuthenticationAlgorithm,
    /// How packets are protected against change.
    pub integrity: IntegrityAlgorithm,
    /// How payloads are kept secret.
    pub confidentiality: ConfidentialityAlgorithm,
}

impl std::fmt::Display for Algorithms {
    /// The three names, and the number where they make a standard suite.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { authentication, integrity, confidentiality } = self;
        write!(f, "{}, {}, {}", authentication.name(), integrity.name(), confidentiality.name())?;
        match CipherSuite::with(*self) {
            Some(suite) => write!(f, " (cipher suite {})", suite.0),
            None => Ok(()),
        }
    }
}

/// A cipher suite by its number; 80h-BFh are the manufacturer's.
///
/// ```
/// use ipmi_core::link::rmcp_plus::cipher_suite::{CipherSuite, IntegrityAlgorithm};
/// let algorithms = CipherSuite(17).algorithms().unwrap();
/// assert_eq!(algorithms.integrity, IntegrityAlgorithm::HmacSha256_128);
/// assert_eq!(CipherSuite::with(algorithms), Some(CipherSuite(17)));
/// assert_eq!(CipherSuite(18).algorithms(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CipherSuite(pub u8);

impl CipherSuite {
    /// Every standard suite by its number: authentication, integrity and confidentiality code (table 22-20).
    const TABLE: [[u8; 3]; 18] = [
        [0, 0, 0],
        [1, 0, 0],
        [1, 1, 0],
        [1, 1, 1],
        [1, 1, 2],
        [1, 1, 3],
        [2, 0, 0],
        [2, 2, 0],
        [2, 2, 1],
        [2, 2, 2],
        [2, 2, 3],
        [2, 3, 0],
        [2, 3, 1],
        [2, 3, 2],
        [2, 3, 3],
        [3, 0, 0],
        [3, 4, 0],
        [3, 4, 1],
    ];

    /// Every standard suite, in order.
    pub fn standard() -> impl Iterator<Item = Self> {
        (0..).map(Self).take(Self::TABLE.len())
    }

    /// What the suite consists of; `None` when it is not a standard one.
    pub fn algorithms(self) -> Option<Algorithms> {
        let &[authentication, integrity, confidentiality] = Self::TABLE.get(usize::from(self.0))?;
        Some(Algorithms {
            authentication: AuthenticationAlgorithm::from_code(authentication),
            integrity: IntegrityAlgorithm::from_code(integrity),
            confidentiality: ConfidentialityAlgorithm::from_code(confidentiality),
        })
    }

    /// True when every packet is authenticated and encrypted, in a way that counts as secret: with AES.
    ///
    /// ```
    /// use ipmi_core::link::rmcp_plus::cipher_suite::CipherSuite;
    /// assert!(CipherSuite::standard().filter(|suite| suite.protects()).map(|suite| suite.0).eq([3, 8, 12, 17]));
    /// ```
    pub fn protects(self) -> bool {
        self.algorithms().is_some_and(|algorithms| {
            algorithms.authentication != AuthenticationAlgorithm::None
                && algorithms.integrity != IntegrityAlgorithm::None
                && algorithms.confidentiality == ConfidentialityAlgorithm::AesCbc128
        })
    }

    /// The standard suite of these algorithms.
    pub fn with(algorithms: Algorithms) -> Option<Self> {
        Self::standard().find(|suite| suite.algorithms() == Some(algorithms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_are_named() {
        let algorithms = CipherSuite(3).algorithms().unwrap();
        assert_eq!(algorithms.to_string(), "hmac_sha1, hmac_sha1_96, aes_cbc_128 (cipher suite 3)");
        let odd = Algorithms { integrity: IntegrityAlgorithm::Unknown(9), ..algorithms };
        assert_eq!(odd.to_string(), "hmac_sha1, unknown, aes_cbc_128");
    }

    #[test]
    fn suites_are_all_different_and_their_algorithms_known() {
        assert_eq!(CipherSuite::standard().count(), 18);
        for suite in CipherSuite::standard() {
            let algorithms = suite.algorithms().unwrap();
            assert_eq!(CipherSuite::with(algorithms), Some(suite));
            assert!(algorithms.authentication.code_len().is_some());
            assert!(algorithms.integrity.code_len().is_some());
        }
    }

    #[test]
    fn every_code_comes_back() {
        for code in 0..0x40 {
            assert_eq!(AuthenticationAlgorithm::from_code(code).code(), code);
            assert_eq!(IntegrityAlgorithm::from_code(code).code(), code);
            assert_eq!(ConfidentialityAlgorithm::from_code(code).code(), code);
        }
        assert_eq!(IntegrityAlgorithm::Unknown(0x30).code_len(), None);
    }
}
