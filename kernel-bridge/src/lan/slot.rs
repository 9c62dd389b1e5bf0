//! A conversation with those who wait for it: the place the engine keeps for each session.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, TrySendError};
use ipmi_core::link::console::Agreed;
use ipmi_core::link::rmcp_plus::header::PayloadType;
use ipmi_core::{Request, Target};

use super::conversation::{Conversation, Event};
use super::exchange::Ticket;
use super::memory::{Learnt, Memory};
use super::sol_line::{SolCommand, SolEnding, SolLine};
use crate::driver::Answer;
use crate::reply::Reply;
use crate::transport::Failure;

/// What a handle wants.
pub(super) enum Command {
    /// A new conversation, with the addresses of the BMC in the order in which they are tried.
    Open { conversation: Box<Conversation>, addresses: Vec<SocketAddr>, memory: Memory },
    /// A session, whether or not there is something to send.
    Connect(Reply<Result<(), String>>),
    /// A request.
    Submit { target: Target, request: Request, reply: Reply<Answer> },
    /// A payload of another type than IPMI messages.
    Payload { payload_type: PayloadType, bytes: Vec<u8> },
    /// To hear payloads of a type, until the session ends.
    Listen { payload_type: PayloadType, listener: Sender<Vec<u8>> },
    /// A console of Serial over LAN in the session.
    OpenSol(Box<SolLine>),
    /// Something for that console.
    Sol(SolCommand),
    /// The session is kept alive when it is idle, or not.
    KeepAlive(bool),
    /// To know about the session.
    Describe(Reply<SessionFacts>),
    /// To hear of what is not an answer.
    Subscribe(Sender<crate::event::Event>),
    /// The end of all sessions; the sender hears of it.
    CloseAll(Reply<()>),
    /// The end; the sender hears of it.
    Close(Option<Reply<()>>),
}

/// What is known of a session over LAN.
#[derive(Debug, Clone)]
pub struct SessionFacts {
    /// What both ends agreed on, while there is a session.
    pub agreed: Option<Agreed>,
    /// Where the BMC is.
    pub address: Option<SocketAddr>,
    /// Requests that may be under way at once.
    pub depth: usize,
    /// What was noticed about the BMC: quirks that were applied without being asked for.
    pub remarks: Vec<String>,
}

pub(super) struct Slot {
    pub(super) conversation: Box<Conversation>,
    addresses: Vec<SocketAddr>,
    memory: Memory,
    learnt: Learnt,
    backlog: Vec<Command>,
    tickets: Ticket,
    askers: HashMap<Ticket, Reply<Answer>>,
    connecting: Vec<Reply<Result<(), String>>>,
    subscribers: Vec<Sender<crate::event::Event>>,
    listeners: Vec<(PayloadType, Sender<Vec<u8>>)>,
    sol: Option<Box<SolLine>>,
    /// Subscribers were told that the session is lost, and not yet that there is one again.
    lost: bool,
    closing: Vec<Reply<()>>,
    /// It waits for its turn to log in.
    pub(super) in_line: bool,
    pub(super) logging_in: bool,
    pub(super) due: Option<Instant>,
}

impl Slot {
    pub(super) fn new(conversation: Box<Conversation>, addresses: Vec<SocketAddr>, memory: Memory) -> Self {
        Self {
            conversation,
            addresses,
            learnt: memory.recall(),
            memory,
            backlog: Vec::new(),
            tickets: 0,
            askers: HashMap::new(),
            connecting: Vec::new(),
            subscribers: Vec::new(),
            listeners: Vec::new(),
            sol: None,
            lost: false,
            closing: Vec::new(),
            in_line: false,
            logging_in: false,
            due: None,
        }
    }

    /// Where datagrams go.
    pub(super) fn peer(&self) -> Option<SocketAddr> {
        self.addresses.first().copied()
    }

    /// Keeps a command until [`work`](Self::work).
    pub(super) fn post(&mut self, command: Command) {
        self.backlog.push(command);
    }

    /// True when working off the commands begins with a log-in.
    pub(super) fn needs_login(&self) -> bool {
        let logs_in = |command: &Command| matches!(command, Command::Connect(_) | Command::Submit { .. });
        let ends = |command: &Command| matches!(command, Command::Close(_));
        self.conversation.is_down() && self.backlog.iter().any(logs_in) && !self.backlog.iter().any(ends)
    }

    /// Hands the commands to the conversation.
    pub(super) fn work(&mut self, now: Instant) {
        for command in std::mem::take(&mut self.backlog) {
            match command {
                Command::Open { .. } | Command::CloseAll(_) => {}
                Command::Connect(reply) => {
                    self.connecting.push(reply);
                    self.conversation.connect(now);
                }
                Command::Submit { reply, .. } if !reply.is_wanted() => {}
                Command::Submit { target, request, reply } => {
                    self.withdraw_unwanted();
                    self.tickets += 1;
                    self.askers.insert(self.tickets, reply);
                    self.conversation.submit(self.tickets, target, request, now);
                }
                Command::Payload { payload_type, bytes } => {
                    if let Err(reason) = self.conversation.send_payload(payload_type, &bytes, now) {
                        tracing::debug!(reason, "a payload is not sent");
                    }
                }
                Command::Listen { payload_type, listener } => self.listeners.push((payload_type, listener)),
                Command::OpenSol(line) => {
                    if let Some(mut former) = self.sol.replace(line) {
                        former.end(SolEnding::Closed);
                    }
                }
                Command::Sol(command) => {
                    if let Some(line) = &mut self.sol {
                        line.command(command);
                    }
                }
                Command::KeepAlive(on) => self.conversation.set_keep_alive(on),
                Command::Describe(reply) => reply.send(self.facts()),
                Command::Subscribe(subscriber) => self.subscribers.push(subscriber),
                Command::Close(done) => {
                    self.closing.extend(done);
                    self.conversation.close(now);
                }
            }
        }
    }

    /// Takes back requests that wait for their turn and that nobody waits for any more, so that they do not stand in
    /// the way of the next one.
    fn withdraw_unwanted(&mut self) {
        if self.askers.len() <= self.conversation.depth() {
            return;
        }
        let conversation = &mut self.conversation;
        self.askers.retain(|ticket, reply| reply.is_wanted() || !conversation.withdraw(*ticket));
    }

    /// Tells those who wait what happened. True when the conversation has ended.
    pub(super) fn deliver(&mut self, now: Instant) -> bool {
        let mut closed = false;
        while let Some(event) = self.conversation.poll() {
            match event {
                Event::Done { ticket, result, after } => {
                    if let Some(reply) = self.askers.remove(&ticket) {
                        reply.send((result, after));
                    }
                }
                Event::Up(agreed) => {
                    // What somebody named once, suite 0 for example, is no choice for those who name none.
                    if let Some(suite) = agreed.cipher_suite.filter(|suite| suite.protects())
                        && self.conversation.chooses_suite()
                    {
                        self.learn(|learnt| learnt.cipher_suite = Some(suite));
                    }
                    self.tell_connecting(&Ok(()));
                    if std::mem::take(&mut self.lost) {
                        self.publish(&crate::event::Event::Reconnected);
                    }
                }
                Event::Down(reason) => {
                    tracing::debug!(reason, "no session");
                    self.tell_connecting(&Err(reason));
                    // Payloads belong to the session they were activated in.
                    self.listeners.clear();
                    self.end_sol(SolEnding::SessionLost);
                    if !std::mem::replace(&mut self.lost, true) {
                        self.publish(&crate::event::Event::Disconnected);
                    }
                }
                Event::NextAddress => {
                    if self.addresses.len() > 1 {
                        self.addresses.rotate_left(1);
                    }
                }
                Event::Quirks(quirks) => {
                    for remark in crate::quirk::remarks(quirks, false) {
                        tracing::info!(bmc = ?self.conversation, remark, "quirk");
                    }
                    self.learn(|learnt| learnt.quirks |= quirks);
                }
                Event::OneAtATime(known) => self.learn(|learnt| learnt.one_at_a_time = known),
                Event::Payload(PayloadType::Sol, payload) if self.sol.is_some() => {
                    if let Some(line) = &mut self.sol {
                        line.handle_payload(&payload, now);
                    }
                }
                Event::Payload(payload_type, payload) => {
                    self.listeners.retain(|(wanted, listener)| {
                        // A listener that does not keep up loses payloads, as on a lossy network.
                        *wanted != payload_type
                            || !matches!(listener.try_send(payload.clone()), Err(TrySendError::Disconnected(_)))
                    });
                }
                Event::Closed => closed = true,
            }
        }
        self.serve_sol(now);
        if closed {
            self.end_sol(SolEnding::Closed);
            for (_, reply) in self.askers.drain() {
                reply.send((Err(Failure::before_sending("the session is closed")), Duration::ZERO));
            }
            self.tell_connecting(&Err("the session is closed".to_owned()));
            for done in self.closing.drain(..) {
                done.send(());
            }
        }
        closed
    }

    /// Sends what the console has to send.
    fn serve_sol(&mut self, now: Instant) {
        let Some(line) = &mut self.sol else { return };
        for payload in line.pump(now) {
            if let Err(reason) = self.conversation.send_payload(PayloadType::Sol, &payload, now) {
                tracing::debug!(reason, "a SOL payload is not sent");
            }
        }
    }

    fn end_sol(&mut self, ending: SolEnding) {
        // The line stays until the next one: its reader may be behind.
        if let Some(line) = &mut self.sol {
            line.end(ending);
        }
    }

    /// When there is something to do next.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let sol = self.sol.as_ref().and_then(|line| line.poll_timeout());
        self.conversation.poll_timeout().into_iter().chain(sol).min()
    }

    fn facts(&self) -> SessionFacts {
        let agreed = self.conversation.agreed().copied();
        let mut remarks = crate::quirk::remarks(self.learnt.quirks, self.learnt.one_at_a_time);
        // Who named a suite knows.
        if let Some(suite) = agreed.and_then(|agreed| agreed.cipher_suite).filter(|suite| !suite.protects())
            && self.conversation.chooses_suite()
        {
            remarks.push(format!("cipher suite {}, the best one agreed on, does not hide what is sent", suite.0));
        }
        SessionFacts { agreed, address: self.peer(), depth: self.conversation.depth(), remarks }
    }

    /// A subscriber that does not keep up loses events; one that is gone is forgotten.
    fn publish(&mut self, event: &crate::event::Event) {
        self.subscribers
            .retain(|subscriber| !matches!(subscriber.try_send(event.clone()), Err(TrySendError::Disconnected(_))));
    }

    fn tell_connecting(&mut self, result: &Result<(), String>) {
        for reply in self.connecting.drain(..) {
            reply.send(result.clone());
        }
    }

    fn learn(&mut self, change: impl FnOnce(&mut Learnt)) {
        let before = self.learnt.clone();
        change(&mut self.learnt);
        if self.learnt != before {
            self.memory.keep(&self.learnt);
        }
    }
}
