//! PEF and alerting commands (IPMI 2.0 s30).

use std::time::Duration;

use ipmi_core::{CompletionCode, NetFn, Privilege};

use super::lan::PARAMETER_REVISION;
use super::{ANY_LENGTH, Answer, Call, Row, Scope, row};
use crate::pef::alert::{Alert, AlertStatus, Step};
use crate::pef::{NO_RECORD, Postpone, SUPPORTED_ACTIONS, Subject};
use crate::store::channel::LAN;
use crate::store::pef_config::{FILTERS, PolicyEntry};

/// Version of PEF: 1.5.
const VERSION: u8 = 0x51;
/// Arm PEF Postpone Timer: off until switched on again, and just ask.
const POSTPONE_DISABLE: u8 = 0xFE;
const POSTPONE_GET: u8 = 0xFF;
/// Alert Immediate: an alert is in progress.
const ALERT_IN_PROGRESS: CompletionCode = CompletionCode(0x81);

pub(super) const ROWS: &[Row] = &[
    row(NetFn::SENSOR_EVENT, 0x10, 0..=0, Privilege::User, Scope::Bmc, get_capabilities),
    row(NetFn::SENSOR_EVENT, 0x11, 1..=1, Privilege::Administrator, Scope::Bmc, arm_postpone_timer),
    row(NetFn::SENSOR_EVENT, 0x12, 2..=ANY_LENGTH, Privilege::Administrator, Scope::Bmc, set_parameter),
    row(NetFn::SENSOR_EVENT, 0x13, 3..=3, Privilege::Operator, Scope::Bmc, get_parameter),
    row(NetFn::SENSOR_EVENT, 0x14, 3..=3, Privilege::Administrator, Scope::Bmc, set_last_processed_event),
    row(NetFn::SENSOR_EVENT, 0x15, 0..=0, Privilege::Administrator, Scope::Bmc, get_last_processed_event),
    row(NetFn::SENSOR_EVENT, 0x16, 3..=11, Privilege::Administrator, Scope::Bmc, alert_immediate),
    row(NetFn::SENSOR_EVENT, 0x17, 12..=12, Privilege::Callback, Scope::Bmc, pet_acknowledge),
];

fn get_capabilities(_call: &mut Call<'_>) -> Answer {
    Ok(vec![VERSION, SUPPORTED_ACTIONS, FILTERS])
}

fn arm_postpone_timer(call: &mut Call<'_>) -> Answer {
    call.bmc.pef.postpone = match call.byte(0) {
        0 => Postpone::Off,
        POSTPONE_DISABLE => Postpone::Disabled,
        POSTPONE_GET => call.bmc.pef.postpone,
        seconds => Postpone::Until(call.now + Duration::from_secs(u64::from(seconds))),
    };
    Ok(vec![call.bmc.pef.postponed(call.now)])
}

fn set_parameter(call: &mut Call<'_>) -> Answer {
    let data = call.data.get(1..).unwrap_or(&[]);
    let saved = call.bmc.settings.pef.set(call.byte(0) & 0x7F, data)?;
    call.bmc.dirty |= saved;
    Ok(Vec::new())
}

fn get_parameter(call: &mut Call<'_>) -> Answer {
    let mut answer = vec![PARAMETER_REVISION];
    if call.byte(0) & 0x80 == 0 {
        answer.extend(call.bmc.settings.pef.get(call.byte(0) & 0x7F, call.byte(1), call.byte(2))?);
    }
    Ok(answer)
}

fn set_last_processed_event(call: &mut Call<'_>) -> Answer {
    let id = call.word(1);
    if let Some(sel) = &call.bmc.main.sel {
        sel.require_idle(call.now)?;
        if id != NO_RECORD {
            sel.get(id)?;
        }
    }
    let id = (id != NO_RECORD).then_some(id);
    if call.byte(0) & 1 == 0 {
        call.bmc.pef.last_software = id;
    } else {
        call.bmc.pef.last_bmc = id;
    }
    call.bmc.dirty = true;
    Ok(Vec::new())
}

fn get_last_processed_event(call: &mut Call<'_>) -> Answer {
    let mut answer = Vec::new();
    let (mut last_add, mut last_record) = (None, None);
    if let Some(sel) = &call.bmc.main.sel {
        sel.require_idle(call.now)?;
        last_add = sel.last_add;
        last_record = sel.records().last().map(|[low, high, ..]| u16::from_le_bytes([*low, *high]));
    }
    answer.extend(last_add.unwrap_or(u32::MAX).to_le_bytes());
    for id in [last_record, call.bmc.pef.last_software, call.bmc.pef.last_bmc] {
        answer.extend(id.unwrap_or(NO_RECORD).to_le_bytes());
    }
    Ok(answer)
}

// Without an event of its own the alert carries an empty one from the BMC.
fn alert_immediate(call: &mut Call<'_>) -> Answer {
    let &[channel, target, string, ref event @ ..] = call.data else {
        return Err(CompletionCode::REQUEST_LENGTH_INVALID);
    };
    let status = call.bmc.pef.alerts.status;
    match target >> 6 {
        0 => {}
        1 => return Ok(vec![status as u8]),
        2 => {
            call.bmc.pef.alerts.status = AlertStatus::None;
            return Ok(Vec::new());
        }
        _ => return Err(CompletionCode::INVALID_DATA_FIELD),
    }
    let event = match *event {
        [] => [call.bmc.main.address, 0x04, 0, 0, 0, 0, 0, 0],
        [a, b, c, d, e, f, g, h] => [a, b, c, d, e, f, g, h],
        _ => return Err(CompletionCode::REQUEST_LENGTH_INVALID),
    };
    let named = if channel & 0xF == crate::store::channel::CURRENT { call.source.channel() } else { channel & 0xF };
    if named != LAN || call.bmc.settings.lan.destination(target & 0xF).is_none() {
        return Err(CompletionCode::INVALID_DATA_FIELD);
    }
    if status == AlertStatus::Running {
        return Err(ALERT_IN_PROGRESS);
    }
    let stamp = call.bmc.main.sel.as_ref().map_or(0, |sel| sel.time(call.now));
    let ([t0, t1, t2, t3], [generator, revision, kind, number, trigger, d1, d2, d3]) = (stamp.to_le_bytes(), event);
    let record = [0xFF, 0xFF, 0x02, t0, t1, t2, t3, generator, 0, revision, kind, number, trigger, d1, d2, d3];
    let text = if string & 0x80 != 0 { call.bmc.settings.pef.string(string & 0x7F) } else { Vec::new() };
    let destination = target & 0xF;
    let entry =
        PolicyEntry { policy: 0, enabled: true, kind: 0, channel: LAN, destination, by_event: false, string: 0 };
    let alert = Alert::new(Subject { event: record, severity: 0 }, [Step { entry, text }], true);
    if call.bmc.pef.alerts.push(alert) { Ok(Vec::new()) } else { Err(ALERT_IN_PROGRESS) }
}

// The event in the request is the same that went out with this sequence number; an unknown one changes nothing.
fn pet_acknowledge(call: &mut Call<'_>) -> Answer {
    let known = call.bmc.pef.alerts.acknowledge(call.word(0));
    tracing::debug!(sequence = call.word(0), known, "PET acknowledge");
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{NOW, ask, ask_at, bmc, refuse};
    use super::*;

    #[test]
    fn capabilities_and_parameters() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 4, 0x10, &[]), [0x51, 0x2F, 16]);
        assert_eq!(ask(&mut bmc, 4, 0x13, &[5, 0, 0]), [0x11, 16]);
        assert_eq!(ask(&mut bmc, 4, 0x13, &[0x85, 0, 0]), [0x11]);
        assert_eq!(ask(&mut bmc, 4, 0x13, &[6, 2, 0]).len(), 22);
        assert_eq!(ask(&mut bmc, 4, 0x13, &[9, 2, 0]), [0x11, 2, 0, 0, 0]);
        assert_eq!(ask(&mut bmc, 4, 0x13, &[13, 2, 1]).len(), 19);
        assert_eq!(refuse(&mut bmc, 4, 0x12, &[5, 1]), 0x82);
        assert_eq!(refuse(&mut bmc, 4, 0x13, &[15, 0, 0]), 0x80);
        assert_eq!(refuse(&mut bmc, 4, 0x13, &[6, 0, 0]), 0xC9);
    }

    #[test]
    fn last_processed_events_are_records() {
        let mut bmc = bmc();
        assert_eq!(ask(&mut bmc, 4, 0x15, &[]), [0xFF; 10]);
        bmc.log_event([0x20, 0, 4, 1, 1, 1], [0x57, 1, 2], NOW);
        ask(&mut bmc, 4, 0x14, &[0, 1, 0]);
        ask(&mut bmc, 4, 0x14, &[1, 1, 0]);
        let expected = [&1_700_000_000_u32.to_le_bytes()[..], &[1, 0, 1, 0, 1, 0]].concat();
        assert_eq!(ask(&mut bmc, 4, 0x15, &[]), expected);
        assert_eq!(refuse(&mut bmc, 4, 0x14, &[0, 9, 0]), 0xCB);
        let reservation = ask(&mut bmc, 0x0A, 0x42, &[]);
        ask(&mut bmc, 0x0A, 0x47, &[reservation[0], reservation[1], b'C', b'L', b'R', 0xAA]);
        assert_eq!(ask_at(&mut bmc, 4, 0x15, &[], NOW + Duration::from_secs(1))[4..], [0xFF; 6]);
    }

    #[test]
    fn an_immediate_alert_is_sent_and_acknowledged() {
        let mut bmc = bmc();
        assert_eq!(refuse(&mut bmc, 4, 0x16, &[1, 1, 0]), 0xCC);
        ask(&mut bmc, 0x0C, 0x01, &[1, 18, 1, 0x80, 2, 0]);
        ask(&mut bmc, 0x0C, 0x01, &[1, 19, 1, 0, 0, 127, 0, 0, 9, 0, 0, 0, 0, 0, 0]);
        assert_eq!(ask(&mut bmc, 4, 0x16, &[1, 0x41, 0]), [0]);
        ask(&mut bmc, 4, 0x16, &[1, 1, 0, 0x20, 4, 1, 0x30, 1, 0x57, 0x60, 0x50]);
        bmc.poll(NOW);
        assert_eq!(bmc.take_datagrams().len(), 1);
        assert_eq!(ask(&mut bmc, 4, 0x16, &[1, 0x41, 0]), [0xFF]);
        assert_eq!(refuse(&mut bmc, 4, 0x16, &[1, 1, 0]), 0x81);
        ask(&mut bmc, 4, 0x17, &[1, 0, 0, 0, 0, 0, 0x20, 0x20, 0x30, 0x57, 0x60, 0x50]);
        assert_eq!(ask(&mut bmc, 4, 0x16, &[1, 0x41, 0]), [1]);
        ask(&mut bmc, 4, 0x16, &[1, 0x81, 0]);
        assert_eq!(ask(&mut bmc, 4, 0x16, &[1, 0x41, 0]), [0]);
        assert_eq!(refuse(&mut bmc, 4, 0x16, &[1, 1, 0, 0]), 0xC7);
    }
}
