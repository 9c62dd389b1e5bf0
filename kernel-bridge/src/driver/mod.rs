//! The owner thread of a device: takes requests from a queue, waits for responses, delivers events.
//!
//! Requests go before events: events are fetched when the queue is empty, and one check is slipped in between requests
//! when the queue never is. A sender writes to the eventfd after it has queued, and the thread clears the eventfd
//! before it drains the queue, so no wakeup is lost.

use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TryRecvError, TrySendError};
use ipmi_core::{Request, Response, Target};
use nix::poll::{PollFd, PollFlags, PollTimeout};
use nix::sys::eventfd::EventFd;

use crate::event::Event;
use crate::options::Options;
use crate::reply::Reply;
use crate::transport::Failure;

mod attention;
pub(crate) mod bridge;
mod connection;
mod fate;

pub(crate) use connection::{Connection, Connector};
pub(crate) use fate::Fate;

/// What came of a request, and how long it took since its turn came.
pub(crate) type Answer = (Result<Response, Failure>, Duration);

/// Something for the owner thread to do.
pub(crate) enum Job {
    /// A request to send, as long as somebody wants its response and `fate` has not met it.
    Request { target: Target, request: Request, reply: Reply<Answer>, fate: Option<Arc<Fate>> },
    /// Somebody wants events.
    Subscribe(Sender<Event>),
}

/// Longest time events wait behind requests.
const EVENT_CHECK: Duration = Duration::from_millis(200);
/// How often a lost connection is tried again while somebody waits for events.
const RECONNECT_INTERVAL: Duration = Duration::from_secs(1);

pub(crate) struct Driver {
    connection: Connection,
    jobs: Receiver<Job>,
    wake: Arc<EventFd>,
    options: Options,
    subscribers: Vec<Sender<Event>>,
    events_enabled: bool,
    /// Subscribers were told that the way is lost, and not yet that it is back.
    lost: bool,
    sequence: u8,
    last_event_check: Instant,
}

impl Driver {
    pub(crate) fn new(connection: Connection, jobs: Receiver<Job>, wake: Arc<EventFd>, options: Options) -> Self {
        let last_event_check = Instant::now();
        let (subscribers, events_enabled, lost, sequence) = (Vec::new(), false, false, 0);
        Self { connection, jobs, wake, options, subscribers, events_enabled, lost, sequence, last_event_check }
    }

    /// Runs until the last handle is gone.
    pub(crate) fn run(mut self) {
        loop {
            match self.jobs.try_recv() {
                Ok(Job::Request { reply, .. }) if !reply.is_wanted() => {}
                Ok(Job::Request { target, reply, fate: Some(fate), .. }) if fate.met(target).is_some() => {
                    reply.send((Err(Failure::Timeout), fate.met(target).unwrap_or_default()));
                }
                Ok(Job::Request { target, request, reply, fate }) => {
                    let started = Instant::now();
                    let result = self.request(target, &request);
                    if let (Err(Failure::Timeout), Some(fate)) = (&result, &fate) {
                        fate.meet(target, started.elapsed());
                    }
                    reply.send((result, started.elapsed()));
                    if self.last_event_check.elapsed() > EVENT_CHECK {
                        self.check_events();
                    }
                }
                Ok(Job::Subscribe(subscriber)) => self.subscribers.push(subscriber),
                Err(TryRecvError::Disconnected) => return,
                Err(TryRecvError::Empty) => {
                    if !self.check_events() {
                        self.sleep();
                    }
                }
            }
        }
    }

    /// Sends a request, again when the BMC says it is busy, until the deadline.
    fn request(&mut self, target: Target, request: &Request) -> Result<Response, Failure> {
        let deadline = Instant::now() + self.options.timeout;
        let mut attempt = 0;
        loop {
            let response = self.exchange(target, request, deadline)?;
            match crate::retry::delay(response.code, attempt) {
                Some(delay) if attempt < self.options.retries && Instant::now() + delay < deadline => {
                    tracing::debug!(code = response.code.0, attempt, "transient completion code");
                    std::thread::sleep(delay);
                    attempt += 1;
                }
                _ => return Ok(response),
            }
        }
    }

    /// One exchange, over a new connection when the old one had died before the BMC saw anything.
    fn exchange(&mut self, target: Target, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        let mut fresh = !self.connection.is_up();
        loop {
            let result = self.exchange_once(target, request, deadline);
            if let Err(Failure::Broken { reason, sent }) = &result {
                self.disconnected(reason);
                if !sent && !fresh {
                    fresh = true;
                    continue;
                }
            }
            return result;
        }
    }

    fn exchange_once(&mut self, target: Target, request: &Request, deadline: Instant) -> Result<Response, Failure> {
        let transport = self.connection.transport()?;
        match target {
            Target::Ipmb { channel, address } if !transport.bridges() => {
                let to = bridge::Destination { channel, address, my_address: self.options.my_address };
                let subscribers = &mut self.subscribers;
                let mut stray = |message: Vec<u8>| publish(subscribers, &Event::Message(message));
                bridge::exchange(transport, to, request, deadline, &mut self.sequence, &mut stray)
            }
            _ => transport.exchange(target, request, deadline),
        }
    }

    fn disconnected(&mut self, reason: &str) {
        tracing::warn!(bmc = self.connection.name(), reason, "connection lost");
        if self.connection.drop_transport() {
            self.events_enabled = false;
            self.lost = true;
            publish(&mut self.subscribers, &Event::Disconnected);
        }
    }

    /// Waits for a request, or for the transport to have news.
    fn sleep(&mut self) {
        let listening = !self.subscribers.is_empty();
        let interval = if !listening {
            None
        } else if self.connection.is_up() {
            self.connection.current().and_then(|transport| transport.notice_interval())
        } else {
            Some(RECONNECT_INTERVAL)
        };
        let timeout =
            interval.map_or(PollTimeout::NONE, |interval| PollTimeout::try_from(interval).unwrap_or(PollTimeout::MAX));
        let mut fds = vec![PollFd::new(self.wake.as_fd(), PollFlags::POLLIN)];
        if listening && let Some(fd) = self.connection.current().and_then(|transport| transport.notice_fd()) {
            fds.push(PollFd::new(fd, PollFlags::POLLIN));
        }
        if let Err(errno) = nix::poll::poll(&mut fds, timeout) {
            tracing::debug!(%errno, "poll");
        }
        // Cleared before the queue is drained: what is queued after this writes it again.
        let _ = self.wake.read();
    }
}

/// Hands an event to everybody who listens. A subscriber that does not keep up loses events, never the driver's time;
/// one that is gone is forgotten.
fn publish(subscribers: &mut Vec<Sender<Event>>, event: &Event) {
    subscribers.retain(|subscriber| match subscriber.try_send(event.clone()) {
        Ok(()) => true,
        Err(TrySendError::Full(_)) => {
            tracing::warn!(?event, "a subscriber does not keep up and loses an event");
            true
        }
        Err(TrySendError::Disconnected(_)) => false,
    });
}
