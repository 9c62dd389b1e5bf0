//! Walks over records that a BMC refuses now and then, or for good: what can be read is read, and what cannot is named.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::collections::HashMap;

use common::{State, sdr, sel};
use ipmi_core::command::storage::{FruDeviceId, RecordId};
use ipmi_core::{CompletionCode, Error, Request, Response, Target};
use kernel_bridge::transport::InProcess;
use kernel_bridge::walk::sdr::SdrRepository;
use kernel_bridge::walk::sel::SelLog;
use kernel_bridge::walk::{fru, sdr as sdr_walk, sel as sel_walk};
use kernel_bridge::{Bmc, Options};

const GET_SDR: u8 = 0x23;
const GET_SEL_ENTRY: u8 = 0x43;

/// A BMC that answers as `refuse` says, where it says something.
fn refusing(mut state: State, mut refuse: impl FnMut(&Request) -> Option<u8> + Send + 'static) -> Bmc {
    let handler = move |request: &Request| match refuse(request) {
        Some(code) => Response::refused(CompletionCode(code)),
        None => state.handle(request),
    };
    Bmc::from_transport("fake", Box::new(InProcess::new(Box::new(handler))), Options::default()).unwrap()
}

/// The record, offset and count of a read.
fn read_of(request: &Request, cmd: u8) -> Option<(u16, u8, u8)> {
    let is_read = request.net_fn.get() == 0x0A && request.cmd == cmd;
    is_read.then(|| (u16::from_le_bytes([request.data[2], request.data[3]]), request.data[4], request.data[5]))
}

/// Refuses every read of these records. 0000h is the first.
fn never(cmd: u8, code: u8, records: &'static [u16]) -> impl FnMut(&Request) -> Option<u8> + Send {
    move |request| read_of(request, cmd).filter(|(id, ..)| records.contains(id)).map(|_| code)
}

/// Refuses one read in `every`, wherever that falls.
fn now_and_then(cmd: u8, every: u32) -> impl FnMut(&Request) -> Option<u8> + Send {
    let mut count = 0;
    move |request| {
        let is_read = request.net_fn.get() == 0x0A && request.cmd == cmd;
        count += u32::from(is_read);
        (is_read && count % every == 0).then_some(0xCA)
    }
}

fn log_of(ids: &[u16]) -> State {
    State { sel: ids.iter().map(|id| sel(*id)).collect(), ..State::new() }
}

fn sdrs_of(ids: &[u16]) -> State {
    State { sdrs: ids.iter().map(|id| sdr(*id, 40)).collect(), ..State::new() }
}

fn log(bmc: &Bmc) -> Result<SelLog, Error> {
    sel_walk::read_log(bmc, RecordId::FIRST, |_, _| {})
}

fn sdrs(bmc: &Bmc) -> Result<SdrRepository, Error> {
    sdr_walk::read_repository(bmc, |_, _| {})
}

fn unread(problems: &[kernel_bridge::walk::Problem]) -> Vec<u16> {
    problems.iter().map(|problem| problem.record.0).collect()
}

#[test]
fn refusals_that_pass_hide_nothing() {
    let ids: Vec<u16> = (1..=100).collect();
    for every in [2, 3, 7, 20] {
        let found = log(&refusing(log_of(&ids), now_and_then(GET_SEL_ENTRY, every))).unwrap();
        assert_eq!((found.records.len(), found.problems), (100, vec![]), "one in {every}");
        assert!(found.records.iter().zip(&ids).all(|(record, id)| record.bytes == sel(*id)));
        let found = sdrs(&refusing(sdrs_of(&ids), now_and_then(GET_SDR, every))).unwrap();
        assert_eq!((found.records.len(), found.problems), (100, vec![]), "one in {every}");
        assert!(found.records.iter().zip(&ids).all(|(record, id)| record.bytes == sdr(*id, 40)));
        let mut state = State::new();
        state.fru = vec![0x55; 2000];
        let bmc = refusing(state, now_and_then(0x11, every));
        let image = fru::read_whole(&bmc, Target::Bmc, FruDeviceId(0)).unwrap();
        assert_eq!((image.bytes.len(), image.problem), (2000, None), "one in {every}");
    }
}

#[test]
fn records_that_never_come_whole_come_in_pieces() {
    for most in [4, 8, 15] {
        let too_much = move |request: &Request| read_of(request, GET_SEL_ENTRY).filter(|(.., count)| *count > most);
        let bmc = refusing(log_of(&[3, 4, 5, 9]), move |request| too_much(request).map(|_| 0xCA));
        let found = log(&bmc).unwrap();
        let bytes: Vec<_> = found.records.iter().map(|record| record.bytes).collect();
        assert_eq!((bytes, found.problems), ([3, 4, 5, 9].map(sel).to_vec(), vec![]), "{most}");
        assert_eq!(sel_walk::read_record(&bmc, RecordId(5)).unwrap().bytes, sel(5));
    }
}

#[test]
fn a_record_that_stays_unreadable_is_named_and_the_rest_read() {
    let ids: Vec<u16> = (1..=30).collect();
    // The code, the records refused, those named and how many are read.
    for code in [0xCA, 0xCB, 0xCE, 0xFF] {
        for unreadable in [&[9][..], &[9, 10], &[9, 20, 29], &[30]] {
            let found = log(&refusing(log_of(&ids), never(GET_SEL_ENTRY, code, unreadable))).unwrap();
            assert_eq!(found.records.len(), 30 - unreadable.len(), "{code:X} {unreadable:?}: {:?}", found.problems);
            if code != 0xCB {
                assert_eq!(unread(&found.problems), unreadable, "{code:X}");
            }
            assert!(!found.problems.is_empty());
            let found = sdrs(&refusing(sdrs_of(&ids), never(GET_SDR, code, unreadable))).unwrap();
            assert_eq!(found.records.len(), 30 - unreadable.len(), "{code:X} {unreadable:?}: {:?}", found.problems);
            if code != 0xCB {
                assert_eq!(unread(&found.problems), unreadable, "{code:X}");
            }
            assert!(!found.problems.is_empty());
        }
    }
}

#[test]
fn the_first_record_can_be_the_unreadable_one() {
    let found = log(&refusing(log_of(&[1, 2, 3, 4]), never(GET_SEL_ENTRY, 0xCA, &[0, 1]))).unwrap();
    assert_eq!((found.records.len(), unread(&found.problems)), (3, vec![1]));
    let found = sdrs(&refusing(sdrs_of(&[1, 2, 3, 4]), never(GET_SDR, 0xCA, &[0, 1]))).unwrap();
    assert_eq!((found.records.len(), unread(&found.problems)), (3, vec![1]));
}

#[test]
fn steps_and_gaps_are_found_again_within_bounds() {
    let wide: Vec<u16> = (0..30).map(|index| 4 + 16 * index).collect();
    let found = log(&refusing(log_of(&wide), never(GET_SEL_ENTRY, 0xCA, &[100]))).unwrap();
    assert_eq!((found.records.len(), unread(&found.problems)), (29, vec![100]));
    // Behind record 9 there are none up to 19, then none up to 300.
    for (next, read, named) in [(20, 19, vec![9]), (300, 8, vec![9, 9])] {
        let ids: Vec<u16> = (1..=9).chain(next..next + 11).collect();
        let found = log(&refusing(log_of(&ids), never(GET_SEL_ENTRY, 0xCA, &[9]))).unwrap();
        assert_eq!(found.records.len(), read, "{:?}", found.problems);
        assert_eq!(found.problems.iter().filter(|problem| problem.record == RecordId(9)).count(), 1);
        assert_eq!(found.problems.len(), named.len());
    }
    let ids: Vec<u16> = (1..=9).chain(300..311).collect();
    let found = log(&refusing(log_of(&ids), never(GET_SEL_ENTRY, 0xCA, &[9]))).unwrap();
    assert_eq!(found.problems[1].reason, "11 of 20 records were not found");
}

#[test]
fn a_bmc_that_refuses_everything_is_soon_believed() {
    for cmd in [GET_SDR, GET_SEL_ENTRY] {
        for code in [0xCA, 0xFF, 0xCC, 0xC1, 0xD4, 0xD5] {
            let asked = std::sync::Arc::new(std::sync::Mutex::new(HashMap::<u8, u32>::new()));
            let counted = std::sync::Arc::clone(&asked);
            let state = State { sel: (1..=100).map(sel).collect(), ..sdrs_of(&(1..=100).collect::<Vec<_>>()) };
            let bmc = refusing(state, move |request| {
                *counted.lock().unwrap().entry(request.cmd).or_default() += 1;
                (request.net_fn.get() == 0x0A && request.cmd == cmd).then_some(code)
            });
            let result = if cmd == GET_SDR { sdrs(&bmc).map(drop) } else { log(&bmc).map(drop) };
            let refused = result.unwrap_err().completion_code();
            assert_eq!(refused, Some(CompletionCode(code)));
            let asked = asked.lock().unwrap()[&cmd];
            assert!(asked <= if matches!(code, 0xCA | 0xFF) { 150 } else { 16 }, "{cmd:X} {code:X}: {asked}");
        }
    }
}
