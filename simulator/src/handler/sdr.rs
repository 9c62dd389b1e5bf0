//! SDR repository and device SDR commands (IPMI 2.0 s33, s35.2-4).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::records::{ERASE_START, ERASE_STATUS, VERSION, part};
use super::{ANY_LENGTH, Answer, Call, Row, Scope, row};
use crate::store::sdr::{
    SUPPORT_ALLOCATION, SUPPORT_DELETE, SUPPORT_NON_MODAL, SUPPORT_PARTIAL_ADD, SUPPORT_RESERVE, SdrStore,
};

/// Free space: more than 64 KiB - 2.
const FREE_MUCH: u16 = 0xFFFE;
/// Allocation unit.
const UNIT: usize = 16;

pub(super) const ROWS: &[Row] = &[
    row(NetFn::STORAGE, 0x20, 0..=0, Privilege::User, Scope::Any, get_repository_info),
    row(NetFn::STORAGE, 0x21, 0..=0, Privilege::User, Scope::Any, get_allocation_info),
    row(NetFn::STORAGE, 0x22, 0..=0, Privilege::User, Scope::Any, reserve_repository),
    row(NetFn::STORAGE, 0x23, 6..=6, Privilege::User, Scope::Any, get_sdr),
    row(NetFn::STORAGE, 0x24, 5..=ANY_LENGTH, Privilege::Operator, Scope::Any, add_sdr),
    row(NetFn::STORAGE, 0x25, 6..=ANY_LENGTH, Privilege::Operator, Scope::Any, partial_add_sdr),
    row(NetFn::STORAGE, 0x26, 4..=4, Privilege::Operator, Scope::Any, delete_sdr),
    row(NetFn::STORAGE, 0x27, 6..=6, Privilege::Operator, Scope::Any, clear_repository),
    row(NetFn::STORAGE, 0x28, 0..=0, Privilege::User, Scope::Bmc, get_repository_time),
    row(NetFn::STORAGE, 0x29, 4..=4, Privilege::Operator, Scope::Bmc, set_repository_time),
    row(NetFn::STORAGE, 0x2A, 0..=0, Privilege::Operator, Scope::Any, update_mode),
    row(NetFn::STORAGE, 0x2B, 0..=0, Privilege::Operator, Scope::Any, update_mode),
    row(NetFn::STORAGE, 0x2C, 1..=1, Privilege::Operator, Scope::Any, run_initialization_agent),
];

pub(super) const DEVICE_ROWS: &[Row] = &[
    row(NetFn::SENSOR_EVENT, 0x20, 0..=1, Privilege::User, Scope::Any, get_device_sdr_info),
    row(NetFn::SENSOR_EVENT, 0x21, 6..=6, Privilege::User, Scope::Any, get_device_sdr),
    row(NetFn::SENSOR_EVENT, 0x22, 0..=0, Privilege::User, Scope::Any, reserve_device_sdr),
];

/// Additional device support: SDR repository device.
const SDR_REPOSITORY_DEVICE: u8 = 0x02;

/// The repository, on controllers that have one; `support` bits must all be there.
fn repository<'a>(call: &'a mut Call<'_>, support: u8) -> Result<&'a mut SdrStore, CompletionCode> {
    let controller = call.controller();
    if controller.identity.support & SDR_REPOSITORY_DEVICE == 0 || controller.sdr.support & support != support {
        return Err(CompletionCode::INVALID_COMMAND);
    }
    Ok(&mut controller.sdr)
}

/// The device SDRs, on controllers that have them.
fn device<'a>(call: &'a mut Call<'_>) -> Result<&'a mut SdrStore, CompletionCode> {
    let controller = call.controller();
    if !controller.identity.device_sdrs {
        return Err(CompletionCode::INVALID_COMMAND);
    }
    Ok(&mut controller.device_sdr)
}

fn get_repository_info(call: &mut Call<'_>) -> Answer {
    let store = repository(call, 0)?;
    let free = store.capacity.saturating_sub(store.bytes());
    let free = u16::try_from(free).unwrap_or(FREE_MUCH).min(FREE_MUCH);
    let mut info = vec![VERSION];
    info.extend(u16::try_from(store.len()).unwrap_or(u16::MAX).to_le_bytes());
    info.extend(free.to_le_bytes());
    info.extend(store.last_add.to_le_bytes());
    info.extend(store.last_erase.to_le_bytes());
    info.push(store.support);
    Ok(info)
}

fn get_allocation_info(call: &mut Call<'_>) -> Answer {
    let store = repository(call, SUPPORT_ALLOCATION)?;
    let word = |bytes: usize| u16::try_from(bytes / UNIT).unwrap_or(u16::MAX).to_le_bytes();
    let free = word(store.capacity.saturating_sub(store.bytes()));
    let mut info = Vec::new();
    info.extend(word(store.capacity));
    info.extend(u16::try_from(UNIT).unwrap_or_default().to_le_bytes());
    info.extend(free);
    info.extend(free);
    info.push(4);
    Ok(info)
}

fn reserve_repository(call: &mut Call<'_>) -> Answer {
    Ok(repository(call, SUPPORT_RESERVE)?.reservation.reserve().to_le_bytes().to_vec())
}

fn reserve_device_sdr(call: &mut Call<'_>) -> Answer {
    Ok(device(call)?.reservation.reserve().to_le_bytes().to_vec())
}

// DCMI clients read parts without a reservation.
fn get_sdr(call: &mut Call<'_>) -> Answer {
    let (limit, lenient) = (call.bmc.profile.max_response, call.bmc.dcmi.enabled);
    let (reservation, id, offset, count) = (call.word(0), call.word(2), call.byte(4), call.byte(5));
    let store = repository(call, 0)?;
    store.reservation.require_for_read(reservation, offset, lenient)?;
    read(store, limit, id, offset, count)
}

fn get_device_sdr(call: &mut Call<'_>) -> Answer {
    let limit = call.bmc.profile.max_response;
    let (reservation, id, offset, count) = (call.word(0), call.word(2), call.byte(4), call.byte(5));
    let store = device(call)?;
    store.reservation.require_for_read(reservation, offset, false)?;
    read(store, limit, id, offset, count)
}

fn read(store: &SdrStore, limit: usize, id: u16, offset: u8, count: u8) -> Answer {
    let (record, next) = store.get(id)?;
    let rest = record.get(usize::from(offset)..).ok_or(CompletionCode::PARAMETER_OUT_OF_RANGE)?;
    if rest.is_empty() && count != 0 {
        return Err(CompletionCode::PARAMETER_OUT_OF_RANGE);
    }
    let bytes = part(rest, count);
    if bytes.len() + 2 > limit {
        return Err(CompletionCode::CANNOT_RETURN_REQUESTED_BYTES);
    }
    let mut answer = next.to_le_bytes().to_vec();
    answer.extend_from_slice(bytes);
    Ok(answer)
}

/// Time of the change, for the repository info.
fn changed(call: &mut Call<'_>, change: Change) -> Result<(), CompletionCode> {
    let now = call.now;
    let time = call.bmc.main.sel.as_ref().map_or(0, |sel| sel.time(now));
    call.bmc.dirty = true;
    let store = repository(call, 0)?;
    store.changed = true;
    match change {
        Change::Added => {
            store.reservation.cancel();
            store.last_add = time;
        }
        // No other record changes its id: the reservation stays (s33.11).
        Change::Deleted => store.last_erase = time,
        Change::Cleared => {
            store.reservation.cancel();
            store.last_erase = time;
        }
    }
    Ok(())
}

/// How the repository changed.
#[derive(Clone, Copy)]
enum Change {
    Added,
    Deleted,
    Cleared,
}

fn add_sdr(call: &mut Call<'_>) -> Answer {
    let record = call.data.to_vec();
    if record.get(4).map(|length| usize::from(*length) + 5) != Some(record.len()) {
        return Err(CompletionCode::REQUEST_LENGTH_INVALID);
    }
    let id = repository(call, SUPPORT_NON_MODAL)?.add(&record)?;
    changed(call, Change::Added)?;
    Ok(id.to_le_bytes().to_vec())
}

fn partial_add_sdr(call: &mut Call<'_>) -> Answer {
    let (reservation, id, offset) = (call.word(0), call.word(2), call.byte(4));
    let (last, bytes) = (call.byte(5) & 0xF == 1, call.rest(6).to_vec());
    let store = repository(call, SUPPORT_PARTIAL_ADD)?;
    store.reservation.require(reservation)?;
    let (id, done) = store.partial_add(id, offset, last, &bytes)?;
    if done {
        changed(call, Change::Added)?;
    }
    Ok(id.to_le_bytes().to_vec())
}

fn delete_sdr(call: &mut Call<'_>) -> Answer {
    let (reservation, id) = (call.word(0), call.word(2));
    let store = repository(call, SUPPORT_DELETE)?;
    store.reservation.require(reservation)?;
    let id = store.delete(id)?;
    changed(call, Change::Deleted)?;
    Ok(id.to_le_bytes().to_vec())
}

fn clear_repository(call: &mut Call<'_>) -> Answer {
    let (reservation, action) = (call.word(0), call.byte(5));
    let clr = call.data.get(2..5) == Some(b"CLR");
    let store = repository(call, SUPPORT_DELETE)?;
    match action {
        // The erase cancels the reservation that the client sends when it asks how far it is.
        ERASE_START if clr => {
            store.reservation.require(reservation)?;
            store.clear();
            changed(call, Change::Cleared)?;
        }
        ERASE_STATUS if clr => {}
        _ => return Err(CompletionCode::INVALID_DATA_FIELD),
    }
    Ok(vec![1])
}

fn get_repository_time(call: &mut Call<'_>) -> Answer {
    let now = call.now;
    let sel = call.bmc.main.sel.as_ref().ok_or(CompletionCode::INVALID_COMMAND)?;
    Ok(sel.time(now).to_le_bytes().to_vec())
}

// One clock serves the SEL and the repository.
fn set_repository_time(call: &mut Call<'_>) -> Answer {
    let now = call.now;
    let time = u32::from_le_bytes([call.byte(0), call.byte(1), call.byte(2), call.byte(3)]);
    call.bmc.main.sel.as_mut().ok_or(CompletionCode::INVALID_COMMAND)?.set_time(time, now);
    call.bmc.dirty = true;
    Ok(Vec::new())
}

// The repository can be changed at any time: the mode has nothing to switch.
fn update_mode(call: &mut Call<'_>) -> Answer {
    repository(call, SUPPORT_NON_MODAL)?;
    Ok(Vec::new())
}

fn run_initialization_agent(call: &mut Call<'_>) -> Answer {
    repository(call, 0)?;
    Ok(vec![1])
}

fn get_device_sdr_info(call: &mut Call<'_>) -> Answer {
    let count_records = call.byte(0) & 1 != 0;
    device(call)?;
    let lun = call.lun.get();
    let controller = call.controller();
    let sensors = controller.sensors.keys().filter(|(sensor_lun, _)| *sensor_lun == lun).count();
    let count = if count_records { controller.device_sdr.len() } else { sensors };
    let luns = controller.sensors.keys().fold(0, |luns, (lun, _)| luns | 1 << (lun & 3));
    Ok(vec![u8::try_from(count).unwrap_or(u8::MAX), luns])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};

    #[test]
    fn whole_records_and_pieces() {
        let mut bmc = bmc();
        let info = ask(&mut bmc, 0x0A, 0x20, &[]);
        assert_eq!(info[..3], [0x51, 2, 0]);
        let whole = ask(&mut bmc, 0x0A, 0x23, &[0, 0, 0, 0, 0, 0xFF]);
        assert_eq!(whole[..2], [2, 0]);
        let id = ask(&mut bmc, 0x0A, 0x22, &[]);
        let piece = ask(&mut bmc, 0x0A, 0x23, &[id[0], id[1], 1, 0, 5, 4]);
        assert_eq!(piece[2..], whole[2 + 5..2 + 9]);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x23, &[0, 0, 1, 0, 5, 4]), 0xC5);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x23, &[id[0], id[1], 1, 0, 0xF0, 4]), 0xC9);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x23, &[0, 0, 0x77, 0, 0, 0xFF]), 0xCB);
        assert_eq!(ask(&mut bmc, 0x0A, 0x23, &[0, 0, 2, 0, 0, 0xFF])[..2], [0xFF, 0xFF]);
    }

    #[test]
    fn what_may_change_ids_cancels_the_reservation() {
        let mut bmc = bmc();
        let id = ask(&mut bmc, 0x0A, 0x22, &[]);
        assert_eq!(ask(&mut bmc, 0x0A, 0x24, &[0, 0, 0x51, 0xC0, 3, 1, 2, 3]), [3, 0]);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x26, &[id[0], id[1], 3, 0]), 0xC5);
        let id = ask(&mut bmc, 0x0A, 0x22, &[]);
        assert_eq!(ask(&mut bmc, 0x0A, 0x26, &[id[0], id[1], 3, 0]), [3, 0]);
        assert_eq!(ask(&mut bmc, 0x0A, 0x26, &[id[0], id[1], 2, 0]), [2, 0]);
        let clear = |action| [id[0], id[1], b'C', b'L', b'R', action];
        assert_eq!(ask(&mut bmc, 0x0A, 0x27, &clear(0xAA)), [1]);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x27, &clear(0xAA)), 0xC5);
        assert_eq!(ask(&mut bmc, 0x0A, 0x27, &clear(0)), [1]);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x24, &[0, 0, 0x51, 0xC0, 9, 1, 2, 3]), 0xC7);
    }

    #[test]
    fn a_response_limit_makes_whole_reads_fail() {
        let mut bmc = bmc();
        bmc.profile.max_response = 24;
        assert_eq!(refuse(&mut bmc, 0x0A, 0x23, &[0, 0, 0, 0, 0, 0xFF]), 0xCA);
        assert_eq!(ask(&mut bmc, 0x0A, 0x23, &[0, 0, 0, 0, 0, 22]).len(), 24);
    }

    #[test]
    fn a_controller_without_device_sdrs_refuses_the_commands() {
        let mut bmc = bmc();
        assert_eq!(refuse(&mut bmc, 4, 0x20, &[]), 0xC1);
        bmc.main.identity.device_sdrs = true;
        assert_eq!(ask(&mut bmc, 4, 0x20, &[0]), [2, 1]);
    }
}
