//! Where a BMC comes from: the built-in server, our own TOML, or an OpenIPMI emulator file.

mod behaviour;
mod builtin;
mod channel;
mod emu;
mod error;
mod extension;
mod file;
pub(crate) mod hex;
pub(crate) mod input;
mod range;
mod reading;
mod records;
mod settings;
mod standing;
mod user;

use std::path::Path;
use std::time::Duration;

use crate::bmc::Bmc;

pub use error::ConfigError;
pub use user::{key, remark, users};

/// What a caller can choose about a simulated BMC.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Seed of the noise on the readings: the same seed gives the same readings.
    pub seed: u64,
    /// The model stands still: readings do not move.
    pub freeze: bool,
}

impl Bmc {
    /// The built-in two-socket server.
    pub fn builtin(options: &Options, now: Duration) -> Self {
        builtin::server(options, now)
    }

    /// The BMC a TOML file describes (docs/bmc-sim.md).
    ///
    /// # Errors
    /// When the file cannot be read or is wrong: names the file and what was expected and found.
    pub fn from_toml(path: &Path, options: &Options, now: Duration) -> Result<Self, ConfigError> {
        file::load(path, options, now)
    }

    /// The BMC a TOML text describes, the text of the file `path`: files it names are beside that.
    ///
    /// # Errors
    /// As [`from_toml`](Self::from_toml).
    pub fn from_toml_text(text: &str, path: &Path, options: &Options, now: Duration) -> Result<Self, ConfigError> {
        file::parse(text, path, options, now)
    }

    /// The BMC an OpenIPMI emulator file (`ipmi_sim -f`) describes. It behaves as `ipmi_sim` does with that file.
    ///
    /// # Errors
    /// When the file cannot be read or a line of it is wrong: names the file, the line, what was expected and found.
    pub fn from_emu(path: &Path, now: Duration) -> Result<Self, ConfigError> {
        emu::load(path, now)
    }
}
