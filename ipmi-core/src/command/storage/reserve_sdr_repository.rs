//! Reserve SDR Repository (IPMI 2.0 s33.11).

use std::ops::RangeInclusive;

use super::ReservationId;
use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Asks for a reservation of the SDR repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReserveSdrRepository;

impl Command for ReserveSdrRepository {
    type Response = ReservationId;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x22;
    const NAME: &'static str = "Reserve SDR Repository";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=2;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<ReservationId, ParseError> {
        data.first_chunk().map(|bytes| ReservationId::from_bytes(*bytes)).ok_or_else(|| short::<Self>(data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&ReserveSdrRepository, &[]);
        assert_eq!(check_response::<ReserveSdrRepository>(&[0x34, 0x12]), ReservationId(0x1234));
    }
}
