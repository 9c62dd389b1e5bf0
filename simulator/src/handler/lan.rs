//! LAN configuration commands: parameters, ARPs, IP statistics (IPMI 2.0 s23).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{ANY_LENGTH, Answer, Call, Row, Scope, row};
use crate::store::channel::LAN;
use crate::store::parameter::Parameters;

/// Channel Eh of a request: the one it came in on.
const CURRENT: u8 = 0xE;
/// Parameter revision: format 1, compatible with format 1.
pub(super) const PARAMETER_REVISION: u8 = 0x11;
/// Get commands: the revision alone is asked for.
const REVISION_ONLY: u8 = 0x80;

pub(super) const ROWS: &[Row] = &[
    row(NetFn::TRANSPORT, 0x01, 3..=ANY_LENGTH, Privilege::Administrator, Scope::Bmc, set_parameter),
    row(NetFn::TRANSPORT, 0x02, 4..=4, Privilege::Operator, Scope::Bmc, get_parameter),
    row(NetFn::TRANSPORT, 0x03, 2..=2, Privilege::Operator, Scope::Bmc, suspend_arps),
    row(NetFn::TRANSPORT, 0x04, 2..=2, Privilege::User, Scope::Bmc, get_statistics),
];

/// Requires that byte 0 names `channel`, by its number or as the one the request came in on.
pub(super) fn require_channel(call: &Call<'_>, channel: u8) -> Result<(), CompletionCode> {
    let named = match call.byte(0) & 0xF {
        CURRENT => call.source.channel(),
        number => number,
    };
    if named == channel { Ok(()) } else { Err(CompletionCode::INVALID_DATA_FIELD) }
}

/// A Get command of a family of parameters on a channel: channel, parameter, set selector, block selector.
pub(super) fn get_of(call: &Call<'_>, parameters: &Parameters) -> Answer {
    let mut answer = vec![PARAMETER_REVISION];
    if call.byte(0) & REVISION_ONLY == 0 {
        answer.extend(parameters.get(call.byte(1), call.byte(2), call.byte(3))?);
    }
    Ok(answer)
}

/// What a Set command of a family of parameters on a channel carries after channel and parameter.
pub(super) fn rest(data: &[u8]) -> &[u8] {
    data.get(2..).unwrap_or(&[])
}

fn get_parameter(call: &mut Call<'_>) -> Answer {
    require_channel(call, LAN)?;
    get_of(call, &call.bmc.settings.lan.parameters)
}

fn set_parameter(call: &mut Call<'_>) -> Answer {
    require_channel(call, LAN)?;
    let saved = call.bmc.settings.lan.set(call.byte(1), rest(call.data))?;
    call.bmc.dirty |= saved;
    Ok(Vec::new())
}

// The suspension ends when the watchdog stops: without the host nobody else answers ARPs (s23.3).
fn suspend_arps(call: &mut Call<'_>) -> Answer {
    require_channel(call, LAN)?;
    let suspended = if call.bmc.watchdog.is_running() { call.byte(1) & 3 } else { 0 };
    let enabled = call.bmc.settings.lan.parameters.byte(10, 0, 0);
    Ok(vec![enabled & !suspended & 3])
}

fn get_statistics(call: &mut Call<'_>) -> Answer {
    require_channel(call, LAN)?;
    let answer = call.bmc.settings.lan.statistics.emit();
    if call.byte(1) & 1 != 0 {
        call.bmc.settings.lan.statistics = Default::default();
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ask, bmc, refuse};
    use crate::store::lan_config::Counter;

    #[test]
    fn ipmitools_order_of_writes_works() {
        let mut bmc = bmc();
        ask(&mut bmc, 0x0C, 0x01, &[1, 0, 1]);
        assert_eq!(refuse(&mut bmc, 0x0C, 0x01, &[1, 0, 1]), 0x81);
        ask(&mut bmc, 0x0C, 0x01, &[1, 3, 10, 0, 0, 9]);
        ask(&mut bmc, 0x0C, 0x01, &[1, 0, 2]);
        ask(&mut bmc, 0x0C, 0x01, &[1, 0, 0]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x02, &[1, 3, 0, 0]), [0x11, 10, 0, 0, 9]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x02, &[1, 0, 0, 0]), [0x11, 0]);
    }

    #[test]
    fn parameters_answer_as_the_tables_say() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 0x0C, 0x02, &[0x81, 3, 0, 0]), [0x11]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x02, &[1, 8, 0, 0]), [0x11, 0x6F, 0x02]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x02, &[1, 17, 0, 0]), [0x11, 4]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x02, &[1, 18, 2, 0]), [0x11, 2, 0, 0, 0]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x02, &[1, 19, 1, 0]).len(), 14);
        assert_eq!(ask(&mut bmc, 0x0C, 0x02, &[1, 50, 0, 0]), [0x11, 7]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x02, &[1, 56, 1, 0]).len(), 21);
        assert_eq!(refuse(&mut bmc, 0x0C, 0x01, &[1, 1, 0]), 0x82);
        assert_eq!(refuse(&mut bmc, 0x0C, 0x02, &[1, 192, 0, 0]), 0x80);
        assert_eq!(refuse(&mut bmc, 0x0C, 0x02, &[3, 3, 0, 0]), 0xCC);
        // The system interface is not the LAN channel.
        assert_eq!(refuse(&mut bmc, 0x0C, 0x02, &[0xE, 3, 0, 0]), 0xCC);
        assert_eq!(refuse(&mut bmc, 0x0C, 0x02, &[1, 18, 5, 0]), 0xC9);
    }

    #[test]
    fn arps_are_suspended_while_the_watchdog_runs() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 0x0C, 0x03, &[1, 3]), [2]);
        ask(&mut bmc, 6, 0x24, &[0x04, 0, 0, 0, 100, 0]);
        ask(&mut bmc, 6, 0x22, &[]);
        assert_eq!(ask(&mut bmc, 0x0C, 0x03, &[1, 3]), [0]);
    }

    #[test]
    fn statistics_are_nine_words_and_can_be_cleared() {
        let mut bmc = bmc();
        bmc.settings.lan.statistics.count(Counter::UdpReceived);
        let mut expected = [0; 18];
        expected[10] = 1;
        assert_eq!(ask(&mut bmc, 0x0C, 0x04, &[1, 1]), expected);
        assert_eq!(ask(&mut bmc, 0x0C, 0x04, &[1, 0]), [0; 18]);
    }
}
