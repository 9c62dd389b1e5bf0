//! What the configuration commands set, family by family.

use super::lan_config::LanConfig;

/// The configuration parameters of a BMC.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// LAN channel.
    pub lan: LanConfig,
}

impl Settings {
    /// What a restart of the BMC does: volatile values are gone.
    pub fn restart(&mut self) {
        self.lan.parameters.restart();
    }
}
