//! Write FRU Data (IPMI 2.0 s34.3).

use std::ops::RangeInclusive;

use super::FruDeviceId;
use crate::command::short;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Writes part of a FRU device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteFruData {
    /// FRU device.
    pub device: FruDeviceId,
    /// Where to begin, in bytes or words.
    pub offset: u16,
    /// Bytes to write.
    pub data: Vec<u8>,
}

impl Command for WriteFruData {
    type Response = u8;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x12;
    const NAME: &'static str = "Write FRU Data";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=1;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        let [low, high] = self.offset.to_le_bytes();
        out.extend([self.device.0, low, high]);
        out.extend_from_slice(&self.data);
    }

    fn parse(data: &[u8]) -> Result<u8, ParseError> {
        let &[written, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(written)
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
            0x80 => "Write-protected offset",
            0x81 => "FRU device busy",
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
        let command = WriteFruData { device: FruDeviceId(0), offset: 8, data: vec![0xAA, 0xBB] };
        check_request(&command, &[0, 8, 0, 0xAA, 0xBB]);
        assert_eq!(check_response::<WriteFruData>(&[2]), 2);
    }
}
