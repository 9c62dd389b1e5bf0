//! What all handles of a BMC share, and who moves its requests.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crossbeam_channel::Sender;
use ipmi_core::Request;
use nix::sys::eventfd::EventFd;

use crate::drive::Driven;
use crate::driver::Job;
use crate::lan;
use crate::lan::repeatable::is_repeatable;
use crate::options::Options;
use crate::quirk::{self, Leniency};

/// What the handles have in common.
pub(super) struct Shared {
    pub(super) name: String,
    pub(super) options: Options,
    pub(super) backend: Backend,
    pub(super) leniency: Leniency,
    /// When the last command that changes something was sent, while there are pauses after them.
    changed: Mutex<Option<Instant>>,
}

impl Shared {
    pub(super) fn new(name: String, options: Options, backend: Backend) -> Arc<Self> {
        // Names that are unknown were refused when the BMC was opened.
        let leniency = quirk::forced(&options.session.quirks).unwrap_or_default().lenient;
        Arc::new(Self { name, options, backend, leniency, changed: Mutex::new(None) })
    }

    /// Waits until another command that changes something may follow.
    pub(super) fn pause_before(&self, request: &Request) {
        let pause = self.leniency.pause();
        if pause.is_zero() || is_repeatable(request) {
            return;
        }
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = *changed {
            std::thread::sleep(pause.saturating_sub(last.elapsed()));
        }
        *changed = Some(Instant::now());
    }
}

/// Who moves requests.
pub(super) enum Backend {
    /// The owner thread of a device.
    Device(Device),
    /// The engine of all sessions over LAN.
    Lan(lan::Handle),
    /// Whoever waits for a reply.
    Driven(Mutex<Driven>),
}

pub(super) struct Device {
    /// `None` only while being dropped.
    jobs: Option<Sender<Job>>,
    wake: Arc<EventFd>,
}

impl Device {
    /// The owner thread that takes `jobs` and is woken by `wake`.
    pub(super) fn new(jobs: Sender<Job>, wake: Arc<EventFd>) -> Self {
        Self { jobs: Some(jobs), wake }
    }

    pub(super) fn post(&self, job: Job) {
        // A closed queue means that the owner thread is gone; waiting for the reply then says so.
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(job);
            let _ = self.wake.write(1);
        }
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.jobs = None;
        // The owner thread finds the queue closed and ends.
        let _ = self.wake.write(1);
    }
}
