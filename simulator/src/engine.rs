//! A running BMC behind a lock: faces ask in their own threads, one thread of the process does what is due by time.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crossbeam_channel::{Receiver, Sender, unbounded};
use ipmi_core::{CompletionCode, Request, Response};

use crate::bmc::Bmc;
use crate::chassis::PowerAction;
use crate::face::trap;
use crate::face::wake::Waker;
use crate::messaging::{ENABLE_EVENT_INTERRUPT, ENABLE_QUEUE_INTERRUPT};
use crate::state::StateDir;
use crate::store::payload::Activation;

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
    /// Messages wait for the consoles of sessions.
    Consoles,
}

/// A running BMC. Dropping it stops the BMC and saves the state.
#[derive(Debug)]
pub struct Engine {
    handle: Handle,
}

/// The way to a running BMC.
#[derive(Debug, Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

impl Engine {
    /// Starts `bmc`. With a state directory, changes are saved there.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn start(bmc: Bmc, clock: Clock, state: Option<StateDir>) -> io::Result<Self> {
        TICKER.start()?;
        let running = Running {
            bmc,
            clock,
            state,
            subscribers: Vec::new(),
            told: Told::default(),
            sol: None,
            save_at: None,
            scheduled: None,
            stopped: false,
        };
        let handle = Handle { shared: Arc::new(Shared(Mutex::new(running))) };
        handle.with(|_, _| ());
        Ok(Self { handle })
    }

    /// The way to the BMC, for faces.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let mut running = self.handle.shared.lock();
        running.stopped = true;
        let now = running.clock.now();
        running.save_now(now);
        // Those who wait for notices see that there will be none.
        running.subscribers.clear();
    }
}

impl Handle {
    /// Answers a request of the system interface; "destination unavailable" once the BMC is gone.
    pub fn ask(&self, request: Request) -> Response {
        let mut running = self.shared.lock();
        if running.stopped {
            return Response::refused(CompletionCode::DESTINATION_UNAVAILABLE);
        }
        let now = running.clock.now();
        let service =
            running.bmc.faults.as_ref().map_or(Duration::ZERO, |faults| faults.service(request.net_fn, request.cmd));
        let response = running.bmc.handle(&request, now);
        running.settle(now, &self.shared);
        drop(running);
        if !service.is_zero() {
            std::thread::sleep(service);
        }
        response
    }

    /// Subscribes to notices; `waker` is woken for each. The present state comes first.
    pub fn subscribe(&self, waker: Waker) -> Receiver<Notice> {
        let (sender, notices) = unbounded();
        self.shared.lock().subscribe(sender, waker);
        notices
    }

    /// Runs `change` on the BMC, in the caller's thread: faces with protocols of their own, scenarios of tests and
    /// embedding programs. Nobody else reaches the BMC meanwhile.
    pub fn with<T>(&self, change: impl FnOnce(&mut Bmc, Duration) -> T) -> T {
        let mut running = self.shared.lock();
        let now = running.clock.now();
        let result = change(&mut running.bmc, now);
        running.settle(now, &self.shared);
        result
    }

    /// The BMC's clock, for faces with deadlines of their own.
    pub fn clock(&self) -> Clock {
        self.shared.lock().clock
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

    /// The instant at which this clock shows `time`; `None` beyond what the system can count.
    fn instant(&self, time: Duration) -> Option<Instant> {
        self.start.checked_add(time.saturating_sub(self.epoch))
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

#[derive(Debug)]
struct Shared(Mutex<Running>);

impl Shared {
    /// A panic under the lock leaves a BMC that still answers.
    fn lock(&self) -> MutexGuard<'_, Running> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Running {
    bmc: Bmc,
    clock: Clock,
    state: Option<StateDir>,
    subscribers: Vec<(Sender<Notice>, Waker)>,
    told: Told,
    /// Who has SOL, as subscribers were told.
    sol: Option<Activation>,
    save_at: Option<Duration>,
    /// When the ticker comes next.
    scheduled: Option<Instant>,
    stopped: bool,
}

impl Running {
    /// After every change: does what is due, tells what changed and asks the ticker to come when something is due.
    fn settle(&mut self, now: Duration, shared: &Arc<Shared>) {
        if self.stopped {
            return;
        }
        // Attention first: a host that reads a response sees the flag as it is after the request.
        let deadline = self.bmc.poll(now);
        self.tell_state();
        for action in self.bmc.take_actions() {
            self.tell(Notice::Power(action));
        }
        for datagram in self.bmc.take_datagrams() {
            trap::send(&datagram);
        }
        let sol = self.bmc.settings.payloads.sol().filter(|active| self.bmc.sessions.get(active.session).is_some());
        if self.bmc.sessions.has_messages() || std::mem::replace(&mut self.sol, sol) != sol {
            self.tell(Notice::Consoles);
        }
        self.save(now);
        let due = deadline.into_iter().chain(self.save_at).min().and_then(|due| self.clock.instant(due));
        if let Some(due) = due.filter(|due| self.scheduled.is_none_or(|scheduled| *due < scheduled)) {
            self.scheduled = Some(due);
            TICKER.schedule(due, Arc::downgrade(shared));
        }
    }

    fn subscribe(&mut self, sender: Sender<Notice>, waker: Waker) {
        for notice in [
            Notice::Interrupts(self.told.interrupts),
            Notice::Attention { on: self.told.on, interrupt: self.told.interrupt },
        ] {
            let _ = sender.send(notice);
        }
        waker.wake();
        if !self.stopped {
            self.subscribers.push((sender, waker));
        }
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
        if std::mem::take(&mut self.bmc.dirty) && self.state.is_some() {
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

/// The thread that comes to every BMC of the process when something is due there.
struct Ticker {
    queue: Mutex<Queue>,
    changed: Condvar,
}

static TICKER: Ticker =
    Ticker { queue: Mutex::new(Queue { due: BTreeMap::new(), entered: 0, running: false }), changed: Condvar::new() };

struct Queue {
    /// BMCs by time; the number makes the keys differ.
    due: BTreeMap<(Instant, u64), Weak<Shared>>,
    entered: u64,
    running: bool,
}

impl Ticker {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the thread, once.
    fn start(&'static self) -> io::Result<()> {
        let mut queue = self.lock();
        if !queue.running {
            std::thread::Builder::new().name("bmc-ticker".into()).spawn(move || self.run())?;
            queue.running = true;
        }
        Ok(())
    }

    fn schedule(&self, at: Instant, bmc: Weak<Shared>) {
        let mut queue = self.lock();
        queue.entered = queue.entered.wrapping_add(1);
        let key = (at, queue.entered);
        let first = queue.due.first_key_value().is_none_or(|(first, _)| key < *first);
        queue.due.insert(key, bmc);
        drop(queue);
        if first {
            self.changed.notify_one();
        }
    }

    fn run(&self) {
        let mut queue = self.lock();
        loop {
            let now = Instant::now();
            queue = match queue.due.first_key_value().map(|((at, _), _)| at.saturating_duration_since(now)) {
                None => self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner),
                Some(Duration::ZERO) => {
                    let due = queue.due.pop_first();
                    drop(queue);
                    if let Some(((at, _), bmc)) = due {
                        tick(at, &bmc);
                    }
                    self.lock()
                }
                Some(wait) => self.changed.wait_timeout(queue, wait).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
    }
}

/// A BMC's turn. An entry that an earlier one replaced does nothing.
fn tick(at: Instant, bmc: &Weak<Shared>) {
    let Some(shared) = bmc.upgrade() else { return };
    let mut running = shared.lock();
    if running.scheduled == Some(at) {
        running.scheduled = None;
        let now = running.clock.now();
        running.settle(now, &shared);
    }
}
