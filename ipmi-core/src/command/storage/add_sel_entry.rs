//! Add SEL Entry (IPMI 2.0 s31.6).

use std::ops::RangeInclusive;

use super::RecordId;
use crate::command::short;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Adds a record to the system event log. The BMC gives it an id and, unless it is an OEM record without one, a
/// timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddSelEntry {
    /// Record bytes; the id is ignored.
    pub record: [u8; 16],
}

impl Command for AddSelEntry {
    type Response = RecordId;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x44;
    const NAME: &'static str = "Add SEL Entry";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=2;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.record);
    }

    fn parse(data: &[u8]) -> Result<RecordId, ParseError> {
        data.first_chunk().map(|bytes| RecordId::from_bytes(*bytes)).ok_or_else(|| short::<Self>(data))
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Operation not supported for this record type",
            0x81 => "SEL erase in progress",
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
        check_request(&AddSelEntry { record: [7; 16] }, &[7; 16]);
        assert_eq!(check_response::<AddSelEntry>(&[0x2A, 0x00]), RecordId(0x2A));
    }
}
