//! The LAN face: one thread serves the UDP sockets of every BMC of the process.

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::time::Duration;

use crossbeam_channel::Receiver;
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use super::Face;
use super::console::Opened;
use super::udp::Udp;
use super::wake::Waker;
use crate::engine::{Clock, Handle, Notice};
use crate::fault::link::FaultyLink;
use crate::lan::LanServer;

/// Datagrams taken from one socket before the others have their turn.
const BURST: usize = 32;
/// Longest datagram read; no IPMI packet comes near.
const DATAGRAM: usize = 4096;
/// Key of the stop waker among the sockets.
const STOP: u64 = u64::MAX;
/// Key of the waker of notices.
const NOTICE: u64 = u64::MAX - 1;

/// A BMC and the socket it is reached by.
#[derive(Debug)]
pub struct LanPort {
    socket: Udp,
    address: String,
    bmc: Handle,
    console: Opened,
}

impl LanPort {
    /// Binds `address` for `bmc`; port 0 takes a free one. Serial over LAN shows a loopback shell.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub fn bind(bmc: Handle, address: SocketAddr) -> io::Result<Self> {
        let socket = Udp::bind(address)?;
        let address = socket.local_addr()?;
        bmc.with(|bmc, _| bmc.settings.sol.listen_on(address.port()));
        Ok(Self { socket, address: address.to_string(), bmc, console: Opened::default() })
    }

    /// Serial over LAN shows `console`.
    #[must_use]
    pub fn with_console(self, console: Opened) -> Self {
        Self { console, ..self }
    }

    /// The address bound.
    pub fn address(&self) -> &str {
        &self.address
    }
}

/// Serves all `ports` in one thread.
///
/// # Errors
/// When the system has no thread, file descriptor or random numbers left.
pub fn start(ports: Vec<LanPort>) -> io::Result<Face> {
    let addresses: Vec<_> = ports.iter().map(|port| port.address.clone()).collect();
    let waker = Waker::new()?;
    let mut served = Vec::new();
    for LanPort { socket, bmc, console, .. } in ports {
        let notices = bmc.subscribe(waker.clone());
        let clock = bmc.clock();
        let link = bmc.with(|bmc, _| bmc.faults.as_ref().map(FaultyLink::new));
        let mut server = LanServer::new()?;
        server.set_system(console.start(waker.clone())?);
        served.push(Served { socket, bmc, server, clock, notices, link });
    }
    Face::spawn("lan", addresses.join(" "), move |stop| {
        if let Err(error) = serve(&mut served, &waker, &stop) {
            tracing::error!("the LAN face stops: {error}");
        }
    })
}

struct Served {
    socket: Udp,
    bmc: Handle,
    server: LanServer,
    clock: Clock,
    notices: Receiver<Notice>,
    /// What is between the socket and the server, when something goes wrong there.
    link: Option<FaultyLink<SocketAddr>>,
}

fn serve(ports: &mut [Served], waker: &Waker, stop: &Waker) -> io::Result<()> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    let watch = |fd: &dyn AsFd, key| epoll.add(fd.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, key));
    watch(stop, STOP)?;
    watch(waker, NOTICE)?;
    for (port, key) in ports.iter().zip(0..) {
        watch(&port.socket, key)?;
    }
    let mut ready = [EpollEvent::empty(); 256];
    loop {
        let count = match epoll.wait(&mut ready, wait_time(ports)) {
            Ok(count) => count,
            Err(Errno::EINTR) => 0,
            Err(error) => return Err(error.into()),
        };
        for event in ready.iter().take(count) {
            match event.data() {
                STOP => return Ok(()),
                NOTICE => {
                    waker.clear();
                    ports.iter_mut().for_each(Served::hear);
                }
                key => {
                    if let Some(port) = usize::try_from(key).ok().and_then(|key| ports.get_mut(key)) {
                        port.receive();
                    }
                }
            }
        }
        ports.iter_mut().for_each(Served::time_out);
    }
}

fn wait_time(ports: &[Served]) -> EpollTimeout {
    let left = |port: &Served| port.deadline().map(|at| at.saturating_sub(port.clock.now()));
    // Rounded up, so that the deadline is past then.
    let time = ports.iter().filter_map(left).min().map(|left| left + Duration::from_millis(1));
    time.map_or(EpollTimeout::NONE, |time| EpollTimeout::try_from(time).unwrap_or(EpollTimeout::MAX))
}

impl Served {
    fn receive(&mut self) {
        let mut buffer = [0; DATAGRAM];
        for _ in 0..BURST {
            let (length, peer) = match self.socket.receive(&mut buffer) {
                Ok(received) => received,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                // A refused datagram shows up here; the next one may be fine.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => continue,
                Err(_) => break,
            };
            let datagram = buffer.get(..length).unwrap_or_default();
            match &mut self.link {
                None => self.deliver(peer, datagram),
                Some(link) => link.receive(peer, datagram.to_vec(), self.clock.now()),
            }
        }
        self.carry();
    }

    /// Gives a datagram to the server.
    fn deliver(&mut self, peer: SocketAddr, datagram: &[u8]) {
        let server = &mut self.server;
        let departure = self.bmc.with(|bmc, now| {
            server.handle_datagram(bmc, peer, datagram, now);
            bmc.faults.as_mut().map(|faults| faults.take_departure(now))
        });
        self.transmit(departure);
    }

    /// Moves what has arrived at either end of the faulty link.
    fn carry(&mut self) {
        let now = self.clock.now();
        while let Some((peer, datagram)) = self.link.as_mut().and_then(|link| link.poll_received(now)) {
            self.deliver(peer, &datagram);
        }
        while let Some((peer, datagram)) = self.link.as_mut().and_then(|link| link.poll_transmit(now)) {
            self.send(peer, &datagram);
        }
    }

    /// When there is something to do without being told.
    fn deadline(&self) -> Option<Duration> {
        let link = self.link.as_ref().and_then(FaultyLink::deadline);
        self.server.poll_timeout().into_iter().chain(link).min()
    }

    fn hear(&mut self) {
        if self.notices.try_iter().count() > 0 || self.server.system_has_printed() {
            let server = &mut self.server;
            self.bmc.with(|bmc, now| server.sync(bmc, now));
            self.transmit(None);
        }
    }

    fn time_out(&mut self) {
        if self.server.poll_timeout().is_some_and(|at| at <= self.clock.now()) {
            let server = &mut self.server;
            self.bmc.with(|bmc, now| server.handle_timeout(bmc, now));
            self.transmit(None);
        }
        self.carry();
    }

    /// Sends what the server has for consoles; through the faulty link it leaves at `departure`.
    fn transmit(&mut self, departure: Option<Duration>) {
        while let Some((peer, datagram)) = self.server.poll_transmit() {
            match &mut self.link {
                None => self.send(peer, &datagram),
                Some(link) => link.send(peer, datagram, departure.unwrap_or_else(|| self.clock.now())),
            }
        }
    }

    fn send(&self, peer: SocketAddr, datagram: &[u8]) {
        if let Err(error) = self.socket.send(datagram, peer) {
            tracing::debug!(%peer, "cannot send: {error}");
        }
    }
}
