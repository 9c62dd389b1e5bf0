//! Requests and responses without any link's framing (IPMI 2.0 s5.1).

mod log;

use crate::{Command, CompletionCode, Error, Lun, NetFn};

/// A request: network function, logical unit, command and data.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Request {
    /// Network function, even.
    pub net_fn: NetFn,
    /// Logical unit of the responder.
    pub lun: Lun,
    /// Command number within the network function.
    pub cmd: u8,
    /// Request data.
    pub data: Vec<u8>,
}

impl Request {
    /// A request to LUN 0.
    pub fn new(net_fn: NetFn, cmd: u8, data: impl Into<Vec<u8>>) -> Self {
        Self { net_fn, lun: Lun::BMC, cmd, data: data.into() }
    }

    /// The request bytes of a typed command.
    pub fn of<C: Command>(command: &C) -> Self {
        let mut data = Vec::new();
        command.emit(&mut data);
        Self { net_fn: C::NET_FN, lun: command.lun(), cmd: C::CMD, data }
    }
}

/// A response: completion code and data. Network function and command are those of the request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Response {
    /// Completion code.
    pub code: CompletionCode,
    /// Data after the completion code.
    pub data: Vec<u8>,
}

impl Response {
    /// A successful response.
    pub fn ok(data: impl Into<Vec<u8>>) -> Self {
        Self { code: CompletionCode::OK, data: data.into() }
    }

    /// A refusal without data.
    pub fn refused(code: CompletionCode) -> Self {
        Self { code, data: Vec::new() }
    }

    /// Decodes this answer to `C`.
    ///
    /// # Errors
    /// [`Error::Completion`] for a code other than 00h, [`Error::Parse`] for bytes that do not fit.
    pub fn decode<C: Command>(&self) -> Result<C::Response, Error> {
        if self.code != CompletionCode::OK {
            return Err(Error::Completion {
                command: C::NAME,
                net_fn: C::NET_FN,
                cmd: C::CMD,
                code: self.code,
                text: C::code_text(self.code),
            });
        }
        C::parse(&self.data).map_err(|source| Error::Parse { command: C::NAME, source })
    }
}
