//! Packets of an RMCP+ session (IPMI 2.0 s13.6, s13.28).

use super::Random;
use super::session::Rejected;
use crate::link::rmcp_plus::SecurityError;
use crate::link::rmcp_plus::cipher_suite::Algorithms;
use crate::link::rmcp_plus::confidentiality::Confidentiality;
use crate::link::rmcp_plus::header::{Packet, PayloadType, SessionHeader};
use crate::link::rmcp_plus::integrity::Integrity;
use crate::link::rmcp_plus::keys::{Key20, SessionKeys};
use crate::link::rmcp_plus::window::{SequenceCounter, SequenceWindow, Verdict};

/// The keys and counters of one session.
pub(super) struct SessionRmcpPlus {
    console_session_id: u32,
    bmc_session_id: u32,
    /// `None` when packets go without.
    integrity: Option<Integrity>,
    confidentiality: Confidentiality,
    counter: SequenceCounter,
    window: SequenceWindow,
}

/// What a datagram says: nothing for this session, a payload, or a reason against it.
pub(super) type Judged = Option<Result<(PayloadType, Vec<u8>), Rejected>>;

impl SessionRmcpPlus {
    pub(super) fn new(
        (console_session_id, bmc_session_id): (u32, u32),
        algorithms: Algorithms,
        keys: &SessionKeys,
        user_key: &Key20,
    ) -> Result<Self, SecurityError> {
        let Algorithms { authentication, integrity, confidentiality } = algorithms;
        let integrity = Integrity::new(integrity, authentication, keys, user_key)?;
        Ok(Self {
            console_session_id,
            bmc_session_id,
            integrity: Some(integrity).filter(|integrity| integrity.code_len() > 0),
            confidentiality: Confidentiality::new(confidentiality, authentication, keys)?,
            counter: SequenceCounter::starting_at(1),
            window: SequenceWindow::rmcp_plus(),
        })
    }

    pub(super) fn seal(
        &mut self,
        payload_type: PayloadType,
        payload: &[u8],
        random: &mut Random,
    ) -> Result<Vec<u8>, SecurityError> {
        let mut iv = [0; 16];
        if self.confidentiality.is_encrypting() {
            random(&mut iv);
        }
        let payload = self.confidentiality.seal(payload, iv)?;
        let header = SessionHeader {
            payload_type,
            is_encrypted: self.confidentiality.is_encrypting(),
            is_authenticated: self.integrity.is_some(),
            session_id: self.bmc_session_id,
            sequence: self.counter.take(),
        };
        Packet { header, payload: &payload }.emit(self.integrity.as_ref())
    }

    pub(super) fn open(&mut self, body: &[u8]) -> Judged {
        // The console's id is never zero, so that the handshake is not for the session.
        let header = Packet::parse_header(body).ok().filter(|header| header.session_id == self.console_session_id)?;
        Some(self.judge(header, body))
    }

    /// First whether the packet is protected as agreed, then its code, then its number: nothing of it counts before.
    /// A session either authenticates all packets or none, so that one window serves; packets of the other kind, which
    /// count apart, are refused.
    fn judge(&mut self, header: SessionHeader, body: &[u8]) -> Result<(PayloadType, Vec<u8>), Rejected> {
        match (header.is_authenticated, self.integrity.is_some()) {
            (false, true) => return Err(Rejected::NotAuthenticated),
            (true, false) => return Err(Rejected::UnexpectedlyAuthenticated),
            _ => {}
        }
        match (header.is_encrypted, self.confidentiality.is_encrypting()) {
            (false, true) => return Err(Rejected::NotEncrypted),
            (true, false) => return Err(Rejected::UnexpectedlyEncrypted),
            _ => {}
        }
        let packet = Packet::parse(body, self.integrity.as_ref())?;
        admit(&mut self.window, header.sequence)?;
        Ok((header.payload_type, self.confidentiality.open(packet.payload)?))
    }
}

/// Asks the window about an authentic packet. One that is far ahead shows that packets were lost; the window follows.
pub(super) fn admit(window: &mut SequenceWindow, sequence: u32) -> Result<(), Rejected> {
    match window.check(sequence) {
        Verdict::Accepted => Ok(()),
        Verdict::Ahead => {
            window.resume_at(sequence);
            Ok(())
        }
        Verdict::Duplicate => Err(Rejected::Replayed),
        Verdict::Behind => Err(Rejected::Old),
        Verdict::Zero => Err(Rejected::ZeroSequence),
    }
}
