//! Serial/modem configuration parameters and the port's multiplexer (IPMI 2.0 s25.1-s25.3).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::lan::{get_of, require_channel, rest};
use super::{ANY_LENGTH, Answer, Call, Row, Scope, row};
use crate::store::channel::SERIAL;
use crate::store::serial_config::TERMINAL_MODE;

pub(super) const ROWS: &[Row] = &[
    row(NetFn::TRANSPORT, 0x10, 3..=ANY_LENGTH, Privilege::Administrator, Scope::Bmc, set_parameter),
    row(NetFn::TRANSPORT, 0x11, 4..=4, Privilege::Administrator, Scope::Bmc, get_parameter),
    row(NetFn::TRANSPORT, 0x12, 2..=2, Privilege::Administrator, Scope::Bmc, set_mux),
];

fn get_parameter(call: &mut Call<'_>) -> Answer {
    require_channel(call, SERIAL)?;
    get_of(call, &call.bmc.settings.serial.parameters)
}

// The upper bits of the terminal mode configuration say what to do with it and are not part of it.
fn set_parameter(call: &mut Call<'_>) -> Answer {
    require_channel(call, SERIAL)?;
    let mut data = rest(call.data).to_vec();
    let number = call.byte(1);
    if let (TERMINAL_MODE, [flags, _]) = (number, data.as_mut_slice()) {
        if *flags >> 6 == 3 {
            return Err(CompletionCode::INVALID_DATA_FIELD);
        }
        if *flags >> 6 == 2 {
            call.bmc.settings.serial.parameters.reset(TERMINAL_MODE);
            call.bmc.dirty = true;
            return Ok(Vec::new());
        }
        *flags &= 0x3F;
    }
    let saved = call.bmc.settings.serial.parameters.set(number, &data)?;
    call.bmc.dirty |= saved;
    Ok(Vec::new())
}

fn set_mux(call: &mut Call<'_>) -> Answer {
    require_channel(call, SERIAL)?;
    let operation = call.byte(1) & 0xF;
    let mux = &mut call.bmc.settings.serial.mux;
    let accepted = match operation {
        1 => !mux.system_blocked,
        2 => !mux.bmc_blocked,
        0 | 3..=8 => true,
        _ => return Err(CompletionCode::INVALID_DATA_FIELD),
    };
    match operation {
        1 | 3 if accepted => mux.at_bmc = false,
        2 | 4 if accepted => mux.at_bmc = true,
        5 => mux.system_blocked = true,
        6 => mux.system_blocked = false,
        7 => mux.bmc_blocked = true,
        8 => mux.bmc_blocked = false,
        _ => {}
    }
    let blocked = u8::from(mux.system_blocked) << 7 | u8::from(mux.bmc_blocked) << 6;
    Ok(vec![blocked | u8::from(accepted) << 1 | u8::from(mux.at_bmc)])
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};

    #[test]
    fn parameters_are_read_and_written() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 0x0C, 0x11, &[2, 3, 0, 0]), [0x11, 0x85]);
        ask(&mut bmc, 0x0C, 0x10, &[2, 7, 0x40, 0x07]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x11, &[2, 7, 0, 0]), [0x11, 0x40, 0x07]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x11, &[2, 10, 1, 0])[..4], [0x11, 1, b'A', b'T']);
        assert_eq!(refuse(&mut bmc, 0x0C, 0x10, &[2, 7, 0x40, 0x01]), 0xCC);
        assert_eq!(refuse(&mut bmc, 0x0C, 0x11, &[1, 3, 0, 0]), 0xCC);
        assert_eq!(refuse(&mut bmc, 0x0C, 0x11, &[2, 30, 0, 0]), 0x80);
    }

    #[test]
    fn the_terminal_configuration_can_be_restored() {
        let mut bmc = bmc();
        ask(&mut bmc, 0x0C, 0x10, &[2, 29, 0x42, 0x52]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x11, &[2, 29, 0, 0]), [0x11, 0x02, 0x52]);
        ask(&mut bmc, 0x0C, 0x10, &[2, 29, 0x80, 0]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x11, &[2, 29, 0, 0]), [0x11, 0x26, 0x11]);
    }

    #[test]
    fn the_port_is_switched_unless_blocked() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 0x0C, 0x12, &[2, 0]), [0x02]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x12, &[2, 2]), [0x03]);
        ask(&mut bmc, 0x0C, 0x12, &[2, 5]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x12, &[2, 1]), [0x81]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x12, &[2, 3]), [0x82]);
        assert_eq!(refuse(&mut bmc, 0x0C, 0x12, &[2, 9]), 0xCC);
    }
}
