//! What the configuration commands set, family by family.

use std::collections::BTreeMap;

use super::boot_options::BootOptions;
use super::lan_config::LanConfig;
use super::parameter::Parameters;
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

/// Values of every family that outlive a restart, by the family's name.
pub type SavedSettings = BTreeMap<String, BTreeMap<String, String>>;

impl Settings {
    /// Every family of parameters by name.
    pub fn families(&self) -> [(&'static str, &Parameters); 6] {
        [
            ("lan", &self.lan.parameters),
            ("sol", &self.sol.parameters),
            ("serial", &self.serial.parameters),
            ("pef", self.pef.parameters()),
            ("boot", self.boot.parameters()),
            ("system-info", &self.system_info.parameters),
        ]
    }

    /// Every family of parameters by name.
    pub fn families_mut(&mut self) -> [(&'static str, &mut Parameters); 6] {
        [
            ("lan", &mut self.lan.parameters),
            ("sol", &mut self.sol.parameters),
            ("serial", &mut self.serial.parameters),
            ("pef", self.pef.parameters_mut()),
            ("boot", self.boot.parameters_mut()),
            ("system-info", &mut self.system_info.parameters),
        ]
    }

    /// What belongs into a saved state.
    pub fn saved(&self) -> SavedSettings {
        let saved = self.families().map(|(name, parameters)| (name.to_owned(), parameters.saved()));
        saved.into_iter().filter(|(_, values)| !values.is_empty()).collect()
    }

    /// Puts back what [`Settings::saved`] gave.
    ///
    /// # Errors
    /// Names the family and the first value that is wrong.
    pub fn restore(&mut self, saved: &SavedSettings) -> Result<(), String> {
        let mut families = self.families_mut();
        for (name, values) in saved {
            let family = families.iter_mut().find(|(family, _)| family == name);
            let (_, parameters) = family.ok_or_else(|| format!("expected a family of parameters, found `{name}`"))?;
            parameters.restore(values).map_err(|reason| format!("{name} parameters: {reason}"))?;
        }
        Ok(())
    }

    /// What a restart of the BMC does: volatile values are gone.
    pub fn restart(&mut self) {
        for (_, parameters) in self.families_mut() {
            parameters.restart();
        }
        self.serial.mux = Default::default();
        self.payloads.active.clear();
    }
}
