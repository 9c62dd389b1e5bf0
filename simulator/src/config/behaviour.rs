//! What a configuration file says of the chassis and of how a BMC behaves where the specification leaves room.

use ipmi_core::CompletionCode;
use serde::Deserialize;

use super::hex;
use crate::bmc::Bmc;

/// `[chassis]`: Get Chassis Status and Get Chassis Capabilities beside power and restore policy.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChassisConfig {
    /// Faults in the power state byte: bits 1 overload, 2 interlock, 3 power fault, 4 control fault.
    power_faults: Option<u8>,
    /// Last power event.
    last_event: Option<u8>,
    /// Bits 0 intrusion, 1 lockout, 2 drive fault, 3 fan fault.
    misc: Option<u8>,
    /// Identify is supported.
    identify: Option<bool>,
    /// Front panel buttons.
    buttons: Option<u8>,
    /// Flags and five addresses.
    capabilities: Option<String>,
}

impl ChassisConfig {
    pub(super) fn apply(&self, bmc: &mut Bmc) -> Result<(), String> {
        let chassis = &mut bmc.chassis;
        chassis.power_faults = self.power_faults.unwrap_or(chassis.power_faults);
        chassis.last_event = self.last_event.unwrap_or(chassis.last_event);
        chassis.misc = self.misc.unwrap_or(chassis.misc);
        chassis.identify = self.identify.unwrap_or(chassis.identify);
        chassis.buttons = self.buttons.or(chassis.buttons);
        if let Some(text) = &self.capabilities {
            let bytes = hex::bytes(text)?;
            let found = bytes.len();
            let wrong = |_| format!("chassis.capabilities: expected 6 bytes, found {found}");
            chassis.capabilities = bytes.try_into().map_err(wrong)?;
        }
        Ok(())
    }
}

/// `[behaviour]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Behaviour {
    /// Reserved bits of the state bytes of Get Sensor Reading are 1.
    reserved_state_bits: Option<bool>,
    /// Completion code for a sensor or FRU device that is not there.
    absent: Option<u8>,
    /// Completion code for thresholds or hysteresis a sensor does not have.
    unsuitable: Option<u8>,
    /// Get Sensor Event Status is answered.
    event_status: Option<bool>,
}

impl Behaviour {
    pub(super) fn apply(&self, bmc: &mut Bmc) {
        let profile = &mut bmc.profile;
        profile.reserved_state_bits = self.reserved_state_bits.unwrap_or(profile.reserved_state_bits);
        profile.absent = self.absent.map_or(profile.absent, CompletionCode);
        profile.unsuitable = self.unsuitable.map_or(profile.unsuitable, CompletionCode);
        profile.event_status = self.event_status.unwrap_or(profile.event_status);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ipmi_core::{NetFn, Request};

    use super::*;
    use crate::Options;

    const NOW: Duration = Duration::from_secs(1_790_000_000);

    #[test]
    fn the_chassis_says_what_the_file_says() {
        let mut bmc = Bmc::builtin(&Options::default(), NOW);
        let text = "power_faults = 8\nlast_event = 0x10\nmisc = 1\nidentify = false\nbuttons = 0x30\n\
                    capabilities = \"0f2020202020\"";
        toml::from_str::<ChassisConfig>(text).unwrap().apply(&mut bmc).unwrap();
        let mut ask = |cmd| bmc.handle(&Request::new(NetFn::CHASSIS, cmd, []), NOW).data;
        let status = ask(0x01);
        assert_eq!((status[0] & 0x1F, &status[1..]), (0x09, &[0x10, 0x01, 0x30][..]));
        assert_eq!(ask(0x00), [0x0F, 0x20, 0x20, 0x20, 0x20, 0x20]);
        let short = toml::from_str::<ChassisConfig>("capabilities = \"0f\"").unwrap();
        assert!(short.apply(&mut bmc).unwrap_err().contains("expected 6 bytes, found 1"));
    }

    #[test]
    fn refusals_have_the_codes_the_file_says() {
        let mut bmc = Bmc::builtin(&Options::default(), NOW);
        let text = "absent = 0xCC\nunsuitable = 0xC1\nreserved_state_bits = false";
        toml::from_str::<Behaviour>(text).unwrap().apply(&mut bmc);
        assert_eq!(bmc.handle(&Request::new(NetFn::SENSOR_EVENT, 0x2D, [0xEE]), NOW).code.0, 0xCC);
        assert!(!bmc.profile.reserved_state_bits && bmc.profile.unsuitable.0 == 0xC1);
    }
}
