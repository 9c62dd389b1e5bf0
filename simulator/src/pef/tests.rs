//! Events in, actions and traps out.

use std::time::Duration;

use super::*;
use crate::handler::testing::{NOW, ask, ask_at, bmc};

const SECOND: Duration = Duration::from_secs(1);

/// Filter 1: any event of sensor 30h asks for `actions`; policy 1 alerts destination 1.
fn prepared(actions: u8) -> Bmc {
    let mut bmc = bmc();
    ask(&mut bmc, 4, 0x12, &[1, 0x03]);
    ask(
        &mut bmc,
        4,
        0x12,
        &[6, 1, 0x80, actions, 1, 0x10, 0xFF, 0xFF, 0xFF, 0x30, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    );
    ask(&mut bmc, 4, 0x12, &[9, 1, 0x18, 0x11, 0x02]);
    ask(&mut bmc, 4, 0x12, b"\x0D\x02\x01hot");
    ask(&mut bmc, 0x0C, 0x01, &[1, 18, 1, 0x00, 2, 0]);
    ask(&mut bmc, 0x0C, 0x01, &[1, 19, 1, 0, 0, 127, 0, 0, 9, 0, 0, 0, 0, 0, 0]);
    bmc
}

fn event(bmc: &mut Bmc, now: Duration) {
    ask_at(bmc, 4, 0x02, &[0x41, 0x04, 0x01, 0x30, 0x01, 0x57, 0x60, 0x50], now);
    bmc.poll(now);
}

#[test]
fn an_alert_goes_to_its_destination() {
    let mut bmc = prepared(ALERT);
    bmc.profile.system_guid = Some([16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    event(&mut bmc, NOW);
    let sent = bmc.take_datagrams();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].to.to_string(), "127.0.0.9:162");
    let bytes = &sent[0].bytes;
    assert!(bytes.windows(16).any(|window| window == (1..=16).collect::<Vec<_>>()), "the GUID in text order");
    assert_eq!(bytes[bytes.len() - 7..], *b"\x80\x43\x01hot\xC1");
    // What PEF did is logged: System Event, PEF action, alert.
    let records = bmc.main.sel.as_ref().unwrap().records();
    assert_eq!(records.last().unwrap()[10..], [0x12, 0, 0x6F, 0xC4, 0x01, 0xFF]);
    assert_eq!(bmc.pef.last_bmc, Some(1));
}

#[test]
fn only_the_first_power_action_runs() {
    let mut bmc = prepared(POWER_OFF | RESET | DIAGNOSTIC_INTERRUPT);
    event(&mut bmc, NOW);
    assert_eq!(bmc.take_actions(), [PowerAction::Off, PowerAction::DiagnosticInterrupt]);
    assert!(bmc.take_datagrams().is_empty());

    let mut bmc = prepared(RESET);
    event(&mut bmc, NOW);
    assert_eq!(bmc.take_actions(), [PowerAction::Reset]);
    assert_eq!(ask(&mut bmc, 0, 0x07, &[]), [8, 0]);

    let mut bmc = prepared(POWER_CYCLE);
    event(&mut bmc, NOW);
    bmc.poll(NOW + 2 * SECOND);
    assert_eq!(bmc.take_actions(), [PowerAction::Off, PowerAction::On]);
    assert_eq!(ask(&mut bmc, 0, 0x07, &[]), [9, 0]);
}

#[test]
fn actions_that_are_not_allowed_do_not_run() {
    let mut bmc = prepared(RESET);
    ask(&mut bmc, 4, 0x12, &[2, ALERT]);
    event(&mut bmc, NOW);
    assert!(bmc.take_actions().is_empty());
    let mut bmc = prepared(RESET);
    ask(&mut bmc, 4, 0x12, &[1, 0]);
    event(&mut bmc, NOW);
    ask(&mut bmc, 4, 0x12, &[1, 1]);
    bmc.poll(NOW);
    assert!(bmc.take_actions().is_empty(), "events from before PEF was enabled");
}

#[test]
fn the_postpone_timer_holds_events_back() {
    let mut bmc = prepared(RESET);
    assert_eq!(ask(&mut bmc, 4, 0x11, &[5]), [5]);
    event(&mut bmc, NOW);
    assert!(bmc.take_actions().is_empty());
    assert_eq!(ask_at(&mut bmc, 4, 0x11, &[0xFF], NOW + 2 * SECOND), [3]);
    assert_eq!(bmc.poll(NOW + 2 * SECOND), Some(NOW + 5 * SECOND));
    bmc.poll(NOW + 5 * SECOND);
    assert_eq!(bmc.take_actions(), [PowerAction::Reset]);

    let mut bmc = prepared(RESET);
    assert_eq!(ask(&mut bmc, 4, 0x11, &[0xFE]), [0xFE]);
    event(&mut bmc, NOW + 999 * SECOND);
    assert!(bmc.take_actions().is_empty());
    ask(&mut bmc, 4, 0x11, &[0]);
    bmc.poll(NOW + 999 * SECOND);
    assert_eq!(bmc.take_actions(), [PowerAction::Reset]);
}

#[test]
fn software_may_handle_an_event_itself() {
    let mut bmc = prepared(RESET);
    ask(&mut bmc, 4, 0x11, &[60]);
    event(&mut bmc, NOW);
    ask(&mut bmc, 4, 0x14, &[0, 1, 0]);
    ask(&mut bmc, 4, 0x11, &[0]);
    bmc.poll(NOW);
    assert!(bmc.take_actions().is_empty());
}

#[test]
fn the_start_of_the_system_delays_filters_and_alerts() {
    let mut bmc = prepared(ALERT | DIAGNOSTIC_INTERRUPT);
    ask(&mut bmc, 4, 0x12, &[1, 0x0D]);
    ask(&mut bmc, 4, 0x12, &[3, 10]);
    ask(&mut bmc, 4, 0x12, &[4, 20]);
    ask(&mut bmc, 0, 0x02, &[3]);
    bmc.take_actions();
    event(&mut bmc, NOW + SECOND);
    assert!(bmc.take_actions().is_empty());
    bmc.poll(NOW + 10 * SECOND);
    assert_eq!(bmc.take_actions(), [PowerAction::DiagnosticInterrupt]);
    assert!(bmc.take_datagrams().is_empty());
    bmc.poll(NOW + 20 * SECOND);
    assert_eq!(bmc.take_datagrams().len(), 1);
}
