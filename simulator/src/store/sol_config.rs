//! SOL configuration parameters (IPMI 2.0 s26.3).

use std::time::Duration;

use ipmi_core::Privilege;
use ipmi_core::link::rmcp::PORT as RMCP_PORT;

use super::channel::LAN;
use super::parameter::{Parameter, Parameters, parameter};
use crate::sol::Place;

const ENABLE: u8 = 1;
const AUTHENTICATION: u8 = 2;
const ACCUMULATE: u8 = 3;
const RETRY: u8 = 4;
const PORT: u8 = 8;

const TABLE: &[Parameter] = &[
    parameter(ENABLE, 1, &[1]),
    parameter(AUTHENTICATION, 1, &[Privilege::User as u8]).valid(is_authentication),
    parameter(ACCUMULATE, 2, &[0x04, 0x60]).valid(|value| value.first() != Some(&0)),
    parameter(RETRY, 2, &[0x07, 0x0A]),
    parameter(5, 1, &[0x0A]).valid(is_bit_rate),
    parameter(6, 1, &[0x0A]).volatile().valid(is_bit_rate),
    parameter(7, 1, &[LAN]).read_only(),
    parameter(PORT, 2, &RMCP_PORT.to_le_bytes()).read_only(),
];

fn is_authentication(value: &[u8]) -> bool {
    value.iter().all(|byte| (2..=5).contains(&(byte & 0xF)))
}

// As the serial port is set, or 9600 to 115200 bit/s.
fn is_bit_rate(value: &[u8]) -> bool {
    value.iter().all(|byte| matches!(byte & 0xF, 0 | 6..=0xA))
}

/// The SOL configuration of the LAN channel.
#[derive(Debug, Clone)]
pub struct SolConfig {
    /// The parameters as commands see them.
    pub parameters: Parameters,
    /// Where the system's serial console is.
    pub console: Place,
}

impl Default for SolConfig {
    fn default() -> Self {
        Self { parameters: Parameters::new(TABLE), console: Place::default() }
    }
}

impl SolConfig {
    /// SOL may be activated.
    pub fn enabled(&self) -> bool {
        self.parameters.byte(ENABLE, 0, 0) & 1 != 0
    }

    /// Lowest privilege that may activate SOL.
    pub fn privilege(&self) -> Privilege {
        Privilege::from_code(self.parameters.byte(AUTHENTICATION, 0, 0) & 0xF).unwrap_or(Privilege::Administrator)
    }

    /// SOL packets must be encrypted.
    pub fn forces_encryption(&self) -> bool {
        self.parameters.byte(AUTHENTICATION, 0, 0) & 0x80 != 0
    }

    /// SOL packets must be authenticated.
    pub fn forces_authentication(&self) -> bool {
        self.parameters.byte(AUTHENTICATION, 0, 0) & 0x40 != 0
    }

    /// How long characters are collected before a packet goes out.
    pub fn accumulate_interval(&self) -> Duration {
        Duration::from_millis(u64::from(self.parameters.byte(ACCUMULATE, 0, 0)) * 5)
    }

    /// So many characters go out at once; 0: only when the packet is full or the interval is over.
    pub fn send_threshold(&self) -> u8 {
        self.parameters.byte(ACCUMULATE, 0, 1)
    }

    /// How often a packet is sent again.
    pub fn retries(&self) -> u8 {
        self.parameters.byte(RETRY, 0, 0) & 7
    }

    /// How long to wait before a packet is sent again.
    pub fn retry_interval(&self) -> Duration {
        Duration::from_millis(u64::from(self.parameters.byte(RETRY, 0, 1)) * 10)
    }
}

impl SolConfig {
    /// The UDP port SOL goes over.
    pub fn port(&self) -> u16 {
        u16::from_le_bytes([self.parameters.byte(PORT, 0, 0), self.parameters.byte(PORT, 0, 1)])
    }

    /// SOL goes over the port the BMC listens on, unless the configuration names another one.
    pub fn listen_on(&mut self, port: u16) {
        if self.port() == RMCP_PORT {
            self.parameters.configure(PORT, 0, 0, &port.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_the_one_listened_on_unless_configured() {
        let mut config = SolConfig::default();
        config.listen_on(40_000);
        assert_eq!(config.port(), 40_000);
        config.parameters.configure(PORT, 0, 0, &[1, 0]);
        config.listen_on(40_000);
        assert_eq!(config.port(), 1);
    }

    #[test]
    fn intervals_have_their_units() {
        let mut config = SolConfig::default();
        config.parameters.set(3, &[12, 64]).unwrap();
        config.parameters.set(4, &[3, 50]).unwrap();
        config.parameters.set(2, &[0xC4]).unwrap();
        assert_eq!(config.accumulate_interval(), Duration::from_millis(60));
        assert_eq!(config.send_threshold(), 64);
        assert_eq!((config.retries(), config.retry_interval()), (3, Duration::from_millis(500)));
        assert_eq!(config.privilege(), Privilege::Administrator);
        assert!(config.forces_encryption() && config.forces_authentication() && config.enabled());
        assert!(config.parameters.set(2, &[0x01]).is_err());
        assert!(config.parameters.set(5, &[0x0B]).is_err());
        assert!(config.parameters.set(8, &[0, 0]).is_err());
    }
}
