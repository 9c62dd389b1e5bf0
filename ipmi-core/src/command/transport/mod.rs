//! Transport commands (NetFn 0Ch).

mod get_lan_configuration_parameters;
mod get_sol_configuration_parameters;
mod set_lan_configuration_parameters;
mod set_sol_configuration_parameters;

pub use get_lan_configuration_parameters::GetLanConfigurationParameters;
pub use get_sol_configuration_parameters::GetSolConfigurationParameters;
pub use set_lan_configuration_parameters::SetLanConfigurationParameters;
pub use set_sol_configuration_parameters::SetSolConfigurationParameters;

use super::all_commands::{CommandRow, row};

/// The commands of this group.
pub(super) const COMMANDS: &[CommandRow] = &[
    row::<GetLanConfigurationParameters>(),
    row::<GetSolConfigurationParameters>(),
    row::<SetLanConfigurationParameters>(),
    row::<SetSolConfigurationParameters>(),
];
