//! What payload types there are, which are active and who may use them (IPMI 2.0 s24.4-s24.10).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::lan::require_channel;
use super::{Answer, Call, Row, Scope, row};
use crate::store::channel::LAN;
use crate::store::payload::{SOL, SOL_INSTANCES};

/// The payload type is not there, or has no version.
const NO_SUCH_PAYLOAD: CompletionCode = CompletionCode(0x80);
/// IPMI messages and SOL.
const STANDARD_TYPES: [u8; 2] = [0x03, 0x00];
/// Open session, RAKP 1 to 4: types 10h to 15h.
const SETUP_TYPES: [u8; 2] = [0x3F, 0x00];
/// Version 1.0 of a payload format.
const VERSION: u8 = 0x10;
/// The only serial port.
const SERIAL_PORT: u8 = 1;

pub(super) const ROWS: &[Row] = &[
    row(NetFn::APP, 0x4A, 1..=1, Privilege::User, Scope::Bmc, get_activation_status),
    row(NetFn::APP, 0x4B, 2..=2, Privilege::User, Scope::Bmc, get_instance_info),
    row(NetFn::APP, 0x4C, 6..=6, Privilege::Administrator, Scope::Bmc, set_user_access),
    row(NetFn::APP, 0x4D, 2..=2, Privilege::Operator, Scope::Bmc, get_user_access),
    row(NetFn::APP, 0x4E, 1..=1, Privilege::User, Scope::Bmc, get_channel_support),
    row(NetFn::APP, 0x4F, 2..=2, Privilege::User, Scope::Bmc, get_channel_version),
    row(NetFn::APP, 0x50, 7..=7, Privilege::User, Scope::Bmc, get_oem_info),
];

// A type without instances has a capacity of 0 and nothing active.
fn get_activation_status(call: &mut Call<'_>) -> Answer {
    let kind = call.byte(0) & 0x3F;
    let capacity = if kind == SOL { SOL_INSTANCES } else { 0 };
    let active = call.bmc.settings.payloads.active.keys().filter(|(active, _)| *active == kind);
    let bitmap = active.fold(0_u16, |bits, (_, instance)| bits | 1 << (instance.saturating_sub(1) & 0xF));
    let [low, high] = bitmap.to_le_bytes();
    Ok(vec![capacity, low, high])
}

fn get_instance_info(call: &mut Call<'_>) -> Answer {
    let (kind, instance) = (call.byte(0) & 0x3F, call.byte(1) & 0xF);
    let session = call.bmc.settings.payloads.active.get(&(kind, instance));
    let mut answer = session.copied().unwrap_or(0).to_le_bytes().to_vec();
    answer.push(if kind == SOL { SERIAL_PORT } else { 0 });
    answer.resize(12, 0);
    Ok(answer)
}

/// The user a request names, by the number of users there are.
fn user(call: &Call<'_>) -> Result<u8, CompletionCode> {
    let user = call.byte(1) & 0x3F;
    if call.bmc.users.get(user).is_some() { Ok(user) } else { Err(CompletionCode::PARAMETER_OUT_OF_RANGE) }
}

fn set_user_access(call: &mut Call<'_>) -> Answer {
    require_channel(call, LAN)?;
    let user = user(call)?;
    let operation = call.byte(1) >> 6;
    let wanted = *call.data.last_chunk::<4>().ok_or(CompletionCode::REQUEST_LENGTH_INVALID)?;
    let mut masks = call.bmc.settings.payloads.access(user);
    for (mask, bits) in masks.iter_mut().zip(wanted) {
        match operation {
            0 => *mask |= bits,
            1 => *mask &= !bits,
            _ => return Err(CompletionCode::INVALID_DATA_FIELD),
        }
    }
    call.bmc.settings.payloads.access.insert(user, masks);
    call.bmc.dirty = true;
    Ok(Vec::new())
}

fn get_user_access(call: &mut Call<'_>) -> Answer {
    require_channel(call, LAN)?;
    Ok(call.bmc.settings.payloads.access(user(call)?).to_vec())
}

fn get_channel_support(call: &mut Call<'_>) -> Answer {
    require_channel(call, LAN)?;
    let mut answer = STANDARD_TYPES.to_vec();
    answer.extend(SETUP_TYPES);
    answer.resize(8, 0);
    Ok(answer)
}

fn get_channel_version(call: &mut Call<'_>) -> Answer {
    require_channel(call, LAN)?;
    match call.byte(1) & 0x3F {
        0x00 | SOL | 0x10..=0x15 => Ok(vec![VERSION]),
        _ => Err(NO_SUCH_PAYLOAD),
    }
}

fn get_oem_info(call: &mut Call<'_>) -> Answer {
    require_channel(call, LAN)?;
    Err(NO_SUCH_PAYLOAD)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};

    #[test]
    fn an_active_payload_shows() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x4A, &[1]), [1, 0, 0]);
        bmc.settings.payloads.active.insert((1, 1), 0x1122_3344);
        assert_eq!(ask(&mut bmc, 6, 0x4A, &[1]), [1, 1, 0]);
        assert_eq!(ask(&mut bmc, 6, 0x4B, &[1, 1]), [0x44, 0x33, 0x22, 0x11, 1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(ask(&mut bmc, 6, 0x4B, &[1, 2])[..4], [0; 4]);
    }

    #[test]
    fn users_are_let_in_and_out() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x4D, &[1, 2]), [2, 0, 0, 0]);
        ask(&mut bmc, 6, 0x4C, &[1, 0x42, 2, 0, 0, 0]);
        assert_eq!(ask(&mut bmc, 6, 0x4D, &[1, 2]), [0; 4]);
        assert!(!bmc.settings.payloads.allows(2, 1) && bmc.settings.payloads.allows(3, 1));
        ask(&mut bmc, 6, 0x4C, &[1, 0x02, 2, 0, 4, 0]);
        assert_eq!(ask(&mut bmc, 6, 0x4D, &[1, 2]), [2, 0, 4, 0]);
        assert_eq!(refuse(&mut bmc, 6, 0x4C, &[1, 0x82, 2, 0, 0, 0]), 0xCC);
        assert_eq!(refuse(&mut bmc, 6, 0x4D, &[1, 0]), 0xC9);
    }

    #[test]
    fn types_have_versions() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x4E, &[1]), [3, 0, 0x3F, 0, 0, 0, 0, 0]);
        assert_eq!(ask(&mut bmc, 6, 0x4F, &[1, 1]), [0x10]);
        assert_eq!(refuse(&mut bmc, 6, 0x4F, &[1, 2]), 0x80);
        assert_eq!(refuse(&mut bmc, 6, 0x50, &[1, 2, 0, 0, 0, 0, 0]), 0x80);
        assert_eq!(refuse(&mut bmc, 6, 0x4E, &[0]), 0xCC);
    }
}
