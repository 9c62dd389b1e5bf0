//! Get FRU Inventory Area Info (IPMI 2.0 s34.1).

use std::ops::RangeInclusive;

use super::FruDeviceId;
use crate::command::short;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Asks how large a FRU device is and how it is addressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetFruInventoryAreaInfo {
    /// FRU device.
    pub device: FruDeviceId,
}

/// The answer to [`GetFruInventoryAreaInfo`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FruInventoryAreaInfo {
    /// Size in bytes.
    pub size: u16,
    /// Offsets and counts of reads and writes are in words of two bytes.
    pub by_words: bool,
}

impl Command for GetFruInventoryAreaInfo {
    type Response = FruInventoryAreaInfo;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x10;
    const NAME: &'static str = "Get FRU Inventory Area Info";
    const RESPONSE_LEN: RangeInclusive<usize> = 3..=3;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        out.push(self.device.0);
    }

    fn parse(data: &[u8]) -> Result<FruInventoryAreaInfo, ParseError> {
        let &[low, high, access, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(FruInventoryAreaInfo { size: u16::from_le_bytes([low, high]), by_words: access & 1 != 0 })
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
        check_request(&GetFruInventoryAreaInfo { device: FruDeviceId(3) }, &[3]);
        let info = check_response::<GetFruInventoryAreaInfo>(&[0x00, 0x08, 0x01]);
        assert_eq!(info, FruInventoryAreaInfo { size: 2048, by_words: true });
    }
}
