//! Set System Boot Options (IPMI 2.0 s28.12).

use std::ops::RangeInclusive;

use crate::command::parameter;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Sets one parameter of the boot options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetSystemBootOptions {
    /// Marks the parameter invalid.
    pub invalid: bool,
    /// Parameter number.
    pub parameter: u8,
    /// Its bytes; none changes only the mark.
    pub data: Vec<u8>,
}

impl Command for SetSystemBootOptions {
    type Response = ();
    const NET_FN: NetFn = NetFn::CHASSIS;
    const CMD: u8 = 0x08;
    const NAME: &'static str = "Set System Boot Options";
    const RESPONSE_LEN: RangeInclusive<usize> = 0..=0;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.invalid) << 7 | self.parameter & 0x7F);
        out.extend_from_slice(&self.data);
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
    use crate::command::testing::{check_empty_response, check_request};

    #[test]
    fn golden_bytes() {
        let command = SetSystemBootOptions { invalid: false, parameter: 5, data: vec![0x80, 0x04, 0, 0, 0] };
        check_request(&command, &[5, 0x80, 0x04, 0, 0, 0]);
        check_request(&SetSystemBootOptions { invalid: true, data: vec![], ..command }, &[0x85]);
        check_empty_response::<SetSystemBootOptions>();
    }
}
