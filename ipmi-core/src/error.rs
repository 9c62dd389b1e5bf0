//! What can go wrong: with bytes ([`ParseError`]) and with a command ([`enum@Error`]).

use std::time::Duration;

use crate::{CompletionCode, NetFn};

/// Bytes that do not fit what the specification says, naming the field, what was expected and what came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Fewer bytes than the field needs. `expected` and `found` count bytes from the start of the structure.
    #[error("{field}: expected at least {expected} bytes, found {found}")]
    Truncated {
        /// Field or structure.
        field: &'static str,
        /// Bytes needed.
        expected: usize,
        /// Bytes there.
        found: usize,
    },
    /// More bytes than the structure can hold.
    #[error("{field}: expected at most {expected} bytes, found {found}")]
    Trailing {
        /// Field or structure.
        field: &'static str,
        /// Most bytes allowed.
        expected: usize,
        /// Bytes there.
        found: usize,
    },
    /// A checksum that does not match.
    #[error("{field}: expected checksum {expected:02X}h, found {found:02X}h")]
    BadChecksum {
        /// Structure covered.
        field: &'static str,
        /// Checksum computed.
        expected: u8,
        /// Checksum read.
        found: u8,
    },
    /// A value the specification reserves or that contradicts another field.
    #[error("{field}: expected {expected}, found {found:#X}")]
    Invalid {
        /// Field.
        field: &'static str,
        /// What would have been right.
        expected: &'static str,
        /// Value read.
        found: u32,
    },
}

impl ParseError {
    /// Checks that `bytes` holds at least `expected` bytes.
    pub fn check_len(field: &'static str, bytes: &[u8], expected: usize) -> Result<(), Self> {
        if bytes.len() < expected {
            return Err(Self::Truncated { field, expected, found: bytes.len() });
        }
        Ok(())
    }
}

/// Why a command gave no answer one can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The BMC did not answer in time.
    #[error("{command}: no response from the BMC within {:.1} s", after.as_secs_f32())]
    Timeout {
        /// Command, in the specification's words.
        command: &'static str,
        /// Time waited in all.
        after: Duration,
    },
    /// The BMC refused.
    #[error("{command} command failed: {}", describe(code, text))]
    Completion {
        /// Command, in the specification's words.
        command: &'static str,
        /// Network function of the request.
        net_fn: NetFn,
        /// Command number.
        cmd: u8,
        /// Code that came back.
        code: CompletionCode,
        /// Command-specific meaning of the code, where it has one.
        text: Option<&'static str>,
    },
    /// The BMC answered with bytes that do not fit the command.
    #[error("{command}: malformed response: {source}")]
    Parse {
        /// Command, in the specification's words.
        command: &'static str,
        /// What is wrong with it.
        source: ParseError,
    },
    /// The way to the BMC is broken.
    #[error("{reason}")]
    Transport {
        /// What failed, in words an operator can act on; names the device or address.
        reason: String,
    },
    /// A reservation was lost more often than retrying makes sense (C5h).
    #[error("{command}: the BMC cancelled the reservation {times} times")]
    ReservationLost {
        /// Command, in the specification's words.
        command: &'static str,
        /// How often it was lost.
        times: u32,
    },
}

fn describe(code: &CompletionCode, text: &Option<&'static str>) -> String {
    text.map_or_else(|| code.to_string(), str::to_owned)
}

impl Error {
    /// The completion code, when the BMC refused.
    pub fn completion_code(&self) -> Option<CompletionCode> {
        match self {
            Self::Completion { code, .. } => Some(*code),
            _ => None,
        }
    }
}
