//! User access, names and passwords (IPMI 2.0 s22.26-30).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{Answer, Call, Row, Scope, channel, row};
use crate::store::channel::SessionSupport;
use crate::store::users::{NAME, PASSWORD, User};

/// Set User Password, test: it is another password.
const OTHER_PASSWORD: CompletionCode = CompletionCode(0x80);
/// Set User Password, test: it was set in the other form.
const OTHER_SIZE: CompletionCode = CompletionCode(0x81);

pub(super) const ROWS: &[Row] = &[
    row(NetFn::APP, 0x43, 3..=4, Privilege::Administrator, Scope::Bmc, set_user_access),
    row(NetFn::APP, 0x44, 2..=2, Privilege::Operator, Scope::Bmc, get_user_access),
    row(NetFn::APP, 0x45, 17..=17, Privilege::Administrator, Scope::Bmc, set_user_name),
    row(NetFn::APP, 0x46, 1..=1, Privilege::Operator, Scope::Bmc, get_user_name),
    row(NetFn::APP, 0x47, 2..=22, Privilege::Administrator, Scope::Bmc, set_user_password),
];

fn user<'a>(call: &'a mut Call<'_>, id: u8) -> Result<&'a mut User, CompletionCode> {
    call.bmc.users.get_mut(id & 0x3F).ok_or(CompletionCode::PARAMETER_OUT_OF_RANGE)
}

fn changed(call: &mut Call<'_>) -> Answer {
    call.bmc.users.changed = true;
    call.bmc.dirty = true;
    Ok(Vec::new())
}

/// The channel a request names; it must have sessions, or users mean nothing there.
fn channel_number(call: &Call<'_>, byte: u8) -> Result<u8, CompletionCode> {
    let number = channel::number(call, byte);
    let channel = call.bmc.channels.get(number).ok_or(CompletionCode::INVALID_DATA_FIELD)?;
    match channel.sessions {
        SessionSupport::Less => Err(CompletionCode::INVALID_DATA_FIELD),
        _ => Ok(number),
    }
}

fn set_user_access(call: &mut Call<'_>) -> Answer {
    let (flags, limit, sessions) = (call.byte(0), call.byte(2) & 0xF, call.data.get(3).copied());
    let (number, id) = (channel_number(call, flags)?, call.byte(1));
    if !matches!(limit, 1..=5 | 0xF) {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    let access = user(call, id)?.access_mut(number).ok_or(CompletionCode::INVALID_DATA_FIELD)?;
    if flags & 0x80 != 0 {
        access.callback_only = flags & 0x40 != 0;
        access.link_authentication = flags & 0x20 != 0;
        access.messaging = flags & 0x10 != 0;
    }
    access.limit = limit;
    if let Some(sessions) = sessions {
        access.session_limit = sessions & 0xF;
    }
    changed(call)
}

fn get_user_access(call: &mut Call<'_>) -> Answer {
    let (number, id) = (channel_number(call, call.byte(0))?, call.byte(1));
    let (count, fixed) = (call.bmc.users.count(), call.bmc.users.fixed_names());
    let says_status = call.bmc.users.says_status;
    let enabled = call.bmc.users.iter().filter(|(_, user)| user.enabled == Some(true)).count();
    let user = user(call, id)?;
    let access = user.access(number);
    let state = match user.enabled {
        _ if !says_status => 0x00,
        None => 0x00,
        Some(true) => 0x40,
        Some(false) => 0x80,
    };
    let flags = u8::from(access.callback_only) << 6
        | u8::from(access.link_authentication) << 5
        | u8::from(access.messaging) << 4
        | access.limit;
    Ok(vec![count, state | (u8::try_from(enabled).unwrap_or(0) & 0x3F), fixed, flags])
}

fn set_user_name(call: &mut Call<'_>) -> Answer {
    let id = call.byte(0) & 0x3F;
    if call.bmc.users.has_fixed_name(id) {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    let name = call.rest(1).to_vec();
    user(call, id)?.set_name(&name);
    changed(call)
}

fn get_user_name(call: &mut Call<'_>) -> Answer {
    let id = call.byte(0);
    let name: [u8; NAME] = user(call, id)?.name;
    Ok(name.to_vec())
}

fn set_user_password(call: &mut Call<'_>) -> Answer {
    let (id, operation) = (call.byte(0) & 0x3F, call.byte(1) & 3);
    let size = if call.byte(0) & 0x80 != 0 { PASSWORD } else { 16 };
    let password = call.rest(2);
    // Enable and disable need none and may carry one of either form.
    let length_fits = match operation {
        0 | 1 => matches!(password.len(), 0 | 16 | PASSWORD),
        _ => password.len() == size,
    };
    if !length_fits {
        return Err(CompletionCode::REQUEST_LENGTH_INVALID);
    }
    let password = ipmi_core::Secret::new(password);
    let user = user(call, id)?;
    match operation {
        0 => user.enabled = Some(false),
        1 => {
            user.enabled = Some(true);
            user.forgive();
        }
        2 => user.set_password(password.as_bytes(), size),
        _ if user.password.as_bytes().len() != size => return Err(OTHER_SIZE),
        _ if user.has_password(password.as_bytes()) => return Ok(Vec::new()),
        _ => return Err(OTHER_PASSWORD),
    }
    if operation == 0 {
        call.bmc.sessions.close_user(id);
    }
    changed(call)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};
    use crate::bmc::Bmc;

    #[test]
    fn the_default_users() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x44, &[1, 2]), [16, 0x41, 1, 0x34]);
        assert_eq!(ask(&mut bmc, 6, 0x44, &[1, 1]), [16, 0x81, 1, 0x0F]);
        assert_eq!(ask(&mut bmc, 6, 0x44, &[1, 3]), [16, 0x01, 1, 0x0F]);
        assert_eq!(refuse(&mut bmc, 6, 0x44, &[1, 17]), 0xC9);
        assert_eq!(refuse(&mut bmc, 6, 0x44, &[1, 0]), 0xC9);
        assert_eq!(refuse(&mut bmc, 6, 0x44, &[15, 1]), 0xCC);
        assert_eq!(&ask(&mut bmc, 6, 0x46, &[2])[..6], b"admin\0");
    }

    fn name(bmc: &mut Bmc, id: u8, name: &[u8]) {
        let mut data = vec![id];
        data.extend(name);
        data.resize(17, 0);
        assert_eq!(ask(bmc, 6, 0x45, &data), []);
    }

    #[test]
    fn a_user_is_made_in_steps() {
        let mut bmc = bmc();
        name(&mut bmc, 3, b"operator");
        let mut null = vec![1];
        null.resize(17, 0x41);
        assert_eq!(refuse(&mut bmc, 6, 0x45, &null), 0xCC);
        assert_eq!(ask(&mut bmc, 6, 0x43, &[0x91, 3, 3]), []);
        let mut password = vec![3, 2];
        password.extend(b"secret");
        password.resize(18, 0);
        assert_eq!(ask(&mut bmc, 6, 0x47, &password), []);
        assert_eq!(ask(&mut bmc, 6, 0x47, &[3, 1]), []);
        assert_eq!(ask(&mut bmc, 6, 0x44, &[1, 3]), [16, 0x42, 1, 0x13]);
        password[1] = 3;
        assert_eq!(ask(&mut bmc, 6, 0x47, &password), []);
        password[2] ^= 1;
        assert_eq!(refuse(&mut bmc, 6, 0x47, &password), 0x80);
        let mut long = vec![0x83, 3];
        long.resize(22, 0);
        assert_eq!(refuse(&mut bmc, 6, 0x47, &long), 0x81);
        assert_eq!(refuse(&mut bmc, 6, 0x47, &long[..21]), 0xC7);
        assert_eq!(ask(&mut bmc, 6, 0x47, &[3, 0]), []);
        assert_eq!(ask(&mut bmc, 6, 0x44, &[1, 3]), [16, 0x81, 1, 0x13]);
    }
}
