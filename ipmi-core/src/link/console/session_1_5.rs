//! Packets of an IPMI 1.5 session (IPMI 2.0 s6.11, s6.12.13, s13.6).

use super::Quirks;
use super::session::Rejected;
use super::session_rmcp_plus::{Judged, admit};
use crate::ParseError;
use crate::link::rmcp_plus::SecurityError;
use crate::link::rmcp_plus::header::PayloadType;
use crate::link::rmcp_plus::window::{SequenceCounter, SequenceWindow};
use crate::link::session_1_5::{AuthType, Packet15, Password15};

/// The secret and counters of one session.
pub(super) struct Session15 {
    pub(super) session_id: u32,
    /// How the session was opened.
    pub(super) negotiated: AuthType,
    /// How its messages are authenticated: as negotiated, or not at all.
    pub(super) auth_type: AuthType,
    pub(super) password: Password15,
    /// True when the BMC may leave out authentication: the level is User and that level needs none.
    pub(super) may_be_bare: bool,
    pub(super) quirks: Quirks,
    pub(super) counter: SequenceCounter,
    pub(super) window: SequenceWindow,
    /// The number the BMC was told to begin with, until a packet came.
    pub(super) first: Option<u32>,
}

/// How far from the number it was told to begin with a BMC's first packet may be.
const NEAR: u32 = 64;

impl Session15 {
    pub(super) fn seal(&mut self, payload_type: PayloadType, payload: &[u8]) -> Result<Vec<u8>, SecurityError> {
        if payload_type != PayloadType::Ipmi {
            return Err(SecurityError::Mismatch("payload type of an IPMI 1.5 session"));
        }
        let (expected, found) = (Packet15::MAX_MESSAGE, payload.len());
        if found > expected {
            return Err(ParseError::Trailing { field: "IPMI 1.5 message", expected, found }.into());
        }
        let sequence = self.counter.take();
        let sealed = Packet15::sealed(self.auth_type, sequence, self.session_id, payload, &self.password);
        let (kind, code) = ("authentication", self.auth_type.code());
        Ok(sealed.ok_or(SecurityError::Unsupported { kind, code })?.emit())
    }

    pub(super) fn open(&mut self, body: &[u8]) -> Judged {
        let packet = Packet15::parse(body).ok()?;
        let is_zero = packet.session_id == 0 && packet.sequence != 0;
        if is_zero && self.session_id != 0 && !self.quirks.contains(Quirks::IDZERO) {
            return Some(Err(Rejected::ZeroId));
        }
        (is_zero || packet.session_id == self.session_id).then(|| self.judge(&packet))
    }

    fn judge(&mut self, packet: &Packet15<'_>) -> Result<(PayloadType, Vec<u8>), Rejected> {
        if packet.auth_type != self.auth_type {
            let bare = packet.auth_type == AuthType::None;
            let excess = self.auth_type == AuthType::None && packet.auth_type == self.negotiated;
            match (bare, excess && self.quirks.contains(Quirks::UNEXPECTEDAUTH)) {
                (true, _) if !self.may_be_bare => return Err(Rejected::NotAuthenticated),
                (false, false) => return Err(Rejected::UnexpectedlyAuthenticated),
                _ => {}
            }
        }
        if !self.quirks.contains(Quirks::NOAUTHCODECHECK) && !packet.is_authentic(&self.password) {
            return Err(Rejected::WrongAuthCode);
        }
        let swapped = self.quirks.contains(Quirks::ENDIANSEQ);
        if let Some(first) = self.first.filter(|_| !swapped) {
            let is_near = |number: u32| number.wrapping_sub(first) < NEAR;
            if !is_near(packet.sequence) && is_near(packet.sequence.swap_bytes()) {
                return Err(Rejected::SwappedSequence);
            }
            self.first = None;
        }
        admit(&mut self.window, if swapped { packet.sequence.swap_bytes() } else { packet.sequence })?;
        Ok((PayloadType::Ipmi, packet.message.to_vec()))
    }
}
