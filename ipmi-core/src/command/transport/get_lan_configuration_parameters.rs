//! Get LAN Configuration Parameters (IPMI 2.0 s23.2).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{ChannelNumber, Command, CompletionCode, NetFn, ParseError, Privilege};

/// Asks for one parameter of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetLanConfigurationParameters {
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

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanParameter {
    /// Revision of the parameter: present in the high, oldest compatible in the low four bits.
    pub revision: u8,
    /// Its bytes; none when only the revision was asked for.
    pub data: Vec<u8>,
}

impl Command for GetLanConfigurationParameters {
    type Response = LanParameter;
    const NET_FN: NetFn = NetFn::TRANSPORT;
    const CMD: u8 = 0x02;
    const NAME: &'static str = "Get LAN Configuration Parameters";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=255;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        let revision_only = u8::from(self.revision_only) << 7;
        out.extend([revision_only | self.channel.get(), self.parameter, self.set_selector, self.block_selector]);
    }

    fn parse(data: &[u8]) -> Result<LanParameter, ParseError> {
        let (revision, data) = data.split_first().ok_or_else(|| short::<Self>(data))?;
        Ok(LanParameter { revision: *revision, data: data.to_vec() })
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Parameter not supported",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        let command = GetLanConfigurationParameters {
            channel: ChannelNumber::new(1),
            revision_only: false,
            parameter: 3,
            set_selector: 1,
            block_selector: 0,
        };
        check_request(&command, &[1, 3, 1, 0]);
        check_request(&GetLanConfigurationParameters { revision_only: true, ..command }, &[0x81, 3, 1, 0]);
        let parameter = check_response::<GetLanConfigurationParameters>(&[0x11, 192, 0, 2, 1]);
        assert_eq!((parameter.revision, &parameter.data[..]), (0x11, &[192, 0, 2, 1][..]));
    }
}
