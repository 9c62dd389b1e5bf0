//! Application commands (NetFn 06h).

mod activate_payload;
mod activate_session;
mod channel_access;
mod clear_message_flags;
mod close_session;
mod cold_reset;
mod deactivate_payload;
mod get_bmc_global_enables;
mod get_channel_access;
mod get_channel_authentication_capabilities;
mod get_channel_cipher_suites;
mod get_channel_info;
mod get_channel_payload_support;
mod get_channel_payload_version;
mod get_device_guid;
mod get_device_id;
mod get_message;
mod get_message_flags;
mod get_payload_activation_status;
mod get_payload_instance_info;
mod get_self_test_results;
mod get_session_challenge;
mod get_session_info;
mod get_system_guid;
mod get_user_access;
mod get_user_name;
mod get_user_payload_access;
mod get_watchdog_timer;
mod guid;
mod read_event_message_buffer;
mod reset_watchdog_timer;
mod send_message;
mod set_bmc_global_enables;
mod set_channel_access;
mod set_session_privilege_level;
mod set_user_access;
mod set_user_name;
mod set_user_password;
mod set_user_payload_access;
mod set_watchdog_timer;
mod user_id;
mod warm_reset;

pub use activate_payload::{ActivatePayload, ActivatedPayload};
pub use activate_session::{ActivateSession, ActivatedSession};
pub use channel_access::{AccessMode, ChannelAccess, Store};
pub use clear_message_flags::ClearMessageFlags;
pub use close_session::CloseSession;
pub use cold_reset::ColdReset;
pub use deactivate_payload::DeactivatePayload;
pub use get_bmc_global_enables::{GetBmcGlobalEnables, GlobalEnables};
pub use get_channel_access::GetChannelAccess;
pub use get_channel_authentication_capabilities::{
    AuthStatus, AuthTypes, AuthenticationCapabilities, GetChannelAuthenticationCapabilities,
};
pub use get_channel_cipher_suites::{CipherSuitePiece, GetChannelCipherSuites};
pub use get_channel_info::{ChannelInfo, GetChannelInfo};
pub use get_channel_payload_support::{GetChannelPayloadSupport, PayloadSupport};
pub use get_channel_payload_version::GetChannelPayloadVersion;
pub use get_device_guid::GetDeviceGuid;
pub use get_device_id::{DeviceId, DeviceSupport, GetDeviceId};
pub use get_message::{GetMessage, QueuedMessage};
pub use get_message_flags::{GetMessageFlags, MessageFlags};
pub use get_payload_activation_status::{GetPayloadActivationStatus, PayloadActivationStatus};
pub use get_payload_instance_info::{GetPayloadInstanceInfo, PayloadInstanceInfo};
pub use get_self_test_results::{GetSelfTestResults, SelfTestFailures, SelfTestResults};
pub use get_session_challenge::{GetSessionChallenge, SessionChallenge};
pub use get_session_info::{ActiveSession, GetSessionInfo, LanConsole, SessionInfo, SessionSelector};
pub use get_system_guid::GetSystemGuid;
pub use get_user_access::{GetUserAccess, UserAccess};
pub use get_user_name::GetUserName;
pub use get_user_payload_access::GetUserPayloadAccess;
pub use get_watchdog_timer::{GetWatchdogTimer, WatchdogTimer};
pub use guid::{Guid, GuidEncoding, GuidFields, GuidVersion};
pub use read_event_message_buffer::ReadEventMessageBuffer;
pub use reset_watchdog_timer::ResetWatchdogTimer;
pub use send_message::{SendMessage, Tracking};
pub use set_bmc_global_enables::SetBmcGlobalEnables;
pub use set_channel_access::SetChannelAccess;
pub use set_session_privilege_level::SetSessionPrivilegeLevel;
pub use set_user_access::SetUserAccess;
pub use set_user_name::SetUserName;
pub use set_user_password::{PasswordOperation, SetUserPassword};
pub use set_user_payload_access::{PayloadAccess, SetUserPayloadAccess};
pub use set_watchdog_timer::SetWatchdogTimer;
pub use user_id::UserId;
pub use warm_reset::WarmReset;

use super::all_commands::{CommandRow, row};

/// The commands of this group.
pub(super) const COMMANDS: &[CommandRow] = &[
    row::<ActivatePayload>(),
    row::<ActivateSession>(),
    row::<ClearMessageFlags>(),
    row::<CloseSession>(),
    row::<ColdReset>(),
    row::<DeactivatePayload>(),
    row::<GetBmcGlobalEnables>(),
    row::<GetChannelAccess>(),
    row::<GetChannelAuthenticationCapabilities>(),
    row::<GetChannelCipherSuites>(),
    row::<GetChannelInfo>(),
    row::<GetChannelPayloadSupport>(),
    row::<GetChannelPayloadVersion>(),
    row::<GetDeviceGuid>(),
    row::<GetDeviceId>(),
    row::<GetMessage>(),
    row::<GetMessageFlags>(),
    row::<GetPayloadActivationStatus>(),
    row::<GetPayloadInstanceInfo>(),
    row::<GetSelfTestResults>(),
    row::<GetSessionChallenge>(),
    row::<GetSessionInfo>(),
    row::<GetSystemGuid>(),
    row::<GetUserAccess>(),
    row::<GetUserName>(),
    row::<GetUserPayloadAccess>(),
    row::<GetWatchdogTimer>(),
    row::<ReadEventMessageBuffer>(),
    row::<ResetWatchdogTimer>(),
    row::<SendMessage>(),
    row::<SetBmcGlobalEnables>(),
    row::<SetChannelAccess>(),
    row::<SetSessionPrivilegeLevel>(),
    row::<SetUserAccess>(),
    row::<SetUserName>(),
    row::<SetUserPassword>(),
    row::<SetUserPayloadAccess>(),
    row::<SetWatchdogTimer>(),
    row::<WarmReset>(),
];
