//! VITA 46.11 capabilities and addresses (group extension 03h), for chassis that a configuration makes such.

use ipmi_core::{NetFn, Privilege};

use super::{Answer, Call, Row, Scope, row};

/// Code of the defining body.
pub(super) const BODY: u8 = 0x03;
/// Tier 1, layer 1 controller.
const CONTROLLER: u8 = 0x00;
/// One IPMB at 100 kHz.
const IPMB: u8 = 0x00;
/// Standard VITA 46.11.
const STANDARD: u8 = 0x00;
/// Specification revision 1.0, major in the low nibble.
const REVISION: u8 = 0x01;
/// Site type: front loading VPX plug-in module.
const SITE_VPX: u8 = 0x00;

pub(super) const ROWS: &[Row] = &[
    row(NetFn::GROUP_EXTENSION, 0x00, 0..=0, Privilege::User, Scope::Any, get_capabilities),
    row(NetFn::GROUP_EXTENSION, 0x40, 0..=3, Privilege::User, Scope::Any, get_fru_address_info),
];

fn get_capabilities(call: &mut Call<'_>) -> Answer {
    let last = call.controller().frus.keys().next_back().copied().unwrap_or(0);
    Ok(vec![CONTROLLER, IPMB, STANDARD, REVISION, last, 0])
}

fn get_fru_address_info(call: &mut Call<'_>) -> Answer {
    let (fru, address) = (call.byte(0), call.at);
    Ok(vec![address >> 1, address, 0xFF, fru, 1, SITE_VPX])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};

    #[test]
    fn only_where_it_is_switched_on() {
        let mut bmc = bmc();
        assert_eq!(refuse(&mut bmc, 0x2C, 0x00, &[3]), 0xC1);
        bmc.profile.vita = true;
        assert_eq!(ask(&mut bmc, 0x2C, 0x00, &[3]), [3, 0, 0, 0, 1, 0, 0]);
        assert_eq!(ask(&mut bmc, 0x2C, 0x40, &[3]), [3, 0x10, 0x20, 0xFF, 0, 1, 0]);
    }
}
