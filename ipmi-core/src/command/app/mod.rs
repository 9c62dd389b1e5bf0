//! Application commands (NetFn 06h).

mod activate_session;
mod clear_message_flags;
mod close_session;
mod cold_reset;
mod get_bmc_global_enables;
mod get_channel_authentication_capabilities;
mod get_channel_cipher_suites;
mod get_device_guid;
mod get_device_id;
mod get_message;
mod get_message_flags;
mod get_self_test_results;
mod get_session_challenge;
mod get_system_guid;
mod guid;
mod read_event_message_buffer;
mod send_message;
mod set_bmc_global_enables;
mod set_session_privilege_level;
mod warm_reset;

pub use activate_session::{ActivateSession, ActivatedSession};
pub use clear_message_flags::ClearMessageFlags;
pub use close_session::CloseSession;
pub use cold_reset::ColdReset;
pub use get_bmc_global_enables::{GetBmcGlobalEnables, GlobalEnables};
pub use get_channel_authentication_capabilities::{
    AuthStatus, AuthTypes, AuthenticationCapabilities, GetChannelAuthenticationCapabilities,
};
pub use get_channel_cipher_suites::{CipherSuitePiece, GetChannelCipherSuites};
pub use get_device_guid::GetDeviceGuid;
pub use get_device_id::{DeviceId, DeviceSupport, GetDeviceId};
pub use get_message::{GetMessage, QueuedMessage};
pub use get_message_flags::{GetMessageFlags, MessageFlags};
pub use get_self_test_results::{GetSelfTestResults, SelfTestFailures, SelfTestResults};
pub use get_session_challenge::{GetSessionChallenge, SessionChallenge};
pub use get_system_guid::GetSystemGuid;
pub use guid::{Guid, GuidEncoding, GuidFields, GuidVersion};
pub use read_event_message_buffer::ReadEventMessageBuffer;
pub use send_message::{SendMessage, Tracking};
pub use set_bmc_global_enables::SetBmcGlobalEnables;
pub use set_session_privilege_level::SetSessionPrivilegeLevel;
pub use warm_reset::WarmReset;
