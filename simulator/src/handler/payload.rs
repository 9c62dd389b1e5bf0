//! What payload types there are, which are active and who may use them (IPMI 2.0 s24.4-s24.10).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::lan::require_channel;
use super::{Answer, Call, Row, Scope, Source, row};
use crate::store::channel::LAN;
use crate::store::payload::{Activation, SOL, SOL_INSTANCES};

/// Activate Payload: another session has it. Deactivate Payload: nobody has it.
const ALREADY: CompletionCode = CompletionCode(0x80);
const DISABLED: CompletionCode = CompletionCode(0x81);
const NOT_WITH_ENCRYPTION: CompletionCode = CompletionCode(0x83);
const NOT_WITHOUT_ENCRYPTION: CompletionCode = CompletionCode(0x84);
/// Longest SOL payload, its header included, in either direction.
pub(crate) const SOL_PAYLOAD: u16 = 0xE4;
const NO_VLAN: u16 = 0xFFFF;

/// The payload type is not there, or has no version.
const NO_SUCH_PAYLOAD: CompletionCode = CompletionCode(0x80);
/// IPMI messages and SOL.
const STANDARD_TYPES: [u8; 2] = [0x03, 0x00];
/// Open session, RAKP 1 to 4: types 10h to 15h.
const SETUP_TYPES: [u8; 2] = [0x3F, 0x00];
/// Suspend/Resume Payload Encryption: not with this type, or this operation.
const NO_ENCRYPTION_OF_TYPE: CompletionCode = CompletionCode(0x80);
/// Suspend/Resume Payload Encryption: the configuration demands encryption.
const ENCRYPTION_FORCED: CompletionCode = CompletionCode(0x81);
/// Suspend/Resume Payload Encryption: the session has none.
const SESSION_WITHOUT_ENCRYPTION: CompletionCode = CompletionCode(0x82);
/// Suspend/Resume Payload Encryption: nobody has the payload.
const NOT_ACTIVE: CompletionCode = CompletionCode(0x83);
/// Version 1.0 of a payload format.
const VERSION: u8 = 0x10;
/// The only serial port.
const SERIAL_PORT: u8 = 1;

pub(super) const ROWS: &[Row] = &[
    row(NetFn::APP, 0x48, 6..=6, Privilege::User, Scope::Bmc, activate),
    row(NetFn::APP, 0x49, 6..=6, Privilege::User, Scope::Bmc, deactivate),
    row(NetFn::APP, 0x4A, 1..=1, Privilege::User, Scope::Bmc, get_activation_status),
    row(NetFn::APP, 0x4B, 2..=2, Privilege::User, Scope::Bmc, get_instance_info),
    row(NetFn::APP, 0x4C, 6..=6, Privilege::Administrator, Scope::Bmc, set_user_access),
    row(NetFn::APP, 0x4D, 2..=2, Privilege::Operator, Scope::Bmc, get_user_access),
    row(NetFn::APP, 0x4E, 1..=1, Privilege::User, Scope::Bmc, get_channel_support),
    row(NetFn::APP, 0x4F, 2..=2, Privilege::User, Scope::Bmc, get_channel_version),
    row(NetFn::APP, 0x50, 7..=7, Privilege::User, Scope::Bmc, get_oem_info),
    row(NetFn::APP, 0x55, 3..=3, Privilege::User, Scope::Bmc, suspend_or_resume_encryption),
];

/// The payload and instance a request names, when there is such a one.
fn named(call: &Call<'_>) -> Result<(u8, u8), CompletionCode> {
    match (call.byte(0) & 0x3F, call.byte(1) & 0xF) {
        (SOL, instance @ 1..=SOL_INSTANCES) => Ok((SOL, instance)),
        _ => Err(CompletionCode::INVALID_DATA_FIELD),
    }
}

// The console that activates it again is one that missed the answer: it gets it again.
fn activate(call: &mut Call<'_>) -> Answer {
    let Source::Session(login) = call.source else { return Err(CompletionCode::NOT_IN_PRESENT_STATE) };
    let session = call.bmc.sessions.get(login.id).filter(|session| session.rmcp_plus);
    let session = session.ok_or(CompletionCode::NOT_IN_PRESENT_STATE)?;
    let (encrypts, authenticates) = (session.encrypts, session.authenticates);
    let named = named(call)?;
    let auxiliary = call.byte(2);
    // ipmitool asks for both whatever the suite: a session that has none gives none.
    let (encrypted, authenticated) = (auxiliary & 0x80 != 0 && encrypts, auxiliary & 0x40 != 0 && authenticates);
    let settings = &mut call.bmc.settings;
    if login.privilege < settings.sol.privilege() {
        return Err(CompletionCode::INSUFFICIENT_PRIVILEGE);
    }
    if !settings.sol.enabled() || !settings.payloads.allows(login.user, SOL) {
        return Err(DISABLED);
    }
    if settings.payloads.active.get(&named).is_some_and(|active| active.session != login.id) {
        return Err(ALREADY);
    }
    if settings.sol.forces_encryption() && !encrypted {
        return Err(if auxiliary & 0x80 != 0 { NOT_WITH_ENCRYPTION } else { NOT_WITHOUT_ENCRYPTION });
    }
    if settings.sol.forces_authentication() && !authenticated {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    settings.payloads.active.insert(named, Activation { session: login.id, encrypted, authenticated });
    let words = [SOL_PAYLOAD, SOL_PAYLOAD, settings.sol.port(), NO_VLAN];
    Ok([0; 4].into_iter().chain(words.into_iter().flat_map(u16::to_le_bytes)).collect())
}

/// Who may not have SOL may neither end that of others nor have it sent in clear.
fn require_sol_privilege(call: &Call<'_>) -> Result<(), CompletionCode> {
    match call.source {
        Source::Session(login) if login.privilege < call.bmc.settings.sol.privilege() => {
            Err(CompletionCode::INSUFFICIENT_PRIVILEGE)
        }
        _ => Ok(()),
    }
}

fn deactivate(call: &mut Call<'_>) -> Answer {
    let named = named(call)?;
    require_sol_privilege(call)?;
    let payloads = &mut call.bmc.settings.payloads;
    let ended = payloads.active.remove(&named).ok_or(ALREADY)?;
    payloads.returned_by = call.source.session().filter(|session| *session == ended.session);
    Ok(Vec::new())
}

// AES has an initialization vector in every packet: there is none to regenerate.
fn suspend_or_resume_encryption(call: &mut Call<'_>) -> Answer {
    let Ok(named) = named(call) else { return Err(NO_ENCRYPTION_OF_TYPE) };
    let encrypted = match call.byte(2) & 0x1F {
        0 => false,
        1 => true,
        _ => return Err(NO_ENCRYPTION_OF_TYPE),
    };
    require_sol_privilege(call)?;
    let settings = &mut call.bmc.settings;
    let active = settings.payloads.active.get_mut(&named).ok_or(NOT_ACTIVE)?;
    if !call.bmc.sessions.get(active.session).is_some_and(|session| session.encrypts) {
        return Err(SESSION_WITHOUT_ENCRYPTION);
    }
    if !encrypted && settings.sol.forces_encryption() {
        return Err(ENCRYPTION_FORCED);
    }
    active.encrypted = encrypted;
    Ok(Vec::new())
}

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
    let mut answer = session.map_or(0, |active| active.session).to_le_bytes().to_vec();
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
    use ipmi_core::{Request, Response};

    use super::super::testing::{NOW, ask, bmc, refuse};
    use super::*;
    use crate::bmc::Bmc;
    use crate::session::{NewSession, Peer};

    fn log_in(bmc: &mut Bmc, id: u32, privilege: Privilege, encrypts: bool) -> Source {
        let (limit, peer) = (privilege, Peer::Serial);
        let new = NewSession { id, user: 2, privilege, limit, channel: 1, rmcp_plus: true, peer };
        let session = bmc.sessions.open(new).unwrap();
        (session.encrypts, session.authenticates) = (encrypts, true);
        session.source()
    }

    fn activate_as(bmc: &mut Bmc, source: Source, auxiliary: u8) -> Response {
        bmc.handle_from(source, &Request::new(NetFn::APP, 0x48, [1, 1, auxiliary, 0, 0, 0]), NOW)
    }

    #[test]
    fn sol_belongs_to_one_session() {
        let mut bmc = bmc();
        let one = log_in(&mut bmc, 1, Privilege::Administrator, true);
        let two = log_in(&mut bmc, 2, Privilege::Administrator, true);
        let answer = activate_as(&mut bmc, one, 0xC0);
        assert_eq!(answer.data, [0, 0, 0, 0, 0xE4, 0, 0xE4, 0, 0x6F, 0x02, 0xFF, 0xFF]);
        assert_eq!(activate_as(&mut bmc, one, 0xC0), answer);
        assert_eq!(activate_as(&mut bmc, two, 0xC0).code, ALREADY);
        assert_eq!(ask(&mut bmc, 6, 0x4A, &[1]), [1, 1, 0]);
        ask(&mut bmc, 6, 0x49, &[1, 1, 0, 0, 0, 0]);
        assert_eq!(refuse(&mut bmc, 6, 0x49, &[1, 1, 0, 0, 0, 0]), 0x80);
        assert_eq!(activate_as(&mut bmc, two, 0).code, CompletionCode::OK);
        assert_eq!(bmc.settings.payloads.sol().map(|active| active.encrypted), Some(false));
        assert_eq!(refuse(&mut bmc, 6, 0x48, &[1, 1, 0, 0, 0, 0]), CompletionCode::NOT_IN_PRESENT_STATE.0);
        assert_eq!(refuse(&mut bmc, 6, 0x49, &[1, 2, 0, 0, 0, 0]), 0xCC);
    }

    #[test]
    fn encryption_is_suspended_and_resumed() {
        let mut bmc = bmc();
        assert_eq!(refuse(&mut bmc, 6, 0x55, &[1, 1, 0]), 0x83);
        let one = log_in(&mut bmc, 1, Privilege::Administrator, true);
        assert_eq!(activate_as(&mut bmc, one, 0xC0).code, CompletionCode::OK);
        let encrypted = |bmc: &Bmc| bmc.settings.payloads.sol().map(|active| active.encrypted);
        ask(&mut bmc, 6, 0x55, &[1, 1, 0]);
        assert_eq!(encrypted(&bmc), Some(false));
        ask(&mut bmc, 6, 0x55, &[1, 1, 1]);
        assert_eq!(encrypted(&bmc), Some(true));
        for wrong in [[1, 1, 2], [0, 1, 0], [1, 2, 0]] {
            assert_eq!(refuse(&mut bmc, 6, 0x55, &wrong), 0x80);
        }
        ask(&mut bmc, 0x0C, 0x21, &[1, 2, 0x04]);
        let user = log_in(&mut bmc, 2, Privilege::User, true);
        for (cmd, data) in [(0x55, &[1, 1, 0][..]), (0x49, &[1, 1, 0, 0, 0, 0])] {
            let refused = bmc.handle_from(user, &Request::new(NetFn::APP, cmd, data), NOW);
            assert_eq!((refused.code, encrypted(&bmc)), (CompletionCode::INSUFFICIENT_PRIVILEGE, Some(true)));
        }
        ask(&mut bmc, 0x0C, 0x21, &[1, 2, 0x84]);
        assert_eq!(refuse(&mut bmc, 6, 0x55, &[1, 1, 0]), 0x81);
        bmc.sessions.get_mut(1).unwrap().encrypts = false;
        assert_eq!(refuse(&mut bmc, 6, 0x55, &[1, 1, 1]), 0x82);
    }

    #[test]
    fn what_sol_demands_is_demanded() {
        let mut bmc = bmc();
        let plain = log_in(&mut bmc, 1, Privilege::Administrator, false);
        let user = log_in(&mut bmc, 2, Privilege::User, true);
        assert_eq!(activate_as(&mut bmc, plain, 0xC0).code, CompletionCode::OK);
        assert_eq!(bmc.settings.payloads.sol().map(|active| active.encrypted), Some(false));
        ask(&mut bmc, 6, 0x49, &[1, 1, 0, 0, 0, 0]);
        ask(&mut bmc, 0x0C, 0x21, &[1, 2, 0x84]);
        assert_eq!(activate_as(&mut bmc, plain, 0xC0).code, NOT_WITH_ENCRYPTION);
        assert_eq!(activate_as(&mut bmc, plain, 0x40).code, NOT_WITHOUT_ENCRYPTION);
        assert_eq!(activate_as(&mut bmc, user, 0xC0).code, CompletionCode::INSUFFICIENT_PRIVILEGE);
        ask(&mut bmc, 0x0C, 0x21, &[1, 2, 0x42]);
        assert_eq!(activate_as(&mut bmc, user, 0x80).code, CompletionCode::INVALID_DATA_FIELD);
        ask(&mut bmc, 6, 0x4C, &[1, 0x42, 2, 0, 0, 0]);
        assert_eq!(activate_as(&mut bmc, user, 0xC0).code, DISABLED);
        ask(&mut bmc, 6, 0x4C, &[1, 0x02, 2, 0, 0, 0]);
        ask(&mut bmc, 0x0C, 0x21, &[1, 1, 0]);
        assert_eq!(activate_as(&mut bmc, user, 0xC0).code, DISABLED);
    }

    #[test]
    fn an_active_payload_shows() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x4A, &[1]), [1, 0, 0]);
        let activation = Activation { session: 0x1122_3344, encrypted: true, authenticated: true };
        bmc.settings.payloads.active.insert((1, 1), activation);
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
