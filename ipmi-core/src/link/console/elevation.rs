//! The last step of both protocols: the new session is raised to the level wanted (IPMI 2.0 s22.18).

use std::time::Instant;

use super::error::{Refusal, Step};
use super::login::Progress;
use super::message::{answer_to, decode, frame};
use super::wire::Wire;
use super::{LoginConfig, LoginError, Opened, Quirks, Session};
use crate::command::app::{CloseSession, SetSessionPrivilegeLevel};
use crate::link::ipmb::IpmbMessage;
use crate::link::rmcp_plus::header::PayloadType;
use crate::{CompletionCode, Privilege};

/// Set Session Privilege Level, under way inside the new session.
pub(super) struct Elevation {
    session: Option<Session>,
    request: IpmbMessage,
    retries: u32,
    /// Times it was asked for in vain.
    repetition: u32,
    /// What would make sense of answers that cannot be used.
    remedy: Option<Quirks>,
}

impl Elevation {
    /// Asks for the level. Every sending takes a sequence number of its own, so that the wire does not repeat it.
    pub(super) fn begin(
        session: Session,
        config: &LoginConfig,
        sequence: u8,
        wire: &mut Wire,
        now: Instant,
    ) -> Result<Self, LoginError> {
        // There is no raising a session to the lowest level; the question for its level proves the session.
        let privilege = Some(config.privilege).filter(|privilege| *privilege > Privilege::Callback);
        let request = frame(&SetSessionPrivilegeLevel { privilege }, sequence);
        let retries = config.timing.retries;
        let mut elevation = Self { session: Some(session), request, retries, repetition: 0, remedy: None };
        elevation.send(wire, now)?;
        Ok(elevation)
    }

    fn send(&mut self, wire: &mut Wire, now: Instant) -> Result<(), LoginError> {
        let (step, frame) = (Step::SetPrivilege, self.request.emit());
        let Some(session) = &mut self.session else { return Ok(()) };
        let datagram =
            session.seal(PayloadType::Ipmi, &frame).map_err(|source| LoginError::Malformed { step, source })?;
        wire.ask_once(step, datagram, self.repetition, now);
        Ok(())
    }

    pub(super) fn handle_silence(&mut self, wire: &mut Wire, now: Instant) -> Progress {
        if let Some(quirk) = self.remedy {
            self.close(wire);
            return Err(LoginError::Unusable { step: Step::SetPrivilege, quirk });
        }
        let Some(left) = self.retries.checked_sub(1) else {
            return Err(LoginError::NoAnswer { step: Step::SetPrivilege });
        };
        self.retries = left;
        self.repetition = self.repetition.saturating_add(1);
        self.send(wire, now).map(|()| None)
    }

    pub(super) fn handle_datagram(
        &mut self,
        config: &LoginConfig,
        datagram: &[u8],
        wire: &mut Wire,
        now: Instant,
    ) -> Option<Progress> {
        let session = self.session.as_mut()?;
        let payload = match session.open(datagram) {
            Opened::Payload(PayloadType::Ipmi, payload) => payload,
            Opened::NotOurs => return None,
            Opened::Payload(..) => return Some(Ok(None)),
            Opened::Rejected(reason) => {
                self.remedy = self.remedy.or(reason.remedy());
                return Some(Ok(None));
            }
        };
        let Some(response) = answer_to(&self.request, &payload, config.quirks) else {
            let lenient = answer_to(&self.request, &payload, Quirks::NOCHECKSUMCHECK);
            self.remedy = self.remedy.or(lenient.map(|_| Quirks::NOCHECKSUMCHECK));
            return Some(Ok(None));
        };
        // Of several sendings each may be the one that is answered.
        if self.repetition == 0 {
            wire.heard(now);
        }
        let privilege = config.privilege;
        match decode::<SetSessionPrivilegeLevel>(&response, Step::SetPrivilege) {
            Ok(level) => {
                session.grant(Privilege::from_code(level).unwrap_or(privilege));
                Some(Ok(self.session.take()))
            }
            // At that level even the question may be refused.
            Err(LoginError::BmcRefused { .. }) if privilege == Privilege::Callback => {
                session.grant(privilege);
                Some(Ok(self.session.take()))
            }
            Err(error) => {
                self.close(wire);
                Some(Err(match error {
                    LoginError::BmcRefused { refusal: Refusal::Code(CompletionCode(0x80 | 0x81)), .. } => {
                        LoginError::RefusedPrivilege { privilege }
                    }
                    other => other,
                }))
            }
        }
    }

    /// A session that is not used must not take up a slot of the BMC.
    fn close(&mut self, wire: &mut Wire) {
        let Some(session) = &mut self.session else { return };
        let command = CloseSession { session_id: session.agreed().bmc_session_id, handle: None };
        let message = frame(&command, self.request.sequence.wrapping_add(1)).emit();
        if let Ok(datagram) = session.seal(PayloadType::Ipmi, &message) {
            wire.tell(datagram);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake_bmc::FakeBmc;
    use super::super::{Login, Protocol};
    use super::*;
    use crate::Secret;
    use crate::link::rmcp_plus::rakp::UserName;

    #[test]
    fn the_callback_level_is_not_asked_for() {
        for level in [CompletionCode::OK, CompletionCode::INSUFFICIENT_PRIVILEGE] {
            let user = UserName::new(b"admin").unwrap();
            let mut config = LoginConfig::new(Protocol::RmcpPlus, user, Secret::new(*b"secret"));
            config.privilege = Privilege::Callback;
            let (mut bmc, now) = (FakeBmc { level, ..FakeBmc::default() }, Instant::now());
            let mut login = Login::new(config, Box::new(|bytes| bytes.fill(4)), now).unwrap();
            let mut sent = 0;
            let outcome = loop {
                if let Some(outcome) = login.poll() {
                    break outcome;
                }
                match login.poll_transmit() {
                    Some(datagram) => {
                        sent += 1;
                        if let Some(answer) = bmc.answer(&datagram) {
                            login.handle_datagram(&answer, now);
                        }
                    }
                    None => login.handle_timeout(login.poll_timeout().unwrap()),
                }
            };
            assert!(outcome.is_ok() && sent > 4, "{level}: {sent} datagrams");
        }
    }
}
