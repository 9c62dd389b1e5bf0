//! What the configuration commands set, family by family.

use super::boot_options::BootOptions;
use super::lan_config::LanConfig;
use super::payload::Payloads;
use super::pef_config::PefConfig;
use super::serial_config::SerialConfig;
use super::sol_config::SolConfig;
use super::system_info::SystemInfo;

/// The configuration parameters of a BMC.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// LAN channel.
    pub lan: LanConfig,
    /// Serial over LAN.
    pub sol: SolConfig,
    /// Payload types.
    pub payloads: Payloads,
    /// Platform event filtering.
    pub pef: PefConfig,
    /// System boot options.
    pub boot: BootOptions,
    /// Serial channel.
    pub serial: SerialConfig,
    /// Names and versions the host left.
    pub system_info: SystemInfo,
}

impl Settings {
    /// What a restart of the BMC does: volatile values are gone.
    pub fn restart(&mut self) {
        self.lan.parameters.restart();
        self.sol.parameters.restart();
        self.serial.parameters.restart();
        self.serial.mux = Default::default();
        self.system_info.parameters.restart();
        self.pef.parameters_mut().restart();
        self.boot.restart();
        self.payloads.active.clear();
    }
}
