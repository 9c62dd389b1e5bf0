//! The table of commands (IPMI 2.0 appendix G), for what runs over all of them. No bytes make a parser panic, and no
//! two commands share a number.

use std::ops::RangeInclusive;

use super::{Command, app, chassis, sensor, storage, transport};
use crate::{CompletionCode, NetFn, ParseError, Privilege};

/// A command without its types.
#[derive(Debug, Clone)]
pub struct CommandRow {
    /// Name in the specification's words.
    pub name: &'static str,
    /// Network function of the request.
    pub net_fn: NetFn,
    /// Command number.
    pub cmd: u8,
    /// Bytes a successful response may have after the completion code.
    pub response_len: RangeInclusive<usize>,
    /// Lowest privilege level that may send it over a session.
    pub privilege: Privilege,
    /// Reads response data and forgets what it says.
    pub parse: fn(&[u8]) -> Result<(), ParseError>,
    /// Meaning of a command-specific completion code.
    pub code_text: fn(CompletionCode) -> Option<&'static str>,
}

const fn row<C: Command>() -> CommandRow {
    CommandRow {
        name: C::NAME,
        net_fn: C::NET_FN,
        cmd: C::CMD,
        response_len: C::RESPONSE_LEN,
        privilege: C::PRIVILEGE,
        parse: |data| C::parse(data).map(drop),
        code_text: C::code_text,
    }
}

/// The commands, group by group in the order of their names.
pub const COMMANDS: &[CommandRow] = &[
    row::<app::ActivatePayload>(),
    row::<app::ActivateSession>(),
    row::<app::ClearMessageFlags>(),
    row::<app::CloseSession>(),
    row::<app::ColdReset>(),
    row::<app::DeactivatePayload>(),
    row::<app::GetBmcGlobalEnables>(),
    row::<app::GetChannelAccess>(),
    row::<app::GetChannelAuthenticationCapabilities>(),
    row::<app::GetChannelCipherSuites>(),
    row::<app::GetChannelInfo>(),
    row::<app::GetChannelPayloadSupport>(),
    row::<app::GetChannelPayloadVersion>(),
    row::<app::GetDeviceGuid>(),
    row::<app::GetDeviceId>(),
    row::<app::GetMessage>(),
    row::<app::GetMessageFlags>(),
    row::<app::GetPayloadActivationStatus>(),
    row::<app::GetPayloadInstanceInfo>(),
    row::<app::GetSelfTestResults>(),
    row::<app::GetSessionChallenge>(),
    row::<app::GetSessionInfo>(),
    row::<app::GetSystemGuid>(),
    row::<app::GetUserAccess>(),
    row::<app::GetUserName>(),
    row::<app::GetUserPayloadAccess>(),
    row::<app::GetWatchdogTimer>(),
    row::<app::ReadEventMessageBuffer>(),
    row::<app::ResetWatchdogTimer>(),
    row::<app::SendMessage>(),
    row::<app::SetBmcGlobalEnables>(),
    row::<app::SetChannelAccess>(),
    row::<app::SetSessionPrivilegeLevel>(),
    row::<app::SetUserAccess>(),
    row::<app::SetUserName>(),
    row::<app::SetUserPassword>(),
    row::<app::SetUserPayloadAccess>(),
    row::<app::SetWatchdogTimer>(),
    row::<app::WarmReset>(),
    row::<chassis::ChassisControl>(),
    row::<chassis::ChassisIdentify>(),
    row::<chassis::GetChassisCapabilities>(),
    row::<chassis::GetChassisStatus>(),
    row::<chassis::GetPohCounter>(),
    row::<chassis::GetSystemBootOptions>(),
    row::<chassis::GetSystemRestartCause>(),
    row::<chassis::SetPowerRestorePolicy>(),
    row::<chassis::SetSystemBootOptions>(),
    row::<sensor::GetDeviceSdr>(),
    row::<sensor::GetDeviceSdrInfo>(),
    row::<sensor::GetSensorEventEnable>(),
    row::<sensor::GetSensorEventStatus>(),
    row::<sensor::GetSensorHysteresis>(),
    row::<sensor::GetSensorReading>(),
    row::<sensor::GetSensorReadingFactors>(),
    row::<sensor::GetSensorThresholds>(),
    row::<sensor::PlatformEvent>(),
    row::<sensor::RearmSensorEvents>(),
    row::<sensor::ReserveDeviceSdr>(),
    row::<sensor::SetSensorEventEnable>(),
    row::<sensor::SetSensorHysteresis>(),
    row::<sensor::SetSensorThresholds>(),
    row::<storage::AddSelEntry>(),
    row::<storage::ClearSel>(),
    row::<storage::DeleteSelEntry>(),
    row::<storage::GetFruInventoryAreaInfo>(),
    row::<storage::GetSdr>(),
    row::<storage::GetSdrRepositoryAllocationInfo>(),
    row::<storage::GetSdrRepositoryInfo>(),
    row::<storage::GetSelAllocationInfo>(),
    row::<storage::GetSelEntry>(),
    row::<storage::GetSelInfo>(),
    row::<storage::GetSelTime>(),
    row::<storage::ReadFruData>(),
    row::<storage::ReserveSdrRepository>(),
    row::<storage::ReserveSel>(),
    row::<storage::SetSelTime>(),
    row::<storage::WriteFruData>(),
    row::<transport::GetLanConfigurationParameters>(),
    row::<transport::GetSolConfigurationParameters>(),
    row::<transport::SetLanConfigurationParameters>(),
    row::<transport::SetSolConfigurationParameters>(),
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_command_has_a_number_of_its_own() {
        for (index, row) in COMMANDS.iter().enumerate() {
            let twin = COMMANDS[..index].iter().find(|other| (other.net_fn, other.cmd) == (row.net_fn, row.cmd));
            assert!(twin.is_none(), "{} and {}", row.name, twin.map_or("", |twin| twin.name));
            assert!(!row.response_len.is_empty() && !row.net_fn.is_response(), "{}", row.name);
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
                prop_assert!(parsed.is_ok() || data.len() < *row.response_len.start(), "{}: {parsed:?}", row.name);
                prop_assert!(parsed.is_err() || data.len() >= *row.response_len.start(), "{}", row.name);
            }
        }
    }
}
