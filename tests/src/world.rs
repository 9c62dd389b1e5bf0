//! A console and a BMC in memory on a virtual clock: the client's conversation, a link with faults in both directions,
//! the simulator's LAN server. Nothing waits, and the same seed gives the same run.
//!
//! ```text
//! Bmc::driven_by ── World ──▶ Conversation ──▶ FaultyLink ──▶ LanServer + simulator::Bmc
//! ```

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ipmi_core::link::console::{LoginConfig, Random};
use ipmi_core::{Request, SlaveAddress, Target};
use kernel_bridge::lan::{Conversation, ConversationConfig, Event, Ticket};
use kernel_bridge::{Bmc, Drive, Finished, Options};
use simulator::fault::Faults;
use simulator::fault::link::FaultyLink;
use simulator::fault::request::RequestFaults;
use simulator::lan::LanServer;

/// The name of the BMC, in error messages.
pub const NAME: &str = "lan://virtual";
/// When the virtual clock starts.
pub const EPOCH: Duration = Duration::from_secs(1_790_000_000);
/// Longest virtual time one request may take from the moment it is submitted.
const REQUEST_LIMIT: Duration = Duration::from_secs(600);
/// Most things that may happen in one world.
const STEP_LIMIT: u32 = 200_000;

/// A small generator of numbers that follow from a seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Numbers(u64);

impl Numbers {
    /// The numbers of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    ///
    /// # Panics
    /// When there are none.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let index = self.below(of.len() as u64);
        of[usize::try_from(index).expect("below a length")]
    }

    /// Fills a buffer.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.number() as u8);
    }
}

/// What the console is and what goes wrong.
pub struct Setup {
    /// Seed of everything random.
    pub seed: u64,
    /// Who logs in and how.
    pub login: LoginConfig,
    /// What goes wrong.
    pub faults: Faults,
    /// Time without an answer after which a request is sent again.
    pub timeout: Duration,
    /// How often a request is sent in all.
    pub sendings: u32,
    /// Quirks are applied when their symptom shows.
    pub automatic_quirks: bool,
}

/// What happened in a world.
#[derive(Debug, Clone, Default)]
pub struct Story {
    /// Datagrams the console sent and received.
    pub sent: u32,
    /// Datagrams that reached the console.
    pub received: u32,
    /// Sessions that were opened.
    pub sessions: u32,
    /// Longest virtual time from a request's submission to its result.
    pub slowest: Duration,
    /// What did not come to an end.
    pub hung: Option<String>,
}

/// A console and a BMC.
pub struct World {
    network: Arc<Mutex<Network>>,
    /// The console's handle to the BMC.
    pub bmc: Bmc,
}

impl World {
    /// A console that has not logged in yet, and the BMC.
    pub fn new(setup: Setup, bmc: simulator::Bmc) -> Self {
        let network = Arc::new(Mutex::new(Network::new(setup, bmc)));
        let console = Box::new(Console(Arc::clone(&network)));
        Self { bmc: Bmc::driven_by(NAME, console, Options::default()), network }
    }

    /// The network, to look at or to change.
    pub fn network(&self) -> MutexGuard<'_, Network> {
        lock(&self.network)
    }
}

fn lock(network: &Mutex<Network>) -> MutexGuard<'_, Network> {
    network.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The drive of a world's BMC.
struct Console(Arc<Mutex<Network>>);

impl Drive for Console {
    fn submit(&mut self, ticket: Ticket, target: Target, request: Request) {
        lock(&self.0).submit(ticket, target, request);
    }

    fn step(&mut self) -> Option<Vec<Finished>> {
        lock(&self.0).step()
    }

    fn pause(&mut self, time: Duration) {
        lock(&self.0).pause(time);
    }
}

/// Sees each datagram of either end as it arrives, and gives datagrams of its own: to the console from the BMC's
/// address, to the BMC from a stranger's.
pub type Meddler = Box<dyn FnMut(&[u8]) -> Vec<Vec<u8>> + Send>;
/// Gives what the console receives in place of a datagram.
pub type Forger = Box<dyn FnMut(&[u8]) -> Vec<u8> + Send>;

/// Everything between a console's requests and a BMC's state.
pub struct Network {
    start: Instant,
    elapsed: Duration,
    conversation: Conversation,
    link: FaultyLink<SocketAddr>,
    /// The BMC's LAN side.
    pub server: LanServer,
    /// The BMC: what it holds is the truth.
    pub bmc: simulator::Bmc,
    /// Sends datagrams to the console before each of the BMC's.
    pub impostor: Option<Meddler>,
    /// Sends datagrams to the BMC after each of the console's.
    pub stranger: Option<Meddler>,
    /// Replaces what the BMC sends.
    pub forger: Option<Forger>,
    /// What happened.
    pub story: Story,
    finished: Vec<Finished>,
    submitted: HashMap<Ticket, Duration>,
    steps: u32,
}

/// The console's address.
pub fn console() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 50_000))
}

/// Somebody else's address.
pub fn stranger() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 66], 50_000))
}

impl Network {
    fn new(setup: Setup, mut bmc: simulator::Bmc) -> Self {
        let start = Instant::now();
        let faults = RequestFaults::new(&setup.faults, setup.seed);
        let link = FaultyLink::new(&faults);
        bmc.faults = Some(faults);
        let mut numbers = Numbers::new(setup.seed ^ 0xC0);
        let random: Random = Box::new(move |bytes| numbers.fill(bytes));
        let config = ConversationConfig {
            name: NAME.to_owned(),
            login: setup.login,
            timeout: setup.timeout,
            sendings: setup.sendings,
            retries: 4,
            transit: None,
            my_address: SlaveAddress::BMC,
            automatic_quirks: setup.automatic_quirks,
            one_at_a_time: false,
            other_addresses: 0,
        };
        Self {
            start,
            elapsed: Duration::ZERO,
            conversation: Conversation::new(config, random, start),
            link,
            server: LanServer::seeded(setup.seed),
            bmc,
            impostor: None,
            stranger: None,
            forger: None,
            story: Story::default(),
            finished: Vec::new(),
            submitted: HashMap::new(),
            steps: 0,
        }
    }

    /// The time, as the BMC tells it.
    pub fn now(&self) -> Duration {
        EPOCH + self.elapsed
    }

    fn instant(&self) -> Instant {
        self.start + self.elapsed
    }

    fn submit(&mut self, ticket: Ticket, target: Target, request: Request) {
        self.submitted.insert(ticket, self.elapsed);
        self.conversation.submit(ticket, target, request, self.instant());
    }

    fn step(&mut self) -> Option<Vec<Finished>> {
        self.settle();
        if self.finished.is_empty() {
            let next = self.deadline()?;
            self.go_to(next);
        }
        if self.story.hung.is_some() {
            return None;
        }
        Some(std::mem::take(&mut self.finished))
    }

    fn pause(&mut self, time: Duration) {
        let end = self.elapsed + time;
        self.settle();
        while let Some(next) = self.deadline().filter(|next| *next < end && self.story.hung.is_none()) {
            self.go_to(next);
        }
        self.elapsed = self.elapsed.max(end);
    }

    /// When the next thing happens.
    fn deadline(&self) -> Option<Duration> {
        let conversation = self.conversation.poll_timeout().map(|at| at.saturating_duration_since(self.start));
        let server = self.server.poll_timeout().map(|at| at.saturating_sub(EPOCH));
        let link = self.link.deadline().map(|at| at.saturating_sub(EPOCH));
        [conversation, server, link].into_iter().flatten().min()
    }

    fn go_to(&mut self, next: Duration) {
        self.elapsed = self.elapsed.max(next);
        self.conversation.handle_timeout(self.instant());
        let now = self.now();
        self.bmc.poll(now);
        self.server.handle_timeout(&mut self.bmc, now);
        self.settle();
        let oldest = self.submitted.values().min().copied();
        if oldest.is_some_and(|since| self.elapsed.saturating_sub(since) > REQUEST_LIMIT) {
            self.story.hung = Some(format!("a request takes longer than {REQUEST_LIMIT:?}: {:?}", self.conversation));
        }
    }

    /// Passes on what can move without time going on.
    fn settle(&mut self) {
        while self.pass_on() {
            self.steps += 1;
            if self.steps > STEP_LIMIT {
                self.story.hung = Some(format!("more than {STEP_LIMIT} steps: {:?}", self.conversation));
                return;
            }
        }
    }

    fn pass_on(&mut self) -> bool {
        let mut moved = false;
        let (now, instant) = (self.now(), self.instant());
        while let Some(event) = self.conversation.poll() {
            moved = true;
            match event {
                Event::Done { ticket, result, after } => {
                    let since = self.submitted.remove(&ticket).unwrap_or(self.elapsed);
                    self.story.slowest = self.story.slowest.max(self.elapsed.saturating_sub(since));
                    self.finished.push((ticket, result, after));
                }
                Event::Up(_) => self.story.sessions += 1,
                _ => {}
            }
        }
        while let Some(datagram) = self.conversation.poll_transmit() {
            moved = true;
            self.story.sent += 1;
            self.link.receive(console(), datagram, now);
        }
        while let Some((peer, datagram)) = self.link.poll_received(now) {
            moved = true;
            self.server.handle_datagram(&mut self.bmc, peer, &datagram, now);
            let departure = self.bmc.faults.as_mut().map_or(now, |faults| faults.take_departure(now));
            while let Some((peer, datagram)) = self.server.poll_transmit() {
                self.link.send(peer, datagram, departure);
            }
            self.bother_bmc(&datagram, now);
        }
        while let Some((peer, datagram)) = self.link.poll_transmit(now) {
            moved = true;
            if peer != console() {
                continue;
            }
            for datagram in self.impostor.as_mut().map(|impostor| impostor(&datagram)).unwrap_or_default() {
                self.conversation.handle_datagram(&datagram, instant);
            }
            let datagram = self.forger.as_mut().map_or(datagram.clone(), |forger| forger(&datagram));
            self.story.received += 1;
            self.conversation.handle_datagram(&datagram, instant);
        }
        moved
    }

    /// What the BMC says to a stranger goes nowhere.
    fn bother_bmc(&mut self, seen: &[u8], now: Duration) {
        for datagram in self.stranger.as_mut().map(|stranger| stranger(seen)).unwrap_or_default() {
            self.server.handle_datagram(&mut self.bmc, stranger(), &datagram, now);
            while let Some((peer, datagram)) = self.server.poll_transmit() {
                if peer == console() {
                    self.link.send(peer, datagram, now);
                }
            }
        }
    }
}
