//! Get SDR Repository Info (IPMI 2.0 s33.9).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::time::Timestamp;
use crate::{Command, NetFn, ParseError, Privilege};

/// Asks how many records the SDR repository holds and when it last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSdrRepositoryInfo;

/// The answer to [`GetSdrRepositoryInfo`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SdrRepositoryInfo {
    /// SDR version: low nibble major, high nibble minor (51h = 1.5 and 2.0).
    pub version: u8,
    /// Records in the repository.
    pub records: u16,
    /// Free bytes: FFFFh unspecified, FFFEh 64 KB - 2 or more.
    pub free: u16,
    /// Most recent addition.
    pub last_addition: Timestamp,
    /// Most recent erase.
    pub last_erase: Timestamp,
    /// What the repository can do.
    pub support: SdrRepositorySupport,
}

bitflags::bitflags! {
    /// Operation support of an SDR repository.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SdrRepositorySupport: u8 {
        /// Get SDR Repository Allocation Info.
        const ALLOCATION_INFO = 1 << 0;
        /// Reserve SDR Repository.
        const RESERVE = 1 << 1;
        /// Partial Add SDR.
        const PARTIAL_ADD = 1 << 2;
        /// Delete SDR.
        const DELETE = 1 << 3;
        /// Updates while other commands run; unspecified when neither this nor `MODAL` is set.
        const NON_MODAL = 1 << 5;
        /// Updates in SDR repository update mode.
        const MODAL = 1 << 6;
        /// Records were lost for lack of space.
        const OVERFLOW = 1 << 7;
        const _ = !0;
    }
}

impl Command for GetSdrRepositoryInfo {
    type Response = SdrRepositoryInfo;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x20;
    const NAME: &'static str = "Get SDR Repository Info";
    const RESPONSE_LEN: RangeInclusive<usize> = 14..=14;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<SdrRepositoryInfo, ParseError> {
        let &[version, r0, r1, f0, f1, a0, a1, a2, a3, e0, e1, e2, e3, support, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(SdrRepositoryInfo {
            version,
            records: u16::from_le_bytes([r0, r1]),
            free: u16::from_le_bytes([f0, f1]),
            last_addition: Timestamp::from_bytes([a0, a1, a2, a3]),
            last_erase: Timestamp::from_bytes([e0, e1, e2, e3]),
            support: SdrRepositorySupport::from_bits_retain(support),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetSdrRepositoryInfo, &[]);
        let info = check_response::<GetSdrRepositoryInfo>(&[
            0x51, 46, 0, 0xFE, 0xFF, 1, 0, 0, 0x60, 0xFF, 0xFF, 0xFF, 0xFF, 0x22,
        ]);
        assert_eq!((info.version, info.records, info.free), (0x51, 46, 0xFFFE));
        assert_eq!((info.last_addition, info.last_erase), (Timestamp(0x6000_0001), Timestamp::UNSPECIFIED));
        assert_eq!(info.support, SdrRepositorySupport::RESERVE | SdrRepositorySupport::NON_MODAL);
    }
}
