//! Reserve SEL (IPMI 2.0 s31.4).

use std::ops::RangeInclusive;

use super::ReservationId;
use crate::command::short;
use crate::{Command, CompletionCode, NetFn, ParseError, Privilege};

/// Asks for a reservation of the system event log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReserveSel;

impl Command for ReserveSel {
    type Response = ReservationId;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x42;
    const NAME: &'static str = "Reserve SEL";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=2;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<ReservationId, ParseError> {
        data.first_chunk().map(|bytes| ReservationId::from_bytes(*bytes)).ok_or_else(|| short::<Self>(data))
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
        check_request(&ReserveSel, &[]);
        assert_eq!(check_response::<ReserveSel>(&[0x34, 0x12]), ReservationId(0x1234));
    }
}
