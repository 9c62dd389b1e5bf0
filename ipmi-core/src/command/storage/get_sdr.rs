//! Get SDR (IPMI 2.0 s33.12).

use std::ops::RangeInclusive;

use super::{RecordId, SdrPart, SdrPartRequest};
use crate::{Command, NetFn, ParseError, Privilege};

/// Reads a record of the SDR repository, or part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSdr {
    /// Which part of which record.
    pub part: SdrPartRequest,
}

impl GetSdr {
    /// Asks for a whole record without a reservation.
    pub const fn whole(record: RecordId) -> Self {
        Self { part: SdrPartRequest::whole(record) }
    }
}

impl Command for GetSdr {
    type Response = SdrPart;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x23;
    const NAME: &'static str = "Get SDR";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=257;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, out: &mut Vec<u8>) {
        self.part.emit(out);
    }

    fn parse(data: &[u8]) -> Result<SdrPart, ParseError> {
        SdrPart::parse(Self::NAME, data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        use crate::command::storage::ReservationId;
        let part =
            SdrPartRequest { reservation: ReservationId(0x1234), record: RecordId(0x0102), offset: 5, count: 27 };
        check_request(&GetSdr { part }, &[0x34, 0x12, 0x02, 0x01, 5, 27]);
        check_request(&GetSdr::whole(RecordId::FIRST), &[0, 0, 0, 0, 0, 0xFF]);
        let part = check_response::<GetSdr>(&[0x03, 0x01, 0x51, 0x01]);
        assert_eq!((part.next, part.data), (RecordId(0x0103), vec![0x51, 0x01]));
    }
}
