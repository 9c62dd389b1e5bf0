//! Typed commands: one file each, grouped by network function.
//!
//! A command says what it is called, how its request is written and how its response is read. Transports move any
//! [`Command`]; adding one means a new file here, and its lines in its group's `mod.rs`. [`all_commands`] has them all.

use std::ops::RangeInclusive;

use crate::{CompletionCode, Lun, NetFn, ParseError, Privilege};

/// A request that knows its response.
pub trait Command {
    /// What the BMC answers.
    type Response;
    /// Network function of the request.
    const NET_FN: NetFn;
    /// Command number.
    const CMD: u8;
    /// Name in the specification's words, for error messages ("Get Device ID").
    const NAME: &'static str;
    /// Bytes a successful response may have after the completion code.
    const RESPONSE_LEN: RangeInclusive<usize>;
    /// Lowest privilege level that may send it over a session (IPMI 2.0 appendix G).
    const PRIVILEGE: Privilege;

    /// Logical unit the request goes to; sensors may live on another than 0.
    fn lun(&self) -> Lun {
        Lun::BMC
    }

    /// Appends the request data.
    fn emit(&self, out: &mut Vec<u8>);

    /// Reads the response data, completion code not included.
    ///
    /// # Errors
    /// When the bytes do not fit the command.
    fn parse(data: &[u8]) -> Result<Self::Response, ParseError>;

    /// Meaning of a command-specific completion code (80h-BEh).
    fn code_text(_code: CompletionCode) -> Option<&'static str> {
        None
    }
}

pub mod all_commands;
pub mod app;
pub mod chassis;
pub mod parameter;
pub mod sensor;
pub mod storage;
pub mod transport;

#[cfg(test)]
mod testing;

/// The error for response data shorter than `C` needs.
fn short<C: Command>(data: &[u8]) -> ParseError {
    ParseError::Truncated { field: C::NAME, expected: *C::RESPONSE_LEN.start(), found: data.len() }
}
