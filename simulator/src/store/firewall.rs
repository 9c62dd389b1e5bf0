//! The firmware firewall: commands that are switched off on a channel (IPMI 2.0 s21).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Most commands and sub-functions that can be switched off: no channel has more of them.
const LIMIT: usize = 16_384;

/// What can be switched off: a command of a channel, or one of its sub-functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Function {
    /// Channel.
    pub channel: u8,
    /// Network function.
    pub net_fn: u8,
    /// Defining body of a group extension command.
    pub body: Option<u8>,
    /// Command.
    pub cmd: u8,
    /// Sub-function; `None` for the command as a whole.
    pub sub_function: Option<u8>,
}

/// What is switched off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Firewall {
    disabled: BTreeSet<Function>,
}

impl Firewall {
    /// Switches a function on or off.
    pub fn set(&mut self, function: Function, enabled: bool) {
        if enabled {
            self.disabled.remove(&function);
        } else if self.disabled.len() < LIMIT {
            self.disabled.insert(function);
        }
    }

    /// True for a function that is not switched off.
    pub fn is_enabled(&self, function: Function) -> bool {
        !self.disabled.contains(&function)
    }

    /// True when everything is on.
    pub fn is_open(&self) -> bool {
        self.disabled.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_off_on_its_channel_alone() {
        let function = Function { channel: 1, net_fn: 0, body: None, cmd: 2, sub_function: None };
        let mut firewall = Firewall::default();
        firewall.set(function, false);
        assert!(!firewall.is_enabled(function) && !firewall.is_open());
        assert!(firewall.is_enabled(Function { channel: 2, ..function }));
        assert!(firewall.is_enabled(Function { sub_function: Some(0), ..function }));
        firewall.set(function, true);
        assert!(firewall.is_open());
    }
}
