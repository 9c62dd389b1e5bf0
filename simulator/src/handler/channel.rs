//! Channel commands as far as a BMC without sessions has them (IPMI 2.0 s22.13, s22.22-24).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{Answer, Call, Row, Scope, row};

/// Channel Eh of a request: the one it came in on.
const CURRENT: u8 = 0xE;
/// Get and Set Channel Access on a session-less channel.
const SESSIONLESS: CompletionCode = CompletionCode(0x82);

/// A channel: number, medium (table 6-3), protocol (table 6-2), last two bytes of Get Channel Info.
struct Channel {
    number: u8,
    medium: u8,
    protocol: u8,
    auxiliary: [u8; 2],
}

/// The channels of every simulated BMC. Neither has sessions.
const CHANNELS: [Channel; 2] = [
    Channel { number: 0x0, medium: 0x01, protocol: 0x01, auxiliary: [0, 0] },
    // No interrupt is assigned: it is the host side that knows one.
    Channel { number: 0xF, medium: 0x0C, protocol: 0x05, auxiliary: [0xFF, 0xFF] },
];

pub(super) const ROWS: &[Row] = &[
    row(NetFn::APP, 0x38, 2..=2, Privilege::Callback, Scope::Bmc, get_channel_authentication_capabilities),
    row(NetFn::APP, 0x40, 3..=3, Privilege::Administrator, Scope::Bmc, channel_access),
    row(NetFn::APP, 0x41, 2..=2, Privilege::User, Scope::Bmc, channel_access),
    row(NetFn::APP, 0x42, 1..=1, Privilege::User, Scope::Bmc, get_channel_info),
];

fn channel(call: &Call<'_>) -> Result<&'static Channel, CompletionCode> {
    let number = match call.byte(0) & 0xF {
        CURRENT => call.source.channel(),
        number => number,
    };
    CHANNELS.iter().find(|channel| channel.number == number).ok_or(CompletionCode::INVALID_DATA_FIELD)
}

fn get_channel_info(call: &mut Call<'_>) -> Answer {
    let channel = channel(call)?;
    let mut info = vec![channel.number, channel.medium, channel.protocol, 0x00, 0xF2, 0x1B, 0x00];
    info.extend(channel.auxiliary);
    Ok(info)
}

// The channel is session-less: no authentication type at all, neither 1.5 nor 2.0 connections.
fn get_channel_authentication_capabilities(call: &mut Call<'_>) -> Answer {
    let channel = channel(call)?;
    Ok(vec![channel.number, 0, 0, 0, 0, 0, 0, 0])
}

fn channel_access(call: &mut Call<'_>) -> Answer {
    channel(call)?;
    Err(SESSIONLESS)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};

    #[test]
    fn the_system_interface_and_the_ipmb_are_there() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x42, &[0x0E]), [0x0F, 0x0C, 0x05, 0, 0xF2, 0x1B, 0, 0xFF, 0xFF]);
        assert_eq!(ask(&mut bmc, 6, 0x42, &[0x00])[..3], [0x00, 0x01, 0x01]);
        assert_eq!(refuse(&mut bmc, 6, 0x42, &[0x01]), 0xCC);
        assert_eq!(refuse(&mut bmc, 6, 0x41, &[0x0F, 0x40]), 0x82);
    }
}
