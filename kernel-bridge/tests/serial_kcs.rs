//! Serial KCS over a pty pair: host end against BMC end, and what happens when the BMC goes away.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use std::os::fd::AsFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use common::{Shared, State, sdr, sel};
use ipmi_core::command::app::GetDeviceId;
use ipmi_core::link::serial_kcs_bmc::SerialKcsBmc;
use ipmi_core::link::system_message;
use ipmi_core::{Error, Request, Response, Target};
use kernel_bridge::walk::sdr as sdr_walk;
use kernel_bridge::{Bmc, BmcUrl, Event, Options};
use nix::poll::{PollFd, PollFlags, PollTimeout};
use nix::pty::OpenptyResult;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};

/// A BMC on a pty; gone when dropped.
struct Face {
    link: PathBuf,
    stop: Arc<AtomicBool>,
    /// Requests are taken and not answered.
    silent: Arc<AtomicBool>,
    /// Requests taken so far.
    taken: Arc<AtomicU32>,
    /// Bytes to put on the line, whatever is going on there.
    noise: Arc<Mutex<Vec<u8>>>,
    thread: Option<JoinHandle<()>>,
}

impl Face {
    fn new(link: &Path, state: Shared) -> Self {
        let pty = nix::pty::openpty(None, None).unwrap();
        let mut settings = tcgetattr(&pty.slave).unwrap();
        cfmakeraw(&mut settings);
        tcsetattr(&pty.slave, SetArg::TCSANOW, &settings).unwrap();
        symlink(nix::unistd::ttyname(&pty.slave).unwrap(), link).unwrap();
        let [stop, silent] = [(); 2].map(|()| Arc::new(AtomicBool::new(false)));
        let (taken, noise) = (Arc::default(), Arc::default());
        let thread = {
            let (stop, silent) = (Arc::clone(&stop), Arc::clone(&silent));
            let (taken, noise) = (Arc::clone(&taken), Arc::clone(&noise));
            // The slave stays open, so that the line survives clients that come and go.
            std::thread::spawn(move || serve(&pty, &state, &stop, &silent, &taken, &noise))
        };
        Self { link: link.to_owned(), stop, silent, taken, noise, thread: Some(thread) }
    }
}

impl Drop for Face {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
        std::fs::remove_file(&self.link).unwrap();
    }
}

fn serve(
    pty: &OpenptyResult,
    state: &Shared,
    stop: &AtomicBool,
    silent: &AtomicBool,
    taken: &AtomicU32,
    noise: &Mutex<Vec<u8>>,
) {
    let master = &pty.master;
    let mut line = SerialKcsBmc::new();
    let mut buffer = [0; 1024];
    while !stop.load(Ordering::SeqCst) {
        let mut fds = [PollFd::new(master.as_fd(), PollFlags::POLLIN)];
        if nix::poll::poll(&mut fds, PollTimeout::from(5_u8)).unwrap() > 0 {
            let count = nix::unistd::read(master, &mut buffer).unwrap();
            line.handle_input(&buffer[..count], Instant::now());
        }
        line.handle_timeout(Instant::now());
        while let Some(request) = line.poll_request() {
            taken.fetch_add(1, Ordering::SeqCst);
            if silent.load(Ordering::SeqCst) {
                continue;
            }
            let parsed = system_message::parse_request(&request.bytes).unwrap();
            let response: Response = state.lock().unwrap().handle(&parsed);
            line.respond(request.ticket, &system_message::emit_response(&parsed, &response), Instant::now());
        }
        let attention = !state.lock().unwrap().events.is_empty();
        line.set_sms_atn(attention, Instant::now());
        let mut output = std::mem::take(&mut *noise.lock().unwrap());
        output.extend(line.poll_output());
        let mut rest = output.as_slice();
        while !rest.is_empty() {
            rest = &rest[nix::unistd::write(master, rest).unwrap()..];
        }
    }
}

struct Bench {
    state: Shared,
    link: PathBuf,
    _directory: tempfile::TempDir,
}

fn bench() -> Bench {
    let directory = tempfile::tempdir().unwrap();
    let state = State { sdrs: (1..=20).map(|id| sdr(id, 60)).collect(), ..State::new() };
    Bench { state: Arc::new(Mutex::new(state)), link: directory.path().join("kcs"), _directory: directory }
}

impl Bench {
    fn face(&self) -> Face {
        Face::new(&self.link, Arc::clone(&self.state))
    }

    fn url(&self) -> BmcUrl {
        BmcUrl::SerialKcs { path: self.link.clone() }
    }

    fn open(&self, timeout: Duration) -> Bmc {
        Bmc::open(&self.url(), &Options { timeout, ..Options::default() }).unwrap()
    }
}

const LONG: Duration = Duration::from_secs(10);
const SHORT: Duration = Duration::from_millis(400);

#[test]
fn a_walk_over_the_line() {
    let bench = bench();
    let _face = bench.face();
    let bmc = bench.open(LONG);
    let read = sdr_walk::read_repository(&bmc, |_, _| {}).unwrap();
    assert_eq!((read.records.len(), read.problems.len()), (20, 0));
    assert_eq!(read.records[19].bytes, sdr(20, 60));
}

#[test]
fn a_second_client_takes_over_a_line_left_in_the_middle() {
    let bench = bench();
    let face = bench.face();
    face.silent.store(true, Ordering::SeqCst);
    let first = bench.open(SHORT);
    assert!(matches!(first.call(&GetDeviceId), Err(Error::Timeout { .. })));
    drop(first);
    face.silent.store(false, Ordering::SeqCst);
    // Waits until the first client's thread has let go of the line.
    let second = bench.open(LONG);
    second.call(&GetDeviceId).unwrap();
}

#[test]
fn a_line_in_use_is_refused() {
    let bench = bench();
    let _face = bench.face();
    let first = bench.open(LONG);
    let error = Bmc::open(&bench.url(), &Options::default()).unwrap_err();
    assert!(error.to_string().contains("exclusive lock"), "{error}");
    first.call(&GetDeviceId).unwrap();
}

#[test]
fn a_silent_bmc_times_out_and_is_asked_again() {
    let bench = bench();
    let face = bench.face();
    let bmc = bench.open(SHORT);
    for _ in 0..2 {
        face.silent.store(true, Ordering::SeqCst);
        let started = Instant::now();
        let error = bmc.call(&GetDeviceId).unwrap_err();
        assert!(matches!(error, Error::Timeout { .. }), "{error}");
        assert!(started.elapsed() < SHORT + Duration::from_secs(2), "{:?}", started.elapsed());
        face.silent.store(false, Ordering::SeqCst);
        bmc.call(&GetDeviceId).unwrap();
    }
}

#[test]
fn a_bmc_that_went_away_is_found_again() {
    let bench = bench();
    let face = bench.face();
    let bmc = bench.open(LONG);
    bmc.call(&GetDeviceId).unwrap();
    // Gone while nobody asks.
    drop(face);
    for _ in 0..3 {
        let face = come_back(&bench, &bmc);
        // Gone in the middle of a request.
        face.silent.store(true, Ordering::SeqCst);
        let taken = face.taken.load(Ordering::SeqCst);
        let pending = bmc.submit(Target::Bmc, Request::of(&GetDeviceId));
        while face.taken.load(Ordering::SeqCst) == taken {
            std::thread::yield_now();
        }
        drop(face);
        let error = pending.wait().unwrap_err();
        assert!(matches!(error, Error::Transport { .. }), "{error}");
    }
}

/// Sees that errors are clear while the BMC is away, brings it back, sees that it answers.
fn come_back(bench: &Bench, bmc: &Bmc) -> Face {
    let error = bmc.call(&GetDeviceId).unwrap_err();
    assert!(error.to_string().contains(bench.link.to_str().unwrap()), "{error}");
    let face = bench.face();
    let deadline = Instant::now() + Duration::from_secs(5);
    while let Err(error) = bmc.call(&GetDeviceId) {
        assert!(Instant::now() < deadline, "{error}");
    }
    face
}

#[test]
fn noise_on_the_line_is_survived() {
    let bench = bench();
    let face = bench.face();
    let bmc = bench.open(LONG);
    for seed in 0..10_u8 {
        *face.noise.lock().unwrap() = (0..=seed).map(|byte| byte.wrapping_mul(37) ^ 0x5A).collect();
        // Noise in the middle may spoil one answer; it never spoils the next but one.
        let spoilt = bmc.call(&GetDeviceId).is_err();
        if spoilt {
            bmc.call(&GetDeviceId).unwrap();
        }
    }
}

#[test]
fn attention_brings_events() {
    let bench = bench();
    let _face = bench.face();
    let bmc = bench.open(LONG);
    let events = bmc.events();
    for id in 0..5 {
        bench.state.lock().unwrap().events.push_back(sel(id));
        assert_eq!(events.recv_timeout(LONG), Ok(Event::EventMessage(sel(id))));
    }
}
