//! Every command at once: no bytes make a parser panic, and no two commands share a number.

use proptest::prelude::*;

use crate::{Command, CompletionCode, NetFn, ParseError};

/// What the tests need to know of a command.
struct Row {
    name: &'static str,
    net_fn: NetFn,
    cmd: u8,
    least: usize,
    most: usize,
    parse: fn(&[u8]) -> Result<(), ParseError>,
    code_text: fn(CompletionCode) -> Option<&'static str>,
}

const fn row<C: Command>() -> Row {
    Row {
        name: C::NAME,
        net_fn: C::NET_FN,
        cmd: C::CMD,
        least: *C::RESPONSE_LEN.start(),
        most: *C::RESPONSE_LEN.end(),
        parse: |data| C::parse(data).map(drop),
        code_text: C::code_text,
    }
}

const COMMANDS: &[Row] = &[
    row::<super::app::ActivatePayload>(),
    row::<super::app::ActivateSession>(),
    row::<super::app::ClearMessageFlags>(),
    row::<super::app::CloseSession>(),
    row::<super::app::ColdReset>(),
    row::<super::app::DeactivatePayload>(),
    row::<super::app::GetBmcGlobalEnables>(),
    row::<super::app::GetChannelAccess>(),
    row::<super::app::GetChannelAuthenticationCapabilities>(),
    row::<super::app::GetChannelCipherSuites>(),
    row::<super::app::GetChannelInfo>(),
    row::<super::app::GetChannelPayloadSupport>(),
    row::<super::app::GetChannelPayloadVersion>(),
    row::<super::app::GetDeviceGuid>(),
    row::<super::app::GetDeviceId>(),
    row::<super::app::GetMessage>(),
    row::<super::app::GetMessageFlags>(),
    row::<super::app::GetPayloadActivationStatus>(),
    row::<super::app::GetPayloadInstanceInfo>(),
    row::<super::app::GetSelfTestResults>(),
    row::<super::app::GetSessionChallenge>(),
    row::<super::app::GetSessionInfo>(),
    row::<super::app::GetSystemGuid>(),
    row::<super::app::GetUserAccess>(),
    row::<super::app::GetUserName>(),
    row::<super::app::GetUserPayloadAccess>(),
    row::<super::app::GetWatchdogTimer>(),
    row::<super::app::ReadEventMessageBuffer>(),
    row::<super::app::ResetWatchdogTimer>(),
    row::<super::app::SendMessage>(),
    row::<super::app::SetBmcGlobalEnables>(),
    row::<super::app::SetChannelAccess>(),
    row::<super::app::SetSessionPrivilegeLevel>(),
    row::<super::app::SetUserAccess>(),
    row::<super::app::SetUserName>(),
    row::<super::app::SetUserPassword>(),
    row::<super::app::SetUserPayloadAccess>(),
    row::<super::app::SetWatchdogTimer>(),
    row::<super::app::WarmReset>(),
    row::<super::chassis::ChassisControl>(),
    row::<super::chassis::ChassisIdentify>(),
    row::<super::chassis::GetChassisCapabilities>(),
    row::<super::chassis::GetChassisStatus>(),
    row::<super::chassis::GetPohCounter>(),
    row::<super::chassis::GetSystemBootOptions>(),
    row::<super::chassis::GetSystemRestartCause>(),
    row::<super::chassis::SetPowerRestorePolicy>(),
    row::<super::chassis::SetSystemBootOptions>(),
    row::<super::sensor::GetDeviceSdr>(),
    row::<super::sensor::GetDeviceSdrInfo>(),
    row::<super::sensor::GetSensorEventEnable>(),
    row::<super::sensor::GetSensorEventStatus>(),
    row::<super::sensor::GetSensorHysteresis>(),
    row::<super::sensor::GetSensorReading>(),
    row::<super::sensor::GetSensorReadingFactors>(),
    row::<super::sensor::GetSensorThresholds>(),
    row::<super::sensor::PlatformEvent>(),
    row::<super::sensor::RearmSensorEvents>(),
    row::<super::sensor::ReserveDeviceSdr>(),
    row::<super::sensor::SetSensorEventEnable>(),
    row::<super::sensor::SetSensorHysteresis>(),
    row::<super::sensor::SetSensorThresholds>(),
    row::<super::storage::AddSelEntry>(),
    row::<super::storage::ClearSel>(),
    row::<super::storage::DeleteSelEntry>(),
    row::<super::storage::GetFruInventoryAreaInfo>(),
    row::<super::storage::GetSdr>(),
    row::<super::storage::GetSdrRepositoryAllocationInfo>(),
    row::<super::storage::GetSdrRepositoryInfo>(),
    row::<super::storage::GetSelAllocationInfo>(),
    row::<super::storage::GetSelEntry>(),
    row::<super::storage::GetSelInfo>(),
    row::<super::storage::GetSelTime>(),
    row::<super::storage::ReadFruData>(),
    row::<super::storage::ReserveSdrRepository>(),
    row::<super::storage::ReserveSel>(),
    row::<super::storage::SetSelTime>(),
    row::<super::storage::WriteFruData>(),
    row::<super::transport::GetLanConfigurationParameters>(),
    row::<super::transport::GetSolConfigurationParameters>(),
    row::<super::transport::SetLanConfigurationParameters>(),
    row::<super::transport::SetSolConfigurationParameters>(),
];

#[test]
fn every_command_has_a_number_of_its_own() {
    for (index, row) in COMMANDS.iter().enumerate() {
        let twin = COMMANDS[..index].iter().find(|other| (other.net_fn, other.cmd) == (row.net_fn, row.cmd));
        assert!(twin.is_none(), "{} and {}", row.name, twin.map_or("", |twin| twin.name));
        assert!(row.least <= row.most && !row.net_fn.is_response(), "{}", row.name);
    }
}

#[test]
fn command_specific_texts_are_for_command_specific_codes() {
    for row in COMMANDS {
        for code in (0..=0xFF).filter(|code| !(0x80..=0xBE).contains(code)) {
            assert_eq!((row.code_text)(CompletionCode(code)), None, "{} {code:02X}h", row.name);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_parse_or_err(data in prop::collection::vec(any::<u8>(), 0..300)) {
        for row in COMMANDS {
            let parsed = (row.parse)(&data);
            prop_assert!(parsed.is_ok() || data.len() < row.least, "{}: {parsed:?}", row.name);
            prop_assert!(parsed.is_err() || data.len() >= row.least, "{}", row.name);
        }
    }
}
