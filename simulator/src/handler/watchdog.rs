//! Watchdog timer commands (IPMI 2.0 s27.5-7).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::{Answer, Call, Row, Scope, row};

pub(super) const ROWS: &[Row] = &[
    row(NetFn::APP, 0x22, 0..=0, Privilege::Operator, Scope::Bmc, reset_watchdog_timer),
    row(NetFn::APP, 0x24, 6..=6, Privilege::Operator, Scope::Bmc, set_watchdog_timer),
    row(NetFn::APP, 0x25, 0..=0, Privilege::User, Scope::Bmc, get_watchdog_timer),
];

fn reset_watchdog_timer(call: &mut Call<'_>) -> Answer {
    if !call.bmc.watchdog.initialized {
        return Err(CompletionCode(0x80));
    }
    call.bmc.watchdog.restart(call.now);
    Ok(Vec::new())
}

fn set_watchdog_timer(call: &mut Call<'_>) -> Answer {
    let bytes = *call.data.first_chunk::<6>().ok_or(CompletionCode::REQUEST_LENGTH_INVALID)?;
    let [timer_use, actions, ..] = bytes;
    if !(1..=5).contains(&(timer_use & 7)) || actions & 7 > 3 || actions >> 4 & 7 > 3 {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    call.bmc.watchdog.set(bytes, call.now);
    Ok(Vec::new())
}

fn get_watchdog_timer(call: &mut Call<'_>) -> Answer {
    Ok(call.bmc.watchdog.emit(call.now))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::{NOW, ask, ask_at, bmc, refuse};
    use crate::chassis::PowerAction;

    #[test]
    fn a_timer_that_runs_out_acts_and_logs() {
        let mut bmc = bmc();
        assert_eq!(refuse(&mut bmc, 6, 0x22, &[]), 0x80);
        // SMS/OS use, messaging pre-timeout 2 s before, hard reset, 10 s.
        ask(&mut bmc, 6, 0x24, &[0x04, 0x31, 2, 0x10, 100, 0]);
        ask(&mut bmc, 6, 0x22, &[]);
        let before = bmc.main.sel.as_ref().unwrap().records().len();
        bmc.poll(NOW + Duration::from_secs(8));
        assert_eq!(ask_at(&mut bmc, 6, 0x31, &[], NOW + Duration::from_secs(8)), [0x08]);
        bmc.poll(NOW + Duration::from_secs(10));
        let records = bmc.main.sel.as_ref().unwrap().records();
        assert_eq!(records[before][10..], [0x23, 0, 0x6F, 0xC8, 0x34, 0xFF]);
        assert_eq!(records[before + 1][10..], [0x23, 0, 0x6F, 0xC1, 0x04, 0xFF]);
        assert_eq!(bmc.take_actions(), [PowerAction::Reset]);
        assert_eq!(ask_at(&mut bmc, 6, 0x25, &[], NOW + Duration::from_secs(11))[3], 0x10);
        assert_eq!(ask_at(&mut bmc, 0, 0x07, &[], NOW + Duration::from_secs(11)), [4, 0]);
    }

    #[test]
    fn reserved_uses_are_refused() {
        assert_eq!(refuse(&mut bmc(), 6, 0x24, &[0, 0, 0, 0, 1, 0]), 0xCC);
    }
}
