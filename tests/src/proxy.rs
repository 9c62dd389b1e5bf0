//! A UDP proxy between clients and a BMC: counts datagrams, delays them, loses some, and can make the BMC take one
//! request at a time.

use std::collections::BTreeMap;
use std::collections::binary_heap::{BinaryHeap, PeekMut};
use std::fmt;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;

/// Longest wait before the thread looks whether it is to end.
const LOOK: Duration = Duration::from_millis(20);

/// What the proxy does to datagrams.
#[derive(Debug, Clone, Copy, Default)]
pub struct Path {
    /// Time each datagram takes, in either direction: half the added round trip.
    pub delay: Duration,
    /// Percent of datagrams lost, in either direction.
    pub loss_percent: u8,
    /// Start of the sequence that chooses the lost ones.
    pub seed: u64,
    /// The BMC works on a request for this long and drops those that arrive meanwhile, from whomever.
    pub one_at_a_time: Option<Duration>,
}

impl Path {
    /// A path that adds `round_trip`.
    pub fn round_trip(round_trip: Duration) -> Self {
        Self { delay: round_trip / 2, ..Self::default() }
    }
}

/// What a datagram carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Anything but IPMI: RMCP acknowledgements, ASF pings.
    Rmcp,
    /// A packet of IPMI 1.5.
    Ipmi15,
    /// A packet of RMCP+ with this payload type (IPMI 2.0 table 13-16).
    RmcpPlus(u8),
}

impl Kind {
    fn of(datagram: &[u8]) -> Self {
        match (datagram.get(3), datagram.get(4), datagram.get(5)) {
            (Some(0x07), Some(0x06), Some(payload_type)) => Self::RmcpPlus(payload_type & 0x3F),
            (Some(0x07), Some(_), _) => Self::Ipmi15,
            _ => Self::Rmcp,
        }
    }
}

/// One datagram that reached the proxy.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    /// When.
    pub at: Instant,
    /// Whether it goes to the BMC.
    pub to_bmc: bool,
    /// What it is.
    pub kind: Kind,
    /// Lost on the way, or dropped by a BMC that was at work.
    pub dropped: bool,
}

/// The datagrams of one run.
#[derive(Debug, Clone, Default)]
pub struct Record(pub Vec<Seen>);

impl Record {
    /// Datagrams that clients sent.
    pub fn requests(&self) -> usize {
        self.0.iter().filter(|seen| seen.to_bmc).count()
    }

    /// Datagrams that the BMC sent.
    pub fn replies(&self) -> usize {
        self.0.iter().filter(|seen| !seen.to_bmc).count()
    }

    /// Datagrams in either direction that did not arrive.
    pub fn dropped(&self) -> usize {
        self.0.iter().filter(|seen| seen.dropped).count()
    }

    /// Longest silence between two datagrams.
    pub fn longest_gap(&self) -> Duration {
        self.0.windows(2).map(|pair| pair[1].at.saturating_duration_since(pair[0].at)).max().unwrap_or_default()
    }
}

impl fmt::Display for Record {
    /// Counts by direction and kind.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut counts = BTreeMap::new();
        for seen in &self.0 {
            *counts.entry((!seen.to_bmc, seen.kind)).or_insert(0) += 1;
        }
        write!(f, "{} dropped, longest gap {:?}", self.dropped(), self.longest_gap())?;
        counts.iter().try_for_each(|((from_bmc, kind), count)| {
            write!(f, "; {count} {} {kind:?}", if *from_bmc { "from the BMC" } else { "to the BMC" })
        })
    }
}

/// A running proxy.
pub struct Proxy {
    address: SocketAddr,
    record: Arc<Mutex<Record>>,
    end: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts a proxy to `bmc`.
    ///
    /// # Panics
    /// When it gets no port.
    pub fn start(bmc: SocketAddr, path: Path) -> Self {
        Self::start_at((bmc.ip(), 0).into(), bmc, path)
    }

    /// Starts a proxy to `bmc` where clients find it at `front`.
    ///
    /// # Panics
    /// When it does not get that port.
    pub fn start_at(front: SocketAddr, bmc: SocketAddr, path: Path) -> Self {
        let front = UdpSocket::bind(front).expect("port for the proxy");
        front.set_nonblocking(true).expect("non-blocking");
        let address = front.local_addr().expect("bound");
        let (record, end) = (Arc::new(Mutex::new(Record::default())), Arc::new(AtomicBool::new(false)));
        let worker = Worker {
            bmc,
            path,
            random: Random(path.seed),
            front,
            clients: Vec::new(),
            waiting: BinaryHeap::new(),
            taken: 0,
            busy_until: None,
            record: Arc::clone(&record),
        };
        let stop = Arc::clone(&end);
        let thread = Some(std::thread::spawn(move || worker.run(&stop)));
        Self { address, record, end, thread }
    }

    /// Where clients find the BMC.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What passed since the last call.
    ///
    /// # Panics
    /// When the proxy's thread has panicked.
    pub fn take(&self) -> Record {
        std::mem::take(&mut *self.record.lock().expect("record"))
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.end.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A client and the socket that stands for it at the BMC.
struct Client {
    address: SocketAddr,
    socket: UdpSocket,
}

/// A datagram under way. The heap gives the earliest first, and of two at the same instant the one that came first.
struct Waiting {
    due: Instant,
    number: u64,
    client: usize,
    to_bmc: bool,
    datagram: Vec<u8>,
    seen: Seen,
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Waiting {}
impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (other.due, other.number).cmp(&(self.due, self.number))
    }
}

struct Worker {
    bmc: SocketAddr,
    path: Path,
    random: Random,
    front: UdpSocket,
    clients: Vec<Client>,
    waiting: BinaryHeap<Waiting>,
    taken: u64,
    busy_until: Option<Instant>,
    record: Arc<Mutex<Record>>,
}

impl Worker {
    fn run(mut self, end: &AtomicBool) {
        while !end.load(Ordering::Relaxed) {
            let rest = self.waiting.peek().map_or(LOOK, |next| next.due.saturating_duration_since(Instant::now()));
            let ready = self.wait(rest.min(LOOK));
            for (index, ready) in ready.into_iter().enumerate() {
                if ready {
                    self.receive(index);
                }
            }
            self.deliver();
        }
    }

    /// Which sockets have something: the front first, then each client's.
    fn wait(&self, timeout: Duration) -> Vec<bool> {
        let sockets = std::iter::once(&self.front).chain(self.clients.iter().map(|client| &client.socket));
        let mut descriptors: Vec<PollFd<'_>> =
            sockets.map(|socket| PollFd::new(socket.as_fd(), PollFlags::POLLIN)).collect();
        let _ = ppoll(&mut descriptors, Some(TimeSpec::from_duration(timeout)), None);
        descriptors.iter().map(|descriptor| descriptor.any().unwrap_or(false)).collect()
    }

    fn receive(&mut self, index: usize) {
        let mut buffer = [0; 65536];
        loop {
            let received = match index.checked_sub(1) {
                None => self.front.recv_from(&mut buffer).map(|(length, from)| (length, self.client(from), true)),
                Some(client) => self.clients[client].socket.recv(&mut buffer).map(|length| (length, client, false)),
            };
            let Ok((length, client, to_bmc)) = received else { return };
            let datagram = buffer[..length].to_vec();
            let at = Instant::now();
            let dropped = self.random.percent() < self.path.loss_percent;
            let seen = Seen { at, to_bmc, kind: Kind::of(&datagram), dropped };
            if dropped {
                self.note(seen);
                continue;
            }
            let mut due = at + self.path.delay;
            // The answer of a BMC at work leaves when the work is done.
            if let (false, Some(done)) = (to_bmc, self.busy_until) {
                due = due.max(done + self.path.delay);
            }
            self.taken += 1;
            self.waiting.push(Waiting { due, number: self.taken, client, to_bmc, datagram, seen });
            // Without a delay nothing waits, so order and time are those of the network.
            self.deliver();
        }
    }

    /// The client with this address; a new one gets a socket of its own, as a BMC tells sessions apart by port.
    fn client(&mut self, address: SocketAddr) -> usize {
        if let Some(index) = self.clients.iter().position(|client| client.address == address) {
            return index;
        }
        let socket = UdpSocket::bind((self.bmc.ip(), 0)).expect("port towards the BMC");
        socket.connect(self.bmc).expect("connect");
        socket.set_nonblocking(true).expect("non-blocking");
        self.clients.push(Client { address, socket });
        self.clients.len() - 1
    }

    fn deliver(&mut self) {
        loop {
            let now = Instant::now();
            let Some(next) = self.waiting.peek_mut() else { return };
            if next.due > now {
                return;
            }
            let Waiting { client, to_bmc, datagram, mut seen, .. } = PeekMut::pop(next);
            seen.dropped |= to_bmc && self.busy_until.is_some_and(|done| done > now);
            // Noted before it leaves: whoever has it finds it in the record.
            self.note(seen);
            let client = &self.clients[client];
            if !to_bmc {
                let _ = self.front.send_to(&datagram, client.address);
            } else if !seen.dropped {
                self.busy_until = self.path.one_at_a_time.map(|time| now + time);
                let _ = client.socket.send(&datagram);
            }
        }
    }

    fn note(&self, seen: Seen) {
        self.record.lock().expect("record").0.push(seen);
    }
}

/// Steele and Vigna's SplitMix64: enough to choose which datagrams are lost.
struct Random(u64);

impl Random {
    fn percent(&mut self) -> u8 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        u8::try_from((mixed ^ (mixed >> 31)) % 100).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sends everything back.
    fn echo() -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        std::thread::spawn(move || {
            let mut buffer = [0; 100];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let _ = socket.send_to(&buffer[..length], from);
            }
        });
        address
    }

    fn client(proxy: &Proxy) -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(proxy.address()).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        socket
    }

    #[test]
    fn delays_and_counts_for_each_client() {
        let proxy = Proxy::start(echo(), Path::round_trip(Duration::from_millis(6)));
        let (one, two) = (client(&proxy), client(&proxy));
        let mut buffer = [0; 100];
        for (socket, datagram) in [(&one, &[6, 0, 0xFF, 7, 6, 0xD0]), (&two, &[6, 0, 0xFF, 7, 2, 0])] {
            let started = Instant::now();
            socket.send(datagram).unwrap();
            let length = socket.recv(&mut buffer).unwrap();
            assert_eq!(buffer[..length], *datagram);
            assert!(started.elapsed() >= Duration::from_millis(6));
        }
        let record = proxy.take();
        assert_eq!((record.requests(), record.replies(), record.dropped()), (2, 2, 0));
        assert_eq!(record.0[0].kind, Kind::RmcpPlus(0x10));
        assert_eq!(record.0[2].kind, Kind::Ipmi15);
        assert_eq!(proxy.take().requests(), 0);
    }

    #[test]
    fn one_request_at_a_time() {
        let path = Path { one_at_a_time: Some(Duration::from_millis(30)), ..Path::default() };
        let proxy = Proxy::start(echo(), path);
        let socket = client(&proxy);
        for number in 0..3 {
            socket.send(&[number]).unwrap();
        }
        let mut buffer = [0; 100];
        assert_eq!((socket.recv(&mut buffer).unwrap(), buffer[0]), (1, 0));
        assert!(socket.recv(&mut buffer).is_err());
        let record = proxy.take();
        assert_eq!((record.requests(), record.replies(), record.dropped()), (3, 1, 2));
    }

    #[test]
    fn loses_the_seeded_ones() {
        let lost = |seed| {
            let mut random = Random(seed);
            (0..1000).map(|_| random.percent() < 10).collect::<Vec<bool>>()
        };
        assert_eq!(lost(1), lost(1));
        assert_ne!(lost(1), lost(2));
        assert!((50..150).contains(&lost(1).iter().filter(|lost| **lost).count()));
    }
}
