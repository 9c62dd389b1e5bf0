//! One thread and one socket per address family for all sessions of the process.
//!
//! Handles queue commands and write to an eventfd, as with the owner threads of devices. A datagram goes to the
//! conversations with its sender until one takes it. Log-ins are let in a limited number at a time, in turn, so that a
//! thousand of them do not drown their own answers.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};
use nix::poll::{PollFd, PollFlags, PollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};

use super::slot::{Command, Slot};
use super::socket::{Socket, key};
use crate::reply::Reply;

/// Log-ins at a time.
const LOGINS: usize = 128;
/// Datagrams taken from a socket before timers are looked at again.
const DATAGRAMS_PER_TURN: usize = 512;

/// The name of a conversation within the process.
pub(super) type Id = u64;

static ENGINE: OnceLock<Result<Engine, String>> = OnceLock::new();

/// What handles hold of the engine.
#[derive(Debug)]
pub(super) struct Engine {
    commands: Sender<(Id, Command)>,
    wake: Arc<EventFd>,
}

impl Engine {
    /// The engine of the process, started when first asked for.
    ///
    /// # Errors
    /// When the system gives no thread or descriptor.
    pub(super) fn of_process() -> Result<&'static Self, String> {
        ENGINE
            .get_or_init(|| Self::start().map_err(|error| format!("LAN engine: {error}")))
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The engine, when it was started.
    pub(super) fn started() -> Option<&'static Self> {
        ENGINE.get().and_then(|engine| engine.as_ref().ok())
    }

    fn start() -> std::io::Result<Self> {
        let wake = Arc::new(EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?);
        let (commands, queue) = unbounded();
        let worker = Worker {
            queue,
            wake: Arc::clone(&wake),
            sockets: Vec::new(),
            slots: HashMap::new(),
            peers: HashMap::new(),
            timers: BTreeSet::new(),
            logins: 0,
            waiting: VecDeque::new(),
            ending: Vec::new(),
        };
        std::thread::Builder::new().name("bmc-lan".to_owned()).spawn(move || worker.run())?;
        Ok(Self { commands, wake })
    }

    /// Queues a command. When the thread is gone, the command is dropped and with it its reply channel.
    pub(super) fn post(&self, id: Id, command: Command) {
        let _ = self.commands.send((id, command));
        let _ = self.wake.write(1);
    }
}

struct Worker {
    queue: Receiver<(Id, Command)>,
    wake: Arc<EventFd>,
    sockets: Vec<(bool, Socket)>,
    slots: HashMap<Id, Slot>,
    peers: HashMap<SocketAddr, Vec<Id>>,
    timers: BTreeSet<(Instant, Id)>,
    logins: usize,
    /// Conversations that want to log in, in turn.
    waiting: VecDeque<Id>,
    /// Who waits for the end of all sessions.
    ending: Vec<Reply<()>>,
}

impl Worker {
    fn run(mut self) {
        loop {
            self.sleep();
            // Cleared before the queue is drained: what is queued after this writes it again.
            let _ = self.wake.read();
            while let Ok((id, command)) = self.queue.try_recv() {
                self.command(id, command);
            }
            self.receive();
            self.time();
            self.let_in(Instant::now());
        }
    }

    fn sleep(&self) {
        let now = Instant::now();
        let timeout = self.timers.first().map_or(PollTimeout::NONE, |(due, _)| {
            // Rounded up, so that the deadline has passed when poll returns.
            let wait = due.saturating_duration_since(now) + Duration::from_micros(999);
            PollTimeout::try_from(wait.as_millis()).unwrap_or(PollTimeout::MAX)
        });
        let mut fds = vec![PollFd::new(self.wake.as_fd(), PollFlags::POLLIN)];
        fds.extend(self.sockets.iter().map(|(_, socket)| PollFd::new(socket.as_fd(), PollFlags::POLLIN)));
        if let Err(errno) = nix::poll::poll(&mut fds, timeout) {
            tracing::debug!(%errno, "poll");
        }
    }

    fn command(&mut self, id: Id, command: Command) {
        let now = Instant::now();
        match command {
            Command::Open { conversation, addresses, memory } => {
                let slot = Slot::new(conversation, addresses.into_iter().map(key).collect(), memory);
                if let Some(peer) = slot.peer() {
                    self.peers.entry(peer).or_default().push(id);
                }
                self.slots.insert(id, slot);
            }
            Command::CloseAll(done) => {
                self.ending.push(done);
                self.waiting.clear();
                for id in self.slots.keys().copied().collect::<Vec<_>>() {
                    if let Some(slot) = self.slots.get_mut(&id) {
                        slot.in_line = false;
                        slot.post(Command::Close(None));
                        slot.work(now);
                        self.settle(id, now);
                    }
                }
                self.tell_ending();
            }
            command => {
                let Some(slot) = self.slots.get_mut(&id) else { return };
                slot.post(command);
                // Closing needs no log-in.
                if slot.needs_login() && self.logins >= LOGINS {
                    if !slot.in_line {
                        slot.in_line = true;
                        self.waiting.push_back(id);
                    }
                    return;
                }
                slot.work(now);
                self.settle(id, now);
            }
        }
    }

    fn receive(&mut self) {
        for index in 0..self.sockets.len() {
            for _ in 0..DATAGRAMS_PER_TURN {
                let Some((_, socket)) = self.sockets.get_mut(index) else { return };
                let Some((datagram, from)) = socket.receive() else { break };
                let now = Instant::now();
                let ids = self.peers.get(&from).map_or(&[][..], Vec::as_slice);
                let taker = ids.iter().copied().find(|id| {
                    self.slots.get_mut(id).is_some_and(|slot| slot.conversation.handle_datagram(datagram, now))
                });
                match taker {
                    Some(id) => self.settle(id, now),
                    None => tracing::trace!(%from, "a datagram that nobody waits for"),
                }
            }
            for _ in 0..DATAGRAMS_PER_TURN {
                let Some((peer, error)) = self.sockets.get(index).and_then(|(_, socket)| socket.undelivered()) else {
                    break;
                };
                self.undelivered(peer, &error);
            }
        }
    }

    fn undelivered(&mut self, peer: SocketAddr, error: &std::io::Error) {
        let now = Instant::now();
        for id in self.peers.get(&peer).cloned().unwrap_or_default() {
            if let Some(slot) = self.slots.get_mut(&id) {
                slot.conversation.handle_unreachable(&super::why_unreachable(error), now);
                self.settle(id, now);
            }
        }
    }

    fn time(&mut self) {
        let now = Instant::now();
        // Bounded, so that a conversation that is due again at once does not hold up the others.
        for _ in 0..self.timers.len() {
            let Some(&(due, id)) = self.timers.first().filter(|(due, _)| *due <= now) else { return };
            self.timers.remove(&(due, id));
            if let Some(slot) = self.slots.get_mut(&id) {
                slot.due = None;
                slot.conversation.handle_timeout(now);
                self.settle(id, now);
            }
        }
    }

    /// Delivers what a conversation has to say, sends what it has to send, and notes when it is to be called again.
    fn settle(&mut self, id: Id, now: Instant) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        let before = slot.peer();
        let closed = slot.deliver(now);
        let peer = slot.peer();
        if before != peer {
            forget(&mut self.peers, before, id);
            if let Some(peer) = peer {
                self.peers.entry(peer).or_default().push(id);
            }
        }
        let mut refused = None;
        while let Some(datagram) = slot.conversation.poll_transmit() {
            let Some(peer) = peer else { continue };
            if let Err(error) = send(&mut self.sockets, &datagram, peer) {
                refused = Some(error);
            }
        }
        if slot.conversation.is_logging_in() != slot.logging_in {
            slot.logging_in = !slot.logging_in;
            self.logins = if slot.logging_in { self.logins + 1 } else { self.logins.saturating_sub(1) };
        }
        let due = slot.poll_timeout();
        if due != slot.due {
            if let Some(former) = slot.due {
                self.timers.remove(&(former, id));
            }
            self.timers.extend(due.map(|due| (due, id)));
            slot.due = due;
        }
        if closed {
            self.remove(id, peer);
        } else if let Some(error) = refused {
            self.cannot_send(id, &error, now);
        }
    }

    /// The system itself refuses to send: no route, no permission.
    fn cannot_send(&mut self, id: Id, error: &std::io::Error, now: Instant) {
        let Some(slot) = self.slots.get_mut(&id) else { return };
        if slot.logging_in {
            slot.conversation.handle_unreachable(&super::why_unreachable(error), now);
            self.settle(id, now);
        }
    }

    fn remove(&mut self, id: Id, peer: Option<SocketAddr>) {
        forget(&mut self.peers, peer, id);
        if let Some(slot) = self.slots.remove(&id) {
            if let Some(due) = slot.due {
                self.timers.remove(&(due, id));
            }
            self.logins = self.logins.saturating_sub(usize::from(slot.logging_in));
        }
        self.tell_ending();
    }

    /// Tells those who wait for the end of all sessions.
    fn tell_ending(&mut self) {
        if self.slots.is_empty() {
            for done in self.ending.drain(..) {
                done.send(());
            }
        }
    }

    /// Lets the next in line log in while there is room.
    fn let_in(&mut self, now: Instant) {
        while self.logins < LOGINS
            && let Some(id) = self.waiting.pop_front()
        {
            if let Some(slot) = self.slots.get_mut(&id) {
                slot.in_line = false;
                slot.work(now);
                self.settle(id, now);
            }
        }
    }
}

fn forget(peers: &mut HashMap<SocketAddr, Vec<Id>>, peer: Option<SocketAddr>, id: Id) {
    let Some(peer) = peer else { return };
    if let Some(ids) = peers.get_mut(&peer) {
        ids.retain(|other| *other != id);
        if ids.is_empty() {
            peers.remove(&peer);
        }
    }
}

fn send(sockets: &mut Vec<(bool, Socket)>, datagram: &[u8], peer: SocketAddr) -> std::io::Result<()> {
    if !sockets.iter().any(|(v6, _)| *v6 == peer.is_ipv6()) {
        sockets.push((peer.is_ipv6(), Socket::for_peer(&peer)?));
    }
    match sockets.iter().find(|(v6, _)| *v6 == peer.is_ipv6()) {
        Some((_, socket)) => socket.send(datagram, peer),
        None => Ok(()),
    }
}
