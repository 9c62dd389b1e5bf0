//! Get Self Test Results (IPMI 2.0 s20.4).

use std::ops::RangeInclusive;

use crate::command::short;
use crate::{Command, NetFn, ParseError, Privilege};

/// Asks how the self test of the controller went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetSelfTestResults;

/// The answer to [`GetSelfTestResults`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SelfTestResults {
    /// 55h: no error.
    Passed,
    /// 56h: there is no self test.
    NotImplemented,
    /// 57h: devices are corrupted or cannot be reached.
    Corrupted(SelfTestFailures),
    /// 58h: fatal hardware error, with a code of the controller's own.
    Fatal(u8),
    /// FFh: reserved.
    Reserved(u8),
    /// Any other code is the controller's own, as is its second byte.
    DeviceSpecific {
        /// First byte.
        code: u8,
        /// Second byte.
        detail: u8,
    },
}

bitflags::bitflags! {
    /// What the self test found broken.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct SelfTestFailures: u8 {
        /// Operational firmware is corrupted.
        const OPERATIONAL_FIRMWARE = 1 << 0;
        /// Update or boot block is corrupted.
        const BOOT_BLOCK = 1 << 1;
        /// Internal use area of the BMC's FRU is corrupted.
        const INTERNAL_USE_AREA = 1 << 2;
        /// SDR repository is empty.
        const SDR_REPOSITORY_EMPTY = 1 << 3;
        /// IPMB lines do not respond.
        const IPMB_LINES = 1 << 4;
        /// BMC FRU device cannot be accessed.
        const FRU_DEVICE = 1 << 5;
        /// SDR repository cannot be accessed.
        const SDR_REPOSITORY = 1 << 6;
        /// SEL cannot be accessed.
        const SEL = 1 << 7;
    }
}

impl Command for GetSelfTestResults {
    type Response = SelfTestResults;
    const NET_FN: NetFn = NetFn::APP;
    const CMD: u8 = 0x04;
    const NAME: &'static str = "Get Self Test Results";
    const RESPONSE_LEN: RangeInclusive<usize> = 2..=2;
    const PRIVILEGE: Privilege = Privilege::User;

    fn emit(&self, _out: &mut Vec<u8>) {}

    fn parse(data: &[u8]) -> Result<SelfTestResults, ParseError> {
        let &[code, detail, ..] = data else {
            return Err(short::<Self>(data));
        };
        Ok(match code {
            0x55 => SelfTestResults::Passed,
            0x56 => SelfTestResults::NotImplemented,
            0x57 => SelfTestResults::Corrupted(SelfTestFailures::from_bits_retain(detail)),
            0x58 => SelfTestResults::Fatal(detail),
            0xFF => SelfTestResults::Reserved(detail),
            code => SelfTestResults::DeviceSpecific { code, detail },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::{check_request, check_response};

    #[test]
    fn golden_bytes() {
        check_request(&GetSelfTestResults, &[]);
        assert_eq!(check_response::<GetSelfTestResults>(&[0x55, 0x00]), SelfTestResults::Passed);
        let failures = SelfTestFailures::SEL | SelfTestFailures::BOOT_BLOCK;
        assert_eq!(check_response::<GetSelfTestResults>(&[0x57, 0x82]), SelfTestResults::Corrupted(failures));
        assert_eq!(check_response::<GetSelfTestResults>(&[0x58, 3]), SelfTestResults::Fatal(3));
        let own = SelfTestResults::DeviceSpecific { code: 0x10, detail: 7 };
        assert_eq!(check_response::<GetSelfTestResults>(&[0x10, 7]), own);
    }
}
