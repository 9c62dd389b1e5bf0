//! Get System Boot Options (IPMI 2.0 s28.13).

use std::ops::RangeInclusive;

use crate::command::{parameter, short};
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Asks for one parameter of the boot options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSystemBootOptions {
    /// Parameter number; 5 holds the boot flags.
    pub parameter: u8,
    /// Which of several sets; 0 where there is one.
    pub set_selector: u8,
    /// Which block of a long parameter; 0 where there is one.
    pub block_selector: u8,
}

/// One parameter of the boot options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootOption {
    /// Version of the parameters; 1.
    pub version: u8,
    /// True when the parameter is marked invalid or locked.
    pub invalid: bool,
    /// Parameter number.
    pub parameter: u8,
    /// Its bytes.
    pub data: Vec<u8>,
}

impl Command for GetSystemBootOptions {
    type Response = BootOption;
    const NET_FN: NetFn = NetFn::CHASSIS;
    const CMD: u8 = 0x09;
    const NAME: &'static str = "Get System Boot Options";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=255;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend([self.parameter & 0x7F, self.set_selector, self.block_selector]);
    }

    fn parse(data: &[u8]) -> Result<BootOption, ParseError> {
        let &[version, parameter, ref data @ ..] = data else { return Err(short::<Self>(data)) };
        Ok(BootOption {
            version: version & 0x0F,
            invalid: parameter & 0x80 != 0,
            parameter: parameter & 0x7F,
            data: data.to_vec(),
        })
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        parameter::code_text(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetSystemBootOptions { parameter: 5, set_selector: 0, block_selector: 0 }, &[5, 0, 0]);
        let option = check_response::<GetSystemBootOptions>(&[1, 0x85, 0x80, 0x04, 0, 0, 0]);
        assert!(option.invalid && option.version == 1 && option.parameter == 5);
        assert_eq!(option.data, [0x80, 0x04, 0, 0, 0]);
    }
}
