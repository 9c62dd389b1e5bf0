//! The thread that owns a BMC: faces send it requests and get responses and notices back.

use std::io;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use ipmi_core::{CompletionCode, Request, Response};

use crate::bmc::Bmc;
use crate::chassis::PowerAction;
use crate::face::wake::Waker;
use crate::messaging::{ENABLE_EVENT_INTERRUPT, ENABLE_QUEUE_INTERRUPT};
use crate::state::StateDir;

/// Requests waiting for the BMC; more make their face wait.
const QUEUE: usize = 64;
/// A changed state is written this long after the change, with what else changed meanwhile.
const SAVE_DELAY: Duration = Duration::from_millis(200);

/// Something a face may have to tell its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// SMS_ATN changed; `interrupt` says that it may interrupt.
    Attention {
        /// Set or clear.
        on: bool,
        /// With an interrupt.
        interrupt: bool,
    },
    /// Message interrupts were switched on or off by Set BMC Global Enables.
    Interrupts(bool),
    /// Do something to the machine.
    Power(PowerAction),
}

/// A change to the BMC made in its thread.
type Change = Box<dyn FnOnce(&mut Bmc, Duration) + Send>;

enum Job {
    Ask(Request, Sender<Response>),
    Subscribe(Sender<Notice>, Waker),
    With(Change),
    Stop,
}

/// A running BMC. Dropping it stops the thread and saves the state.
#[derive(Debug)]
pub struct Engine {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

/// The way to a running BMC.
#[derive(Debug, Clone)]
pub struct Handle {
    jobs: Sender<Job>,
}

impl Engine {
    /// Starts the thread of `bmc`. With a state directory, changes are saved there.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(bmc: Bmc, clock: Clock, state: Option<StateDir>) -> io::Result<Self> {
        let (jobs, queue) = bounded(QUEUE);
        let runner = Runner { bmc, clock, queue, state, subscribers: Vec::new(), told: Told::default(), save_at: None };
        let thread = std::thread::Builder::new().name("bmc".into()).spawn(move || runner.run())?;
        Ok(Self { handle: Handle { jobs }, thread: Some(thread) })
    }

    /// The way to the BMC, for faces.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.handle.jobs.send(Job::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Handle {
    /// Answers a request; "destination unavailable" once the BMC is gone.
    pub fn ask(&self, request: Request) -> Response {
        let (reply, response) = bounded(1);
        let gone = || Response::refused(CompletionCode::DESTINATION_UNAVAILABLE);
        if self.jobs.send(Job::Ask(request, reply)).is_err() {
            return gone();
        }
        response.recv().unwrap_or_else(|_| gone())
    }

    /// Subscribes to notices; `waker` is woken for each. The present state comes first.
    pub fn subscribe(&self, waker: Waker) -> Receiver<Notice> {
        let (sender, notices) = unbounded();
        let _ = self.jobs.send(Job::Subscribe(sender, waker));
        notices
    }

    /// Runs `change` on the BMC in its thread: scenarios of tests and embedding programs.
    pub fn with(&self, change: impl FnOnce(&mut Bmc, Duration) + Send + 'static) {
        let _ = self.jobs.send(Job::With(Box::new(change)));
    }
}

/// Real time as the time since the Unix epoch that never runs backwards.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    epoch: Duration,
    start: Instant,
}

impl Clock {
    /// A clock that shows the system's time now and goes on by itself.
    pub fn start() -> Self {
        Self { epoch: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(), start: Instant::now() }
    }

    /// The time.
    pub fn now(&self) -> Duration {
        self.epoch + self.start.elapsed()
    }
}

/// What subscribers were told last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Told {
    on: bool,
    interrupt: bool,
    interrupts: bool,
}

impl Told {
    fn of(bmc: &Bmc) -> Self {
        let interrupts = bmc.messaging.enables & (ENABLE_QUEUE_INTERRUPT | ENABLE_EVENT_INTERRUPT) != 0;
        Self { on: bmc.attention(), interrupt: bmc.interrupt(), interrupts }
    }
}

struct Runner {
    bmc: Bmc,
    clock: Clock,
    queue: Receiver<Job>,
    state: Option<StateDir>,
    subscribers: Vec<(Sender<Notice>, Waker)>,
    told: Told,
    save_at: Option<Duration>,
}

impl Runner {
    fn run(mut self) {
        let mut deadline = self.bmc.poll(self.clock.now());
        loop {
            let due = deadline.into_iter().chain(self.save_at).min();
            let job = match due {
                Some(at) => self.queue.recv_timeout(at.saturating_sub(self.clock.now())),
                None => self.queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let now = self.clock.now();
            match job {
                Ok(Job::Ask(request, reply)) => {
                    let response = self.bmc.handle(&request, now);
                    // Attention first: a host that reads the response sees the flag as it is after the request.
                    self.tell_state();
                    let _ = reply.send(response);
                }
                Ok(Job::Subscribe(sender, waker)) => self.subscribe(sender, waker),
                Ok(Job::With(change)) => change(&mut self.bmc, now),
                Ok(Job::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            deadline = self.bmc.poll(now);
            self.tell_state();
            for action in self.bmc.take_actions() {
                self.tell(Notice::Power(action));
            }
            self.save(now);
        }
        self.save_now(self.clock.now());
    }

    fn subscribe(&mut self, sender: Sender<Notice>, waker: Waker) {
        for notice in [
            Notice::Interrupts(self.told.interrupts),
            Notice::Attention { on: self.told.on, interrupt: self.told.interrupt },
        ] {
            let _ = sender.send(notice);
        }
        waker.wake();
        self.subscribers.push((sender, waker));
    }

    fn tell_state(&mut self) {
        let state = Told::of(&self.bmc);
        let told = std::mem::replace(&mut self.told, state);
        if state.interrupts != told.interrupts {
            self.tell(Notice::Interrupts(state.interrupts));
        }
        if (state.on, state.interrupt) != (told.on, told.interrupt) {
            self.tell(Notice::Attention { on: state.on, interrupt: state.interrupt });
        }
    }

    fn tell(&mut self, notice: Notice) {
        self.subscribers.retain(|(sender, waker)| {
            let there = sender.send(notice).is_ok();
            waker.wake();
            there
        });
    }

    fn save(&mut self, now: Duration) {
        if std::mem::take(&mut self.bmc.dirty) {
            self.save_at.get_or_insert(now + SAVE_DELAY);
        }
        if self.save_at.is_some_and(|at| at <= now) {
            self.save_now(now);
        }
    }

    fn save_now(&mut self, now: Duration) {
        self.save_at = None;
        if let Some(Err(error)) = self.state.as_ref().map(|state| state.save(&self.bmc, now)) {
            tracing::error!("the state cannot be saved: {error}");
        }
    }
}
