//! From a URL to a conversation: names, addresses, who logs in, what is remembered; and the handle to it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use ipmi_core::link::console::{CipherChoice, LoginConfig, Protocol, Random, Timing};
use ipmi_core::link::rmcp_plus::cipher_suite::CipherSuite;
use ipmi_core::link::rmcp_plus::header::PayloadType;
use ipmi_core::link::rmcp_plus::rakp::UserName;
use ipmi_core::{Error, Request, Target};

use super::conversation::{Conversation, ConversationConfig};
use super::engine::{Engine, Id};
use super::memory::{Learnt, Memory};
use super::slot::{Command, SessionFacts};
use super::sol_line::{SolCommand, SolLine};
use crate::driver::Answer;
use crate::options::{Family, Options};
use crate::reply::{Awaited, Reply, reply};
use crate::resolve;
use crate::url::{BmcUrl, HostPort};

/// Time without an answer after which a packet is sent again, as ipmitool has it.
const TIMEOUT_RMCP_PLUS: Duration = Duration::from_secs(1);
const TIMEOUT_1_5: Duration = Duration::from_secs(2);

/// A session of the engine; closed when dropped.
pub(crate) struct Handle {
    id: Id,
    engine: &'static Engine,
}

/// A handle to a BMC over LAN. Nothing is sent yet.
///
/// # Errors
/// Names that stand for nothing, options that do not fit, no thread or socket.
pub(crate) fn open(url: &BmcUrl, options: &Options) -> Result<Handle, Error> {
    let failed = |reason: String| Error::Transport { reason };
    let (protocol, user, host, cipher) = match url {
        BmcUrl::Lan { user, host } => (Protocol::Ipmi15, user, host, None),
        BmcUrl::Lanplus { user, host, cipher } => (Protocol::RmcpPlus, user, host, *cipher),
        other => return Err(failed(format!("{other}: not a way over LAN"))),
    };
    let memory = Memory::of(host, options.cache.as_deref());
    let learnt = memory.recall();
    let user = user.as_deref().unwrap_or(&options.session.user);
    let mut config =
        config(protocol, user, cipher, &learnt, options).map_err(|reason| failed(format!("{url}: {reason}")))?;
    let addresses = resolve(host, options.session.family).map_err(|reason| failed(format!("{url}: {reason}")))?;
    config.name = url.to_string();
    config.other_addresses = addresses.len().saturating_sub(1);
    let conversation = Box::new(Conversation::new(config, random(), Instant::now()));
    let engine = Engine::of_process().map_err(failed)?;
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    engine.post(id, Command::Open { conversation, addresses, memory });
    Ok(Handle { id, engine })
}

fn config(
    protocol: Protocol,
    user: &str,
    cipher: Option<u8>,
    learnt: &Learnt,
    options: &Options,
) -> Result<ConversationConfig, String> {
    let session = &options.session;
    let forced = crate::quirk::forced(&session.quirks)?;
    let remembered = if session.automatic_quirks {
        learnt.clone()
    } else {
        Learnt { cipher_suite: learnt.cipher_suite, ..Learnt::default() }
    };
    let timeout = session.timeout.unwrap_or(match protocol {
        Protocol::Ipmi15 => TIMEOUT_1_5,
        Protocol::RmcpPlus => TIMEOUT_RMCP_PLUS,
    });
    let name = UserName::new(user.as_bytes())
        .map_err(|_| format!("user name {user:?} is longer than {} bytes", UserName::MAX))?;
    let mut login = LoginConfig::new(protocol, name, session.password.clone());
    login.kg = session.kg.clone();
    login.privilege = session.privilege;
    login.name_only_lookup = session.name_only_lookup;
    login.auth_type = session.auth_type;
    login.cipher = match (cipher, remembered.cipher_suite) {
        (Some(number), _) => CipherChoice::Fixed(CipherSuite(number)),
        (None, Some(suite)) => CipherChoice::Remembered(suite),
        (None, None) => CipherChoice::Ask,
    };
    login.quirks = forced.link | remembered.quirks;
    login.timing = Timing { timeout, retries: session.retries.max(1) - 1, ..Timing::default() };
    Ok(ConversationConfig {
        name: String::new(),
        login,
        timeout,
        sendings: session.retries.max(1),
        retries: options.retries,
        transit: options.transit,
        my_address: options.my_address,
        automatic_quirks: session.automatic_quirks,
        one_at_a_time: forced.one_at_a_time || remembered.one_at_a_time,
        other_addresses: 0,
    })
}

/// The addresses a host stands for. Waits for the resolver.
pub(super) fn resolve(host: &HostPort, family: Family) -> Result<Vec<SocketAddr>, String> {
    let found =
        resolve::addresses(host).map_err(|error| format!("Address lookup for {} failed: {error}", host.host))?;
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for address in found {
        let wanted = match family {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        };
        if wanted && !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        return Err(format!("{} has no {} address", host.host, if family == Family::V6 { "IPv6" } else { "IPv4" }));
    }
    Ok(addresses)
}

fn random() -> Random {
    Box::new(|bytes| rand::fill(bytes))
}

impl Handle {
    /// Logs in and waits for the result.
    pub(crate) fn connect(&self) -> Result<(), Error> {
        let (reply, result) = reply();
        self.engine.post(self.id, Command::Connect(reply));
        let result = result.wait().unwrap_or_else(|_| Err("the LAN engine has stopped".to_owned()));
        result.map_err(|reason| Error::Transport { reason })
    }

    /// Closes the session and waits for that, at most `wait` long.
    pub(crate) fn close(self, wait: Duration) {
        let (done, closed) = reply();
        self.engine.post(self.id, Command::Close(Some(done)));
        let _ = closed.wait_until(Some(Instant::now() + wait));
    }

    pub(crate) fn submit(&self, target: Target, request: Request, reply: Reply<Answer>) {
        self.engine.post(self.id, Command::Submit { target, request, reply });
    }

    pub(crate) fn send_payload(&self, payload_type: PayloadType, bytes: Vec<u8>) {
        self.engine.post(self.id, Command::Payload { payload_type, bytes });
    }

    pub(crate) fn listen(&self, payload_type: PayloadType, listener: Sender<Vec<u8>>) {
        self.engine.post(self.id, Command::Listen { payload_type, listener });
    }

    pub(super) fn open_sol(&self, line: SolLine) {
        self.engine.post(self.id, Command::OpenSol(Box::new(line)));
    }

    pub(super) fn sol(&self, command: SolCommand) {
        self.engine.post(self.id, Command::Sol(command));
    }

    pub(super) fn keep_alive(&self, on: bool) {
        self.engine.post(self.id, Command::KeepAlive(on));
    }

    pub(crate) fn describe(&self) -> Option<SessionFacts> {
        let (reply, facts) = reply();
        self.engine.post(self.id, Command::Describe(reply));
        facts.wait().ok()
    }

    pub(crate) fn subscribe(&self, subscriber: Sender<crate::event::Event>) {
        self.engine.post(self.id, Command::Subscribe(subscriber));
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let (done, closed) = reply();
        self.engine.post(self.id, Command::Close(Some(done)));
        let mut closing = closing().lock().unwrap_or_else(PoisonError::into_inner);
        closing.retain(Awaited::is_open);
        closing.push(closed);
    }
}

/// Closes every session of the process and waits for that, at most `wait` long: the end of a program that is
/// interrupted.
pub fn close_all(wait: Duration) {
    if let Some(engine) = Engine::started() {
        let (done, closed) = reply();
        engine.post(NOBODY, Command::CloseAll(done));
        let _ = closed.wait_until(Some(Instant::now() + wait));
    }
}

/// The id of no session.
const NOBODY: Id = 0;

/// Sessions whose end was asked for.
fn closing() -> &'static Mutex<Vec<Awaited<()>>> {
    static CLOSING: Mutex<Vec<Awaited<()>>> = Mutex::new(Vec::new());
    &CLOSING
}

/// Waits until the sessions of dropped handles are closed, at most `wait` long. A program calls it before it ends, so
/// that no session stays open on a BMC.
pub fn finish(wait: Duration) {
    let deadline = Instant::now() + wait;
    let open = std::mem::take(&mut *closing().lock().unwrap_or_else(PoisonError::into_inner));
    for closed in open {
        // Closed, the engine gone, or late: each is the end of waiting.
        let _ = closed.wait_until(Some(deadline));
    }
}
