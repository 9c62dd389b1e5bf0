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
