//! Device "global" commands: identity, resets, self test, ACPI state, GUIDs (IPMI 2.0 s20, s22.14).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{Answer, Call, Row, Scope, row};

pub(super) const ROWS: &[Row] = &[
    row(NetFn::APP, 0x01, 0..=0, Privilege::User, Scope::Any, get_device_id),
    row(NetFn::APP, 0x02, 0..=0, Privilege::Administrator, Scope::Any, reset),
    row(NetFn::APP, 0x03, 0..=0, Privilege::Administrator, Scope::Any, reset),
    row(NetFn::APP, 0x04, 0..=0, Privilege::User, Scope::Any, get_self_test_results),
    row(NetFn::APP, 0x06, 2..=2, Privilege::Administrator, Scope::Bmc, set_acpi_power_state),
    row(NetFn::APP, 0x07, 0..=0, Privilege::User, Scope::Bmc, get_acpi_power_state),
    row(NetFn::APP, 0x08, 0..=0, Privilege::User, Scope::Any, get_device_guid),
    row(NetFn::APP, 0x37, 0..=0, Privilege::Callback, Scope::Bmc, get_system_guid),
];

fn get_device_id(call: &mut Call<'_>) -> Answer {
    Ok(call.controller().identity.emit())
}

// Both resets lose what is volatile. A simulated controller is back at once.
fn reset(call: &mut Call<'_>) -> Answer {
    if call.at == call.bmc.main.address {
        call.bmc.restart();
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
