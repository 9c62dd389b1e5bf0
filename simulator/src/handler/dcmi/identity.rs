//! DCMI asset tag and management controller identifier string (DCMI 1.5 s6.4.2-3, s6.4.6).

use ipmi_core::{NetFn, Privilege};

use super::super::{Answer, Call, Row, Scope, row};
use super::{PIECE, piece, write_piece};
use crate::store::dcmi::{ASSET_TAG_LIMIT, CONTROLLER_ID_LIMIT};

pub(in super::super) const ROWS: &[Row] = &[
    row(NetFn::GROUP_EXTENSION, 0x06, 2..=2, Privilege::User, Scope::Bmc, get_asset_tag),
    row(NetFn::GROUP_EXTENSION, 0x08, 2..=2 + PIECE, Privilege::Operator, Scope::Bmc, set_asset_tag),
    row(NetFn::GROUP_EXTENSION, 0x09, 2..=2, Privilege::User, Scope::Bmc, get_controller_id),
    row(NetFn::GROUP_EXTENSION, 0x0A, 2..=2 + PIECE, Privilege::Administrator, Scope::Bmc, set_controller_id),
];

fn get_asset_tag(call: &mut Call<'_>) -> Answer {
    piece(call, &call.bmc.dcmi.asset_tag, ASSET_TAG_LIMIT)
}

fn set_asset_tag(call: &mut Call<'_>) -> Answer {
    let mut tag = call.bmc.dcmi.asset_tag.clone();
    let length = write_piece(call, &mut tag, ASSET_TAG_LIMIT)?;
    call.bmc.dcmi.asset_tag = tag;
    call.bmc.dirty = true;
    Ok(vec![length])
}

fn get_controller_id(call: &mut Call<'_>) -> Answer {
    piece(call, &call.bmc.controller_id(), CONTROLLER_ID_LIMIT)
}

// The string is written with its NUL, and read and counted without.
fn set_controller_id(call: &mut Call<'_>) -> Answer {
    let mut id = call.bmc.controller_id();
    let last = write_piece(call, &mut id, CONTROLLER_ID_LIMIT)?;
    if let Some(end) = id.iter().position(|byte| *byte == 0) {
        id.truncate(end);
    }
    call.bmc.dcmi.controller_id = Some(id);
    call.bmc.dirty = true;
    Ok(vec![last])
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{ask, refuse};
    use super::super::testing::server;

    #[test]
    fn an_asset_tag_is_written_and_read_in_pieces() {
        let mut bmc = server();
        assert_eq!(ask(&mut bmc, 0x2C, 0x06, &[0xDC, 0, 0]), [0xDC, 0]);
        let mut set = vec![0xDC, 0, 16];
        set.extend(*b"rack 7, unit 012");
        assert_eq!(ask(&mut bmc, 0x2C, 0x08, &set), [0xDC, 16]);
        assert_eq!(ask(&mut bmc, 0x2C, 0x08, &[0xDC, 16, 2, b'3', b'4']), [0xDC, 18]);
        assert_eq!(ask(&mut bmc, 0x2C, 0x06, &[0xDC, 0, 16])[1..6], [18, b'r', b'a', b'c', b'k']);
        assert_eq!(ask(&mut bmc, 0x2C, 0x06, &[0xDC, 16, 16]), [0xDC, 18, b'3', b'4']);
        assert_eq!(ask(&mut bmc, 0x2C, 0x08, &[0xDC, 1, 1, b'X']), [0xDC, 2]);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x08, &[0xDC, 3, 1, b'X']), 0xC9);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x08, &[0xDC, 0, 2, b'X']), 0xC7);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x06, &[0xDC, 60, 16]), 0xC9);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x06, &[0xDC, 0, 17]), 0xC9);
    }

    #[test]
    fn a_controller_id_is_counted_without_its_nul() {
        let mut bmc = server();
        let default = ask(&mut bmc, 0x2C, 0x09, &[0xDC, 0, 16]);
        assert_eq!((default[1], &default[2..6]), (16, &b"DCMI"[..]));
        assert_eq!(ask(&mut bmc, 0x2C, 0x0A, &[0xDC, 0, 5, b'n', b'o', b'd', b'e', 0]), [0xDC, 5]);
        assert_eq!(ask(&mut bmc, 0x2C, 0x09, &[0xDC, 0, 16]), [0xDC, 4, b'n', b'o', b'd', b'e']);
    }
}
