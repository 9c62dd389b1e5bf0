//! How a BMC is talked to: deadline, default target, own address.

use std::time::Duration;

use ipmi_core::{SlaveAddress, Target};

/// How a BMC is talked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Longest time one command may take, retries included, counted from the moment its turn comes.
    pub timeout: Duration,
    /// How often a command is tried again when the BMC answers with a transient completion code.
    pub retries: u32,
    /// Who [`Bmc::call`](crate::Bmc::call) asks: another controller when the user gave a target address.
    pub target: Target,
    /// Our address on the IPMB when a message is bridged.
    pub my_address: SlaveAddress,
}

impl Default for Options {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(5), retries: 4, target: Target::Bmc, my_address: SlaveAddress::BMC }
    }
}
