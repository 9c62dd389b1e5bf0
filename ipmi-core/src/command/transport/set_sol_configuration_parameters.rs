//! Set SOL Configuration Parameters (IPMI 2.0 s26.2).

use std::ops::RangeInclusive;

use crate::{ChannelNumber, Command, CompletionCode, NetFn, ParseError, Privilege};

/// Sets one parameter of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetSolConfigurationParameters {
    /// Channel.
    pub channel: ChannelNumber,
    /// Parameter number.
    pub parameter: u8,
    /// Its bytes.
    pub data: Vec<u8>,
}

impl Command for SetSolConfigurationParameters {
    type Response = ();
    const NET_FN: NetFn = NetFn::TRANSPORT;
    const CMD: u8 = 0x21;
    const NAME: &'static str = "Set SOL Configuration Parameters";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Administrator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.channel.get(), self.parameter]);
        out.extend_from_slice(&self.data);
    }

    fn parse(_data: &[u8]) -> Result<(), ParseError> {
        Ok(())
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Parameter not supported",
            0x81 => "Set in progress",
            0x82 => "Parameter is read-only",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_empty_response, check_request};

    #[test]
    fn golden_bytes() {
        let command =
            SetSolConfigurationParameters { channel: ChannelNumber::new(1), parameter: 3, data: vec![192, 0, 2, 1] };
        check_request(&command, &[1, 3, 192, 0, 2, 1]);
        check_empty_response::<SetSolConfigurationParameters>();
    }
}
