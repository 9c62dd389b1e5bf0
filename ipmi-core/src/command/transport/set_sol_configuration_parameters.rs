//! Set SOL Configuration Parameters (IPMI 2.0 s26.2).

use std::ops::RangeInclusive;

use crate::command::parameter::{self, ParameterValue};
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Sets one parameter of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetSolConfigurationParameters(pub ParameterValue);

impl Command for SetSolConfigurationParameters {
    type Response = ();
    const NET_FN: NetFn = NetFn::TRANSPORT;
    const CMD: u8 = 0x21;
    const NAME: &'static str = "Set SOL Configuration Parameters";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Administrator;

    fn emit(&self, out: &mut Vec<u8>) {
        self.0.emit(out);
    }

    fn parse(_data: &[u8]) -> Result<(), ParseError> {
        Ok(())
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        parameter::code_text(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChannelNumber;
    use crate::command::testing::{check_empty_response, check_request};

    #[test]
    fn golden_bytes() {
        let value = ParameterValue { channel: ChannelNumber::new(1), parameter: 3, data: vec![192, 0, 2, 1] };
        check_request(&SetSolConfigurationParameters(value), &[1, 3, 192, 0, 2, 1]);
        check_empty_response::<SetSolConfigurationParameters>();
    }
}
