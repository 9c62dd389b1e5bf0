//! The proofs of the RMCP+ handshake: RAKP messages 2 and 4, of this handshake or of one before it (IPMI 2.0
//! s13.20-s13.24).
//!
//! RAKP messages 1 and 3 are sent once: a BMC that gets message 1 again may answer with another random number, and then
//! takes the proof for the first one for a wrong password. After silence a new handshake begins, and the answer to the
//! one before is as good when it is only late: it is for that one's session ids.

use std::time::Instant;

use super::super::error::Step;
use super::super::handshake::Handshake;
use super::super::login::Progress;
use super::super::session::Kind;
use super::super::session_rmcp_plus::SessionRmcpPlus;
use super::super::wire::Wire;
use super::super::{Agreed, Protocol, Session};
use super::{LoginRmcpPlus, Phase};
use crate::Privilege;

/// Handshakes without answer that are kept in mind.
const KEPT: usize = 4;

/// A handshake whose last message was not answered in time.
pub(super) struct Former {
    handshake: Box<Handshake>,
    step: Step,
    asked: Instant,
}

impl LoginRmcpPlus {
    /// Begins the handshake again after silence.
    pub(super) fn restart(&mut self, wire: &mut Wire, now: Instant) -> Progress {
        let phase = std::mem::replace(&mut self.phase, Phase::Idle);
        let Phase::Handshake { handshake, step, asked } = phase else { return Ok(None) };
        let suite = handshake.suite;
        self.silences = self.silences.saturating_add(1);
        let mut formers = std::mem::take(&mut self.formers);
        formers.push_back(Former { handshake, step, asked });
        if formers.len() > KEPT {
            formers.pop_front();
        }
        let progress = self.start_handshake(suite, wire, now);
        self.formers = formers;
        progress
    }

    /// RAKP message 2 or 4, to this handshake.
    pub(super) fn proved(&mut self, step: Step, payload: &[u8], wire: &mut Wire, now: Instant) -> Option<Progress> {
        let Phase::Handshake { handshake, step: at, asked } = &mut self.phase else { return None };
        if *at != step {
            return None;
        }
        if step == Step::Rakp1 {
            return Some(match handshake.rakp2(payload, &self.secrets)? {
                Ok(datagram) => {
                    wire.measured(*asked, now);
                    (*at, *asked) = (Step::Rakp3, now);
                    self.doubt = None;
                    wire.ask_once(Step::Rakp3, datagram, self.silences, now);
                    Ok(None)
                }
                Err(setback) => self.hold(step, setback, wire, now),
            });
        }
        Some(match handshake.rakp4(payload, &self.secrets)? {
            Ok(packets) => {
                wire.measured(*asked, now);
                self.elevate(packets, wire, now)
            }
            Err(setback) => self.hold(step, setback, wire, now),
        })
    }

    /// RAKP message 2 or 4, to a handshake before this one: the log-in goes on with that. What would end the log-in is
    /// left to this one's answer.
    pub(super) fn proved_late(
        &mut self,
        step: Step,
        payload: &[u8],
        wire: &mut Wire,
        now: Instant,
    ) -> Option<Progress> {
        let secrets = &self.secrets;
        let mut formers = self.formers.iter_mut().enumerate().filter(|(_, former)| former.step == step);
        let (index, answer) = formers.find_map(|(index, Former { handshake, .. })| {
            Some(match step {
                Step::Rakp1 => (index, handshake.rakp2(payload, secrets)?.map(Answer::Rakp2)),
                _ => (index, handshake.rakp4(payload, secrets)?.map(Answer::Rakp4)),
            })
        })?;
        let Ok(answer) = answer else { return Some(Ok(None)) };
        let Former { handshake, asked, .. } = self.formers.remove(index)?;
        wire.measured(asked, now);
        let returned = Phase::Handshake { handshake, step: Step::Rakp3, asked: now };
        // A handshake without a session of the BMC has nothing to go on with.
        if let Phase::Handshake { handshake, step: step @ (Step::Rakp1 | Step::Rakp3), asked } =
            std::mem::replace(&mut self.phase, returned)
        {
            self.formers.push_back(Former { handshake, step, asked });
        }
        self.doubt = None;
        Some(match answer {
            Answer::Rakp2(datagram) => {
                wire.ask_once(Step::Rakp3, datagram, self.silences, now);
                Ok(None)
            }
            Answer::Rakp4(packets) => self.elevate(packets, wire, now),
        })
    }

    fn elevate(&mut self, packets: SessionRmcpPlus, wire: &mut Wire, now: Instant) -> Progress {
        let Phase::Handshake { handshake, .. } = &self.phase else { return Ok(None) };
        let agreed = Agreed {
            protocol: Protocol::RmcpPlus,
            cipher_suite: Some(handshake.suite),
            algorithms: Some(handshake.algorithms),
            auth_type: None,
            privilege: Privilege::User,
            console_session_id: handshake.console_session_id,
            bmc_session_id: handshake.bmc_session_id,
            guid: Some(handshake.guid),
            name_only_lookup: handshake.role.is_name_only(),
            quirks: self.config.quirks,
        };
        let Some(random) = self.random.take() else { return Ok(None) };
        let session = Session::new(agreed, random, Kind::RmcpPlus(Box::new(packets)));
        let sequence = self.next_sequence();
        let elevation = super::Elevation::begin(session, &self.config, sequence, wire, now)?;
        self.phase = Phase::SetPrivilege(Box::new(elevation));
        Ok(None)
    }
}

/// What leads on.
enum Answer {
    /// RAKP message 3, in answer to message 2.
    Rakp2(Vec<u8>),
    /// The packets of the session that message 4 opens.
    Rakp4(SessionRmcpPlus),
}
