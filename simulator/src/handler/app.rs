//! Device "global" commands: identity, resets, self test, ACPI state, GUIDs (IPMI 2.0 s20, s22.14).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{Answer, Call, Row, Scope, row};

pub(super) const ROWS: &[Row] = &[
    row(NetFn::APP, 0x01, 0..=0, Privilege::User, Scope::Any, get_device_id),
    row(NetFn::APP, 0x02, 0..=0, Privilege::Administrator, Scope::Any, cold_reset),
    row(NetFn::APP, 0x03, 0..=0, Privilege::Administrator, Scope::Any, warm_reset),
    row(NetFn::APP, 0x04, 0..=0, Privilege::User, Scope::Any, get_self_test_results),
    row(NetFn::APP, 0x06, 2..=2, Privilege::Administrator, Scope::Bmc, set_acpi_power_state),
    row(NetFn::APP, 0x07, 0..=0, Privilege::User, Scope::Bmc, get_acpi_power_state),
    row(NetFn::APP, 0x08, 0..=0, Privilege::User, Scope::Any, get_device_guid),
    row(NetFn::APP, 0x37, 0..=0, Privilege::Callback, Scope::Bmc, get_system_guid),
];

fn get_device_id(call: &mut Call<'_>) -> Answer {
    Ok(call.controller().identity.emit())
}

// A simulated controller is back at once from either reset.
fn cold_reset(call: &mut Call<'_>) -> Answer {
    if call.at == call.bmc.main.address {
        call.bmc.restart();
    }
    Ok(Vec::new())
}

fn warm_reset(call: &mut Call<'_>) -> Answer {
    if call.at == call.bmc.main.address {
        call.bmc.restart_interfaces();
    }
    Ok(Vec::new())
}

fn get_self_test_results(_call: &mut Call<'_>) -> Answer {
    Ok(vec![0x55, 0x00])
}

/// "No change" in either byte of Set ACPI Power State.
const ACPI_NO_CHANGE: u8 = 0x7F;

fn set_acpi_power_state(call: &mut Call<'_>) -> Answer {
    let (system, device) = (call.byte(0), call.byte(1));
    let known_system = matches!(system & 0x7F, 0x00..=0x0A | 0x20 | 0x21 | 0x2A | ACPI_NO_CHANGE);
    let known_device = matches!(device & 0x7F, 0x00..=0x03 | 0x2A | ACPI_NO_CHANGE);
    if !known_system || !known_device {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    if system & 0x80 != 0 && system & 0x7F != ACPI_NO_CHANGE {
        call.bmc.acpi.0 = system & 0x7F;
    }
    if device & 0x80 != 0 && device & 0x7F != ACPI_NO_CHANGE {
        call.bmc.acpi.1 = device & 0x7F;
    }
    Ok(Vec::new())
}

fn get_acpi_power_state(call: &mut Call<'_>) -> Answer {
    let (system, device) = call.bmc.acpi;
    Ok(vec![system, device])
}

fn get_device_guid(call: &mut Call<'_>) -> Answer {
    call.controller().guid.map(Vec::from).ok_or(CompletionCode::INVALID_COMMAND)
}

fn get_system_guid(call: &mut Call<'_>) -> Answer {
    call.bmc.profile.system_guid.map(Vec::from).ok_or(CompletionCode::INVALID_COMMAND)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{NOW, ask, bmc, refuse};

    #[test]
    fn identity_and_self_test() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x01, &[]), [0x20, 1, 1, 0, 2, 0xBF, 1, 0, 0, 1, 0]);
        assert_eq!(ask(&mut bmc, 6, 0x04, &[]), [0x55, 0]);
        assert_eq!(refuse(&mut bmc, 6, 0x01, &[1]), 0xC7);
        assert_eq!(refuse(&mut bmc, 6, 0xEE, &[]), 0xC1);
    }

    #[test]
    fn guids_are_there_when_configured() {
        let mut bmc = bmc();
        assert_eq!(refuse(&mut bmc, 6, 0x37, &[]), 0xC1);
        bmc.profile.system_guid = Some([7; 16]);
        bmc.main.guid = Some([8; 16]);
        assert_eq!(ask(&mut bmc, 6, 0x37, &[]), [7; 16]);
        assert_eq!(ask(&mut bmc, 6, 0x08, &[]), [8; 16]);
    }

    #[test]
    fn acpi_states_change_only_where_asked() {
        let mut bmc = bmc();
        ask(&mut bmc, 6, 0x06, &[0x83, 0x00]);
        assert_eq!(ask(&mut bmc, 6, 0x07, &[]), [3, 0]);
        ask(&mut bmc, 6, 0x06, &[0xFF, 0x82]);
        assert_eq!(ask(&mut bmc, 6, 0x07, &[]), [3, 2]);
        assert_eq!(refuse(&mut bmc, 6, 0x06, &[0x8F, 0x00]), 0xCC);
    }

    #[test]
    fn a_reset_forgets_what_is_volatile() {
        let mut bmc = bmc();
        ask(&mut bmc, 6, 0x2E, &[0x0F]);
        bmc.log_event([0x20, 0, 4, 1, 1, 1], [0x57, 1, 2], NOW);
        assert!(bmc.attention());
        ask(&mut bmc, 6, 0x02, &[]);
        assert!(!bmc.attention());
        assert_eq!(ask(&mut bmc, 6, 0x2F, &[]), [0x08]);
    }

    #[test]
    fn a_warm_reset_drops_what_waits_and_leaves_settings_alone() {
        let mut bmc = bmc();
        ask(&mut bmc, 6, 0x2E, &[0x0F]);
        bmc.log_event([0x20, 0, 4, 1, 1, 1], [0x57, 1, 2], NOW);
        assert!(bmc.attention());
        let reservation = ask(&mut bmc, 0x0A, 0x42, &[]);
        ask(&mut bmc, 6, 0x03, &[]);
        assert!(!bmc.attention());
        assert_eq!(ask(&mut bmc, 6, 0x2F, &[]), [0x0F]);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x46, &[reservation[0], reservation[1], 1, 0]), 0xC5);
    }
}
