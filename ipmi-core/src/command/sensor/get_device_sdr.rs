//! Get Device SDR (IPMI 2.0 s35.3).

use std::ops::RangeInclusive;

use crate::command::storage::{SdrPart, SdrPartRequest};
use crate::{Command, Lun, NetFn, ParseError, Privilege};

/// Reads one of the SDRs a controller keeps for its own sensors, or part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetDeviceSdr {
    /// Which part of which record.
    pub part: SdrPartRequest,
    /// Logical unit asked.
    pub lun: Lun,
}

impl Command for GetDeviceSdr {
    type Response = SdrPart;
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x21;
    const NAME: &'static str = "Get Device SDR";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=257;
    const PRIVILEGE: Privilege = Privilege::User;

    fn lun(&self) -> Lun {
        self.lun
    }

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
        use crate::command::storage::RecordId;
        let command = GetDeviceSdr { part: SdrPartRequest::whole(RecordId(0x0102)), lun: Lun::OEM1 };
        check_request(&command, &[0, 0, 0x02, 0x01, 0, 0xFF]);
        assert_eq!(command.lun(), Lun::OEM1);
        assert_eq!(check_response::<GetDeviceSdr>(&[0xFF, 0xFF, 0x02]).next, RecordId::LAST);
    }
}
