//! `[[channel]]`: the channels of a BMC beside its primary IPMB and the system interface (IPMI 2.0 s6.3, s22.23-24).

use ipmi_core::CompletionCode;
use serde::Deserialize;

use crate::bmc::Bmc;
use crate::store::channel::{Channel, ChannelAccess, LAN, SERIAL, SessionSupport};

/// Channels a file may name.
const NUMBERS: std::ops::RangeInclusive<u8> = 1..=0xB;

/// `[[channel]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelConfig {
    number: u8,
    medium: u8,
    protocol: u8,
    /// Session support: 0 none, 1 single, 2 multiple.
    sessions: u8,
    /// Last two bytes of Get Channel Info.
    #[serde(default)]
    auxiliary: [u8; 2],
    /// What Get Channel Access answers: access byte and privilege limit.
    access: Option<[u8; 2]>,
    /// The same for the settings of the next start; those in force where they are left out.
    non_volatile: Option<[u8; 2]>,
}

/// `[channels]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Others {
    /// Completion code for a channel that is not there.
    absent: Option<u8>,
}

impl Others {
    pub(super) fn apply(&self, bmc: &mut Bmc) {
        bmc.profile.no_channel = self.absent.map_or(bmc.profile.no_channel, CompletionCode);
    }
}

/// Puts the channels of a file in place of those a BMC comes with; the LAN channel, 1, is always there.
pub(super) fn configure(list: &[ChannelConfig], bmc: &mut Bmc) -> Result<(), String> {
    if list.is_empty() {
        return Ok(());
    }
    if !list.iter().any(|channel| channel.number == SERIAL) {
        bmc.channels.remove(SERIAL);
    }
    list.iter().try_for_each(|channel| channel.apply(bmc))
}

impl ChannelConfig {
    fn apply(&self, bmc: &mut Bmc) -> Result<(), String> {
        let Self { number, medium, protocol, .. } = *self;
        if !NUMBERS.contains(&number) {
            return Err(format!("channel {number}: expected a number from 1 to 11"));
        }
        let sessions = match self.sessions {
            0 if number != LAN => SessionSupport::Less,
            1 => SessionSupport::Single,
            2 | 3 => SessionSupport::Multi,
            other => {
                return Err(format!(
                    "channel {number}: expected sessions of 0 to 2, 0 not for channel 1, found {other}"
                ));
            }
        };
        let mut channel = Channel::new(number, medium & 0x7F, protocol & 0x1F, sessions, self.auxiliary);
        if let Some([access, limit]) = self.access {
            channel.present = ChannelAccess::from_bytes(access, limit);
            channel.non_volatile = channel.present;
        }
        if let Some([access, limit]) = self.non_volatile {
            channel.non_volatile = ChannelAccess::from_bytes(access, limit);
        }
        bmc.channels.put(channel);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ipmi_core::{NetFn, Request};

    use super::*;
    use crate::Options;

    const NOW: Duration = Duration::from_secs(1_790_000_000);

    fn configured(texts: &[&str]) -> Result<Bmc, String> {
        let mut bmc = Bmc::builtin(&Options::default(), NOW);
        let list: Vec<ChannelConfig> = texts.iter().map(|text| toml::from_str(text).unwrap()).collect();
        configure(&list, &mut bmc).map(|()| bmc)
    }

    #[test]
    fn channels_say_what_the_file_says() {
        let lan = "number = 1\nmedium = 4\nprotocol = 1\nsessions = 2\naccess = [0x1A, 3]\nnon_volatile = [2, 4]";
        let bus = "number = 6\nmedium = 1\nprotocol = 1\nsessions = 0\nauxiliary = [7, 8]";
        let mut bmc = configured(&[lan, bus]).unwrap();
        let mut ask = |cmd, data: &[u8]| bmc.handle(&Request::new(NetFn::APP, cmd, data), NOW);
        assert_eq!(ask(0x41, &[1, 0x80]).data, [0x1A, 3]);
        assert_eq!(ask(0x41, &[1, 0x40]).data, [2, 4]);
        assert_eq!(ask(0x42, &[6]).data, [6, 1, 1, 0, 0xF2, 0x1B, 0, 7, 8]);
        assert_eq!(ask(0x42, &[2]).code.0, 0xCC);
        assert_eq!(ask(0x42, &[0]).code.0, 0);
        toml::from_str::<Others>("absent = 0xCB").unwrap().apply(&mut bmc);
        assert_eq!(bmc.handle(&Request::new(NetFn::APP, 0x42, [7]), NOW).code.0, 0xCB);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, expected) in [
            ("number = 15\nmedium = 4\nprotocol = 1\nsessions = 2", "channel 15: expected a number"),
            ("number = 1\nmedium = 4\nprotocol = 1\nsessions = 0", "channel 1: expected sessions"),
        ] {
            assert!(configured(&[text]).unwrap_err().contains(expected), "{text}");
        }
    }
}
