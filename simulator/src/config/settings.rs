//! Configuration parameters in our own TOML: the LAN by name, everything else by family and number.

use std::net::Ipv4Addr;

use ipmi_core::CompletionCode;
use serde::Deserialize;

use super::hex;
use crate::bmc::Bmc;
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
            let bytes = hex::bytes(&mac.replace(':', "")).map_err(|reason| format!("lan.mac: {reason}"))?;
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

/// Family of the boot options.
const BOOT: &str = "boot";

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
    hex: Option<String>,
    /// The completion code it is refused with, in place of a value: whatever the selectors.
    code: Option<u8>,
    /// It is marked invalid (boot options only).
    #[serde(default)]
    invalid: bool,
}

impl Parameter {
    pub(super) fn apply(&self, bmc: &mut Bmc) -> Result<(), String> {
        let settings = &mut bmc.settings;
        let Self { of, number, set, block, .. } = self;
        if self.invalid {
            if of != BOOT {
                return Err(format!("parameter {number} of {of}: expected `invalid` with {BOOT} alone"));
            }
            settings.boot.mark_invalid(*number);
        }
        let mut families = settings.families_mut();
        let family = families.iter_mut().find(|(name, _)| name == of);
        let (_, parameters) = family.ok_or_else(|| format!("parameter: there is no family `{of}`"))?;
        let value = match (&self.hex, self.code) {
            (Some(hex), None) => hex::bytes(hex)?,
            (None, Some(code)) => {
                let known = parameters.refuse(*number, CompletionCode(code));
                return if known { Ok(()) } else { Err(format!("parameter {number} of {of}: there is none")) };
            }
            _ => {
                return Err(format!("parameter {number} of {of}: expected either `hex` or `code`, found both or none"));
            }
        };
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
        let mut bmc = Bmc::builtin(&crate::Options::default(), std::time::Duration::ZERO);
        let mut apply = |text: &str| toml::from_str::<Parameter>(text).unwrap().apply(&mut bmc);
        apply("of = \"lan\"\nnumber = 53\nhex = \"20\"").unwrap();
        apply("of = \"lan\"\nnumber = 26\ncode = 0x80").unwrap();
        apply("of = \"boot\"\nnumber = 5\nhex = \"8004000000\"\ninvalid = true").unwrap();
        for (text, expected) in [
            ("of = \"van\"\nnumber = 53\nhex = \"20\"", "no family `van`"),
            ("of = \"lan\"\nnumber = 53\nhex = \"2020\"", "2 bytes"),
            ("of = \"lan\"\nnumber = 200\ncode = 0x80", "there is none"),
            ("of = \"lan\"\nnumber = 26", "found both or none"),
            ("of = \"lan\"\nnumber = 26\nhex = \"00\"\ninvalid = true", "with boot alone"),
        ] {
            let error = apply(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        assert_eq!(bmc.settings.lan.parameters.value(53, 0, 0), [0x20]);
        assert_eq!(bmc.settings.lan.parameters.get(26, 0, 0), Err(CompletionCode(0x80)));
        assert_eq!(bmc.settings.lan.parameters.clone().set(26, &[0; 6]), Err(CompletionCode(0x80)));
        assert_eq!(bmc.settings.boot.get(5, 0, 0).unwrap(), [0x85, 0x80, 0x04, 0, 0, 0]);
    }
}
