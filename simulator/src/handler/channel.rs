//! Channel commands: capabilities, cipher suites, access, information, keys (IPMI 2.0 s22.13, s22.15, s22.22-25).

use ipmi_core::link::rmcp_plus::cipher_suite::CipherSuite;
use ipmi_core::{CompletionCode, NetFn, Privilege, Secret};

use super::{Answer, Call, Row, Scope, row};
use crate::lan::policy;
use crate::store::channel::{CURRENT, Channel, ChannelAccess, SessionSupport};

/// Get and Set Channel Access on a session-less channel.
const SESSIONLESS: CompletionCode = CompletionCode(0x82);
/// Set Channel Access: the channel does not have this access mode.
const MODE_NOT_SUPPORTED: CompletionCode = CompletionCode(0x83);
/// Set Channel Security Keys: the key is locked.
const KEY_LOCKED: CompletionCode = CompletionCode(0x80);
/// Set Channel Security Keys: fewer bytes than a key has.
const KEY_TOO_SHORT: CompletionCode = CompletionCode(0x81);
/// Set Channel Security Keys: more bytes than a key has.
const KEY_TOO_LONG: CompletionCode = CompletionCode(0x82);
/// Set Channel Security Keys: K_R.
const KR: u8 = 0;
/// Set Channel Security Keys: K_G.
const KG: u8 = 1;
/// Bytes of a channel security key.
const KEY: usize = 20;
/// Cipher suite record bytes in a reply.
const PIECE: usize = 16;
/// The vendor of every protocol that is IPMI's own.
const IPMI_VENDOR: [u8; 3] = [0xF2, 0x1B, 0x00];

pub(super) const ROWS: &[Row] = &[
    row(NetFn::APP, 0x38, 2..=2, Privilege::Callback, Scope::Bmc, get_channel_authentication_capabilities),
    row(NetFn::APP, 0x40, 3..=3, Privilege::Administrator, Scope::Bmc, set_channel_access),
    row(NetFn::APP, 0x41, 2..=2, Privilege::User, Scope::Bmc, get_channel_access),
    row(NetFn::APP, 0x42, 1..=1, Privilege::User, Scope::Bmc, get_channel_info),
    row(NetFn::APP, 0x54, 3..=3, Privilege::Callback, Scope::Bmc, get_channel_cipher_suites),
    row(NetFn::APP, 0x56, 3..=64, Privilege::Administrator, Scope::Bmc, set_channel_security_keys),
];

/// The number of the channel a request names.
pub(super) fn number(call: &Call<'_>, byte: u8) -> u8 {
    match byte & 0xF {
        CURRENT => call.source.channel(),
        number => number,
    }
}

fn channel<'a>(call: &'a Call<'_>) -> Result<&'a Channel, CompletionCode> {
    let number = number(call, call.byte(0));
    call.bmc.channels.get(number).ok_or(call.bmc.profile.no_channel)
}

fn with_sessions<'a>(call: &'a Call<'_>) -> Result<&'a Channel, CompletionCode> {
    let channel = channel(call)?;
    if channel.sessions == SessionSupport::Less { Err(SESSIONLESS) } else { Ok(channel) }
}

fn get_channel_info(call: &mut Call<'_>) -> Answer {
    let channel = channel(call)?;
    let active = call.bmc.sessions.iter().filter(|session| session.channel == channel.number).count();
    let active = u8::try_from(active).unwrap_or(0x3F) & 0x3F;
    let mut info = vec![channel.number, channel.medium, channel.protocol, (channel.sessions as u8) << 6 | active];
    info.extend(IPMI_VENDOR);
    info.extend(channel.auxiliary);
    Ok(info)
}

fn get_channel_authentication_capabilities(call: &mut Call<'_>) -> Answer {
    let level = Privilege::from_code(call.byte(1) & 0xF).ok_or(CompletionCode::INVALID_DATA_FIELD)?;
    let extended = call.byte(0) & 0x80 != 0;
    let channel = channel(call)?;
    if channel.sessions == SessionSupport::Less {
        // No authentication type at all, neither 1.5 nor 2.0 connections.
        return Ok(vec![channel.number, 0, 0, 0, 0, 0, 0, 0]);
    }
    let bmc = &*call.bmc;
    let types = policy::auth_types(bmc, channel.number, level);
    let access = channel.present;
    let enabled =
        |user: &crate::store::users::User| user.enabled == Some(true) && user.access(channel.number).messaging;
    let mut status = u8::from(access.per_message_authentication_disabled) << 4
        | u8::from(access.user_level_authentication_disabled) << 3;
    for (_, user) in bmc.users.iter().filter(|(_, user)| enabled(user)) {
        status |= match (user.name().is_empty(), user.has_password(&[])) {
            (false, _) => 0x04,
            (true, false) => 0x02,
            (true, true) => 0x01,
        };
    }
    let rmcp_plus = extended && channel.medium == policy::LAN_MEDIUM;
    if rmcp_plus && bmc.channels.has_kg() {
        status |= 0x20;
    }
    let connections = if rmcp_plus { 0x03 } else { 0x00 };
    Ok(vec![channel.number, types | u8::from(rmcp_plus) << 7, status, connections, 0, 0, 0, 0])
}

fn set_channel_access(call: &mut Call<'_>) -> Answer {
    let (access, limit) = (call.byte(1), call.byte(2));
    let mut changed = with_sessions(call)?.clone();
    let apply = |settings: &mut ChannelAccess, with_access: bool, with_limit: bool| {
        if with_access {
            *settings = settings.with_byte(access);
        }
        if with_limit {
            settings.limit = limit & 0x0F;
        }
    };
    if access >> 6 == 3 || limit >> 6 == 3 {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    if access >> 6 != 0 && access & 7 > 3 {
        return Err(MODE_NOT_SUPPORTED);
    }
    if limit >> 6 != 0 && !matches!(limit & 0xF, 1..=5) {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    apply(&mut changed.non_volatile, access >> 6 == 1, limit >> 6 == 1);
    apply(&mut changed.present, access >> 6 == 2, limit >> 6 == 2);
    let number = changed.number;
    if let Some(channel) = call.bmc.channels.get_mut(number) {
        *channel = changed;
    }
    call.bmc.channels.changed = true;
    call.bmc.dirty = true;
    Ok(Vec::new())
}

fn get_channel_access(call: &mut Call<'_>) -> Answer {
    let channel = with_sessions(call)?;
    let settings = match call.byte(1) >> 6 {
        1 => channel.non_volatile,
        2 => channel.present,
        _ => return Err(CompletionCode::INVALID_DATA_FIELD),
    };
    Ok(vec![settings.byte(), settings.limit])
}

/// Suites as records, or the algorithms by themselves, 16 bytes at a time.
fn get_channel_cipher_suites(call: &mut Call<'_>) -> Answer {
    let number = with_sessions(call)?.number;
    let index = usize::from(call.byte(2) & 0x3F);
    let suites = policy::offered_suites(call.bmc, number);
    let mut bytes = Vec::new();
    for suite in suites {
        // One without a level is listed in the parameters, but nobody can use it.
        if policy::suite_limit(call.bmc, suite).is_none() {
            continue;
        }
        let Some(algorithms) = CipherSuite(suite).algorithms() else { continue };
        let codes = [
            algorithms.authentication.code(),
            algorithms.integrity.code() | 0x40,
            algorithms.confidentiality.code() | 0x80,
        ];
        if call.byte(2) & 0x80 != 0 {
            bytes.extend([0xC0, suite]);
            // "None" is listed like any other algorithm: ipmitool 1.8.19 takes no record without all three.
            bytes.extend(codes);
        } else {
            bytes.extend(codes.into_iter().filter(|code| !bytes.contains(code)).collect::<Vec<_>>());
        }
    }
    if call.byte(2) & 0x80 == 0 {
        bytes.sort_unstable_by_key(|code| (code >> 6, *code));
    }
    let mut reply = vec![number];
    reply.extend(bytes.into_iter().skip(index * PIECE).take(PIECE));
    Ok(reply)
}

fn set_channel_security_keys(call: &mut Call<'_>) -> Answer {
    with_sessions(call)?;
    let (operation, number, key) = (call.byte(1) & 3, call.byte(2), call.rest(3).to_vec());
    let channels = &mut call.bmc.channels;
    let locked = channels.kg_locked;
    let stored = match number {
        KR => &mut channels.kr,
        KG => &mut channels.kg,
        _ => return Err(CompletionCode::INVALID_DATA_FIELD),
    };
    match operation {
        0 => {
            let mut reply = vec![if locked { 2 } else { 1 }];
            if !locked {
                reply.extend(stored.as_bytes());
            }
            return Ok(reply);
        }
        1 if locked => return Err(KEY_LOCKED),
        1 if key.len() < KEY => return Err(KEY_TOO_SHORT),
        1 if key.len() > KEY => return Err(KEY_TOO_LONG),
        1 => *stored = Secret::new(key),
        2 => call.bmc.channels.kg_locked = true,
        _ => return Err(CompletionCode::INVALID_DATA_FIELD),
    }
    call.bmc.channels.changed = true;
    call.bmc.dirty = true;
    Ok(vec![if call.bmc.channels.kg_locked { 2 } else { 1 }])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};

    #[test]
    fn channels_say_what_they_are() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x42, &[0x0E]), [0x0F, 0x0C, 0x05, 0, 0xF2, 0x1B, 0, 0xFF, 0xFF]);
        assert_eq!(ask(&mut bmc, 6, 0x42, &[0x00])[..3], [0x00, 0x01, 0x01]);
        assert_eq!(ask(&mut bmc, 6, 0x42, &[0x01])[..4], [0x01, 0x04, 0x01, 0x80]);
        assert_eq!(refuse(&mut bmc, 6, 0x42, &[0x07]), 0xCC);
        assert_eq!(refuse(&mut bmc, 6, 0x41, &[0x0F, 0x40]), 0x82);
    }

    #[test]
    fn capabilities_show_users_and_keys() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x38, &[0x81, 4]), [1, 0x97, 0x04, 3, 0, 0, 0, 0]);
        assert_eq!(ask(&mut bmc, 6, 0x38, &[0x01, 4]), [1, 0x17, 0x04, 0, 0, 0, 0, 0]);
        assert_eq!(ask(&mut bmc, 6, 0x38, &[0x0F, 4]), [15, 0, 0, 0, 0, 0, 0, 0]);
        let mut key = vec![1, 1, 1];
        key.extend([7; 20]);
        assert_eq!(ask(&mut bmc, 6, 0x56, &key), [1]);
        assert_eq!(ask(&mut bmc, 6, 0x38, &[0x81, 4])[2], 0x24);
        assert_eq!(ask(&mut bmc, 6, 0x56, &[1, 0, 1])[1..], [7; 20]);
        assert_eq!(refuse(&mut bmc, 6, 0x56, &[1, 1, 1, 7]), 0x81);
        assert_eq!(ask(&mut bmc, 6, 0x56, &[1, 2, 1]), [2]);
        assert_eq!(refuse(&mut bmc, 6, 0x56, &key), 0x80);
        assert_eq!(refuse(&mut bmc, 6, 0x38, &[0x81, 0]), 0xCC);
    }

    #[test]
    fn the_other_key_is_stored() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x56, &[1, 0, 0])[1..], [0; 20]);
        let mut key = vec![1, 1, 0];
        key.extend([9; 20]);
        assert_eq!(ask(&mut bmc, 6, 0x56, &key), [1]);
        assert_eq!(ask(&mut bmc, 6, 0x56, &[1, 0, 0])[1..], [9; 20]);
        assert_eq!(ask(&mut bmc, 6, 0x38, &[0x81, 4])[2] & 0x20, 0);
        assert_eq!(refuse(&mut bmc, 6, 0x56, &[1, 0, 2]), 0xCC);
    }

    #[test]
    fn access_is_kept_apart_for_now_and_for_later() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x41, &[1, 0x80]), [0x02, 0x04]);
        assert_eq!(ask(&mut bmc, 6, 0x40, &[1, 0x9A, 0x83]), []);
        assert_eq!(ask(&mut bmc, 6, 0x41, &[1, 0x80]), [0x1A, 0x03]);
        assert_eq!(ask(&mut bmc, 6, 0x41, &[1, 0x40]), [0x02, 0x04]);
        assert_eq!(ask(&mut bmc, 6, 0x40, &[1, 0x40, 0x00]), []);
        assert_eq!(ask(&mut bmc, 6, 0x41, &[1, 0x40]), [0x00, 0x04]);
        assert_eq!(refuse(&mut bmc, 6, 0x40, &[1, 0x85, 0x00]), 0x83);
        assert_eq!(refuse(&mut bmc, 6, 0x41, &[1, 0x00]), 0xCC);
    }

    #[test]
    fn cipher_suites_come_in_pieces() {
        let mut bmc = bmc();
        let first = ask(&mut bmc, 6, 0x54, &[0x01, 0, 0x80]);
        assert_eq!(first[..8], [1, 0xC0, 0, 0, 0x40, 0x80, 0xC0, 1]);
        assert_eq!(first.len(), 17);
        let all: usize = (0..8).map(|index| ask(&mut bmc, 6, 0x54, &[0x01, 0, 0x80 | index]).len() - 1).sum();
        assert_eq!(all, 60);
        assert_eq!(ask(&mut bmc, 6, 0x54, &[0x01, 0, 0xBF]), [1]);
        let algorithms = ask(&mut bmc, 6, 0x54, &[0x01, 0, 0x00]);
        assert_eq!(algorithms, [1, 0, 1, 2, 3, 0x40, 0x41, 0x42, 0x43, 0x44, 0x80, 0x81]);
    }
}
