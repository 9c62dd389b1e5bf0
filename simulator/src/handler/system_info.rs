//! Set and Get System Info Parameters (IPMI 2.0 s22.14a, s22.14b).

use ipmi_core::{NetFn, Privilege};

use super::lan::PARAMETER_REVISION;
use super::{ANY_LENGTH, Answer, Call, Row, Scope, row};

pub(super) const ROWS: &[Row] = &[
    row(NetFn::APP, 0x58, 2..=ANY_LENGTH, Privilege::Administrator, Scope::Bmc, set_parameter),
    row(NetFn::APP, 0x59, 4..=4, Privilege::User, Scope::Bmc, get_parameter),
];

fn get_parameter(call: &mut Call<'_>) -> Answer {
    let mut answer = vec![PARAMETER_REVISION];
    if call.byte(0) & 0x80 == 0 {
        let parameters = &call.bmc.settings.system_info.parameters;
        answer.extend(parameters.get(call.byte(1), call.byte(2), call.byte(3))?);
    }
    Ok(answer)
}

fn set_parameter(call: &mut Call<'_>) -> Answer {
    let data = call.data.get(1..).unwrap_or(&[]);
    let saved = call.bmc.settings.system_info.parameters.set(call.byte(0), data)?;
    call.bmc.dirty |= saved;
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};

    #[test]
    fn names_come_in_sets() {
        let mut bmc = bmc();
        bmc.settings.system_info.set_system_name("a name of more than 14");
        let first = ask(&mut bmc, 6, 0x59, &[0, 2, 0, 0]);
        assert_eq!(first, *b"\x11\x00\x00\x16a name of more");
        assert_eq!(ask(&mut bmc, 6, 0x59, &[0, 2, 1, 0]), *b"\x11\x01 than 14\0\0\0\0\0\0\0\0");
        ask(&mut bmc, 6, 0x58, b"\x04\x00\x00\x05Linux");
        assert_eq!(ask(&mut bmc, 6, 0x59, &[0, 4, 0, 0])[..9], *b"\x11\x00\x00\x05Linux");
        assert_eq!(ask(&mut bmc, 6, 0x59, &[0x80, 4, 0, 0]), [0x11]);
        assert_eq!(refuse(&mut bmc, 6, 0x59, &[0, 8, 0, 0]), 0x80);
        assert_eq!(refuse(&mut bmc, 6, 0x58, &[4, 16, 1]), 0xC9);
    }

    #[test]
    fn the_primary_system_name_is_lost_in_a_reset() {
        let mut bmc = bmc();
        for parameter in [3, 4] {
            ask(&mut bmc, 6, 0x58, &[parameter, 0, 0, 1, b'x']);
        }
        ask(&mut bmc, 6, 0x02, &[]);
        assert_eq!(ask(&mut bmc, 6, 0x59, &[0, 3, 0, 0])[3], 0);
        assert_eq!(ask(&mut bmc, 6, 0x59, &[0, 4, 0, 0])[3], 1);
    }
}
