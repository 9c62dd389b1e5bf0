//! Walkers and the driver against a BMC in the process, well-behaved and not.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::time::Duration;

use common::{State, bmc, sdr, sel};
use ipmi_core::command::app::GetDeviceId;
use ipmi_core::command::storage::{FruDeviceId, RecordId};
use ipmi_core::sdr::SensorKey;
use ipmi_core::{ChannelNumber, CompletionCode, Error, Lun, NetFn, Request, Response, SlaveAddress, Target};
use kernel_bridge::transport::InProcess;
use kernel_bridge::walk::{fru, reading, sdr as sdr_walk, sel as sel_walk};
use kernel_bridge::{Bmc, Event, Options};

fn repository() -> State {
    State { sdrs: (1..=20).map(|id| sdr(id, 40 + id as u8)).collect(), ..State::new() }
}

#[test]
fn whole_records_need_one_request_each() {
    let (bmc, state) = bmc(repository(), Options::default());
    let mut last = None;
    let read = sdr_walk::read_repository(&bmc, |done, total| last = Some((done, total))).unwrap();
    assert_eq!(read.records.len(), 20);
    assert_eq!(read.problems, []);
    assert_eq!(read.records[4].bytes, sdr(5, 45));
    assert_eq!(last, Some((20, Some(20))));
    let state = state.lock().unwrap();
    assert_eq!((state.count(0x0A, 0x23), state.count(0x0A, 0x22)), (20, 0));
}

#[test]
fn a_bmc_with_a_small_buffer_is_asked_for_pieces() {
    for too_much in [0xC6, 0xC7, 0xC8, 0xCA, 0xFF] {
        let (bmc, state) = bmc(State { most: 20, too_much, ..repository() }, Options::default());
        let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
        assert_eq!((read.records.len(), read.problems.len()), (20, 0));
        assert_eq!(read.records[19].bytes, sdr(20, 60));
        // One refusal of FFh, one of 32 bytes, then 16 at a time.
        assert!(state.lock().unwrap().count(0x0A, 0x23) <= 2 + 20 * 5);
    }
}

#[test]
fn lost_reservations_restart_the_record() {
    let (bmc, state) = bmc(State { most: 20, lose: 6, ..repository() }, Options::default());
    assert_eq!(sdr_walk::read_repository(&bmc, |_, _| {}).unwrap().records.len(), 20);
    assert!(state.lock().unwrap().count(0x0A, 0x22) >= 6);
    let (bmc, _) = common::bmc(State { most: 20, lose: u32::MAX, ..repository() }, Options::default());
    let error = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap_err();
    assert!(matches!(error, Error::ReservationLost { .. }), "{error}");
}

#[test]
fn loops_end() {
    for (at, next) in [(20, 3), (20, 1), (7, 7), (5, 0)] {
        let mut state = repository();
        state.wrong_next.insert(at, next);
        let (bmc, _) = bmc(state, Options::default());
        let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
        assert_eq!((read.records.len(), read.problems.len()), (usize::from(at), 1));
        assert!(read.problems[0].to_string().contains("loop"), "{}", read.problems[0]);
    }
}

#[test]
fn a_cut_record_is_a_problem_and_the_rest_is_read() {
    let mut state = repository();
    state.cut.insert(9, 7);
    let (bmc, _) = bmc(state, Options::default());
    let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
    assert_eq!((read.records.len(), read.problems.len()), (19, 1));
    assert_eq!(read.problems[0].record, RecordId(9));
}

#[test]
fn a_refused_record_hides_no_other() {
    let mut state = repository();
    state.refused.insert(9, 0xCB);
    let (bmc, _) = bmc(state, Options::default());
    let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
    assert_eq!((read.records.len(), read.problems.len()), (19, 1));
}

#[test]
fn the_log_is_read_and_pruned() {
    let (bmc, state) = bmc(State { sel: (1..=30).map(sel).collect(), ..State::new() }, Options::default());
    let log = sel_walk::read_log(&bmc, RecordId::FIRST, |_, _| {}).unwrap();
    assert_eq!((log.records.len(), log.records[29].bytes), (30, sel(30)));
    let log = sel_walk::read_log(&bmc, RecordId(28), |_, _| {}).unwrap();
    assert_eq!(log.records.iter().map(|record| record.id.0).collect::<Vec<_>>(), [28, 29, 30]);
    assert_eq!(sel_walk::read_record(&bmc, RecordId::LAST).unwrap().id, RecordId(30));
    state.lock().unwrap().wrong_next.insert(12, 4);
    state.lock().unwrap().cut.insert(11, 3);
    let log = sel_walk::read_log(&bmc, RecordId::FIRST, |_, _| {}).unwrap();
    assert_eq!((log.records.len(), log.problems.len()), (11, 2));
    (state.lock().unwrap().lose, state.lock().unwrap().erase_polls) = (2, 3);
    sel_walk::clear(&bmc).unwrap();
    assert_eq!(sel_walk::read_log(&bmc, RecordId::FIRST, |_, _| {}).unwrap().records, []);
    state.lock().unwrap().lose = u32::MAX;
    assert!(matches!(sel_walk::clear(&bmc), Err(Error::ReservationLost { .. })));
}

/// A FRU with a board area of 16 bytes at 8 and one multirecord of 10 bytes at 24, in a device of 2048 bytes.
fn fru_bytes() -> Vec<u8> {
    let mut bytes = vec![1, 0, 0, 1, 0, 3, 0, 0xFB];
    bytes.extend([1, 2, 0]);
    bytes.resize(24, 0x55);
    bytes.extend([0xC0, 0x82, 10, 0, 0]);
    bytes.resize(39, 0x77);
    bytes.resize(2048, 0xFF);
    bytes
}

#[test]
fn only_the_used_part_of_a_fru_is_read() {
    for (most, by_words, busy) in [(255, false, 0), (16, false, 3), (32, true, 0)] {
        let state = State { fru: fru_bytes(), most, fru_by_words: by_words, fru_busy: busy, ..State::new() };
        let (bmc, state) = bmc(state, Options::default());
        let image = fru::read(&bmc, Target::Bmc, FruDeviceId::BUILTIN).unwrap();
        assert_eq!((image.bytes.as_slice(), image.problem), (&fru_bytes()[..39], None));
        assert!(state.lock().unwrap().count(0x0A, 0x11) < 12);
        assert_eq!(fru::read_whole(&bmc, Target::Bmc, FruDeviceId::BUILTIN).unwrap().bytes, fru_bytes());
    }
}

#[test]
fn satellites_are_asked_through_the_bmc_and_software_never() {
    let key = |owner| SensorKey {
        owner: SlaveAddress(owner),
        channel: ChannelNumber::PRIMARY_IPMB,
        lun: Lun::BMC,
        number: 7,
    };
    for inline_reply in [false, true] {
        let (bmc, state) = bmc(State { inline_reply, ..State::new() }, Options::default());
        assert_eq!(reading::raw(&bmc, key(0x2C)).unwrap().reading, 0x2C);
        assert_eq!(reading::raw(&bmc, key(0x20)).unwrap().reading, 7);
        let readings = state.lock().unwrap().count(0x04, 0x2D);
        for nobody in [0x41, 0x2E] {
            let error = reading::raw(&bmc, key(nobody)).unwrap_err();
            assert_eq!(error.completion_code(), Some(CompletionCode::DESTINATION_UNAVAILABLE));
        }
        assert_eq!(state.lock().unwrap().count(0x06, 0x34), 2, "nothing is sent for software");
        assert_eq!(state.lock().unwrap().count(0x04, 0x2D), readings, "nor is the BMC asked in its place");
    }
}

#[test]
fn a_satellite_that_never_answers_is_a_timeout() {
    let options = Options { timeout: Duration::from_millis(100), ..Options::default() };
    let (bmc, _) = bmc(State::new(), options);
    let silent = Target::Ipmb { channel: ChannelNumber::PRIMARY_IPMB, address: SlaveAddress(0x30) };
    assert!(matches!(bmc.call_to(silent, &GetDeviceId), Err(Error::Timeout { .. })));
    bmc.call(&GetDeviceId).unwrap();
}

#[test]
fn an_empty_repository_is_no_error() {
    let (bmc, _) = bmc(State::new(), Options::default());
    let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
    assert_eq!((read.records, read.problems), (vec![], vec![]));
}

/// Whatever a BMC answers, walks end.
#[test]
fn walks_end_on_any_answers() {
    for seed in 1..60_u64 {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let transport = InProcess::new(Box::new(move |request: &Request| {
            let data: Vec<u8> = (0..next() % 40).map(|_| next() as u8).collect();
            // Most answers succeed, or nothing would be walked; a device id that fits leads to the repository.
            match (next() % 8, request.cmd) {
                (0, _) => Response::refused(CompletionCode(0xC4 + (next() % 8) as u8)),
                (_, 0x01) => Response::ok([0x20, 0x80, 2, 3, 2, next() as u8, 1, 2, 3, 4, 5]),
                _ => Response::ok(data),
            }
        }));
        let options = Options { retries: 0, ..Options::default() };
        let bmc = Bmc::from_transport("random", Box::new(transport), options).unwrap();
        let _ = sdr_walk::read_repository(&bmc, |_, _| {});
        let _ = sel_walk::read_log(&bmc, RecordId::FIRST, |_, _| {});
        let _ = fru::read(&bmc, Target::Bmc, FruDeviceId::BUILTIN);
        let _ = fru::read_whole(&bmc, Target::Bmc, FruDeviceId::BUILTIN);
    }
}

#[test]
fn transient_codes_are_retried_and_final_ones_are_not() {
    for (codes, expected, asked) in
        [(vec![0xC0, 0xC3, 0xD2], Ok(()), 4), (vec![0xC0; 9], Err(0xC0), 5), (vec![0xC1], Err(0xC1), 1)]
    {
        let (bmc, state) = bmc(State { busy: codes.into(), ..State::new() }, Options::default());
        let result = bmc.call(&GetDeviceId).map(|_| ()).map_err(|error| error.completion_code().unwrap().0);
        assert_eq!(result, expected);
        assert_eq!(state.lock().unwrap().count(0x06, 0x01), asked);
    }
}

#[test]
fn several_requests_under_way() {
    let (bmc, _) = bmc(State::new(), Options::default());
    let pending: Vec<_> =
        (0..50).map(|number| bmc.submit(Target::Bmc, Request::new(NetFn::SENSOR_EVENT, 0x2D, [number]))).collect();
    for (number, pending) in pending.into_iter().enumerate() {
        assert_eq!(usize::from(pending.wait().unwrap().data[0]), number);
    }
}

#[test]
fn events_reach_every_subscriber_between_requests() {
    let (bmc, state) = bmc(State::new(), Options::default());
    let (first, second) = (bmc.events(), bmc.events());
    for round in 0..20 {
        state.lock().unwrap().events.push_back(sel(round));
        state.lock().unwrap().queue.push_back(vec![0x0F, round as u8]);
        bmc.call(&GetDeviceId).unwrap();
    }
    for events in [first, second] {
        let mut seen = (0, 0);
        while seen != (20, 20) {
            match events.recv_timeout(Duration::from_secs(10)).unwrap() {
                Event::EventMessage(record) => {
                    assert_eq!(record, sel(seen.0));
                    seen.0 += 1;
                }
                Event::Message(message) => {
                    assert_eq!(message, [0x0F, seen.1 as u8]);
                    seen.1 += 1;
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(state.lock().unwrap().enables & 4, 4);
}
