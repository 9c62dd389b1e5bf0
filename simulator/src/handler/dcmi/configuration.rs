//! Set and Get DCMI Configuration Parameters (DCMI 1.5 s6.1.2-3): DHCP discovery and its timing.

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::super::{Answer, Call, Row, Scope, row};
use super::{NOT_SUPPORTED, VERSION};

/// Revision of the parameters.
const REVISION: u8 = 0x01;
/// Activate DHCP: write 01h.
const ACTIVATE: u8 = 1;
/// Discovery configuration.
const DISCOVERY: u8 = 2;
/// Timing 1: initial timeout.
const INITIAL: u8 = 3;
/// Timing 2: server contact timeout.
const CONTACT: u8 = 4;
/// Timing 3: server contact retry interval.
const RETRY: u8 = 5;
/// Bits of the discovery configuration.
const DISCOVERY_BITS: u8 = 0x83;

pub(in super::super) const ROWS: &[Row] = &[
    row(NetFn::GROUP_EXTENSION, 0x12, 3..=4, Privilege::Administrator, Scope::Bmc, set),
    row(NetFn::GROUP_EXTENSION, 0x13, 2..=2, Privilege::User, Scope::Bmc, get),
];

fn set(call: &mut Call<'_>) -> Answer {
    let (parameter, value) = (call.byte(0), call.rest(2).to_vec());
    let dhcp = &mut call.bmc.dcmi.dhcp;
    match (parameter, value.as_slice()) {
        // A simulated network has no DHCP server to ask again.
        (ACTIVATE, [0x01]) => {}
        (DISCOVERY, [bits]) => dhcp.discovery = bits & DISCOVERY_BITS,
        (INITIAL, [seconds]) => dhcp.initial_timeout = *seconds,
        (CONTACT, [low, high]) => dhcp.contact_timeout = u16::from_le_bytes([*low, *high]),
        (RETRY, [low, high]) => dhcp.contact_retry = u16::from_le_bytes([*low, *high]),
        (ACTIVATE, [_]) => return Err(CompletionCode::INVALID_DATA_FIELD),
        (ACTIVATE..=RETRY, _) => return Err(CompletionCode::REQUEST_LENGTH_INVALID),
        _ => return Err(NOT_SUPPORTED),
    }
    call.bmc.dirty = true;
    Ok(Vec::new())
}

fn get(call: &mut Call<'_>) -> Answer {
    let dhcp = call.bmc.dcmi.dhcp;
    let [major, minor] = VERSION;
    let mut answer = vec![major, minor, REVISION];
    match call.byte(0) {
        ACTIVATE => answer.push(0),
        DISCOVERY => answer.push(dhcp.discovery),
        INITIAL => answer.push(dhcp.initial_timeout),
        CONTACT => answer.extend(dhcp.contact_timeout.to_le_bytes()),
        RETRY => answer.extend(dhcp.contact_retry.to_le_bytes()),
        _ => return Err(NOT_SUPPORTED),
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{ask, refuse};
    use super::super::testing::server;

    #[test]
    fn parameters_are_kept() {
        let mut bmc = server();
        assert_eq!(ask(&mut bmc, 0x2C, 0x13, &[0xDC, 4, 0]), [0xDC, 1, 5, 1, 120, 0]);
        for (parameter, value) in [(2, &[0x83][..]), (3, &[9]), (4, &[1, 2]), (5, &[3, 4])] {
            let mut set = vec![0xDC, parameter, 0];
            set.extend(value);
            assert_eq!(ask(&mut bmc, 0x2C, 0x12, &set), [0xDC]);
            assert_eq!(ask(&mut bmc, 0x2C, 0x13, &[0xDC, parameter, 0])[4..], *value);
        }
        assert_eq!(ask(&mut bmc, 0x2C, 0x12, &[0xDC, 1, 0, 1]), [0xDC]);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x12, &[0xDC, 1, 0, 2]), 0xCC);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x12, &[0xDC, 4, 0, 2]), 0xC7);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x13, &[0xDC, 6, 0]), 0x80);
    }
}
