//! Get SEL Info (IPMI 2.0 s31.2).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::time::Timestamp;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Asks how many records the system event log holds and when it last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSelInfo;

/// The answer to [`GetSelInfo`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelInfo {
    /// SEL version: low nibble major, high nibble minor (51h = 1.5, 02h = 2.0).
    pub version: u8,
    /// Records in the log.
    pub entries: u16,
    /// Free bytes, FFFFh = 65535 or more.
    pub free: u16,
    /// Most recent addition.
    pub last_addition: Timestamp,
    /// Most recent erase.
    pub last_erase: Timestamp,
    /// What the log can do.
    pub support: SelSupport,
}

bitflags::bitflags! {
    /// Operation support of a SEL.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SelSupport: u8 {
        /// Get SEL Allocation Info.
        const ALLOCATION_INFO = 1 << 0;
        /// Reserve SEL.
        const RESERVE = 1 << 1;
        /// Partial Add SEL Entry.
        const PARTIAL_ADD = 1 << 2;
        /// Delete SEL Entry.
        const DELETE = 1 << 3;
        /// Events were dropped for lack of space.
        const OVERFLOW = 1 << 7;
        const _ = !0;
    }
}

impl Command for GetSelInfo {
    type Response = SelInfo;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x40;
    const NAME: &'static str = "Get SEL Info";
    const RESPONSE_LEN: RangeInclusive<usize> = 14..=14;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<SelInfo, ParseError> {
        let &[version, n0, n1, f0, f1, a0, a1, a2, a3, e0, e1, e2, e3, support, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(SelInfo {
            version,
            entries: u16::from_le_bytes([n0, n1]),
            free: u16::from_le_bytes([f0, f1]),
            last_addition: Timestamp::from_bytes([a0, a1, a2, a3]),
            last_erase: Timestamp::from_bytes([e0, e1, e2, e3]),
            support: SelSupport::from_bits_retain(support),
        })
    }

    fn code_text(code: CompletionCode) -> Option<&'static str> {
        Some(match code.0 {
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
        check_request(&GetSelInfo, &[]);
        let info = check_response::<GetSelInfo>(&[0x51, 31, 0, 0x90, 0x3C, 2, 0, 0, 0x60, 0, 0, 0, 0, 0x8A]);
        assert_eq!((info.version, info.entries, info.free), (0x51, 31, 15504));
        assert_eq!((info.last_addition, info.last_erase), (Timestamp(0x6000_0002), Timestamp(0)));
        assert_eq!(info.support, SelSupport::RESERVE | SelSupport::DELETE | SelSupport::OVERFLOW);
    }
}
