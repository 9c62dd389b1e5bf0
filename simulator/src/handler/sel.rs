//! System event log commands (IPMI 2.0 s31).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::records::{ERASE_START, ERASE_STATUS, VERSION, part};
use super::{ANY_LENGTH, Answer, Call, Row, Scope, row};
use crate::store::sel::{RECORD_SIZE, Sel};

/// Operation support, bit 0: Get SEL Allocation Info.
const SUPPORT_ALLOCATION: u8 = 0x01;
/// Operation support, bit 1: Reserve SEL.
const SUPPORT_RESERVE: u8 = 0x02;
/// Operation support, bit 2: Partial Add SEL Entry.
const SUPPORT_PARTIAL_ADD: u8 = 0x04;
/// Operation support, bit 3: Delete SEL Entry.
const SUPPORT_DELETE: u8 = 0x08;
/// Largest UTC offset either way, in minutes.
const UTC_OFFSET_LIMIT: i16 = 1440;
/// UTC offset unspecified.
const UTC_OFFSET_UNSPECIFIED: i16 = 0x07FF;

pub(super) const ROWS: &[Row] = &[
    row(NetFn::STORAGE, 0x40, 0..=0, Privilege::User, Scope::Any, get_info),
    row(NetFn::STORAGE, 0x41, 0..=0, Privilege::User, Scope::Any, get_allocation_info),
    row(NetFn::STORAGE, 0x42, 0..=0, Privilege::User, Scope::Any, reserve),
    row(NetFn::STORAGE, 0x43, 6..=6, Privilege::User, Scope::Any, get_entry),
    row(NetFn::STORAGE, 0x44, RECORD_SIZE..=RECORD_SIZE, Privilege::Operator, Scope::Any, add_entry),
    row(NetFn::STORAGE, 0x45, 6..=ANY_LENGTH, Privilege::Operator, Scope::Any, partial_add_entry),
    row(NetFn::STORAGE, 0x46, 4..=4, Privilege::Operator, Scope::Any, delete_entry),
    row(NetFn::STORAGE, 0x47, 6..=6, Privilege::Operator, Scope::Any, clear),
    row(NetFn::STORAGE, 0x48, 0..=0, Privilege::User, Scope::Any, get_time),
    row(NetFn::STORAGE, 0x49, 4..=4, Privilege::Operator, Scope::Any, set_time),
    row(NetFn::STORAGE, 0x5C, 0..=0, Privilege::User, Scope::Bmc, get_time_utc_offset),
    row(NetFn::STORAGE, 0x5D, 2..=2, Privilege::Operator, Scope::Bmc, set_time_utc_offset),
];

/// The log, on controllers that have one; `support` bits must all be there.
fn log<'a>(call: &'a mut Call<'_>, support: u8) -> Result<&'a mut Sel, CompletionCode> {
    call.controller().sel.as_mut().filter(|sel| sel.support & support == support).ok_or(CompletionCode::INVALID_COMMAND)
}

fn get_info(call: &mut Call<'_>) -> Answer {
    let sel = log(call, 0)?;
    let entries = sel.records().len();
    let free = (sel.capacity() - entries.min(sel.capacity())) * RECORD_SIZE;
    let mut info = vec![VERSION];
    info.extend(u16::try_from(entries).unwrap_or(u16::MAX).to_le_bytes());
    info.extend(u16::try_from(free).unwrap_or(u16::MAX).to_le_bytes());
    info.extend(sel.last_add.unwrap_or(u32::MAX).to_le_bytes());
    info.extend(sel.last_erase.unwrap_or(u32::MAX).to_le_bytes());
    info.push(sel.support | u8::from(sel.overflow) << 7);
    Ok(info)
}

fn get_allocation_info(call: &mut Call<'_>) -> Answer {
    let sel = log(call, SUPPORT_ALLOCATION)?;
    let word = |count: usize| u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes();
    let free = word(sel.capacity().saturating_sub(sel.records().len()));
    let mut info = Vec::new();
    info.extend(word(sel.capacity()));
    info.extend(word(RECORD_SIZE));
    info.extend(free);
    info.extend(free);
    info.push(1);
    Ok(info)
}

fn reserve(call: &mut Call<'_>) -> Answer {
    let now = call.now;
    let sel = log(call, SUPPORT_RESERVE)?;
    sel.require_idle(now)?;
    Ok(sel.reservation.reserve().to_le_bytes().to_vec())
}

fn get_entry(call: &mut Call<'_>) -> Answer {
    let (now, lenient) = (call.now, call.bmc.dcmi.enabled);
    let (reservation, id, offset, count) = (call.word(0), call.word(2), call.byte(4), call.byte(5));
    let sel = log(call, 0)?;
    sel.require_idle(now)?;
    sel.reservation.require_for_read(reservation, offset, lenient)?;
    let (record, next) = sel.get(id)?;
    let rest = record.get(usize::from(offset)..).filter(|rest| !rest.is_empty());
    let rest = rest.ok_or(CompletionCode::PARAMETER_OUT_OF_RANGE)?;
    let bytes = part(rest, count);
    let mut answer = next.to_le_bytes().to_vec();
    answer.extend_from_slice(bytes);
    Ok(answer)
}

fn add_entry(call: &mut Call<'_>) -> Answer {
    let now = call.now;
    let record = *call.data.first_chunk::<RECORD_SIZE>().ok_or(CompletionCode::REQUEST_LENGTH_INVALID)?;
    if !matches!(record, [_, _, 0x02 | 0xC0..=0xFF, ..]) {
        return Err(CompletionCode(0x80));
    }
    let sel = log(call, 0)?;
    sel.require_idle(now)?;
    let id = sel.add(record, now)?;
    call.bmc.dirty = true;
    Ok(id.to_le_bytes().to_vec())
}

fn partial_add_entry(call: &mut Call<'_>) -> Answer {
    let now = call.now;
    let (reservation, id, offset) = (call.word(0), call.word(2), call.byte(4));
    let (last, bytes) = (call.byte(5) & 0xF == 1, call.rest(6).to_vec());
    let sel = log(call, SUPPORT_PARTIAL_ADD)?;
    sel.require_idle(now)?;
    sel.reservation.require(reservation)?;
    let (id, _) = sel.partial_add(id, offset, last, &bytes, now)?;
    call.bmc.dirty = true;
    Ok(id.to_le_bytes().to_vec())
}

fn delete_entry(call: &mut Call<'_>) -> Answer {
    let now = call.now;
    let (reservation, id) = (call.word(0), call.word(2));
    let sel = log(call, SUPPORT_DELETE)?;
    sel.require_idle(now)?;
    if sel.support & SUPPORT_RESERVE != 0 {
        sel.reservation.require(reservation)?;
    }
    let id = sel.delete(id, now)?;
    call.bmc.dirty = true;
    Ok(id.to_le_bytes().to_vec())
}

// The reservation is checked when an erase starts; asking how far it is needs the CLR alone, because the erase itself
// cancelled the reservation that the client still sends.
fn clear(call: &mut Call<'_>) -> Answer {
    let (now, erase_time) = (call.now, call.bmc.profile.erase_time);
    let (reservation, action) = (call.word(0), call.byte(5));
    let clr = call.data.get(2..5) == Some(b"CLR");
    let sel = log(call, 0)?;
    match action {
        ERASE_START if clr => {
            sel.require_idle(now)?;
            if sel.support & SUPPORT_RESERVE != 0 {
                sel.reservation.require(reservation)?;
            }
            sel.clear(now, erase_time);
            call.bmc.pef.log_erased();
            call.bmc.dirty = true;
            Ok(vec![u8::from(erase_time.is_zero())])
        }
        ERASE_STATUS if clr => Ok(vec![u8::from(!sel.is_erasing(now))]),
        _ => Err(CompletionCode::INVALID_DATA_FIELD),
    }
}

fn get_time(call: &mut Call<'_>) -> Answer {
    let now = call.now;
    Ok(log(call, 0)?.time(now).to_le_bytes().to_vec())
}

fn set_time(call: &mut Call<'_>) -> Answer {
    let now = call.now;
    let time = u32::from_le_bytes([call.byte(0), call.byte(1), call.byte(2), call.byte(3)]);
    log(call, 0)?.set_time(time, now);
    call.bmc.dirty = true;
    Ok(Vec::new())
}

fn get_time_utc_offset(call: &mut Call<'_>) -> Answer {
    Ok(call.bmc.utc_offset.to_le_bytes().to_vec())
}

fn set_time_utc_offset(call: &mut Call<'_>) -> Answer {
    let [low, high] = call.word(0).to_le_bytes();
    let offset = i16::from_le_bytes([low, high]);
    if offset != UTC_OFFSET_UNSPECIFIED && offset.abs_diff(0) > UTC_OFFSET_LIMIT.unsigned_abs() {
        return Err(CompletionCode::PARAMETER_OUT_OF_RANGE);
    }
    call.bmc.utc_offset = offset;
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::{NOW, ask, ask_at, bmc, refuse};

    const EVENT: [u8; 16] = [0, 0, 2, 0, 0, 0, 0, 0x20, 0, 4, 1, 9, 1, 0x57, 1, 2];

    #[test]
    fn entries_are_added_and_read() {
        let mut bmc = bmc();
        let id = ask(&mut bmc, 0x0A, 0x44, &EVENT);
        let entry = ask(&mut bmc, 0x0A, 0x43, &[0, 0, 0xFF, 0xFF, 0, 0xFF]);
        assert_eq!((&entry[..2], &entry[2..4], &entry[9..]), (&[0xFF, 0xFF][..], &id[..], &EVENT[7..]));
        assert_eq!(refuse(&mut bmc, 0x0A, 0x43, &[0, 0, 0x99, 0x09, 0, 0xFF]), 0xCB);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x43, &[0, 0, 0, 0, 4, 4]), 0xC5);
    }

    #[test]
    fn deleting_needs_a_live_reservation() {
        let mut bmc = bmc();
        ask(&mut bmc, 0x0A, 0x44, &EVENT);
        let reservation = ask(&mut bmc, 0x0A, 0x42, &[]);
        ask(&mut bmc, 0x0A, 0x44, &EVENT);
        let request = [reservation[0], reservation[1], 1, 0];
        assert_eq!(refuse(&mut bmc, 0x0A, 0x46, &request), 0xC5);
        let reservation = ask(&mut bmc, 0x0A, 0x42, &[]);
        assert_eq!(ask(&mut bmc, 0x0A, 0x46, &[reservation[0], reservation[1], 1, 0]), [1, 0]);
    }

    #[test]
    fn clearing_takes_time_and_blocks_reads_meanwhile() {
        let mut bmc = bmc();
        bmc.profile.erase_time = Duration::from_millis(20);
        ask(&mut bmc, 0x0A, 0x44, &EVENT);
        let reservation = ask(&mut bmc, 0x0A, 0x42, &[]);
        let request = |action| [reservation[0], reservation[1], b'C', b'L', b'R', action];
        assert_eq!(refuse(&mut bmc, 0x0A, 0x47, &[9, 9, b'C', b'L', b'R', 0xAA]), 0xC5);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x47, &[reservation[0], reservation[1], b'C', b'L', b'X', 0xAA]), 0xCC);
        assert_eq!(ask(&mut bmc, 0x0A, 0x47, &request(0xAA)), [0]);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x43, &[0, 0, 0, 0, 0, 0xFF]), 0x81);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x44, &EVENT), 0x81);
        assert_eq!(ask(&mut bmc, 0x0A, 0x47, &request(0)), [0]);
        let later = NOW + Duration::from_secs(1);
        assert_eq!(ask_at(&mut bmc, 0x0A, 0x47, &request(0), later), [1]);
        assert_eq!(ask_at(&mut bmc, 0x0A, 0x40, &[], later)[1..3], [0, 0]);
    }

    /// FreeIPMI's ipmi-sel reports an internal error when it meets an erase that ipmi-sel --clear began.
    #[test]
    fn a_log_cleared_by_default_answers_at_once() {
        let mut bmc = bmc();
        ask(&mut bmc, 0x0A, 0x44, &EVENT);
        let reservation = ask(&mut bmc, 0x0A, 0x42, &[]);
        let request = [reservation[0], reservation[1], b'C', b'L', b'R', 0xAA];
        assert_eq!(ask(&mut bmc, 0x0A, 0x47, &request), [1]);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x43, &[0, 0, 0, 0, 0, 0xFF]), 0xCB);
    }

    #[test]
    fn a_full_log_says_so() {
        let mut bmc = bmc();
        while bmc.main.sel.as_ref().unwrap().records().len() < 8 {
            ask(&mut bmc, 0x0A, 0x44, &EVENT);
        }
        assert_eq!(refuse(&mut bmc, 0x0A, 0x44, &EVENT), 0xC4);
        let info = ask(&mut bmc, 0x0A, 0x40, &[]);
        assert_eq!((info[13] & 0x80, &info[3..5]), (0x80, &[0, 0][..]));
    }

    #[test]
    fn the_clock_and_its_offset_can_be_set() {
        let mut bmc = bmc();
        ask(&mut bmc, 0x0A, 0x49, &[1, 0, 0, 0x20]);
        assert_eq!(ask(&mut bmc, 0x0A, 0x48, &[]), [1, 0, 0, 0x20]);
        ask(&mut bmc, 0x0A, 0x5D, &(-60_i16).to_le_bytes());
        assert_eq!(ask(&mut bmc, 0x0A, 0x5C, &[]), (-60_i16).to_le_bytes());
        assert_eq!(refuse(&mut bmc, 0x0A, 0x5D, &1441_i16.to_le_bytes()), 0xC9);
    }
}
