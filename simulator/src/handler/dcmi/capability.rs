//! Get DCMI Capabilities Info (DCMI 1.5 s6.1.1).

use std::time::Duration;

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::super::{Answer, Call, Row, Scope, row};
use super::VERSION;
use crate::store::power_statistics::SAMPLING;

/// Revision of the parameters.
const REVISION: u8 = 0x02;
/// There is none of a channel.
const NO_CHANNEL: u8 = 0xFF;
/// Channel of the primary LAN.
const LAN: u8 = 1;
/// Address of the power management controller: the BMC itself.
const POWER_CONTROLLER: u8 = 0x20;
/// Channel 0, device revision 1 of the power management controller.
const POWER_CONTROLLER_CHANNEL: u8 = 0x01;
/// Asset tag, DHCP host name and GUID, as DCMI 1.0 and 1.1 announced them.
const IDENTIFICATION: u8 = 0x07;
/// Inlet, processor and baseboard temperatures, likewise.
const TEMPERATURES: u8 = 0x07;

/// Periods of the rolling averages: `[7:6]` unit (0 second, 1 minute, 2 hour, 3 day), `[5:0]` how many.
pub(super) const PERIODS: [u8; 6] = [0x05, 0x0F, 0x1E, 0x41, 0x4F, 0x81];

pub(in super::super) const ROWS: &[Row] =
    &[row(NetFn::GROUP_EXTENSION, 0x01, 1..=1, Privilege::Callback, Scope::Bmc, get_capabilities)];

/// The period a byte of [`PERIODS`] stands for.
pub(super) fn period(byte: u8) -> Duration {
    let unit = [1, 60, 3600, 86_400].get(usize::from(byte >> 6)).copied().unwrap_or(1);
    Duration::from_secs(u64::from(byte & 0x3F) * unit)
}

fn get_capabilities(call: &mut Call<'_>) -> Answer {
    let [major, minor] = VERSION;
    let mut answer = vec![major, minor, REVISION];
    match call.byte(0) {
        // Power management; access in-band.
        1 => answer.extend([0x00, 0x01, 0x01]),
        2 => {
            let entries = call.bmc.main.sel.as_ref().map_or(0, crate::store::sel::Sel::capacity);
            answer.extend(u16::try_from(entries).unwrap_or(u16::MAX).min(0x0FFF).to_le_bytes());
            answer.extend([IDENTIFICATION, TEMPERATURES, u8::try_from(SAMPLING.as_secs()).unwrap_or(u8::MAX)]);
        }
        3 => answer.extend([POWER_CONTROLLER, POWER_CONTROLLER_CHANNEL]),
        4 => answer.extend([LAN, NO_CHANNEL, NO_CHANNEL]),
        5 => {
            answer.push(u8::try_from(PERIODS.len()).unwrap_or(0));
            answer.extend(PERIODS);
        }
        _ => return Err(CompletionCode::INVALID_DATA_FIELD),
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{ask, refuse};
    use super::super::testing::server;
    use super::*;

    #[test]
    fn every_parameter() {
        let mut bmc = server();
        for (parameter, expected) in [
            (1, &[0x00, 0x01, 0x01][..]),
            (2, &[8, 0, 7, 7, 1]),
            (3, &[0x20, 0x01]),
            (4, &[1, 0xFF, 0xFF]),
            (5, &[6, 0x05, 0x0F, 0x1E, 0x41, 0x4F, 0x81]),
        ] {
            let answer = ask(&mut bmc, 0x2C, 0x01, &[0xDC, parameter]);
            assert_eq!(answer[..4], [0xDC, 1, 5, 2]);
            assert_eq!(answer[4..], *expected, "{parameter}");
        }
        assert_eq!(refuse(&mut bmc, 0x2C, 0x01, &[0xDC, 6]), 0xCC);
    }

    #[test]
    fn periods_have_units() {
        assert_eq!(PERIODS.map(|byte| period(byte).as_secs()), [5, 15, 30, 60, 900, 3600]);
    }
}
