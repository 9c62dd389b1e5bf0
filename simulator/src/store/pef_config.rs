//! PEF configuration parameters: event filters, alert policies, alert strings (IPMI 2.0 s30.3, s30.4).

use std::time::Duration;

use ipmi_core::CompletionCode;

use super::parameter::{BLOCK, Parameter, Parameters, parameter};

/// Event filters.
pub const FILTERS: u8 = 16;
/// Entries of the alert policy table.
pub const POLICIES: u8 = 16;
/// Alert strings that outlive a restart; string 0 is the volatile one beside them.
pub const STRINGS: u8 = 8;
/// Blocks of an alert string.
const STRING_BLOCKS: u8 = 4;

const CONTROL: u8 = 1;
const GLOBAL_ACTIONS: u8 = 2;
const STARTUP_DELAY: u8 = 3;
const ALERT_STARTUP_DELAY: u8 = 4;
const FILTER: u8 = 6;
const FILTER_FLAGS: u8 = 7;
const POLICY: u8 = 9;
const GUID: u8 = 10;
const STRING_KEY: u8 = 12;
const STRING: u8 = 13;

const TABLE: &[Parameter] = &[
    parameter(CONTROL, 1, &[]),
    parameter(GLOBAL_ACTIONS, 1, &[0x2F]),
    parameter(STARTUP_DELAY, 1, &[60]),
    parameter(ALERT_STARTUP_DELAY, 1, &[60]),
    parameter(5, 1, &[FILTERS]).read_only(),
    parameter(FILTER, 20, &[]).sets(1, FILTERS),
    parameter(FILTER_FLAGS, 1, &[]).sets(1, FILTERS),
    parameter(8, 1, &[POLICIES]).read_only(),
    parameter(POLICY, 3, &[]).sets(1, POLICIES).valid(|value| value.first().is_some_and(|flags| flags & 7 <= 4)),
    parameter(GUID, 17, &[]),
    parameter(11, 1, &[STRINGS]).read_only(),
    parameter(STRING_KEY, 2, &[]).sets(0, STRINGS).volatile_first(),
    parameter(STRING, BLOCK, &[]).sets(0, STRINGS).blocks(1, STRING_BLOCKS).text().volatile_first(),
    parameter(14, 1, &[]).read_only(),
];

/// An entry of the alert policy table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyEntry {
    /// Policy number.
    pub policy: u8,
    /// The entry is in use.
    pub enabled: bool,
    /// What an earlier success means for this entry: 0 always send .. 4 only to another kind of destination.
    pub kind: u8,
    /// Channel of the destination.
    pub channel: u8,
    /// Destination selector.
    pub destination: u8,
    /// The string is looked up by event filter.
    pub by_event: bool,
    /// String set, or string selector.
    pub string: u8,
}

/// The PEF configuration.
#[derive(Debug, Clone)]
pub struct PefConfig {
    parameters: Parameters,
}

impl Default for PefConfig {
    fn default() -> Self {
        Self { parameters: Parameters::new(TABLE) }
    }
}

impl PefConfig {
    /// Get PEF Configuration Parameters. Parameter 7 is a window on the first byte of a filter.
    ///
    /// # Errors
    /// As [`Parameters::get`].
    pub fn get(&self, number: u8, set: u8, block: u8) -> Result<Vec<u8>, CompletionCode> {
        let mut answer = self.parameters.get(if number == FILTER_FLAGS { FILTER } else { number }, set, block)?;
        if number == FILTER_FLAGS {
            answer.truncate(2);
        }
        Ok(answer)
    }

    /// Set PEF Configuration Parameters; true when the value outlives a restart.
    ///
    /// # Errors
    /// As [`Parameters::set`].
    pub fn set(&mut self, number: u8, data: &[u8]) -> Result<bool, CompletionCode> {
        let saved = self.parameters.set(number, data)?;
        if let (FILTER_FLAGS, [set, flags]) = (number, data) {
            let mut filter = self.parameters.value(FILTER, *set, 0);
            if let Some(first) = filter.first_mut() {
                *first = *flags;
            }
            self.parameters.put(FILTER, *set, 0, &filter);
            self.parameters.reset(FILTER_FLAGS);
        }
        Ok(saved)
    }

    /// The parameters, for a saved state.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The parameters, for a saved state and for configuration.
    pub fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    /// Event filters are applied.
    pub fn enabled(&self) -> bool {
        self.parameters.byte(CONTROL, 0, 0) & 1 != 0
    }

    /// What PEF does is logged.
    pub fn logs_actions(&self) -> bool {
        self.parameters.byte(CONTROL, 0, 0) & 2 != 0
    }

    /// How long events wait after the system started; zero when they do not.
    pub fn startup_delay(&self) -> Duration {
        self.delay(0x04, STARTUP_DELAY)
    }

    /// How long alerts wait after the system started; zero when they do not.
    pub fn alert_startup_delay(&self) -> Duration {
        self.delay(0x08, ALERT_STARTUP_DELAY)
    }

    fn delay(&self, enable: u8, parameter: u8) -> Duration {
        let on = self.parameters.byte(CONTROL, 0, 0) & enable != 0;
        Duration::from_secs(if on { u64::from(self.parameters.byte(parameter, 0, 0)) } else { 0 })
    }

    /// Actions allowed at all: bit 0 alert, 1 power off, 2 reset, 3 power cycle, 4 OEM, 5 diagnostic interrupt.
    pub fn allowed_actions(&self) -> u8 {
        self.parameters.byte(GLOBAL_ACTIONS, 0, 0) & 0x3F
    }

    /// The bytes of event filter `number`.
    pub fn filter(&self, number: u8) -> Vec<u8> {
        self.parameters.value(FILTER, number, 0)
    }

    /// Entries of an alert policy in use, in order.
    pub fn policy(&self, policy: u8) -> impl Iterator<Item = PolicyEntry> {
        let entries = (1..=POLICIES).map(|number| {
            let byte = |offset| self.parameters.byte(POLICY, number, offset);
            let (flags, target, string) = (byte(0), byte(1), byte(2));
            PolicyEntry {
                policy: flags >> 4,
                enabled: flags & 8 != 0,
                kind: flags & 7,
                channel: target >> 4,
                destination: target & 0xF,
                by_event: string & 0x80 != 0,
                string: string & 0x7F,
            }
        });
        entries.filter(move |entry| entry.enabled && entry.policy == policy)
    }

    /// The string with this selector, without the NULs at its end.
    pub fn string(&self, selector: u8) -> Vec<u8> {
        let blocks = (1..=STRING_BLOCKS).flat_map(|block| self.parameters.value(STRING, selector, block));
        blocks.take_while(|byte| *byte != 0).collect()
    }

    /// The string of an event that matched `filter`, from the string set of a policy entry.
    pub fn event_string(&self, filter: u8, set: u8) -> Option<Vec<u8>> {
        let wanted = (filter, set);
        let found = (1..=STRINGS).find(|selector| {
            let byte = |offset| self.parameters.byte(STRING_KEY, *selector, offset) & 0x7F;
            (byte(0), byte(1)) == wanted
        });
        found.map(|selector| self.string(selector))
    }

    /// The GUID traps carry instead of the system's.
    pub fn guid(&self) -> Option<[u8; 16]> {
        match *self.parameters.value(GUID, 0, 0) {
            [flags, ref guid @ ..] if flags & 1 != 0 => guid.try_into().ok(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameter_7_is_the_first_byte_of_a_filter() {
        let mut config = PefConfig::default();
        let mut filter = vec![3, 0x80];
        filter.resize(21, 0x55);
        config.set(6, &filter).unwrap();
        assert_eq!(config.get(7, 3, 0), Ok(vec![3, 0x80]));
        config.set(7, &[3, 0x00]).unwrap();
        assert_eq!(config.get(6, 3, 0).unwrap()[..3], [3, 0x00, 0x55]);
        assert!(config.set(7, &[0, 0]).is_err() && config.set(7, &[17, 0]).is_err());
        let mut again = PefConfig::default();
        again.parameters_mut().restore(&config.parameters().saved()).unwrap();
        assert_eq!(again.filter(3), config.filter(3));
    }

    #[test]
    fn policies_and_strings_are_found() {
        let mut config = PefConfig::default();
        config.set(9, &[2, 0x18, 0x12, 0x81]).unwrap();
        config.set(9, &[3, 0x10, 0x13, 0x00]).unwrap();
        let expected =
            PolicyEntry { policy: 1, enabled: true, kind: 0, channel: 1, destination: 2, by_event: true, string: 1 };
        assert_eq!(config.policy(1).collect::<Vec<_>>(), [expected]);
        config.set(12, &[4, 9, 1]).unwrap();
        config.set(13, b"\x04\x01sixteen letters!").unwrap();
        config.set(13, b"\x04\x02more\0").unwrap();
        assert_eq!(config.event_string(9, 1).unwrap(), b"sixteen letters!more");
        assert_eq!(config.event_string(9, 2), None);
        assert_eq!(config.string(5), b"");
        assert!(config.set(9, &[1, 0x1D, 0, 0]).is_err());
    }
}
