//! Walkers and readings that ask before their turn, against BMCs that count what they are asked: no request more than
//! asking one after the other takes, but for a few wrong guesses.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Shared, State, sdr, sel};
use ipmi_core::command::app::GetDeviceId;
use ipmi_core::command::storage::{FruDeviceId, RecordId};
use ipmi_core::sdr::SensorKey;
use ipmi_core::{ChannelNumber, Error, Lun, Request, Response, SlaveAddress, Target};
use kernel_bridge::transport::InProcess;
use kernel_bridge::walk::{fru, reading, sdr as sdr_walk, sel as sel_walk};
use kernel_bridge::{Bmc, Options};

/// Wrong guesses allowed for a walk over `records`.
fn allowed(records: usize) -> u32 {
    8.max(records as u32 / 33)
}

/// A BMC whose state `hook` changes before each request.
fn hooked(state: State, mut hook: impl FnMut(&mut State, &Request) + Send + 'static) -> (Bmc, Shared) {
    let shared = Arc::new(Mutex::new(state));
    let bmc_side = Arc::clone(&shared);
    let transport = InProcess::new(Box::new(move |request| {
        let mut state = bmc_side.lock().unwrap();
        hook(&mut state, request);
        state.handle(request)
    }));
    (Bmc::from_transport("fake", Box::new(transport), Options::default()).unwrap(), shared)
}

fn repository(ids: &[u16]) -> State {
    State { sdrs: ids.iter().map(|id| sdr(*id, 40)).collect(), ..State::new() }
}

/// Orders of record ids seen on real BMCs, and unkind ones.
fn numberings() -> Vec<(&'static str, Vec<u16>)> {
    vec![
        ("consecutive", (1..=165).collect()),
        ("in steps of a record", (0..165).map(|index| 4 + 67 * index).collect()),
        ("with a gap after every tenth", (0..165).map(|index| 1 + index + index / 10).collect()),
        ("with a gap after every third", (0..165).map(|index| 1 + index + index / 3).collect()),
        ("in blocks", (1..60).chain(0x100..0x140).chain(0x7000..0x7030).collect()),
        ("downwards", (1..=165).rev().collect()),
        ("in pairs", (0..160).map(|index| if index % 2 == 0 { index + 2 } else { index }).collect()),
        ("from everywhere", (1..=165_u32).map(|index| (index * 7919 % 65521) as u16).collect()),
        ("one", vec![7]),
        ("two", vec![7, 8]),
    ]
}

#[test]
fn every_numbering_of_records_is_read_with_few_guesses_wrong() {
    for (name, ids) in numberings() {
        let (bmc, state) = common::bmc(repository(&ids), Options::default());
        let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
        let found: Vec<u16> = read.records.iter().map(|record| record.id.0).collect();
        assert_eq!((found, read.problems), (ids.clone(), vec![]), "{name}");
        bmc.call(&GetDeviceId).unwrap();
        let asked = state.lock().unwrap().count(0x0A, 0x23);
        let records = ids.len() as u32;
        assert!(asked <= records + allowed(ids.len()), "{name}: {asked} for {records}");
        if ["consecutive", "in steps of a record", "one", "two", "downwards"].contains(&name) {
            assert_eq!(asked, records, "{name}");
        }
    }
}

#[test]
fn every_numbering_of_events_is_read_with_few_guesses_wrong() {
    for (name, ids) in numberings() {
        let state = State { sel: ids.iter().map(|id| sel(*id)).collect(), ..State::new() };
        let (bmc, state) = common::bmc(state, Options::default());
        let log = sel_walk::read_log(&bmc, RecordId::FIRST, |_, _| {}).unwrap();
        let found: Vec<u16> = log.records.iter().map(|record| record.id.0).collect();
        assert_eq!((found, log.problems), (ids.clone(), vec![]), "{name}");
        bmc.call(&GetDeviceId).unwrap();
        let asked = state.lock().unwrap().count(0x0A, 0x43);
        let records = ids.len() as u32;
        assert!(asked <= records + allowed(ids.len()), "{name}: {asked} for {records}");
    }
}

#[test]
fn the_end_of_a_long_log_costs_what_it_holds() {
    let state = State { sel: (1..=500).map(sel).collect(), ..State::new() };
    let (bmc, state) = common::bmc(state, Options::default());
    for (start, left) in [(1, 500), (300, 201), (490, 11), (500, 1)] {
        let before = state.lock().unwrap().count(0x0A, 0x43);
        assert_eq!(sel_walk::read_log(&bmc, RecordId(start), |_, _| {}).unwrap().records.len(), left);
        // Behind the guesses nobody waits for.
        bmc.call(&GetDeviceId).unwrap();
        let asked = state.lock().unwrap().count(0x0A, 0x43) - before;
        assert!(asked as usize <= left + left / 16, "{asked} for {left}");
    }
}

#[test]
fn loops_and_endless_chains_end() {
    for (at, next) in [(165, 3), (165, 1), (70, 70), (50, 0)] {
        let mut state = repository(&(1..=165).collect::<Vec<_>>());
        state.wrong_next.insert(at, next);
        let (bmc, state) = common::bmc(state, Options::default());
        let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
        assert_eq!((read.records.len(), read.problems.len()), (usize::from(at), 1));
        bmc.call(&GetDeviceId).unwrap();
        assert!(state.lock().unwrap().count(0x0A, 0x23) <= u32::from(at) + 9);
    }
    // Past its 20 records this BMC gives the last one again under ever new ids.
    let endless = |request: &Request| match (request.net_fn.get(), request.cmd) {
        (0x06, 0x01) => Response::ok([0x20, 1, 2, 0, 2, 0xBF, 0, 0, 0, 0, 0]),
        (0x0A, 0x20) => Response::ok([0x51, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        _ => {
            let id = u16::from_le_bytes([request.data[2], request.data[3]]).max(1);
            let mut record = sdr(id.min(20), 40);
            record[..2].copy_from_slice(&id.to_le_bytes());
            Response::ok([(id + 1).to_le_bytes().to_vec(), record].concat())
        }
    };
    let bmc = Bmc::from_transport("endless", Box::new(InProcess::new(Box::new(endless))), Options::default()).unwrap();
    let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
    assert_eq!((read.records.len(), read.problems.len()), (20, 1));
    assert!(read.problems[0].reason.contains("does not end"));
}

#[test]
fn a_count_too_small_hides_nothing() {
    let (bmc, state) = hooked(repository(&(1..=165).collect::<Vec<_>>()), |_, _| {});
    let inner = Arc::clone(&state);
    let short = InProcess::new(Box::new(move |request: &Request| {
        let mut response = inner.lock().unwrap().handle(request);
        if request.cmd == 0x20 {
            response.data[1] = 100;
        }
        response
    }));
    drop(bmc);
    let bmc = Bmc::from_transport("short", Box::new(short), Options::default()).unwrap();
    assert_eq!(sdr_walk::read_repository(&bmc, |_, _| {}).unwrap().records.len(), 165);
    assert_eq!(state.lock().unwrap().count(0x0A, 0x23), 165);
}

#[test]
fn records_deleted_meanwhile_are_left_out() {
    // At the 30th read records 40 to 59 go; whatever was guessed before, the chain leads round them.
    let (bmc, state) = hooked(repository(&(1..=165).collect::<Vec<_>>()), |state, request| {
        if request.cmd == 0x23 && state.count(0x0A, 0x23) == 29 {
            state.sdrs.retain(|sdr| !(40..60).contains(&sdr[0]));
        }
    });
    let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
    assert_eq!((read.records.len(), read.problems), (145, vec![]));
    bmc.call(&GetDeviceId).unwrap();
    assert!(state.lock().unwrap().count(0x0A, 0x23) <= 145 + allowed(145));
}

#[test]
fn a_bmc_that_renumbers_is_followed() {
    // At the 50th read all records from 60 on get new ids.
    let (bmc, _) = hooked(repository(&(1..=165).collect::<Vec<_>>()), |state, request| {
        if request.cmd == 0x23 && state.count(0x0A, 0x23) == 49 {
            for sdr in state.sdrs.iter_mut().skip(59) {
                sdr[1] = 0x20;
            }
        }
    });
    let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
    assert_eq!((read.records.len(), read.problems), (165, vec![]));
    assert_eq!(read.records[100].id, RecordId(0x2000 + 101));
}

#[test]
fn reservations_lost_in_the_middle_are_made_anew() {
    // Every 40th read finds the reservation lost, whether it carries one or not; reads carry it from then on.
    let (bmc, state) = hooked(repository(&(1..=165).collect::<Vec<_>>()), |state, request| {
        if request.cmd == 0x23 && state.count(0x0A, 0x23) % 40 == 39 {
            state.reservation += 1;
            state.busy.push_back(0xC5);
        }
    });
    let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
    assert_eq!((read.records.len(), read.problems), (165, vec![]));
    bmc.call(&GetDeviceId).unwrap();
    let state = state.lock().unwrap();
    assert!(state.count(0x0A, 0x22) <= 6);
    assert!(state.count(0x0A, 0x23) <= 165 + 5 + 5 * 8, "{}", state.count(0x0A, 0x23));
}

#[test]
fn pieces_cost_no_request_more() {
    for (most, pieces) in [(32, 2), (16, 4), (20, 4), (64, 2)] {
        let ids: Vec<u16> = (1..=50).collect();
        let state = State { most, sdrs: ids.iter().map(|id| sdr(*id, 59)).collect(), ..State::new() };
        let (bmc, state) = common::bmc(state, Options::default());
        let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
        assert_eq!((read.records.len(), read.problems.len()), (50, 0));
        assert_eq!(read.records[30].bytes, sdr(31, 59));
        bmc.call(&GetDeviceId).unwrap();
        let asked = state.lock().unwrap().count(0x0A, 0x23);
        // Refusals of FFh and 32 bytes, with the header read again after each.
        assert!(asked <= 4 + 50 * pieces, "{asked}");
    }
}

#[test]
fn a_bmc_that_refuses_to_read_beyond_a_record_is_asked_for_headers_first() {
    let mut state = State { most: 30, sdrs: (1..=40).map(|id| sdr(id, 20)).collect(), ..State::new() };
    state.sdrs[0] = sdr(1, 60);
    let (bmc, state) = hooked(state, |state, request| {
        if request.cmd == 0x23 && request.data[5] != 0xFF {
            let record = state.sdrs.iter().find(|sdr| sdr[0] == request.data[2].max(1)).unwrap();
            if usize::from(request.data[4]) + usize::from(request.data[5]) > record.len() {
                state.busy.push_back(0xC8);
            }
        }
    });
    let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
    assert_eq!((read.records.len(), read.problems), (40, vec![]));
    assert_eq!(read.records[0].bytes.len(), 65);
    assert!(state.lock().unwrap().count(0x0A, 0x23) <= 12 + 40 * 3);
}

#[test]
fn fru_pieces_cost_no_request_more() {
    let bytes: Vec<u8> = (0..2048_u32).map(|index| (index * 7) as u8 | 0x0F).collect();
    for (most, by_words) in [(255, false), (64, true), (16, false)] {
        let state = State { fru: bytes.clone(), most, fru_by_words: by_words, ..State::new() };
        let (bmc, state) = common::bmc(state, Options::default());
        let image = fru::read_whole(&bmc, Target::Bmc, FruDeviceId::BUILTIN).unwrap();
        assert_eq!((image.bytes, image.problem), (bytes.clone(), None));
        let refused = if most == 16 { 2 } else { 0 };
        assert_eq!(state.lock().unwrap().count(0x0A, 0x11), refused + 2048 / (most.min(64) as u32));
    }
}

fn key(owner: u8, number: u8) -> SensorKey {
    SensorKey { owner: SlaveAddress(owner), channel: ChannelNumber::PRIMARY_IPMB, lun: Lun::BMC, number }
}

#[test]
fn many_readings_come_in_order() {
    let (bmc, state) = common::bmc(State::new(), Options::default());
    let keys: Vec<_> = (0..=255).map(|number| key(if number % 5 == 0 { 0x2C } else { 0x20 }, number)).collect();
    let readings: Vec<_> = reading::many(&bmc, &keys).map(|reading| reading.unwrap().reading).collect();
    let expected: Vec<_> = (0..=255).map(|number| if number % 5 == 0 { 0x2C } else { number }).collect();
    assert_eq!(readings, expected);
    let state = state.lock().unwrap();
    assert_eq!((state.count(0x04, 0x2D), state.count(0x06, 0x34)), (204, 52));
}

#[test]
fn a_silent_controller_is_asked_once() {
    let transport_options = Options { timeout: Duration::from_millis(60), ..Options::default() };
    let (bmc, state) = common::bmc(State::new(), transport_options);
    let keys: Vec<_> = (0..40).map(|number| key(if number % 2 == 0 { 0x30 } else { 0x20 }, number)).collect();
    let readings: Vec<_> = reading::many(&bmc, &keys).collect();
    for (index, reading) in readings.iter().enumerate() {
        match reading {
            Ok(reading) => assert_eq!((index % 2, usize::from(reading.reading)), (1, index)),
            Err(error) => assert!(index % 2 == 0 && matches!(error, Error::Timeout { .. }), "{error}"),
        }
    }
    assert_eq!(state.lock().unwrap().count(0x06, 0x34), 1);
}
