//! SOL configuration parameters (IPMI 2.0 s26.2, s26.3).

use ipmi_core::{NetFn, Privilege};

use super::lan::{get_of, require_channel, rest};
use super::{ANY_LENGTH, Answer, Call, Row, Scope, row};
use crate::store::channel::LAN;

pub(super) const ROWS: &[Row] = &[
    row(NetFn::TRANSPORT, 0x21, 3..=ANY_LENGTH, Privilege::Administrator, Scope::Bmc, set_parameter),
    row(NetFn::TRANSPORT, 0x22, 4..=4, Privilege::User, Scope::Bmc, get_parameter),
];

fn get_parameter(call: &mut Call<'_>) -> Answer {
    require_channel(call, LAN)?;
    get_of(call, &call.bmc.settings.sol.parameters)
}

fn set_parameter(call: &mut Call<'_>) -> Answer {
    require_channel(call, LAN)?;
    let saved = call.bmc.settings.sol.parameters.set(call.byte(1), rest(call.data))?;
    call.bmc.dirty |= saved;
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};

    #[test]
    fn parameters_are_read_and_written() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 0x0C, 0x22, &[1, 1, 0, 0]), [0x11, 1]);
        ask(&mut bmc, 0x0C, 0x21, &[1, 0, 1]);
        ask(&mut bmc, 0x0C, 0x21, &[1, 6, 8]);
        ask(&mut bmc, 0x0C, 0x21, &[1, 0, 0]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x22, &[1, 6, 0, 0]), [0x11, 8]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x22, &[1, 8, 0, 0]), [0x11, 0x6F, 0x02]);
        assert_eq!(refuse(&mut bmc, 0x0C, 0x21, &[1, 8, 1, 1]), 0x82);
        assert_eq!(refuse(&mut bmc, 0x0C, 0x22, &[1, 9, 0, 0]), 0x80);
        assert_eq!(refuse(&mut bmc, 0x0C, 0x22, &[0, 1, 0, 0]), 0xCC);
    }

    #[test]
    fn a_restart_brings_back_what_is_volatile() {
        let mut bmc = bmc();
        ask(&mut bmc, 0x0C, 0x21, &[1, 5, 7]);
        ask(&mut bmc, 0x0C, 0x21, &[1, 6, 7]);
        ask(&mut bmc, 6, 0x02, &[]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x22, &[1, 5, 0, 0]), [0x11, 7]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x22, &[1, 6, 0, 0]), [0x11, 0x0A]);
    }
}
