//! Get LAN Configuration Parameters (IPMI 2.0 s23.2).

use std::ops::RangeInclusive;

use crate::command::parameter::{self, ChannelParameter, Parameter};
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Asks for one parameter of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetLanConfigurationParameters(pub ChannelParameter);

impl Command for GetLanConfigurationParameters {
    type Response = Parameter;
    const NET_FN: NetFn = NetFn::TRANSPORT;
    const CMD: u8 = 0x02;
    const NAME: &'static str = "Get LAN Configuration Parameters";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=255;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        self.0.emit(out);
    }

    fn parse(data: &[u8]) -> Result<Parameter, ParseError> {
        Parameter::parse::<Self>(data)
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        parameter::code_text(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChannelNumber;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        let parameter = ChannelParameter { set_selector: 1, ..ChannelParameter::new(ChannelNumber::new(1), 3) };
        check_request(&GetLanConfigurationParameters(parameter), &[1, 3, 1, 0]);
        let parameter = ChannelParameter { revision_only: true, ..parameter };
        check_request(&GetLanConfigurationParameters(parameter), &[0x81, 3, 1, 0]);
        let parameter = check_response::<GetLanConfigurationParameters>(&[0x11, 192, 0, 2, 1]);
        assert_eq!((parameter.revision, &parameter.data[..]), (0x11, &[192, 0, 2, 1][..]));
    }
}
