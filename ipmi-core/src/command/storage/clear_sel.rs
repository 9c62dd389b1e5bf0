//! Clear SEL (IPMI 2.0 s31.9).

use std::ops::RangeInclusive;

use super::ReservationId;
use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Erases the system event log, or asks whether an erase is still going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClearSel {
    /// Reservation, always needed.
    pub reservation: ReservationId,
    /// Start or ask.
    pub action: ClearAction,
}

/// What [`ClearSel`] is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClearAction {
    /// AAh: start erasing.
    Initiate,
    /// 00h: ask how far it is.
    Status,
}

/// The answer to [`ClearSel`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EraseProgress {
    /// 0: still erasing.
    InProgress,
    /// 1: done.
    Completed,
    /// A reserved code.
    Unknown(u8),
}

impl Command for ClearSel {
    type Response = EraseProgress;
    const NET_FN: NetFn = NetFn::STORAGE;
    const CMD: u8 = 0x47;
    const NAME: &'static str = "Clear SEL";
    const RESPONSE_LEN: RangeInclusive<usize> = 1..=1;
    const PRIVILEGE: Privilege = Privilege::Operator;

    fn emit(&self, out: &mut Vec<u8>) {
        out.extend(self.reservation.to_bytes());
        out.extend(b"CLR");
        out.push(match self.action {
            ClearAction::Initiate => 0xAA,
            ClearAction::Status => 0x00,
        });
    }

    fn parse(data: &[u8]) -> Result<EraseProgress, ParseError> {
        let &[progress, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(match progress & 0x0F {
            0 => EraseProgress::InProgress,
            1 => EraseProgress::Completed,
            other => EraseProgress::Unknown(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        let reservation = ReservationId(0x1234);
        check_request(&ClearSel { reservation, action: ClearAction::Initiate }, &[0x34, 0x12, 0x43, 0x4C, 0x52, 0xAA]);
        check_request(&ClearSel { reservation, action: ClearAction::Status }, &[0x34, 0x12, 0x43, 0x4C, 0x52, 0x00]);
        assert_eq!(check_response::<ClearSel>(&[0xF1]), EraseProgress::Completed);
        assert_eq!(check_response::<ClearSel>(&[0x00]), EraseProgress::InProgress);
    }
}
