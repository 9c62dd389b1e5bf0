//! System interface capabilities and Master Write-Read (IPMI 2.0 s22.9-11).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{Answer, Call, NAK_ON_WRITE, Row, Scope, row};
use crate::store::private_bus::Content;

/// Most bytes one Master Write-Read reads.
const MAX_READ: u8 = 64;
/// Most bytes one Master Write-Read writes, beside bus, address and read count.
const MAX_WRITE: usize = 64;
/// Longest message the system interfaces take.
const MAX_MESSAGE: u8 = 0xFF;
/// System interface type: KCS.
const KCS: u8 = 1;
/// Get BT Interface Capabilities: requests at a time, longest messages in and out, seconds to the answer, retries.
const BT: [u8; 5] = [1, MAX_MESSAGE, MAX_MESSAGE, 5, 1];

pub(super) const ROWS: &[Row] = &[
    row(NetFn::APP, 0x36, 0..=0, Privilege::User, Scope::Bmc, get_bt_interface_capabilities),
    row(NetFn::APP, 0x52, 3..=3 + MAX_WRITE, Privilege::Operator, Scope::Any, master_write_read),
    row(NetFn::APP, 0x57, 1..=1, Privilege::User, Scope::Bmc, get_system_interface_capabilities),
];

fn get_bt_interface_capabilities(_call: &mut Call<'_>) -> Answer {
    Ok(BT.to_vec())
}

fn get_system_interface_capabilities(call: &mut Call<'_>) -> Answer {
    match call.byte(0) & 0xF {
        // Version 1 of the interface.
        KCS => Ok(vec![0, 0, MAX_MESSAGE]),
        _ => Err(CompletionCode::INVALID_DATA_FIELD),
    }
}

// Bit 0 of the first byte tells a private bus from the channel itself, where only controllers are, and they take
// messages.
fn master_write_read(call: &mut Call<'_>) -> Answer {
    let (bus, is_private) = (call.byte(0) >> 1 & 7, call.byte(0) & 1 == 1);
    let (address, count) = (call.byte(1) & !1, usize::from(call.byte(2)));
    if call.byte(2) > MAX_READ {
        return Err(CompletionCode::CANNOT_RETURN_REQUESTED_BYTES);
    }
    call.require_room(0, count)?;
    if !is_private {
        return Err(NAK_ON_WRITE);
    }
    let written = call.rest(3).to_vec();
    let controller = call.controller();
    let (buses, frus) = (&mut controller.buses, &mut controller.frus);
    if count == 0 && buses.select_page(bus, address) {
        return Ok(Vec::new());
    }
    let place = buses.find(bus, address, |id| frus.get(&id).map_or(0, |fru| usize::from(fru.size())));
    let place = place.ok_or(NAK_ON_WRITE)?;
    let content = buses.content(place).cloned().ok_or(NAK_ON_WRITE)?;
    let (offset, data) = written.split_first().unzip();
    let data: &[u8] = data.unwrap_or_default();
    if let Some(offset) = offset {
        buses.seek(place, *offset);
    }
    match content {
        Content::Fru(id) => {
            let fru = frus.get_mut(&id).ok_or(NAK_ON_WRITE)?;
            let size = usize::from(fru.size());
            for (at, byte) in buses.advance(place, data.len(), size).into_iter().zip(data) {
                fru.write(u16::try_from(at).unwrap_or(u16::MAX), &[*byte]).map_err(|_| NAK_ON_WRITE)?;
            }
            let offsets = buses.advance(place, count, size);
            let read = offsets.into_iter().filter_map(|at| fru.bytes().get(at).copied()).collect();
            call.bmc.dirty |= !data.is_empty();
            Ok(read)
        }
        Content::Spd(_) if !data.is_empty() => Err(NAK_ON_WRITE),
        Content::Spd(bytes) => {
            let offsets = buses.advance(place, count, bytes.len());
            Ok(offsets.into_iter().filter_map(|at| bytes.get(at).copied()).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};
    use super::*;

    #[test]
    fn interfaces_say_what_they_can() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 6, 0x57, &[1]), [0, 0, 0xFF]);
        assert_eq!(refuse(&mut bmc, 6, 0x57, &[0]), 0xCC);
        assert_eq!(ask(&mut bmc, 6, 0x36, &[]), [1, 0xFF, 0xFF, 5, 1]);
    }

    #[test]
    fn a_fru_is_also_an_eeprom() {
        let mut bmc = bmc();
        bmc.main.buses.add(0, 0xA0, Content::Fru(0));
        ask(&mut bmc, 0x0A, 0x12, &[0, 8, 0, 0xAA, 0xBB]);
        assert_eq!(ask(&mut bmc, 6, 0x52, &[1, 0xA0, 4, 7]), [0, 0xAA, 0xBB, 0]);
        assert_eq!(ask(&mut bmc, 6, 0x52, &[1, 0xA0, 0, 9, 0xCC, 0xDD]), []);
        assert_eq!(ask(&mut bmc, 0x0A, 0x11, &[0, 8, 0, 3]), [3, 0xAA, 0xCC, 0xDD]);
        assert_eq!(ask(&mut bmc, 6, 0x52, &[1, 0xA0, 2]), [0, 0]);
        assert_eq!(refuse(&mut bmc, 6, 0x52, &[1, 0xA2, 4, 7]), 0x83);
        assert_eq!(refuse(&mut bmc, 6, 0x52, &[3, 0xA0, 4, 7]), 0x83);
        assert_eq!(refuse(&mut bmc, 6, 0x52, &[0, 0xA0, 4, 7]), 0x83);
        assert_eq!(refuse(&mut bmc, 6, 0x52, &[1, 0xA0, 65]), 0xCA);
        assert_eq!(refuse(&mut bmc, 6, 0x52, &[1, 0xA0]), 0xC7);
    }

    #[test]
    fn presence_detect_data_has_two_pages_and_is_protected() {
        let mut bmc = bmc();
        let mut spd = vec![1; 256];
        spd.extend([2; 256]);
        bmc.main.buses.add(1, 0xA2, Content::Spd(spd));
        assert_eq!(ask(&mut bmc, 6, 0x52, &[3, 0xA2, 2, 5]), [1, 1]);
        ask(&mut bmc, 6, 0x52, &[3, 0x6E, 0, 0]);
        assert_eq!(ask(&mut bmc, 6, 0x52, &[3, 0xA2, 2, 5]), [2, 2]);
        ask(&mut bmc, 6, 0x52, &[3, 0x6C, 0, 0]);
        assert_eq!(ask(&mut bmc, 6, 0x52, &[3, 0xA2, 2, 5]), [1, 1]);
        assert_eq!(refuse(&mut bmc, 6, 0x52, &[3, 0xA2, 0, 5, 9]), 0x83);
    }
}
