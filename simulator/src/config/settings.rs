//! Configuration parameters in our own TOML: the LAN by name, everything else by family and number.

use std::net::Ipv4Addr;

use serde::Deserialize;

use super::hex;
use crate::store::settings::Settings;

/// `[lan]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lan {
    address: Option<Ipv4Addr>,
    mask: Option<Ipv4Addr>,
    gateway: Option<Ipv4Addr>,
    /// Six hexadecimal bytes, with or without colons.
    mac: Option<String>,
    community: Option<String>,
    /// UDP port of alert destinations.
    trap_port: Option<u16>,
    /// Cipher suites offered, in order.
    cipher_suites: Option<Vec<u8>>,
}

impl Lan {
    pub(super) fn apply(&self, settings: &mut Settings) -> Result<(), String> {
        let lan = &mut settings.lan;
        if let Some(address) = self.address {
            lan.set_address(address);
        }
        if let Some(mask) = self.mask {
            lan.set_subnet_mask(mask);
        }
        if let Some(gateway) = self.gateway {
            lan.set_gateway(gateway);
        }
        if let Some(mac) = &self.mac {
            let bytes = hex::bytes(&mac.replace(':', ""))?;
            let found = bytes.len();
            lan.set_mac(bytes.try_into().map_err(|_| format!("lan.mac: expected 6 bytes, found {found}"))?);
        }
        if let Some(community) = &self.community {
            lan.set_community(community);
        }
        if let Some(suites) = &self.cipher_suites {
            if suites.len() > 16 {
                return Err(format!("lan.cipher_suites: expected at most 16, found {}", suites.len()));
            }
            lan.offer_suites(suites);
        }
        lan.trap_port = self.trap_port.unwrap_or(lan.trap_port);
        Ok(())
    }
}

/// `[[parameter]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameter {
    /// Family: lan, sol, serial, pef, boot or system-info.
    of: String,
    number: u8,
    #[serde(default)]
    set: u8,
    #[serde(default)]
    block: u8,
    /// Value without selectors.
    hex: String,
}

impl Parameter {
    pub(super) fn apply(&self, settings: &mut Settings) -> Result<(), String> {
        let Self { of, number, set, block, .. } = self;
        let value = hex::bytes(&self.hex)?;
        let mut families = settings.families_mut();
        let family = families.iter_mut().find(|(name, _)| name == of);
        let (_, parameters) = family.ok_or_else(|| format!("parameter: there is no family `{of}`"))?;
        if parameters.configure(*number, *set, *block, &value) {
            return Ok(());
        }
        Err(format!(
            "parameter {number} of {of}: there is none with set {set}, block {block} and {} bytes",
            value.len()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lan_is_configured_by_name() {
        let lan: Lan = toml::from_str(
            "address = \"10.0.0.9\"\nmac = \"02:00:00:00:00:07\"\ncommunity = \"ops\"\ncipher_suites = [0, 17]\ntrap_port = 1162",
        )
        .unwrap();
        let mut settings = Settings::default();
        lan.apply(&mut settings).unwrap();
        assert_eq!(settings.lan.address(), Ipv4Addr::new(10, 0, 0, 9));
        assert_eq!(settings.lan.mac(), [2, 0, 0, 0, 0, 7]);
        assert_eq!(settings.lan.community(), b"ops");
        assert_eq!(settings.lan.cipher_suites(), [0, 17]);
        assert_eq!(settings.lan.trap_port, 1162);
        let wrong: Lan = toml::from_str("mac = \"0200\"").unwrap();
        assert!(wrong.apply(&mut settings).unwrap_err().contains("expected 6 bytes, found 2"));
    }

    #[test]
    fn parameters_are_configured_by_number() {
        let mut settings = Settings::default();
        let parameter: Parameter = toml::from_str("of = \"lan\"\nnumber = 53\nhex = \"20\"").unwrap();
        parameter.apply(&mut settings).unwrap();
        assert_eq!(settings.lan.parameters.value(53, 0, 0), [0x20]);
        for text in ["of = \"van\"\nnumber = 53\nhex = \"20\"", "of = \"lan\"\nnumber = 53\nhex = \"2020\""] {
            let wrong: Parameter = toml::from_str(text).unwrap();
            assert!(wrong.apply(&mut settings).is_err(), "{text}");
        }
    }
}
