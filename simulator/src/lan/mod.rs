//! The LAN side of a BMC: datagrams in, datagrams and the next deadline out; no sockets, no clock (IPMI 2.0 s13).
//!
//! ```text
//! datagram -> RMCP -> ASF ping                                   -> pong
//!                  -> IPMI 1.5  log_in_15 (challenge, activate)  -> Link15   \
//!                  -> RMCP+     handshake (open session, RAKP)   -> LinkPlus  > message -> Bmc
//! ```
//!
//! Who is logged in is in `Bmc::sessions`, which commands change; here are the keys and sequence numbers that go with
//! it. A session that is gone from there ends here.

mod console;
mod handshake;
mod link;
mod log_in_15;
mod message;
pub mod policy;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use ipmi_core::link::asf::{AsfMessage, DCMI_ENTERPRISE, Pong};
use ipmi_core::link::ipmb::IpmbMessage;
use ipmi_core::link::rmcp::{RmcpClass, RmcpHeader};
use ipmi_core::link::rmcp_plus::header::{Packet, PayloadType, SessionHeader};
use ipmi_core::link::session_1_5::{AuthType, Packet15, Password15};
use ipmi_core::{CompletionCode, NetFn, Privilege, Response};
use rand::rngs::{StdRng, SysRng};
use rand::{Rng, SeedableRng};

use self::console::Console;
use self::handshake::Handshakes;
use self::link::{Exemption, Kind, Link};
use self::log_in_15::Challenges;
use crate::bmc::Bmc;
use crate::fault::request::Admission;
use crate::handler::{self, Source};
use crate::session::INACTIVITY;
use crate::sol::System;
use crate::store::channel;
use crate::store::lan_config::Counter;

/// Datagrams waiting to be sent; more are dropped, as a network does.
const TRANSMIT_LIMIT: usize = 256;
/// Payloads waiting to be fetched.
const PAYLOAD_LIMIT: usize = 64;
/// The format of RMCP+ packets, in place of an authentication type.
const RMCP_PLUS: u8 = 0x06;

/// A payload other than IPMI messages that came in over an RMCP+ session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The BMC's session id: the key of `Bmc::sessions`.
    pub session: u32,
    /// Where the packet came from.
    pub peer: SocketAddr,
    /// What it is.
    pub payload_type: PayloadType,
    /// It came encrypted.
    pub is_encrypted: bool,
    /// The bytes, in clear.
    pub bytes: Vec<u8>,
}

/// The LAN side of one BMC.
///
/// ```
/// use std::net::SocketAddr;
/// use std::time::Duration;
/// use simulator::lan::LanServer;
/// use simulator::{Bmc, Options};
///
/// let now = Duration::from_secs(1_700_000_000);
/// let mut bmc = Bmc::builtin(&Options::default(), now);
/// let mut server = LanServer::seeded(1);
/// let console = SocketAddr::from(([127, 0, 0, 1], 40_000));
/// let ping = [0x06, 0, 0xFF, 0x06, 0, 0, 0x11, 0xBE, 0x80, 7, 0, 0];
/// server.handle_datagram(&mut bmc, console, &ping, now);
/// let (to, pong) = server.poll_transmit().unwrap();
/// assert_eq!((to, pong[8], pong[9]), (console, 0x40, 7));
/// ```
#[derive(Debug)]
pub struct LanServer {
    channel: u8,
    rng: StdRng,
    transmit: VecDeque<(SocketAddr, Vec<u8>)>,
    payloads: VecDeque<Payload>,
    links: BTreeMap<u32, Link>,
    challenges: Challenges,
    handshakes: Handshakes,
    console: Console,
}

impl LanServer {
    /// A server whose random numbers follow from `seed`: for tests.
    pub fn seeded(seed: u64) -> Self {
        Self::with_rng(StdRng::seed_from_u64(seed))
    }

    /// A server with random numbers of the system.
    ///
    /// # Errors
    /// When the system has none.
    pub fn new() -> std::io::Result<Self> {
        StdRng::try_from_rng(&mut SysRng).map(Self::with_rng).map_err(std::io::Error::other)
    }

    fn with_rng(rng: StdRng) -> Self {
        Self {
            channel: channel::LAN,
            rng,
            transmit: VecDeque::new(),
            payloads: VecDeque::new(),
            links: BTreeMap::new(),
            challenges: Challenges::default(),
            handshakes: Handshakes::default(),
            console: Console::default(),
        }
    }

    /// Puts `system` behind the serial port in place of a loopback shell.
    pub fn set_system(&mut self, system: Box<dyn System>) {
        self.console = Console::new(system);
    }

    /// Handles a datagram that came from `peer`. What is not understood or not allowed is dropped without an answer.
    pub fn handle_datagram(&mut self, bmc: &mut Bmc, peer: SocketAddr, datagram: &[u8], now: Duration) {
        let statistics = &mut bmc.settings.lan.statistics;
        statistics.count(Counter::IpReceived);
        statistics.count(Counter::UdpReceived);
        self.handle_timeout(bmc, now);
        if let Ok((header, rest)) = RmcpHeader::parse(datagram)
            && !header.is_ack
        {
            bmc.settings.lan.statistics.count(Counter::RmcpReceived);
            if let Some(ack) = header.acknowledgement() {
                self.send(peer, ack.emit().to_vec());
            }
            match header.class {
                RmcpClass::Asf => self.handle_asf(peer, rest),
                RmcpClass::Ipmi if !policy::is_available(bmc, self.channel) => {}
                RmcpClass::Ipmi if rest.first() == Some(&RMCP_PLUS) => self.handle_plus(bmc, peer, rest, now),
                RmcpClass::Ipmi => self.handle_15(bmc, peer, rest, now),
                RmcpClass::Oem | RmcpClass::Unknown(_) => {}
            }
        }
        self.sync(bmc, now);
    }

    /// The next datagram to send, and where to.
    pub fn poll_transmit(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        self.transmit.pop_front()
    }

    /// The next payload other than IPMI messages, for whoever serves such.
    pub fn poll_payload(&mut self) -> Option<Payload> {
        self.payloads.pop_front()
    }

    /// Sends a payload over an RMCP+ session; false when there is no such session or the payload does not fit.
    pub fn send_payload(
        &mut self,
        session: u32,
        payload_type: PayloadType,
        encrypted: bool,
        authenticated: bool,
        bytes: &[u8],
    ) -> bool {
        let iv = self.random();
        let Some(Link { peer, kind: Kind::Plus(plus), .. }) = self.links.get_mut(&session) else { return false };
        let peer = *peer;
        let datagram = plus.seal(payload_type, encrypted, authenticated, bytes, iv);
        datagram.is_some_and(|datagram| self.send(peer, datagram))
    }

    /// Log-ins that have begun and are remembered.
    pub fn log_ins(&self) -> usize {
        self.handshakes.len() + self.challenges.len()
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do next.
    pub fn poll_timeout(&self) -> Option<Duration> {
        let idle = self.links.values().map(|link| link.heard + INACTIVITY).min();
        [idle, self.challenges.deadline(), self.handshakes.deadline(), self.console.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Ends sessions and log-ins that were silent for too long. Calling it too often does no harm.
    pub fn handle_timeout(&mut self, bmc: &mut Bmc, now: Duration) {
        self.challenges.expire(now);
        self.handshakes.expire(now);
        self.links.retain(|id, link| {
            let alive = link.heard + INACTIVITY > now;
            if !alive {
                tracing::debug!(session = id, "silent for too long");
                bmc.sessions.close(*id);
            }
            alive
        });
        self.serve_console(bmc, now);
    }

    /// Sends what waits for consoles and forgets sessions that commands closed. To be called after the BMC changed
    /// otherwise than by [`handle_datagram`](Self::handle_datagram), and when the system has printed something.
    pub fn sync(&mut self, bmc: &mut Bmc, now: Duration) {
        self.serve_console(bmc, now);
        self.links.retain(|id, _| bmc.sessions.get(*id).is_some());
        if !bmc.sessions.has_messages() {
            self.count_sent(bmc);
            return;
        }
        let ids: Vec<u32> = self.links.keys().copied().collect();
        for id in ids {
            while let Some(frame) = bmc.sessions.get_mut(id).and_then(crate::session::Session::take_message) {
                self.send_message(id, &frame);
            }
        }
        self.count_sent(bmc);
    }

    fn count_sent(&self, bmc: &mut Bmc) {
        for _ in &self.transmit {
            bmc.settings.lan.statistics.count(Counter::IpSent);
        }
    }

    fn send(&mut self, peer: SocketAddr, datagram: Vec<u8>) -> bool {
        let room = self.transmit.len() < TRANSMIT_LIMIT;
        if room {
            self.transmit.push_back((peer, datagram));
        }
        room
    }

    fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// A session id that is not in use and not zero.
    fn new_session_id(&mut self, bmc: &Bmc) -> u32 {
        loop {
            let id = self.rng.next_u32();
            let taken = bmc.sessions.get(id).is_some() || self.handshakes.has(id) || self.challenges.has(id);
            if id != 0 && !taken {
                return id;
            }
        }
    }

    fn handle_asf(&mut self, peer: SocketAddr, bytes: &[u8]) {
        /// A ping with this tag asks for no answer.
        const SILENT: u8 = 0xFF;
        let Ok(AsfMessage::Ping { tag }) = AsfMessage::parse(bytes) else { return };
        if tag == SILENT {
            return;
        }
        let is_dcmi = handler::is_known(NetFn::GROUP_EXTENSION, 0x01);
        let pong = if is_dcmi { Pong { enterprise: DCMI_ENTERPRISE, ..Pong::IPMI } } else { Pong::IPMI };
        let mut datagram = RmcpHeader::ASF.emit().to_vec();
        datagram.extend(AsfMessage::Pong { tag, pong }.emit());
        self.send(peer, datagram);
    }

    fn handle_15(&mut self, bmc: &mut Bmc, peer: SocketAddr, bytes: &[u8], now: Duration) {
        let Ok(packet) = Packet15::parse(bytes) else { return };
        let Some(message) = parse_message(bmc, packet.message) else { return };
        if packet.session_id == 0 {
            self.handle_outside(bmc, peer, &packet, &message, now);
        } else if self.challenges.has(packet.session_id) {
            self.activate(bmc, peer, &packet, &message, now);
        } else {
            self.handle_inside_15(bmc, peer, &packet, &message, now);
        }
    }

    /// A message without a session, in a 1.5 packet.
    fn handle_outside(
        &mut self,
        bmc: &mut Bmc,
        peer: SocketAddr,
        packet: &Packet15<'_>,
        message: &IpmbMessage,
        now: Duration,
    ) {
        if packet.auth_type != AuthType::None {
            return;
        }
        let reply = if log_in_15::is_challenge(message) {
            Some(message.reply(&self.challenge(bmc, peer, &message.data, now)))
        } else {
            message::serve(bmc, Source::Outside { channel: self.channel }, message, now)
        };
        let nobody = Password15::new(&[]);
        if let (Some(reply), Ok(nobody)) = (reply, nobody) {
            let frame = reply.emit();
            let packet = Packet15::sealed(AuthType::None, 0, 0, &frame, &nobody);
            if let Some(packet) = packet {
                self.send(peer, link::datagram(&packet));
            }
        }
    }

    fn handle_inside_15(
        &mut self,
        bmc: &mut Bmc,
        peer: SocketAddr,
        packet: &Packet15<'_>,
        message: &IpmbMessage,
        now: Duration,
    ) {
        let access = bmc.channels.get(self.channel).map(|channel| channel.present);
        let exempt = access.is_some_and(|access| access.user_level_authentication_disabled);
        let exemption = Exemption {
            level: exempt.then_some(Privilege::User),
            command: handler::privilege_of(message.net_fn, message.cmd, &message.data),
        };
        let Some(Link { peer: known, heard, kind: Kind::V15(link) }) = self.links.get_mut(&packet.session_id) else {
            return;
        };
        // Without authentication code the address is all there is to tell consoles apart.
        if packet.auth_type == AuthType::None && *known != peer || !link.accepts(packet, &exemption) {
            tracing::debug!(%peer, session = packet.session_id, "packet dropped");
            return;
        }
        (*known, *heard) = (peer, now);
        self.handle_session_message(bmc, packet.session_id, message, now);
    }

    fn handle_plus(&mut self, bmc: &mut Bmc, peer: SocketAddr, bytes: &[u8], now: Duration) {
        let Ok(header) = Packet::parse_header(bytes) else { return };
        if header.session_id != 0 {
            self.handle_inside_plus(bmc, peer, header, bytes, now);
            return;
        }
        let Ok(packet) = Packet::parse(bytes, None) else { return };
        if header.is_encrypted || header.is_authenticated {
            return;
        }
        let answer = match header.payload_type {
            PayloadType::Ipmi => {
                let message = parse_message(bmc, packet.payload);
                let source = Source::Outside { channel: self.channel };
                let reply = message.and_then(|message| message::serve(bmc, source, &message, now));
                reply.map(|reply| (PayloadType::Ipmi, reply.emit()))
            }
            PayloadType::OpenSessionRequest => {
                self.open_session(bmc, packet.payload, now).map(|answer| (PayloadType::OpenSessionResponse, answer))
            }
            PayloadType::Rakp1 => self.rakp1(bmc, packet.payload, now).map(|answer| (PayloadType::Rakp2, answer)),
            PayloadType::Rakp3 => self.rakp3(bmc, peer, packet.payload, now).map(|answer| (PayloadType::Rakp4, answer)),
            _ => None,
        };
        if let Some((payload_type, payload)) = answer {
            let packet = Packet { header: SessionHeader::outside(payload_type), payload: &payload };
            if let Some(datagram) = link::plus_datagram(&packet, None) {
                self.send(peer, datagram);
            }
        }
    }

    fn handle_inside_plus(
        &mut self,
        bmc: &mut Bmc,
        peer: SocketAddr,
        header: SessionHeader,
        bytes: &[u8],
        now: Duration,
    ) {
        let session = header.session_id;
        let plain_sol = self.takes_plain_sol(session);
        let Some(Link { peer: known, heard, kind: Kind::Plus(link) }) = self.links.get_mut(&session) else { return };
        // Without integrity code the address is all there is to tell consoles apart.
        let exempt = header.payload_type == PayloadType::Sol && plain_sol;
        let is_authenticated = header.is_authenticated && link.integrity.code_len() != 0;
        let opened = if *known != peer && !is_authenticated { None } else { link.open(bytes, exempt) };
        let Some(opened) = opened else {
            tracing::debug!(%peer, session, "packet dropped");
            return;
        };
        (*known, *heard) = (peer, now);
        match opened.payload_type {
            PayloadType::Ipmi => {
                if let Some(message) = parse_message(bmc, &opened.payload) {
                    self.handle_session_message(bmc, session, &message, now);
                }
            }
            PayloadType::Sol => self.handle_sol(session, opened.is_encrypted, &opened.payload, now),
            payload_type if self.payloads.len() < PAYLOAD_LIMIT => {
                let (is_encrypted, bytes) = (opened.is_encrypted, opened.payload);
                self.payloads.push_back(Payload { session, peer, payload_type, is_encrypted, bytes });
            }
            _ => tracing::debug!(session, "payload dropped"),
        }
    }

    fn handle_session_message(&mut self, bmc: &mut Bmc, id: u32, message: &IpmbMessage, now: Duration) {
        let Some(source) = bmc.sessions.get(id).map(crate::session::Session::source) else { return };
        if let Some(faults) = &mut bmc.faults {
            if faults.loses_session() {
                tracing::debug!(session = id, "session lost by a fault");
                self.links.remove(&id);
                bmc.sessions.close(id);
                return;
            }
            if faults.admit(message.net_fn, message.cmd, now) == Admission::Lost {
                return;
            }
        }
        let Some(reply) = message::serve(bmc, source, message, now) else { return };
        if !self.send_message(id, &reply.emit()) {
            let refused = Response::refused(CompletionCode::CANNOT_RETURN_REQUESTED_BYTES);
            self.send_message(id, &message.reply(&refused).emit());
        }
    }

    /// Sends a message over a session; false when it does not fit a packet.
    fn send_message(&mut self, id: u32, frame: &[u8]) -> bool {
        let iv = self.random();
        let Some(link) = self.links.get_mut(&id) else { return false };
        let datagram = match &mut link.kind {
            Kind::V15(link) => link.seal(frame),
            Kind::Plus(link) => link.seal(PayloadType::Ipmi, true, true, frame, iv),
        };
        let peer = link.peer;
        datagram.is_some_and(|datagram| self.send(peer, datagram))
    }
}

/// A message for this BMC.
fn parse_message(bmc: &Bmc, frame: &[u8]) -> Option<IpmbMessage> {
    let message = IpmbMessage::parse(frame).ok()?;
    let to = if message.net_fn.is_response() { message.requester } else { message.responder };
    (to.0 == bmc.main.address || to.0 == crate::bmc::BMC_ADDRESS).then_some(message)
}
