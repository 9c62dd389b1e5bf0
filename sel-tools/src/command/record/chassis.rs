//! The chassis: status with power and restore policy, capabilities (IPMI 2.0 s28.1-2).

use ipmi_core::NetFn;

use super::document::{Document, byte, hex};
use super::reader::{BMC, Reader, at};
use crate::Failure;

const GET_CAPABILITIES: u8 = 0x00;
const GET_STATUS: u8 = 0x01;

pub(super) fn record(reader: &Reader<'_>, document: &mut Document) -> Result<(), Failure> {
    let status = reader.ask(NetFn::CHASSIS, GET_STATUS, &[])?;
    let capabilities = reader.ask(NetFn::CHASSIS, GET_CAPABILITIES, &[])?;
    document.table("[chassis]");
    if let Ok(status) = &status {
        let power = at(status, 0);
        document.value("power", power & 1 != 0);
        document.value("restore_policy", power >> 5 & 3);
        document
            .entry("power_faults", byte(power & 0x1E))
            .entry("last_event", byte(at(status, 1)))
            .entry("misc", byte(at(status, 2) & 0x0F))
            .entry("identify", at(status, 2) & 0x40 != 0);
        if let Some(buttons) = status.get(3) {
            document.entry("buttons", byte(*buttons));
        }
    }
    let whole = capabilities.as_ref().ok().and_then(|data| whole(data));
    if let Some(bytes) = whole {
        document.entry("capabilities", hex(&bytes));
    }
    if status.is_err() {
        document.answer(BMC, NetFn::CHASSIS, GET_STATUS, &[], &status);
    }
    if whole.map(Vec::from).as_ref() != capabilities.as_ref().ok() {
        document.answer(BMC, NetFn::CHASSIS, GET_CAPABILITIES, &[], &capabilities);
    }
    Ok(())
}

/// Flags and five addresses; the last one, of the bridge device, may be left out for 20h.
fn whole(data: &[u8]) -> Option<[u8; 6]> {
    match *data {
        [flags, fru, sdr, sel, system] => Some([flags, fru, sdr, sel, system, BMC]),
        [flags, fru, sdr, sel, system, bridge] => Some([flags, fru, sdr, sel, system, bridge]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bridge_address_may_be_left_out() {
        assert_eq!(whole(&[1, 2, 3, 4, 5]), Some([1, 2, 3, 4, 5, 0x20]));
        assert_eq!(whole(&[1, 2, 3, 4, 5, 6]), Some([1, 2, 3, 4, 5, 6]));
        assert!((0..12).filter(|length| *length != 5 && *length != 6).all(|length| whole(&vec![0; length]).is_none()));
    }
}
