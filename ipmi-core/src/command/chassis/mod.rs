//! Chassis commands (NetFn 00h).

mod chassis_control;
mod chassis_identify;
mod get_chassis_capabilities;
mod get_chassis_status;
mod get_poh_counter;
mod get_system_boot_options;
mod get_system_restart_cause;
mod power_restore_policy;
mod set_power_restore_policy;
mod set_system_boot_options;

pub use chassis_control::{ChassisAction, ChassisControl};
pub use chassis_identify::{ChassisIdentify, Identify};
pub use get_chassis_capabilities::{ChassisCapabilities, ChassisFeatures, GetChassisCapabilities};
pub use get_chassis_status::{
    ChassisState, ChassisStatus, FrontPanelButtons, GetChassisStatus, IdentifyState, LastPowerEvent, PowerState,
};
pub use get_poh_counter::{GetPohCounter, PohCounter};
pub use get_system_boot_options::{BootOption, GetSystemBootOptions};
pub use get_system_restart_cause::{GetSystemRestartCause, RestartCause, SystemRestart};
pub use power_restore_policy::PowerRestorePolicy;
pub use set_power_restore_policy::{SetPowerRestorePolicy, SupportedPolicies};
pub use set_system_boot_options::SetSystemBootOptions;

use super::all_commands::{CommandRow, row};

/// The commands of this group.
pub(super) const COMMANDS: &[CommandRow] = &[
    row::<ChassisControl>(),
    row::<ChassisIdentify>(),
    row::<GetChassisCapabilities>(),
    row::<GetChassisStatus>(),
    row::<GetPohCounter>(),
    row::<GetSystemBootOptions>(),
    row::<GetSystemRestartCause>(),
    row::<SetPowerRestorePolicy>(),
    row::<SetSystemBootOptions>(),
];
