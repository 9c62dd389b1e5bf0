//! `[state]`: what was set on a BMC while it ran, and what it has counted.

use std::time::Duration;

use serde::Deserialize;

use super::hex;
use crate::bmc::Bmc;
use crate::chassis::RestartCause;
use crate::pef::NO_RECORD;

/// `[state]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Standing {
    /// What Get BMC Global Enables answers.
    global_enables: Option<u8>,
    /// System and device power state of Get ACPI Power State.
    acpi: Option<[u8; 2]>,
    /// What Get Watchdog Timer answers up to the initial count-down, six bytes; the timer stands still.
    watchdog: Option<String>,
    /// What Get System Restart Cause answers: 0, 1, 4, 7, 8, 9.
    restart_cause: Option<u8>,
    /// Minutes the power has been on in all.
    power_on_minutes: Option<u64>,
    /// Where the BMC sends its events: address and LUN.
    event_receiver: Option<[u8; 2]>,
    /// Ids of the records that software and the BMC processed last (Get Last Processed Event ID), FFFFh for none.
    last_processed: Option<[u16; 2]>,
}

impl Standing {
    pub(super) fn apply(&self, bmc: &mut Bmc) -> Result<(), String> {
        bmc.messaging.enables = self.global_enables.unwrap_or(bmc.messaging.enables);
        if let Some([system, device]) = self.acpi {
            bmc.acpi = (system, device);
        }
        if let Some(text) = &self.watchdog {
            let bytes = hex::bytes(text).map_err(|reason| format!("state.watchdog: {reason}"))?;
            let found = bytes.len();
            let wrong = |_| format!("state.watchdog: expected 6 bytes, found {found}");
            bmc.watchdog.describe(bytes.try_into().map_err(wrong)?);
        }
        if let Some(code) = self.restart_cause {
            let cause = RestartCause::from_code(code);
            let wrong = || format!("state.restart_cause: expected 0, 1, 4, 7, 8 or 9, found {code}");
            bmc.chassis.restart_cause = cause.ok_or_else(wrong)?;
        }
        if let Some(minutes) = self.power_on_minutes {
            bmc.chassis.on_time = Duration::from_secs(minutes.saturating_mul(60).min(u64::from(u32::MAX) * 60));
        }
        if let Some([address, lun]) = self.event_receiver {
            bmc.main.event_receiver = (address, lun & 3);
        }
        if let Some([software, own]) = self.last_processed {
            let id = |id| (id != NO_RECORD).then_some(id);
            (bmc.pef.last_software, bmc.pef.last_bmc) = (id(software), id(own));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use ipmi_core::{NetFn, Request};

    use super::*;
    use crate::Options;

    const NOW: Duration = Duration::from_secs(1_790_000_000);

    #[test]
    fn the_bmc_stands_where_the_file_says() {
        let mut bmc = Bmc::builtin(&Options::default(), NOW);
        let text = "global_enables = 0x0F\nacpi = [5, 2]\nwatchdog = \"4411 0204 e803\"\nrestart_cause = 7\n\
                    power_on_minutes = 6000\nevent_receiver = [0x20, 1]\nlast_processed = [7, 0xFFFF]";
        toml::from_str::<Standing>(text).unwrap().apply(&mut bmc).unwrap();
        let mut ask = |net_fn, cmd, data: &[u8]| bmc.handle(&Request::new(NetFn::new(net_fn), cmd, data), NOW).data;
        assert_eq!(ask(6, 0x2F, &[]), [0x0F]);
        assert_eq!(ask(6, 0x07, &[]), [5, 2]);
        assert_eq!(ask(6, 0x25, &[]), [0x04, 0x11, 2, 4, 0xE8, 3, 0xE8, 3]);
        assert_eq!(ask(0, 0x07, &[]), [7, 0]);
        assert_eq!(ask(0, 0x0F, &[]), [60, 100, 0, 0, 0]);
        assert_eq!(ask(4, 0x01, &[]), [0x20, 1]);
        assert_eq!(ask(4, 0x15, &[])[6..], [7, 0, 0xFF, 0xFF]);
        for (text, expected) in [("watchdog = \"00\"", "expected 6 bytes, found 1"), ("restart_cause = 2", "found 2")] {
            let error = toml::from_str::<Standing>(text).unwrap().apply(&mut bmc).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
