//! The chassis hook: a program of the user's that switches a real or virtual machine as the BMC says.
//!
//! `PROGRAM on|off|reset|diag|soft` runs for each power action, one at a time, in their order; a power cycle is `off`
//! and later `on`. When nothing is to be done, `PROGRAM status` is asked now and then: exit status 0 means the machine
//! is on, 1 that it is off, anything else that the program cannot say.

use std::collections::VecDeque;
use std::io;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;

use super::Face;
use super::wake::{Waker, wait};
use crate::chassis::PowerAction;
use crate::engine::{Handle, Notice};

/// How long a machine behind a hook gets for a soft shut-down before its power goes: real systems take their time.
pub const SOFT_OFF: Duration = Duration::from_secs(120);
/// Time between questions for the state of the machine.
const STATUS_INTERVAL: Duration = Duration::from_secs(5);
/// Time between looks at a program that runs.
const LOOK: Duration = Duration::from_millis(20);
/// Longest a program may run before it is killed.
const RUN_LIMIT: Duration = Duration::from_secs(60);
/// Most actions that wait for a slow program; the oldest give way.
const QUEUE: usize = 16;
/// Name of the environment variable that holds the number of the BMC, from 0.
const INDEX: &str = "BMC_SIM_INDEX";
/// What the program is asked for the state with.
const STATUS: &str = "status";

/// Runs `program` for the power actions of `bmc`, the BMC with this number.
///
/// # Errors
/// When the system has no thread or file descriptor left.
pub fn start(bmc: Handle, program: &Path, index: u16) -> io::Result<Face> {
    let waker = Waker::new()?;
    let notices = bmc.subscribe(waker.clone());
    let mut hook = Hook { bmc, program: program.to_owned(), index, notices, queue: VecDeque::new(), running: None };
    Face::spawn("chassis-hook", program.display().to_string(), move |stop| {
        if let Err(error) = hook.run(&waker, &stop) {
            tracing::error!("the chassis hook stops: {error}");
        }
        hook.kill();
    })
}

/// What the program is asked with.
fn word(action: PowerAction) -> &'static str {
    match action {
        PowerAction::Off => "off",
        PowerAction::On => "on",
        PowerAction::Reset => "reset",
        PowerAction::DiagnosticInterrupt => "diag",
        PowerAction::GracefulShutdown => "soft",
    }
}

struct Running {
    child: Child,
    word: &'static str,
    since: Instant,
}

struct Hook {
    bmc: Handle,
    program: PathBuf,
    index: u16,
    notices: Receiver<Notice>,
    queue: VecDeque<&'static str>,
    running: Option<Running>,
}

impl Hook {
    fn run(&mut self, waker: &Waker, stop: &Waker) -> io::Result<()> {
        let mut status_at = Instant::now();
        loop {
            let now = Instant::now();
            self.reap(now);
            if self.running.is_none() {
                if let Some(word) = self.queue.pop_front() {
                    self.spawn(word, now);
                } else if status_at <= now {
                    self.spawn(STATUS, now);
                    status_at = now + STATUS_INTERVAL;
                }
            }
            let timeout = if self.running.is_some() { LOOK } else { status_at.saturating_duration_since(now) };
            let [stopped, noticed] = wait([stop.as_fd(), waker.as_fd()], Some(timeout))?;
            if stopped {
                return Ok(());
            }
            if noticed {
                waker.clear();
                self.hear();
            }
        }
    }

    fn hear(&mut self) {
        for notice in self.notices.try_iter() {
            if let Notice::Power(action) = notice {
                if self.queue.len() >= QUEUE {
                    self.queue.pop_front();
                }
                self.queue.push_back(word(action));
            }
        }
    }

    fn spawn(&mut self, word: &'static str, now: Instant) {
        let mut command = Command::new(&self.program);
        // Standard output is ours: it carries the `ready` lines.
        command.arg(word).env(INDEX, self.index.to_string()).stdin(Stdio::null()).stdout(Stdio::null());
        match command.spawn() {
            Ok(child) => self.running = Some(Running { child, word, since: now }),
            Err(error) => tracing::error!("chassis hook {} {word}: {error}", self.program.display()),
        }
    }

    /// Takes the exit status of a program that ended, and ends one that takes too long.
    fn reap(&mut self, now: Instant) {
        let Some(running) = &mut self.running else { return };
        let word = running.word;
        match running.child.try_wait() {
            Ok(None) if now.saturating_duration_since(running.since) < RUN_LIMIT => return,
            Ok(None) => {
                tracing::error!("chassis hook {} {word}: killed after {RUN_LIMIT:?}", self.program.display());
                self.kill();
            }
            Ok(Some(status)) if word == STATUS => self.learn(status.code()),
            Ok(Some(status)) if status.success() => {}
            Ok(Some(status)) => tracing::error!("chassis hook {} {word}: {status}", self.program.display()),
            Err(error) => tracing::error!("chassis hook {} {word}: {error}", self.program.display()),
        }
        self.running = None;
    }

    /// Tells the BMC what the program says of the machine, unless the BMC switched it meanwhile.
    fn learn(&mut self, code: Option<i32>) {
        let (waiting, notices) = (!self.queue.is_empty(), &self.notices);
        self.bmc.with(|bmc, now| {
            let stale = waiting || !notices.is_empty();
            match code {
                _ if stale => {}
                Some(0) => bmc.machine_connected(now),
                Some(1) => bmc.machine_stopped(now),
                _ => {}
            }
        });
    }

    fn kill(&mut self) {
        if let Some(running) = &mut self.running {
            let _ = running.child.kill();
            let _ = running.child.wait();
        }
        self.running = None;
    }
}
