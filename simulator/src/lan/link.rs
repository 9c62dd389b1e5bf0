//! The BMC's end of an active session: keys, sequence numbers, sealing and opening of packets (IPMI 2.0 s6.12, s13.6).

use std::net::SocketAddr;
use std::time::Duration;

use ipmi_core::Privilege;
use ipmi_core::link::rmcp::RmcpHeader;
use ipmi_core::link::rmcp_plus::confidentiality::Confidentiality;
use ipmi_core::link::rmcp_plus::header::{Packet, PayloadType, SessionHeader};
use ipmi_core::link::rmcp_plus::integrity::Integrity;
use ipmi_core::link::rmcp_plus::window::{SequenceCounter, SequenceWindow, Verdict};
use ipmi_core::link::session_1_5::{AuthType, Packet15, Password15};

/// One active session.
#[derive(Debug)]
pub(super) struct Link {
    /// Where packets go: the address the last authentic one came from.
    pub peer: SocketAddr,
    /// When that was.
    pub heard: Duration,
    pub kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    V15(Link15),
    Plus(Box<LinkPlus>),
}

/// An IPMI 1.5 session.
#[derive(Debug)]
pub(super) struct Link15 {
    pub session_id: u32,
    pub auth_type: AuthType,
    pub password: Password15,
    pub inbound: SequenceWindow,
    pub outbound: SequenceCounter,
    /// No packet needs an authentication code.
    pub unauthenticated: bool,
    /// The last packet had one; the answer is like the question.
    pub authenticated_last: bool,
}

/// What may go without authentication code besides packets of a session that has none at all.
pub(super) struct Exemption {
    /// Commands of this level and below.
    pub level: Option<Privilege>,
    /// Level of the command in the packet.
    pub command: Privilege,
}

impl Link15 {
    /// True when the packet belongs to the session and is new.
    pub(super) fn accepts(&mut self, packet: &Packet15<'_>, exemption: &Exemption) -> bool {
        let authentic = if packet.auth_type == self.auth_type {
            packet.is_authentic(&self.password)
        } else {
            let exempt = exemption.level.is_some_and(|level| exemption.command <= level);
            packet.auth_type == AuthType::None && (self.unauthenticated || exempt)
        };
        if !authentic || self.inbound.check(packet.sequence) != Verdict::Accepted {
            return false;
        }
        self.authenticated_last = packet.auth_type != AuthType::None;
        true
    }

    /// A datagram with `message`; `None` when it is too long for one.
    pub(super) fn seal(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        let auth_type = if self.authenticated_last { self.auth_type } else { AuthType::None };
        let sequence = self.outbound.take();
        Packet15::sealed(auth_type, sequence, self.session_id, message, &self.password).map(|packet| datagram(&packet))
    }
}

/// The datagram of an IPMI 1.5 packet.
pub(super) fn datagram(packet: &Packet15<'_>) -> Vec<u8> {
    let mut datagram = RmcpHeader::IPMI.emit().to_vec();
    datagram.extend(packet.emit_unpadded());
    datagram
}

/// An RMCP+ session.
#[derive(Debug)]
pub(super) struct LinkPlus {
    pub console_session_id: u32,
    pub integrity: Integrity,
    pub confidentiality: Confidentiality,
    /// Packets with and without integrity code are counted apart, both ways.
    pub authenticated: Numbers,
    pub plain: Numbers,
    /// The RAKP message 3 that opened the session and the answer, for a console that missed it.
    pub opened_by: (Vec<u8>, Vec<u8>),
}

#[derive(Debug)]
pub(super) struct Numbers {
    inbound: SequenceWindow,
    outbound: SequenceCounter,
}

impl Numbers {
    pub(super) const fn new() -> Self {
        Self { inbound: SequenceWindow::rmcp_plus(), outbound: SequenceCounter::starting_at(1) }
    }
}

/// A payload that came in over an RMCP+ session.
pub(super) struct Opened {
    pub payload_type: PayloadType,
    pub is_encrypted: bool,
    pub payload: Vec<u8>,
}

impl LinkPlus {
    /// The payload of a packet that belongs to the session and is new. One that is `exempt` needs no authentication.
    pub(super) fn open(&mut self, bytes: &[u8], exempt: bool) -> Option<Opened> {
        let packet = Packet::parse(bytes, Some(&self.integrity)).ok()?;
        let header = packet.header;
        if self.integrity.code_len() != 0 && !header.is_authenticated && !exempt {
            return None;
        }
        // Only payloads that were activated without encryption go without, and IPMI messages never are.
        if self.confidentiality.is_encrypting() && !header.is_encrypted && header.payload_type == PayloadType::Ipmi {
            return None;
        }
        if header.is_encrypted && !self.confidentiality.is_encrypting() {
            return None;
        }
        let payload =
            if header.is_encrypted { self.confidentiality.open(packet.payload).ok()? } else { packet.payload.to_vec() };
        let numbers = if header.is_authenticated { &mut self.authenticated } else { &mut self.plain };
        match numbers.inbound.check(header.sequence) {
            Verdict::Accepted => {}
            // Its code is right, so the packets between were lost.
            Verdict::Ahead if header.is_authenticated && self.integrity.code_len() != 0 => {
                numbers.inbound.resume_at(header.sequence);
            }
            _ => return None,
        }
        Some(Opened { payload_type: header.payload_type, is_encrypted: header.is_encrypted, payload })
    }

    /// A datagram with `payload`; `None` when it is too long for one.
    pub(super) fn seal(
        &mut self,
        payload_type: PayloadType,
        encrypted: bool,
        authenticated: bool,
        payload: &[u8],
        iv: [u8; 16],
    ) -> Option<Vec<u8>> {
        let is_encrypted = encrypted && self.confidentiality.is_encrypting();
        let is_authenticated = authenticated && self.integrity.code_len() != 0;
        let sealed = if is_encrypted { self.confidentiality.seal(payload, iv).ok()? } else { payload.to_vec() };
        let numbers = if is_authenticated { &mut self.authenticated } else { &mut self.plain };
        let sequence = numbers.outbound.take();
        let session_id = self.console_session_id;
        let header = SessionHeader { payload_type, is_encrypted, is_authenticated, session_id, sequence };
        plus_datagram(&Packet { header, payload: &sealed }, Some(&self.integrity))
    }
}

/// The datagram of an RMCP+ packet.
pub(super) fn plus_datagram(packet: &Packet<'_>, integrity: Option<&Integrity>) -> Option<Vec<u8>> {
    let mut datagram = RmcpHeader::IPMI.emit().to_vec();
    datagram.extend(packet.emit(integrity).ok()?);
    Some(datagram)
}
