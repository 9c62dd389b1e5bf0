//! System boot options parameters and what makes boot flags invalid (IPMI 2.0 s28.12-s28.14).

use std::collections::BTreeSet;
use std::time::Duration;

use ipmi_core::CompletionCode;

use super::parameter::{BLOCK, Parameter, Parameters, parameter};

/// Boot flags are invalid this long after they were set without a Chassis Control command.
const VALID_FOR: Duration = Duration::from_secs(60);
/// Blocks of the initiator mailbox: 80 bytes.
const MAILBOX_BLOCKS: u8 = 5;

/// Do not clear the valid bit: parameter 3.
const KEEP_VALID: u8 = 3;
/// Boot info acknowledge: write mask, then who has still to handle the boot information.
const ACKNOWLEDGE: u8 = 4;
/// Boot flags.
const FLAGS: u8 = 5;
/// Bits 7 and 6 of the boot flags.
const VALID: u8 = 0x80;
const PERSISTENT: u8 = 0x40;
/// BIOS password bypass in byte 3 of the boot flags.
const PASSWORD_BYPASS: u8 = 0x08;

const TABLE: &[Parameter] = &[
    parameter(1, 1, &[]),
    parameter(2, 1, &[]),
    parameter(KEEP_VALID, 1, &[]).volatile(),
    parameter(ACKNOWLEDGE, 2, &[]).volatile(),
    parameter(FLAGS, 5, &[]),
    parameter(6, 9, &[]).volatile(),
    parameter(7, BLOCK, &[]).sets(0, MAILBOX_BLOCKS - 1).text(),
];

/// Why boot flags may become invalid: the bit of parameter 3 that prevents it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clears {
    /// The watchdog reset or cycled the system.
    Watchdog = 2,
    /// 60 seconds without Chassis Control.
    Timeout = 3,
    /// PEF reset or cycled the system.
    Pef = 4,
}

/// The boot options.
#[derive(Debug, Clone)]
pub struct BootOptions {
    parameters: Parameters,
    /// Parameters marked invalid.
    invalid: BTreeSet<u8>,
    /// The boot flags become invalid then.
    expires: Option<Duration>,
}

impl Default for BootOptions {
    fn default() -> Self {
        Self { parameters: Parameters::new(TABLE), invalid: BTreeSet::new(), expires: None }
    }
}

impl BootOptions {
    /// What Get System Boot Options returns after the version: parameter with its invalid bit, then the value.
    ///
    /// # Errors
    /// As [`Parameters::get`].
    pub fn get(&self, number: u8, set: u8, block: u8) -> Result<Vec<u8>, CompletionCode> {
        let value = self.parameters.get(number, set, block)?;
        let mut answer = vec![u8::from(self.invalid.contains(&number)) << 7 | number];
        answer.extend(value);
        Ok(answer)
    }

    /// Takes the request of Set System Boot Options; true when the value outlives a restart. A parameter without data
    /// changes its invalid bit alone.
    ///
    /// # Errors
    /// As [`Parameters::set`].
    pub fn set(&mut self, selector: u8, data: &[u8], now: Duration) -> Result<bool, CompletionCode> {
        let (invalid, number) = (selector & 0x80 != 0, selector & 0x7F);
        let mut saved = false;
        if data.is_empty() {
            self.parameters.get(number, 0, 0)?;
        } else if let (ACKNOWLEDGE, [mask, bits]) = (number, data) {
            let old = self.parameters.byte(ACKNOWLEDGE, 0, 1);
            self.parameters.set(number, &[0, old & !mask | bits & mask])?;
        } else {
            saved = self.parameters.set(number, data)?;
        }
        if invalid {
            self.invalid.insert(number);
        } else {
            self.invalid.remove(&number);
        }
        if number == FLAGS {
            let flags = self.flags();
            self.expires = (flags & VALID != 0 && flags & PERSISTENT == 0).then(|| now + VALID_FOR);
        }
        Ok(saved)
    }

    /// Marks a parameter invalid.
    pub fn mark_invalid(&mut self, number: u8) {
        self.invalid.insert(number);
    }

    /// These data of Set System Boot Options let the system start without the BIOS password.
    pub fn bypasses_password(selector: u8, data: &[u8]) -> bool {
        selector & 0x7F == FLAGS && data.get(2).is_some_and(|byte| byte & PASSWORD_BYPASS != 0)
    }

    fn flags(&self) -> u8 {
        self.parameters.byte(FLAGS, 0, 0)
    }

    /// Chassis Control came in time.
    pub fn chassis_controlled(&mut self) {
        self.expires = None;
    }

    /// Something happened that makes the boot flags invalid, unless parameter 3 says otherwise; true when it did.
    pub fn clear_valid(&mut self, why: Clears) -> bool {
        let kept = self.parameters.byte(KEEP_VALID, 0, 0) >> (why as u8) & 1 == 1;
        if kept || self.flags() & VALID == 0 {
            return false;
        }
        let mut value = self.parameters.value(FLAGS, 0, 0);
        if let Some(flags) = value.first_mut() {
            *flags &= !VALID;
        }
        self.parameters.put(FLAGS, 0, 0, &value)
    }

    /// When boot flags become invalid by themselves.
    pub fn deadline(&self) -> Option<Duration> {
        self.expires
    }

    /// Does what is due; true when that changed something that is saved.
    pub fn poll(&mut self, now: Duration) -> bool {
        if self.expires.is_none_or(|at| now < at) {
            return false;
        }
        self.expires = None;
        self.clear_valid(Clears::Timeout)
    }

    /// The parameters, for a saved state.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The parameters, for a saved state and for configuration.
    pub fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_secs(1000);

    #[test]
    fn flags_are_valid_for_a_minute() {
        let mut boot = BootOptions::default();
        boot.set(5, &[0x80, 0x04, 0, 0, 0], NOW).unwrap();
        assert_eq!(boot.deadline(), Some(NOW + VALID_FOR));
        assert!(!boot.poll(NOW + VALID_FOR / 2));
        assert!(boot.poll(NOW + VALID_FOR));
        assert_eq!(boot.get(5, 0, 0).unwrap(), [5, 0x00, 0x04, 0, 0, 0]);
    }

    #[test]
    fn flags_stay_valid_where_that_is_asked_for() {
        let mut boot = BootOptions::default();
        boot.set(3, &[0x08], NOW).unwrap();
        boot.set(5, &[0x80, 0x04, 0, 0, 0], NOW).unwrap();
        assert!(!boot.poll(NOW + VALID_FOR));
        assert!(boot.clear_valid(Clears::Watchdog));
        boot.set(3, &[0], NOW).unwrap();
        boot.set(5, &[0xC0, 0x04, 0, 0, 0], NOW).unwrap();
        assert_eq!(boot.deadline(), None);
        boot.set(5, &[0x80, 0x04, 0, 0, 0], NOW).unwrap();
        boot.chassis_controlled();
        assert!(!boot.poll(NOW + VALID_FOR));
    }

    #[test]
    fn acknowledgements_are_written_through_their_mask() {
        let mut boot = BootOptions::default();
        boot.set(4, &[0x1F, 0x1F], NOW).unwrap();
        boot.set(4, &[0x01, 0x00], NOW).unwrap();
        assert_eq!(boot.get(4, 0, 0).unwrap(), [4, 0, 0x1E]);
    }

    #[test]
    fn a_parameter_can_be_marked_invalid() {
        let mut boot = BootOptions::default();
        boot.set(0x85, &[], NOW).unwrap();
        assert_eq!(boot.get(5, 0, 0).unwrap()[0], 0x85);
        boot.set(5, &[], NOW).unwrap();
        assert_eq!(boot.get(5, 0, 0).unwrap()[0], 0x05);
        assert!(boot.set(0x88, &[], NOW).is_err());
    }
}
