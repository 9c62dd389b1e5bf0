//! PICMG properties and addresses, and discovery of HPM.1 upgrade targets (group extension 00h; PICMG 3.0 s3, HPM.1
//! s3).
//!
//! A server has none of these: a configuration switches them on.

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{Answer, Call, Row, Scope, row};

/// Code of the defining body.
pub(super) const BODY: u8 = 0x00;
/// Version 2.3 of the PICMG extension: major in the low nibble.
const EXTENSION_VERSION: u8 = 0x32;
/// Site type: AdvancedTCA board.
const SITE_BOARD: u8 = 0x00;
/// The only component of the upgrade target: the firmware of the BMC.
const COMPONENT: u8 = 0;
/// Name of that component, padded with NULs.
const COMPONENT_NAME: [u8; 12] = *b"BMC firmware";
/// General properties: backup or rollback by a second copy, comparison, cold reset for activation.
const GENERAL: u8 = 0x29;
/// Capabilities: self test, automatic and manual rollback, activation deferred.
const CAPABILITIES: u8 = 0x17;
/// Time-outs of upgrade, self test, rollback and inaccessibility, in steps of 5 seconds.
const TIMEOUTS: [u8; 4] = [60, 12, 24, 12];

pub(super) const ROWS: &[Row] = &[
    row(NetFn::GROUP_EXTENSION, 0x00, 0..=0, Privilege::User, Scope::Any, get_properties),
    row(NetFn::GROUP_EXTENSION, 0x01, 0..=3, Privilege::User, Scope::Any, get_address_info),
    row(NetFn::GROUP_EXTENSION, 0x2E, 0..=0, Privilege::User, Scope::Any, get_target_upgrade_capabilities),
    row(NetFn::GROUP_EXTENSION, 0x2F, 2..=2, Privilege::User, Scope::Any, get_component_properties),
];

fn get_properties(call: &mut Call<'_>) -> Answer {
    let last = call.controller().frus.keys().next_back().copied().unwrap_or(0);
    Ok(vec![EXTENSION_VERSION, last, 0])
}

// Only the own address of the controller asked can be looked up.
fn get_address_info(call: &mut Call<'_>) -> Answer {
    let (fru, address) = (call.byte(0), call.at);
    if !call.controller().frus.contains_key(&fru) && fru != 0 {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    Ok(vec![address >> 1, address, 0xFF, fru, 1, SITE_BOARD])
}

fn require_hpm(call: &Call<'_>) -> Result<(), CompletionCode> {
    if call.bmc.profile.hpm { Ok(()) } else { Err(CompletionCode::INVALID_COMMAND) }
}

fn get_target_upgrade_capabilities(call: &mut Call<'_>) -> Answer {
    require_hpm(call)?;
    let mut answer = vec![0x00, CAPABILITIES];
    answer.extend(TIMEOUTS);
    answer.push(1 << COMPONENT);
    Ok(answer)
}

fn get_component_properties(call: &mut Call<'_>) -> Answer {
    require_hpm(call)?;
    if call.byte(0) != COMPONENT {
        return Err(CompletionCode(0x82));
    }
    let selector = call.byte(1);
    let identity = &call.controller().identity;
    let auxiliary = identity.auxiliary_firmware.unwrap_or_default();
    let mut version = vec![identity.firmware_major, identity.firmware_minor];
    version.extend(auxiliary);
    match selector {
        0 => Ok(vec![GENERAL]),
        // The copy to roll back to is the same firmware: nothing was ever upgraded.
        1 | 3 => Ok(version),
        2 => Ok(COMPONENT_NAME.to_vec()),
        _ => Err(CompletionCode(0x83)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};

    #[test]
    fn a_server_has_neither_picmg_nor_hpm() {
        let mut bmc = bmc();
        assert_eq!(refuse(&mut bmc, 0x2C, 0x00, &[0]), 0xC1);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x2E, &[0]), 0xC1);
        bmc.profile.picmg = true;
        assert_eq!(refuse(&mut bmc, 0x2C, 0x2E, &[0]), 0xC1);
    }

    #[test]
    fn properties_and_address() {
        let mut bmc = bmc();
        bmc.profile.picmg = true;
        assert_eq!(ask(&mut bmc, 0x2C, 0x00, &[0]), [0, 0x32, 0, 0]);
        assert_eq!(ask(&mut bmc, 0x2C, 0x01, &[0]), [0, 0x10, 0x20, 0xFF, 0, 1, 0]);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x01, &[0, 9]), 0xCC);
    }

    #[test]
    fn the_firmware_is_the_one_component() {
        let mut bmc = bmc();
        bmc.profile.hpm = true;
        assert_eq!(ask(&mut bmc, 0x2C, 0x2E, &[0]), [0, 0, 0x17, 60, 12, 24, 12, 1]);
        assert_eq!(ask(&mut bmc, 0x2C, 0x2F, &[0, 0, 1]), [0, 1, 0, 0, 0, 0, 0]);
        assert_eq!(ask(&mut bmc, 0x2C, 0x2F, &[0, 0, 2])[1..], *b"BMC firmware");
        assert_eq!(refuse(&mut bmc, 0x2C, 0x2F, &[0, 1, 0]), 0x82);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x2F, &[0, 0, 9]), 0x83);
    }
}
