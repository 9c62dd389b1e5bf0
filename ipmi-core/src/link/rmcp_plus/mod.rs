//! RMCP+ (IPMI 2.0 s13.6, s13.17-s13.32): packet formats and cryptography, shared by both ends.
//!
//! | step | file |
//! |---|---|
//! | which algorithms there are, and which a BMC offers | [`cipher_suite`], [`suite_records`] |
//! | the handshake | [`open_session`], [`rakp`], [`status`] |
//! | what it proves and yields | [`keys`] |
//! | packets inside the session | [`header`], [`integrity`], [`confidentiality`], [`window`] |

pub mod cipher_suite;
pub mod confidentiality;
pub mod header;
pub mod integrity;
pub mod keys;
pub mod open_session;
pub mod rakp;
pub mod status;
pub mod suite_records;
pub mod window;

use crate::ParseError;

/// Why a packet or a proof is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SecurityError {
    /// The bytes do not fit the format.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// A code computed with the keys of this end is another one: wrong password or key, or a changed packet.
    #[error("{0} does not match")]
    Mismatch(&'static str),
    /// There is no implementation of this algorithm, or not together with the others.
    #[error("{kind} algorithm {code:02X}h is not supported")]
    Unsupported {
        /// Authentication, integrity or confidentiality.
        kind: &'static str,
        /// Its number.
        code: u8,
    },
}
