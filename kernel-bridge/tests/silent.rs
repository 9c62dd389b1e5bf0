//! A line that falls silent in the middle of a walk costs one timeout, however much was queued ahead.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use common::{State, sdr, sel};
use ipmi_core::command::app::GetDeviceId;
use ipmi_core::command::storage::{FruDeviceId, RecordId};
use ipmi_core::sdr::SensorKey;
use ipmi_core::{ChannelNumber, Error, Lun, Request, Response, SlaveAddress, Target};
use kernel_bridge::transport::{Failure, Transport};
use kernel_bridge::walk::{fru, reading, sdr as sdr_walk, sel as sel_walk};
use kernel_bridge::{Bmc, Options};

/// Exchanges left on a line that does not fall silent.
const WITHOUT_END: u32 = u32::MAX;

/// A BMC behind a line that carries so many exchanges and then falls silent. Nobody waits: a timeout is counted.
struct Line {
    bmc: Mutex<State>,
    left: AtomicU32,
    timeouts: AtomicU32,
}

struct Silent(Arc<Line>);

impl Transport for Silent {
    fn exchange(&mut self, _target: Target, request: &Request, _deadline: Instant) -> Result<Response, Failure> {
        let carry = |left: u32| if left == WITHOUT_END { Some(left) } else { left.checked_sub(1) };
        if self.0.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, carry).is_err() {
            self.0.timeouts.fetch_add(1, Ordering::SeqCst);
            return Err(Failure::Timeout);
        }
        Ok(self.0.bmc.lock().unwrap().handle(request))
    }
}

fn silent_after(exchanges: u32, state: State) -> (Bmc, Arc<Line>) {
    let (left, timeouts) = (AtomicU32::new(exchanges), AtomicU32::new(0));
    let line = Arc::new(Line { bmc: Mutex::new(state), left, timeouts });
    (Bmc::from_transport("line", Box::new(Silent(Arc::clone(&line))), Options::default()).unwrap(), line)
}

/// Runs `walk` on a line that falls silent after 3, 9, 15... exchanges; gives the most timeouts that one run took.
fn most_timeouts(state: impl Fn() -> State + Sync, walk: impl Fn(&Bmc) -> Result<(), Error> + Sync) -> u32 {
    let run = |exchanges| {
        let (bmc, line) = silent_after(exchanges, state());
        let error = walk(&bmc).unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }), "{error}");
        // The line speaks again, and nothing that was queued before is in the way.
        line.left.store(WITHOUT_END, Ordering::SeqCst);
        bmc.call(&GetDeviceId).unwrap();
        line.timeouts.load(Ordering::SeqCst)
    };
    std::thread::scope(|scope| {
        let runs: Vec<_> = (3..60).step_by(6).map(|exchanges| scope.spawn(move || run(exchanges))).collect();
        runs.into_iter().map(|run| run.join().unwrap()).max().unwrap()
    })
}

#[test]
fn in_a_walk_over_whole_records() {
    let state = || State { sdrs: (1..=100).map(|id| sdr(id, 40)).collect(), ..State::new() };
    assert_eq!(most_timeouts(state, |bmc| sdr_walk::read_repository(bmc, |_, _| {}).map(drop)), 1);
}

#[test]
fn in_a_walk_over_records_in_pieces() {
    let state = || State { most: 16, sdrs: (1..=40).map(|id| sdr(id, 59)).collect(), ..State::new() };
    assert_eq!(most_timeouts(state, |bmc| sdr_walk::read_repository(bmc, |_, _| {}).map(drop)), 1);
}

#[test]
fn in_an_event_log() {
    let state = || State { sel: (1..=100).map(sel).collect(), ..State::new() };
    assert_eq!(most_timeouts(state, |bmc| sel_walk::read_log(bmc, RecordId::FIRST, |_, _| {}).map(drop)), 1);
}

#[test]
fn in_an_inventory_area() {
    let state = || State { most: 16, fru: vec![0x0F; 2048], ..State::new() };
    assert_eq!(most_timeouts(state, |bmc| fru::read_whole(bmc, Target::Bmc, FruDeviceId::BUILTIN).map(drop)), 1);
}

fn keys() -> Vec<SensorKey> {
    let (owner, channel, lun) = (SlaveAddress::BMC, ChannelNumber::PRIMARY_IPMB, Lun::BMC);
    (0..100).map(|number| SensorKey { owner, channel, lun, number }).collect()
}

#[test]
fn among_readings_the_second_timeout_is_the_last() {
    let (bmc, line) = silent_after(20, State::new());
    let readings: Vec<_> = reading::many(&bmc, &keys()).collect();
    assert_eq!(readings.iter().take_while(|reading| reading.is_ok()).count(), 20);
    assert!(readings[20..].iter().all(|reading| matches!(reading, Err(Error::Timeout { .. }))));
    assert_eq!(line.timeouts.load(Ordering::SeqCst), 2);
}

#[test]
fn one_reading_that_gets_no_answer_hides_no_other() {
    let (bmc, line) = silent_after(20, State::new());
    let keys = keys();
    let mut readings = reading::many(&bmc, &keys);
    let (answered, silent) = (readings.by_ref().take(20).all(|reading| reading.is_ok()), readings.next());
    assert!(answered && matches!(silent, Some(Err(Error::Timeout { .. }))));
    line.left.store(WITHOUT_END, Ordering::SeqCst);
    let left: Vec<_> = readings.map(|reading| reading.unwrap().reading).collect();
    assert_eq!(left, (21..100).collect::<Vec<u8>>());
    assert_eq!(line.timeouts.load(Ordering::SeqCst), 1);
}
