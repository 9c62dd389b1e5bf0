//! Get SEL Allocation Info (IPMI 2.0 s31.3).

use std::ops::RangeInclusive;

use super::AllocationInfo;
use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Asks how the space of the system event log is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSelAllocationInfo;

impl Command for GetSelAllocationInfo {
    type Response = AllocationInfo;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x41;
    const NAME: &'static str = "Get SEL Allocation Info";
    const RESPONSE_LEN: RangeInclusive<usize> = 9..=9;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<AllocationInfo, ParseError> {
        data.first_chunk().map(|bytes| AllocationInfo::from_bytes(*bytes)).ok_or_else(|| short::<Self>(data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetSelAllocationInfo, &[]);
        let info = check_response::<GetSelAllocationInfo>(&[0, 4, 16, 0, 0xFF, 3, 0xFE, 3, 1]);
        assert_eq!((info.units, info.unit_size, info.free_units), (0x400, 16, 0x3FF));
        assert_eq!((info.largest_free_block, info.largest_record), (0x3FE, 1));
    }
}
