//! What a configuration file says of DCMI, the group extensions a server does not have, and recorded answers.

use ipmi_core::{NetFn, Privilege};
use serde::Deserialize;

use super::hex;
use crate::bmc::{BMC_ADDRESS, Bmc};
use crate::oem::{OemAnswer, response};
use crate::store::dcmi::{ASSET_TAG_LIMIT, CONTROLLER_ID_LIMIT, PowerLimit};

/// Longest recorded response.
const RESPONSE_LIMIT: usize = 255;

/// The `[dcmi]` table.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DcmiConfig {
    enabled: Option<bool>,
    /// Number of the BMC's sensor of the system's power.
    power_sensor: Option<u8>,
    asset_tag: Option<String>,
    controller_id: Option<String>,
    power_limit: Option<PowerLimit>,
}

/// The `[extensions]` table: group extensions and discovery that servers lack.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Extensions {
    picmg: bool,
    hpm: bool,
    vita: bool,
}

/// An `[[oem]]` table: a recorded answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OemConfig {
    net_fn: u8,
    cmd: u8,
    #[serde(default = "bmc_address")]
    owner: u8,
    /// What the request data begins with.
    #[serde(default)]
    request: String,
    /// Response data.
    #[serde(default)]
    response: String,
    /// Completion code.
    #[serde(default)]
    code: u8,
    /// Lowest privilege level a session needs.
    #[serde(default = "user")]
    privilege: u8,
}

fn bmc_address() -> u8 {
    BMC_ADDRESS
}

fn user() -> u8 {
    Privilege::User as u8
}

impl DcmiConfig {
    pub(super) fn apply(&self, bmc: &mut Bmc) -> Result<(), String> {
        let text = |name: &str, text: &str, limit: usize| {
            let found = text.len();
            if found > limit {
                return Err(format!("dcmi.{name}: expected at most {limit} bytes, found {found}"));
            }
            Ok(text.as_bytes().to_vec())
        };
        // Whoever describes it wants it.
        bmc.dcmi.enabled = self.enabled.unwrap_or(true);
        if let Some(number) = self.power_sensor {
            bmc.dcmi.power_sensor = Some((0, number));
        }
        bmc.dcmi.limit = self.power_limit.unwrap_or(bmc.dcmi.limit);
        if let Some(tag) = &self.asset_tag {
            bmc.dcmi.asset_tag = text("asset_tag", tag, ASSET_TAG_LIMIT)?;
        }
        if let Some(id) = &self.controller_id {
            bmc.dcmi.controller_id = Some(text("controller_id", id, CONTROLLER_ID_LIMIT - 1)?);
        }
        Ok(())
    }
}

impl Extensions {
    pub(super) fn apply(&self, bmc: &mut Bmc) {
        bmc.profile.picmg |= self.picmg;
        bmc.profile.hpm |= self.hpm;
        bmc.profile.vita |= self.vita;
    }
}

impl OemConfig {
    pub(super) fn apply(&self, bmc: &mut Bmc) -> Result<(), String> {
        let Self { net_fn, cmd, owner, code, .. } = *self;
        let name = format!("oem {net_fn:#04x} {cmd:#04x}");
        if net_fn > 0x3E || net_fn % 2 != 0 {
            return Err(format!("{name}: expected an even net_fn of at most 0x3e"));
        }
        let named = |reason: String| format!("{name}: {reason}");
        let data = hex::bytes(&self.response).map_err(named)?;
        if data.len() > RESPONSE_LIMIT {
            return Err(format!("{name}: expected at most {RESPONSE_LIMIT} bytes of response, found {}", data.len()));
        }
        let privilege = Privilege::from_code(self.privilege);
        bmc.oem.add(OemAnswer {
            owner,
            net_fn: NetFn::new(net_fn),
            cmd,
            request: hex::bytes(&self.request).map_err(named)?,
            privilege: privilege.ok_or_else(|| format!("{name}: expected a privilege of 1 to 5"))?,
            response: response(code, data),
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ipmi_core::Request;

    use super::*;
    use crate::Options;

    const NOW: Duration = Duration::from_secs(1_790_000_000);

    fn bmc() -> Bmc {
        Bmc::builtin(&Options::default(), NOW)
    }

    #[test]
    fn recorded_answers_are_given() {
        let mut bmc = bmc();
        let text = "net_fn = 0x30\ncmd = 0x25\nrequest = \"01 02\"\nresponse = \"AA BB\"\nprivilege = 3";
        toml::from_str::<OemConfig>(text).unwrap().apply(&mut bmc).unwrap();
        let refused = toml::from_str::<OemConfig>("net_fn = 0x30\ncmd = 0x26\ncode = 0xCC").unwrap();
        refused.apply(&mut bmc).unwrap();
        let ask = |bmc: &mut Bmc, cmd: u8, data: &[u8]| bmc.handle(&Request::new(NetFn::new(0x30), cmd, data), NOW);
        assert_eq!(ask(&mut bmc, 0x25, &[1, 2, 3]).data, [0xAA, 0xBB]);
        assert_eq!(ask(&mut bmc, 0x25, &[1]).code.0, 0xC1);
        assert_eq!(ask(&mut bmc, 0x26, &[]).code.0, 0xCC);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("net_fn = 0x31\ncmd = 1", "oem 0x31 0x01: expected an even net_fn"),
            ("net_fn = 0x30\ncmd = 1\nresponse = \"0g\"", "oem 0x30 0x01: expected hexadecimal digits"),
            ("net_fn = 0x30\ncmd = 1\nprivilege = 9", "expected a privilege of 1 to 5"),
        ] {
            let error = toml::from_str::<OemConfig>(text).unwrap().apply(&mut bmc()).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        let long = format!("asset_tag = \"{}\"", "x".repeat(64));
        let error = toml::from_str::<DcmiConfig>(&long).unwrap().apply(&mut bmc()).unwrap_err();
        assert!(error.contains("dcmi.asset_tag: expected at most 63 bytes, found 64"));
    }

    #[test]
    fn dcmi_and_extensions_are_switched() {
        let mut bmc = bmc();
        let text = "asset_tag = \"T\"\ncontroller_id = \"node\"\npower_limit = { watts = 350, active = true }";
        toml::from_str::<DcmiConfig>(text).unwrap().apply(&mut bmc).unwrap();
        assert_eq!(bmc.dcmi.active_limit(), Some(350));
        assert_eq!((bmc.dcmi.asset_tag.as_slice(), bmc.controller_id().as_slice()), (&b"T"[..], &b"node"[..]));
        toml::from_str::<DcmiConfig>("enabled = false").unwrap().apply(&mut bmc).unwrap();
        assert!(!bmc.dcmi.enabled);
        toml::from_str::<Extensions>("picmg = true").unwrap().apply(&mut bmc);
        assert!(bmc.profile.picmg && !bmc.profile.hpm && !bmc.profile.vita);
    }
}
