//! Reserve Device SDR Repository (IPMI 2.0 s35.4).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::command::storage::ReservationId;
use crate::{Command, Lun, NetFn, ParseError, Privilege};

/// Asks for a reservation of the device SDRs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReserveDeviceSdr {
    /// Logical unit asked.
    pub lun: Lun,
}

impl Command for ReserveDeviceSdr {
    type Response = ReservationId;
    const NET_FN: NetFn = NetFn::SENSOR_EVENT;
    const CMD: u8 = 0x22;
    const NAME: &'static str = "Reserve Device SDR Repository";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=2;
    const PRIVILEGE: Privilege = Privilege::User;

    fn lun(&self) -> Lun {
        self.lun
    }

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
        check_request(&ReserveDeviceSdr { lun: Lun::BMC }, &[]);
        assert_eq!(check_response::<ReserveDeviceSdr>(&[0x34, 0x12]), ReservationId(0x1234));
    }
}
