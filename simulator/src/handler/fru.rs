//! FRU inventory commands (IPMI 2.0 s34).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{ANY_LENGTH, Answer, Call, Row, Scope, row};
use crate::store::fru::FruDevice;

pub(super) const ROWS: &[Row] = &[
    row(NetFn::STORAGE, 0x10, 1..=1, Privilege::User, Scope::Any, get_inventory_area_info),
    row(NetFn::STORAGE, 0x11, 4..=4, Privilege::User, Scope::Any, read),
    row(NetFn::STORAGE, 0x12, 4..=ANY_LENGTH, Privilege::Operator, Scope::Any, write),
];

fn device<'a>(call: &'a mut Call<'_>) -> Result<&'a mut FruDevice, CompletionCode> {
    let (id, absent) = (call.byte(0), call.bmc.profile.absent);
    call.controller().frus.get_mut(&id).ok_or(absent)
}

fn get_inventory_area_info(call: &mut Call<'_>) -> Answer {
    let [low, high] = device(call)?.size().to_le_bytes();
    Ok(vec![low, high, 0])
}

fn read(call: &mut Call<'_>) -> Answer {
    let (offset, count) = (call.word(1), usize::from(call.byte(3)));
    device(call)?;
    if count == 0 {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    call.require_room(1, count.min(0xFF))?;
    let bytes = device(call)?.read(offset, count)?;
    let mut answer = vec![u8::try_from(bytes.len()).unwrap_or(u8::MAX)];
    answer.extend_from_slice(bytes);
    Ok(answer)
}

fn write(call: &mut Call<'_>) -> Answer {
    let (offset, bytes) = (call.word(1), call.rest(3).to_vec());
    let written = device(call)?.write(offset, &bytes)?;
    call.bmc.dirty = true;
    Ok(vec![written])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};

    #[test]
    fn reads_what_was_written() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 0x0A, 0x10, &[0]), [64, 0, 0]);
        assert_eq!(ask(&mut bmc, 0x0A, 0x12, &[0, 8, 0, 0xAA, 0xBB]), [2]);
        assert_eq!(ask(&mut bmc, 0x0A, 0x11, &[0, 7, 0, 4]), [4, 0, 0xAA, 0xBB, 0]);
        assert_eq!(ask(&mut bmc, 0x0A, 0x11, &[0, 62, 0, 16]), [2, 0, 0]);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x11, &[0, 65, 0, 16]), 0xC9);
        assert_eq!(refuse(&mut bmc, 0x0A, 0x11, &[9, 0, 0, 16]), 0xCB);
    }

    #[test]
    fn reads_that_do_not_fit_fail() {
        let mut bmc = bmc();
        bmc.profile.max_response = 33;
        assert_eq!(refuse(&mut bmc, 0x0A, 0x11, &[0, 0, 0, 33]), 0xCA);
        assert_eq!(ask(&mut bmc, 0x0A, 0x11, &[0, 0, 0, 32]).len(), 33);
    }
}
