//! Configuration parameters, as the commands for LAN, SOL and boot options share them (IPMI 2.0 s23.1, s23.2, s26.2,
//! s26.3, s28.12, s28.13).

use super::{Command, short};
use crate::{ChannelNumber, CompletionCode, ParseError};

/// Which parameter of a channel is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChannelParameter {
    /// Channel.
    pub channel: ChannelNumber,
    /// Only the revision is wanted.
    pub revision_only: bool,
    /// Parameter number.
    pub parameter: u8,
    /// Which of several sets; 0 where there is one.
    pub set_selector: u8,
    /// Which block of a long parameter; 0 where there is one.
    pub block_selector: u8,
}

impl ChannelParameter {
    /// A parameter that has neither sets nor blocks.
    pub const fn new(channel: ChannelNumber, parameter: u8) -> Self {
        Self { channel, revision_only: false, parameter, set_selector: 0, block_selector: 0 }
    }

    /// Appends the request data: channel with the revision bit, parameter, set, block.
    pub(super) fn emit(&self, out: &mut Vec<u8>) {
        let revision_only = u8::from(self.revision_only) << 7;
        out.extend([revision_only | self.channel.get(), self.parameter, self.set_selector, self.block_selector]);
    }
}

/// One parameter as a BMC gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Revision of the parameter: present in the high, oldest compatible in the low four bits.
    pub revision: u8,
    /// Its bytes; none when only the revision was asked for.
    pub data: Vec<u8>,
}

impl Parameter {
    pub(super) fn parse<C: Command>(data: &[u8]) -> Result<Self, ParseError> {
        let (revision, data) = data.split_first().ok_or_else(|| short::<C>(data))?;
        Ok(Self { revision: *revision, data: data.to_vec() })
    }
}

/// What a parameter of a channel is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterValue {
    /// Channel.
    pub channel: ChannelNumber,
    /// Parameter number.
    pub parameter: u8,
    /// Its bytes, set and block selectors among them where it has such.
    pub data: Vec<u8>,
}

impl ParameterValue {
    /// Appends the request data: channel, parameter, bytes.
    pub(super) fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.channel.get(), self.parameter]);
        out.extend_from_slice(&self.data);
    }
}

/// Why a parameter is not given or not set.
pub(super) fn code_text(code: CompletionCode) -> Option<&'static str> {
    Some(match code.0 {
        0x80 => "Parameter not supported",
        0x81 => "Set in progress",
        0x82 => "Parameter is read-only",
        _ => return None,
    })
}
