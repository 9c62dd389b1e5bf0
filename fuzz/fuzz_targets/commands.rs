//! Every command's response parser: no bytes panic, and a refused length is refused by name.
#![no_main]

use ipmi_core::command::{app, chassis, sensor, storage};
use ipmi_core::{Command, CompletionCode};
use libfuzzer_sys::fuzz_target;

fn run<C: Command>(data: &[u8]) {
    let (least, most) = (*C::RESPONSE_LEN.start(), *C::RESPONSE_LEN.end());
    assert!(least <= most);
    match C::parse(data) {
        Ok(_) => assert!(data.len() >= least, "{} took {} of at least {least} bytes", C::NAME, data.len()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let _ = C::code_text(CompletionCode(data.first().copied().unwrap_or_default()));
}

/// In the order of `ipmi_core::command`.
const COMMANDS: &[fn(&[u8])] = &[
    run::<app::ClearMessageFlags>,
    run::<app::ColdReset>,
    run::<app::GetBmcGlobalEnables>,
    run::<app::GetDeviceGuid>,
    run::<app::GetDeviceId>,
    run::<app::GetMessage>,
    run::<app::GetMessageFlags>,
    run::<app::GetSelfTestResults>,
    run::<app::GetSystemGuid>,
    run::<app::ReadEventMessageBuffer>,
    run::<app::SendMessage>,
    run::<app::SetBmcGlobalEnables>,
    run::<app::WarmReset>,
    run::<chassis::ChassisControl>,
    run::<chassis::ChassisIdentify>,
    run::<chassis::GetChassisCapabilities>,
    run::<chassis::GetChassisStatus>,
    run::<chassis::GetPohCounter>,
    run::<chassis::GetSystemRestartCause>,
    run::<chassis::SetPowerRestorePolicy>,
    run::<sensor::GetDeviceSdr>,
    run::<sensor::GetDeviceSdrInfo>,
    run::<sensor::GetSensorEventEnable>,
    run::<sensor::GetSensorEventStatus>,
    run::<sensor::GetSensorHysteresis>,
    run::<sensor::GetSensorReading>,
    run::<sensor::GetSensorReadingFactors>,
    run::<sensor::GetSensorThresholds>,
    run::<sensor::PlatformEvent>,
    run::<sensor::RearmSensorEvents>,
    run::<sensor::ReserveDeviceSdr>,
    run::<sensor::SetSensorEventEnable>,
    run::<sensor::SetSensorHysteresis>,
    run::<sensor::SetSensorThresholds>,
    run::<storage::AddSelEntry>,
    run::<storage::ClearSel>,
    run::<storage::DeleteSelEntry>,
    run::<storage::GetFruInventoryAreaInfo>,
    run::<storage::GetSdr>,
    run::<storage::GetSdrRepositoryAllocationInfo>,
    run::<storage::GetSdrRepositoryInfo>,
    run::<storage::GetSelAllocationInfo>,
    run::<storage::GetSelEntry>,
    run::<storage::GetSelInfo>,
    run::<storage::GetSelTime>,
    run::<storage::ReadFruData>,
    run::<storage::ReserveSdrRepository>,
    run::<storage::ReserveSel>,
    run::<storage::SetSelTime>,
    run::<storage::WriteFruData>,
];

fuzz_target!(|data: &[u8]| {
    let Some((which, data)) = data.split_first() else { return };
    if let Some(command) = COMMANDS.get(usize::from(*which) % COMMANDS.len()) {
        command(data);
    }
});
