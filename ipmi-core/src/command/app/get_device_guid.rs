//! Get Device GUID (IPMI 2.0 s20.8).

use std::ops::RangeInclusive;

use super::Guid;
use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Asks for the GUID of the controller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetDeviceGuid;

impl Command for GetDeviceGuid {
    type Response = Guid;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x08;
    const NAME: &'static str = "Get Device GUID";
    const RESPONSE_LEN: RangeInclusive<usize> = 16..=16;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<Guid, ParseError> {
        data.first_chunk().map(|bytes| Guid(*bytes)).ok_or_else(|| short::<Self>(data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetDeviceGuid, &[]);
        let golden = [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
        assert_eq!(check_response::<GetDeviceGuid>(&golden), Guid(golden));
    }
}
