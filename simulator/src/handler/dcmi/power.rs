//! DCMI power reading and power limit (DCMI 1.5 s6.6.1-4).

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::super::{Answer, Call, Row, Scope, row};
use super::{LIMIT_OUT_OF_RANGE, NOT_SUPPORTED, PERIOD_OUT_OF_RANGE, TIME_OUT_OF_RANGE, capability};
use crate::store::dcmi::{Excess, PowerLimit};

/// Power reading over the time since the start.
const MODE_NORMAL: u8 = 1;
/// Power reading over a period of capability parameter 5.
const MODE_PERIOD: u8 = 2;
/// The power is being measured.
const MEASURING: u8 = 0x40;
/// Longest correction time, in milliseconds.
const CORRECTION_LIMIT: u32 = 3_600_000;
/// Longest sampling period, in seconds.
const SAMPLING_LIMIT: u16 = 3600;

pub(in super::super) const ROWS: &[Row] = &[
    row(NetFn::GROUP_EXTENSION, 0x02, 3..=3, Privilege::User, Scope::Bmc, get_power_reading),
    row(NetFn::GROUP_EXTENSION, 0x03, 2..=2, Privilege::User, Scope::Bmc, get_power_limit),
    row(NetFn::GROUP_EXTENSION, 0x04, 14..=14, Privilege::Operator, Scope::Bmc, set_power_limit),
    row(NetFn::GROUP_EXTENSION, 0x05, 3..=3, Privilege::Operator, Scope::Bmc, activate_power_limit),
];

fn get_power_reading(call: &mut Call<'_>) -> Answer {
    let now = call.now;
    let measured = call.bmc.system_watts();
    let (mode, period) = (call.byte(0), call.byte(1));
    let statistics = &call.bmc.dcmi.statistics;
    let (summary, period) = match mode {
        MODE_NORMAL => {
            let (summary, period) = statistics.since_start(now);
            (summary, u32::try_from(period.as_millis()).unwrap_or(u32::MAX))
        }
        MODE_PERIOD if capability::PERIODS.contains(&period) => {
            (statistics.over(capability::period(period)), u32::from(period))
        }
        _ => return Err(CompletionCode::INVALID_DATA_FIELD),
    };
    let time = call.bmc.main.sel.as_ref().map_or(0, |sel| sel.time(now));
    let mut answer = Vec::new();
    for watts in [measured.unwrap_or(0), summary.minimum, summary.maximum, summary.average] {
        answer.extend(watts.to_le_bytes());
    }
    answer.extend(time.to_le_bytes());
    answer.extend(period.to_le_bytes());
    answer.push(if measured.is_some() { MEASURING } else { 0 });
    Ok(answer)
}

// A limit that is not active is shown with a code of its own: the data is there all the same.
fn get_power_limit(call: &mut Call<'_>) -> Answer {
    let limit = call.bmc.dcmi.limit;
    if !limit.active {
        call.code = NOT_SUPPORTED;
    }
    let mut answer = vec![0, 0, limit.action];
    answer.extend(limit.watts.to_le_bytes());
    answer.extend(limit.correction_ms.to_le_bytes());
    answer.extend([0, 0]);
    answer.extend(limit.sampling_s.to_le_bytes());
    Ok(answer)
}

fn set_power_limit(call: &mut Call<'_>) -> Answer {
    let limit = PowerLimit {
        action: call.byte(3),
        watts: call.word(4),
        correction_ms: u32::from(call.word(8)) << 16 | u32::from(call.word(6)),
        sampling_s: call.word(12),
        active: call.bmc.dcmi.limit.active,
    };
    match limit {
        PowerLimit { action: 0x12.., .. } => return Err(CompletionCode::INVALID_DATA_FIELD),
        PowerLimit { watts: 0, .. } => return Err(LIMIT_OUT_OF_RANGE),
        PowerLimit { correction_ms, .. } if correction_ms > CORRECTION_LIMIT => return Err(TIME_OUT_OF_RANGE),
        PowerLimit { sampling_s: 0, .. } => return Err(PERIOD_OUT_OF_RANGE),
        PowerLimit { sampling_s, .. } if sampling_s > SAMPLING_LIMIT => return Err(PERIOD_OUT_OF_RANGE),
        limit => call.bmc.dcmi.limit = limit,
    }
    call.bmc.dcmi.power_excess = Excess::default();
    call.bmc.dirty = true;
    Ok(Vec::new())
}

fn activate_power_limit(call: &mut Call<'_>) -> Answer {
    let active = match call.byte(0) {
        0 => false,
        1 => true,
        _ => return Err(CompletionCode::INVALID_DATA_FIELD),
    };
    call.bmc.dcmi.limit.active = active;
    call.bmc.dcmi.power_excess = Excess::default();
    call.bmc.dirty = true;
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ipmi_core::Request;

    use super::super::super::testing::{NOW, ask, ask_at, refuse};
    use super::super::testing::server;
    use super::*;
    use crate::Bmc;

    /// 300 W, corrected within 2000 ms, else this action; sampled each second.
    fn set_limit(bmc: &mut Bmc, action: u8) {
        let set = [0xDC, 0, 0, 0, action, 0x2C, 1, 0xD0, 7, 0, 0, 0, 0, 1, 0];
        assert_eq!(ask(bmc, 0x2C, 0x04, &set), [0xDC]);
    }

    #[test]
    fn readings_with_statistics() {
        let mut bmc = server();
        ask(&mut bmc, 6, 0x01, &[]);
        bmc.set_reading(0x20, (0, 9), 110, NOW);
        let later = NOW + Duration::from_secs(10);
        let answer = ask_at(&mut bmc, 0x2C, 0x02, &[0xDC, 1, 0, 0], later);
        assert_eq!(answer[..9], [0xDC, 0xB8, 1, 0x90, 1, 0xB8, 1, 0xB4, 1]);
        assert_eq!(answer[9..13], 1_700_000_010_u32.to_le_bytes());
        assert_eq!(answer[13..], [0x10, 0x27, 0, 0, 0x40]);
        let answer = ask_at(&mut bmc, 0x2C, 0x02, &[0xDC, 2, 0x05, 0], later);
        assert_eq!(answer[3..], [0xB8, 1, 0xB8, 1, 0xB8, 1, 0x0A, 0xF1, 0x53, 0x65, 5, 0, 0, 0, 0x40]);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x02, &[0xDC, 2, 0x06, 0]), 0xCC);
        assert_eq!(refuse(&mut bmc, 0x2C, 0x02, &[0xDC, 3, 0, 0]), 0xCC);
    }

    #[test]
    fn a_limit_is_kept_and_says_whether_it_is_active() {
        let mut bmc = server();
        assert_eq!(refuse(&mut bmc, 0x2C, 0x05, &[0xDC, 2, 0, 0]), 0xCC);
        set_limit(&mut bmc, 0x11);
        let get = Request::new(NetFn::GROUP_EXTENSION, 0x03, [0xDC, 0, 0]);
        let limit = [0xDC, 0, 0, 0x11, 0x2C, 1, 0xD0, 7, 0, 0, 0, 0, 1, 0];
        let response = bmc.handle(&get, NOW);
        assert_eq!((response.code.0, response.data.as_slice()), (0x80, &limit[..]));
        assert_eq!(ask(&mut bmc, 0x2C, 0x05, &[0xDC, 1, 0, 0]), [0xDC]);
        assert_eq!(ask(&mut bmc, 0x2C, 0x03, &[0xDC, 0, 0]), limit);
        for (at, value, code) in [(4, 0x12, 0xCC), (6, 0xFF, 0), (10, 0x10, 0x85), (13, 0, 0x89), (14, 0x20, 0x89)] {
            let mut set = [0xDC, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0];
            set[at] = value;
            let response = bmc.handle(&Request::new(NetFn::GROUP_EXTENSION, 0x04, set), NOW);
            assert_eq!(response.code.0, code);
        }
    }

    #[test]
    fn power_above_the_limit_for_too_long_is_logged_and_switched_off() {
        for (action, events, on) in [(0, 0, true), (0x11, 1, true), (0x01, 1, false)] {
            let mut bmc = server();
            set_limit(&mut bmc, action);
            ask(&mut bmc, 0x2C, 0x05, &[0xDC, 1, 0, 0]);
            assert_eq!(bmc.poll(NOW), Some(NOW + Duration::from_secs(2)));
            assert_eq!(bmc.main.sel.as_ref().unwrap().records().len(), 0);
            bmc.poll(NOW + Duration::from_secs(2));
            bmc.poll(NOW + Duration::from_secs(9));
            let records = bmc.main.sel.as_ref().unwrap().records().to_vec();
            assert_eq!((records.len(), bmc.chassis.power_on), (events, on), "{action:02X}h");
            if let Some(record) = records.first() {
                assert_eq!(record[7..], [0x20, 0, 4, 0x0B, 9, 0x05, 1, 0xFF, 0xFF]);
            }
        }
    }

    #[test]
    fn power_below_the_limit_is_left_alone() {
        let mut bmc = server();
        bmc.set_reading(0x20, (0, 9), 75, NOW);
        set_limit(&mut bmc, 0x01);
        ask(&mut bmc, 0x2C, 0x05, &[0xDC, 1, 0, 0]);
        assert_eq!(bmc.poll(NOW + Duration::from_secs(60)), None);
        assert!(bmc.chassis.power_on);
    }
}
