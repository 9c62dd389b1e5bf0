//! The cache of sensor data records on disk, against a BMC in the process that counts what it is asked.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::path::{Path, PathBuf};

use common::{Shared, State, bmc, sdr};
use kernel_bridge::walk::sdr::SdrRepository;
use kernel_bridge::walk::sdr_cache::{describe, read_repository_cached};
use kernel_bridge::{Bmc, Options, cache};

const RECORDS: u32 = 40;

/// A BMC with a running clock that keeps its records in `directory`.
fn cached(directory: &Path, change: impl FnOnce(&mut State)) -> (Bmc, Shared) {
    let sdrs = (1..=RECORDS as u16).map(|id| sdr(id, 40)).collect();
    let mut state = State { sdrs, sdr_times: [0x6000_0000, 0x5000_0000], ..State::new() };
    change(&mut state);
    bmc(state, Options { cache: Some(directory.to_owned()), ..Options::default() })
}

/// Reads, and gives how many Get SDR that took.
fn read(bmc: &Bmc, state: &Shared) -> (SdrRepository, u32) {
    let before = state.lock().unwrap().count(0x0A, 0x23);
    let repository = read_repository_cached(bmc, |_, _| {}).unwrap();
    (repository, state.lock().unwrap().count(0x0A, 0x23) - before)
}

fn the_file(directory: &Path) -> PathBuf {
    let entries = cache::list(directory).unwrap();
    assert_eq!(entries.len(), 1);
    entries[0].path.clone()
}

#[test]
fn records_are_read_once() {
    let directory = tempfile::tempdir().unwrap();
    let (bmc, state) = cached(directory.path(), |_| {});
    let (cold, asked) = read(&bmc, &state);
    assert_eq!((cold.records.len(), asked, cold.notes.len()), (40, RECORDS, 0));
    let before: u32 = state.lock().unwrap().counts.values().sum();
    let (warm, asked) = read(&bmc, &state);
    assert_eq!((&warm, asked), (&cold, 0));
    assert_eq!(state.lock().unwrap().counts.values().sum::<u32>() - before, 2);
    let content = cache::list(directory.path()).unwrap().remove(0).content.unwrap();
    let (name, records) = describe(&content).unwrap();
    assert!(name.starts_with("fake") && records == 40, "{name}");
    // Another process, the same BMC.
    let (again, state) = cached(directory.path(), |_| {});
    assert_eq!(read(&again, &state).1, 0);
}

#[test]
fn whatever_changes_makes_the_file_anew() {
    let changes: [fn(&mut State); 6] = [
        |state| state.sdr_times[0] += 1,
        |state| state.sdr_times[1] += 1,
        |state| state.sdr_free += 16,
        |state| state.sdrs.truncate(39),
        |state| state.firmware += 1,
        |state| state.sdrs.push(sdr(900, 40)),
    ];
    for change in changes {
        let directory = tempfile::tempdir().unwrap();
        let (bmc, state) = cached(directory.path(), |_| {});
        read(&bmc, &state);
        change(&mut state.lock().unwrap());
        let (changed, asked) = read(&bmc, &state);
        assert_eq!(changed.records.len(), state.lock().unwrap().sdrs.len());
        assert!(asked >= 39 && changed.notes.len() == 1, "{asked} {:?}", changed.notes);
        assert_eq!(read(&bmc, &state).1, 0);
    }
}

#[test]
fn a_clock_that_does_not_run_costs_two_records() {
    for time in [0, 5, u32::MAX] {
        let directory = tempfile::tempdir().unwrap();
        let (bmc, state) = cached(directory.path(), |state| state.sdr_times = [time; 2]);
        assert_eq!(read(&bmc, &state).1, RECORDS);
        assert_eq!(read(&bmc, &state).1, 2);
        // Another record at the end, an added one and another GUID are seen; what is in the middle is not.
        state.lock().unwrap().sdrs[39][10] ^= 1;
        assert_eq!(read(&bmc, &state).1, 2 + RECORDS);
        assert_eq!(read(&bmc, &state).1, 2);
        state.lock().unwrap().guid = Some([7; 16]);
        assert_eq!(read(&bmc, &state).1, RECORDS);
        assert_eq!(read(&bmc, &state).1, 2);
    }
}

#[test]
fn files_that_cannot_be_used_are_made_anew() {
    let directory = tempfile::tempdir().unwrap();
    let (bmc, state) = cached(directory.path(), |_| {});
    let (cold, _) = read(&bmc, &state);
    let file = the_file(directory.path());
    let good = std::fs::read(&file).unwrap();
    for bad in [&good[..good.len() / 2], &[], b"ipmi cache 1\n", b"something else", &[good.as_slice(), b"x"].concat()] {
        std::fs::write(&file, bad).unwrap();
        let (anew, asked) = read(&bmc, &state);
        assert_eq!((anew.records, asked), (cold.records.clone(), RECORDS));
        assert_eq!(anew.notes.len(), 1);
        assert_eq!(std::fs::read(&file).unwrap(), good);
    }
    // Sound, of another BMC.
    let elsewhere = tempfile::tempdir().unwrap();
    let (other, other_state) = cached(elsewhere.path(), |state| state.firmware = 77);
    read(&other, &other_state);
    std::fs::copy(the_file(elsewhere.path()), &file).unwrap();
    assert_eq!(read(&bmc, &state).1, RECORDS);
    assert_eq!(std::fs::read(&file).unwrap(), good);
}

#[test]
fn what_was_read_in_part_is_not_kept() {
    let directory = tempfile::tempdir().unwrap();
    let (bmc, state) = cached(directory.path(), |state| {
        state.cut.insert(9, 7);
    });
    assert_eq!(read(&bmc, &state).0.problems.len(), 1);
    assert_eq!(cache::list(directory.path()).unwrap(), []);
    let (bmc, state) = cached(directory.path(), |state| {
        state.wrong_next.insert(20, 0xFFFF);
    });
    assert_eq!(read(&bmc, &state).0.records.len(), 20);
    assert_eq!(cache::list(directory.path()).unwrap(), []);
}

#[test]
fn a_directory_that_cannot_be_written_is_a_note() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let (bmc, state) = cached(&file.join("below"), |_| {});
    let (repository, _) = read(&bmc, &state);
    assert_eq!((repository.records.len(), repository.problems.len()), (40, 0));
    assert!(repository.notes[0].contains("cannot be written") || repository.notes.len() == 2, "{:?}", repository.notes);
}

#[test]
fn processes_share_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let (bmc, state) = cached(directory.path(), |_| {});
                    let (repository, _) = read(&bmc, &state);
                    assert_eq!((repository.records.len(), repository.notes), (40, vec![]));
                }
            });
        }
    });
    the_file(directory.path());
}
