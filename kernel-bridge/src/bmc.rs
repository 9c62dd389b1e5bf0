//! [`Bmc`]: the handle everybody holds.

mod pending;
mod shared;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded, unbounded};
use ipmi_core::link::rmcp_plus::header::PayloadType;
use ipmi_core::{Command, CompletionCode, Error, Request, Response, Target};
use nix::sys::eventfd::{EfdFlags, EventFd};

use crate::drive::{Drive, Driven};
use crate::driver::{Connection, Connector, Driver, Fate, Job};
use crate::event::Event;
use crate::lan;
use crate::options::Options;
use crate::quirk::{self, Leniency};
use crate::reply::reply;
use crate::transport::Transport;
use crate::url::BmcUrl;

pub use self::pending::Pending;
use self::pending::ReplyOf;
use self::shared::{Backend, Device, Shared};

/// Events kept for a subscriber that does not keep up.
const EVENT_BACKLOG: usize = 4096;
const RAW: &str = "Raw request";

/// A BMC. Cheap to clone, usable from any thread; the device is closed when the last clone is gone.
#[derive(Clone)]
pub struct Bmc {
    shared: Arc<Shared>,
    fate: Option<Arc<Fate>>,
}

impl std::fmt::Debug for Bmc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bmc").field("name", &self.shared.name).finish_non_exhaustive()
    }
}

impl Bmc {
    /// Opens the way to a BMC; fails when it is not there.
    ///
    /// # Errors
    /// [`Error::Transport`] that names the device or address and what is wrong with it.
    pub fn open(url: &BmcUrl, options: &Options) -> Result<Self, Error> {
        if is_lan(url) {
            let handle = lan::open(url, options)?;
            handle.connect()?;
            return Ok(Self::over_lan(url, handle, options));
        }
        quirk::check(&options.session.quirks).map_err(|reason| Error::Transport { reason })?;
        let mut connector = crate::transport::connector(url, options)?;
        let transport = connector().map_err(|reason| Error::Transport { reason })?;
        let connection = Connection::connected(url.to_string(), connector, transport);
        Self::start(connection, options.clone())
    }

    /// As [`open`](Self::open), for a BMC that may come later: it is looked for at the first request, and at every one
    /// after it was lost.
    ///
    /// # Errors
    /// [`Error::Transport`] when this build has no such transport.
    pub fn open_later(url: &BmcUrl, options: &Options) -> Result<Self, Error> {
        if is_lan(url) {
            return Ok(Self::over_lan(url, lan::open(url, options)?, options));
        }
        quirk::check(&options.session.quirks).map_err(|reason| Error::Transport { reason })?;
        let connector = crate::transport::connector(url, options)?;
        Self::start(Connection::reconnecting(url.to_string(), connector), options.clone())
    }

    /// A BMC behind a transport that is already there.
    ///
    /// # Errors
    /// [`Error::Transport`] when the system gives no thread or descriptor.
    pub fn from_transport(
        name: impl Into<String>,
        transport: Box<dyn Transport>,
        options: Options,
    ) -> Result<Self, Error> {
        Self::start(Connection::fixed(name.into(), transport), options)
    }

    /// A BMC behind transports that `connector` makes whenever one is needed.
    ///
    /// # Errors
    /// [`Error::Transport`] when the system gives no thread or descriptor.
    pub fn from_connector(
        name: impl Into<String>,
        connector: impl FnMut() -> Result<Box<dyn Transport>, String> + Send + 'static,
        options: Options,
    ) -> Result<Self, Error> {
        let connector: Connector = Box::new(connector);
        Self::start(Connection::reconnecting(name.into(), connector), options)
    }

    /// A BMC behind something without a thread of its own: whoever waits for a reply moves it on.
    pub fn driven_by(name: impl Into<String>, drive: Box<dyn Drive>, options: Options) -> Self {
        let backend = Backend::Driven(Mutex::new(Driven::new(drive)));
        Self::new(Shared::new(name.into(), options, backend))
    }

    fn new(shared: Arc<Shared>) -> Self {
        Self { shared, fate: None }
    }

    fn over_lan(url: &BmcUrl, handle: lan::Handle, options: &Options) -> Self {
        let backend = Backend::Lan(handle);
        Self::new(Shared::new(url.to_string(), options.clone(), backend))
    }

    fn start(connection: Connection, options: Options) -> Result<Self, Error> {
        let name = connection.name().to_owned();
        let failed =
            |what: &str, error: std::io::Error| Error::Transport { reason: format!("{name}: {what}: {error}") };
        let wake = EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)
            .map_err(|errno| failed("eventfd", errno.into()))?;
        let wake = Arc::new(wake);
        let (jobs, queue) = unbounded();
        let driver = Driver::new(connection, queue, Arc::clone(&wake), options.clone());
        std::thread::Builder::new()
            .name("bmc".to_owned())
            .spawn(move || driver.run())
            .map_err(|error| failed("thread", error))?;
        let backend = Backend::Device(Device::new(jobs, wake));
        Ok(Self::new(Shared::new(name, options, backend)))
    }

    /// The name it was opened by: its URL.
    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// How it is talked to.
    pub fn options(&self) -> &Options {
        &self.shared.options
    }

    /// Sends a command to the default target and waits for its answer.
    ///
    /// # Errors
    /// Any [`Error`]; a completion code other than 00h is one.
    pub fn call<C: Command>(&self, command: &C) -> Result<C::Response, Error> {
        self.call_to(self.shared.options.target, command)
    }

    /// Sends a command to `target` and waits for its answer.
    ///
    /// # Errors
    /// Any [`Error`]; a completion code other than 00h is one.
    pub fn call_to<C: Command>(&self, target: Target, command: &C) -> Result<C::Response, Error> {
        self.submit_named(C::NAME, target, Request::of(command)).wait()?.decode::<C>()
    }

    /// Sends a request and waits for its response, whatever its completion code.
    ///
    /// # Errors
    /// [`Error::Timeout`] and [`Error::Transport`].
    pub fn raw(&self, target: Target, request: &Request) -> Result<Response, Error> {
        self.submit(target, request.clone()).wait()
    }

    /// Queues a request and returns at once, so that a caller can have several under way.
    pub fn submit(&self, target: Target, request: Request) -> Pending {
        self.submit_named(RAW, target, request)
    }

    /// As [`submit`](Self::submit), with the command's name for error messages.
    pub fn submit_named(&self, command: &'static str, target: Target, request: Request) -> Pending {
        let target = self.shared.leniency.target(target, self.shared.options.target, &request);
        let amended = self.shared.leniency.amends(&request);
        self.shared.pause_before(&request);
        tracing::trace!(bmc = self.shared.name, ?target, "{command}: request {request}");
        let (reply, response) = reply();
        let mut reply_of = ReplyOf::Thread(response);
        if target == Target::Software {
            reply.send((Ok(Response::refused(CompletionCode::DESTINATION_UNAVAILABLE)), Duration::ZERO));
        } else {
            match &self.shared.backend {
                Backend::Device(device) => {
                    device.post(Job::Request { target, request, reply, fate: self.fate.clone() });
                }
                Backend::Lan(handle) => handle.submit(target, request, reply),
                Backend::Driven(driven) => {
                    let mut driven = driven.lock().unwrap_or_else(PoisonError::into_inner);
                    reply_of = ReplyOf::Drive(driven.submit(target, request));
                }
            }
        }
        Pending { reply_of, command, shared: Arc::clone(&self.shared), amended }
    }

    /// A handle whose requests to a controller share their fate where requests wait for each other: once one was not
    /// answered, the others are not sent but fail like it. For walks, which ask ahead and end with the first such
    /// failure.
    pub(crate) fn together(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), fate: self.requests_queue().then(Arc::default) }
    }

    /// True when one request waits until the one before it is answered.
    pub(crate) fn requests_queue(&self) -> bool {
        matches!(self.shared.backend, Backend::Device(_))
    }

    /// Lets `time` pass before the next request, on the clock that goes with the way to the BMC.
    pub(crate) fn pause(&self, time: Duration) {
        match &self.shared.backend {
            Backend::Driven(driven) => driven.lock().unwrap_or_else(PoisonError::into_inner).pause(time),
            Backend::Device(_) | Backend::Lan(_) => std::thread::sleep(time),
        }
    }

    /// Subscribes to what the BMC tells without being asked. The receiver is bounded: who does not read loses events.
    /// Over LAN a BMC tells nothing by itself: the loss of the session is the only event.
    pub fn events(&self) -> Receiver<Event> {
        let (sender, receiver) = bounded(EVENT_BACKLOG);
        match &self.shared.backend {
            Backend::Device(device) => device.post(Job::Subscribe(sender)),
            Backend::Lan(handle) => handle.subscribe(sender),
            Backend::Driven(driven) => driven.lock().unwrap_or_else(PoisonError::into_inner).subscribe(sender),
        }
        receiver
    }

    /// What is known of the session; `None` for ways other than LAN.
    pub fn session(&self) -> Option<lan::SessionFacts> {
        match &self.shared.backend {
            Backend::Lan(handle) => handle.describe(),
            Backend::Device(_) | Backend::Driven(_) => None,
        }
    }

    /// What is done otherwise with requests and answers because the options name a quirk.
    pub fn leniency(&self) -> Leniency {
        self.shared.leniency
    }

    /// What was noticed about the BMC: quirks that were applied without being asked for, a line each.
    pub fn remarks(&self) -> Vec<String> {
        self.session().map(|session| session.remarks).unwrap_or_default()
    }

    /// The payloads of a type in the session; `None` for ways other than LAN.
    pub fn payloads(&self, payload_type: PayloadType) -> Option<lan::Payloads> {
        let Backend::Lan(handle) = &self.shared.backend else { return None };
        let (listener, incoming) = bounded(EVENT_BACKLOG);
        handle.listen(payload_type, listener);
        Some(lan::Payloads::new(self.clone(), payload_type, incoming))
    }

    /// The session; `None` for ways other than LAN.
    pub(crate) fn lan(&self) -> Option<&lan::Handle> {
        match &self.shared.backend {
            Backend::Lan(handle) => Some(handle),
            Backend::Device(_) | Backend::Driven(_) => None,
        }
    }

    pub(crate) fn send_payload(&self, payload_type: PayloadType, bytes: Vec<u8>) {
        if let Backend::Lan(handle) = &self.shared.backend {
            handle.send_payload(payload_type, bytes);
        }
    }

    /// Lets go of this handle; when it was the last one, waits until the session is closed, at most `wait` long.
    pub fn close(self, wait: Duration) {
        if let Some(Shared { backend: Backend::Lan(handle), .. }) = Arc::into_inner(self.shared) {
            handle.close(wait);
        }
    }
}

fn is_lan(url: &BmcUrl) -> bool {
    matches!(url, BmcUrl::Lan { .. } | BmcUrl::Lanplus { .. })
}
