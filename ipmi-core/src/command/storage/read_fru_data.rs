//! Read FRU Data (IPMI 2.0 s34.2).

use std::ops::RangeInclusive;

use super::FruDeviceId;
use crate::command::short;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Reads part of a FRU device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadFruData {
    /// FRU device.
    pub device: FruDeviceId,
    /// Where to begin, in bytes or words.
    pub offset: u16,
    /// How much to read, in bytes or words; 0 is not allowed.
    pub count: u8,
}

/// The answer to [`ReadFruData`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FruData {
    /// Bytes or words the controller says it returned.
    pub count: u8,
    /// The bytes that came, which may be fewer than `count` says.
    pub data: Vec<u8>,
}

impl Command for ReadFruData {
    type Response = FruData;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x11;
    const NAME: &'static str = "Read FRU Data";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=256;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        let [low, high] = self.offset.to_le_bytes();
        out.extend([self.device.0, low, high, self.count]);
    }

    fn parse(data: &[u8]) -> Result<FruData, ParseError> {
        let [count, bytes @ ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(FruData { count: *count, data: bytes.to_vec() })
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
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
        check_request(&ReadFruData { device: FruDeviceId(1), offset: 0x0120, count: 16 }, &[1, 0x20, 0x01, 16]);
        let answer = check_response::<ReadFruData>(&[2, 0x01, 0x00]);
        assert_eq!(answer, FruData { count: 2, data: vec![0x01, 0x00] });
        assert_eq!(ReadFruData::code_text(CompletionCode(0x81)), Some("FRU device busy"));
    }
}
