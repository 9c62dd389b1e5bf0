//! What a refusal, a wrong proof or a malformed message of the RMCP+ handshake leads to (IPMI 2.0 s13.17-s13.24).
//!
//! None of these messages is authentic: anybody may have sent it, and no checksum tells a damaged one. So a better
//! answer is waited for first, and then most handshakes are begun again before their end is believed.

use std::time::Instant;

use super::super::LoginError;
use super::super::error::{Refusal, Step};
use super::super::handshake::Setback;
use super::super::login::Progress;
use super::super::wire::Wire;
use super::{LoginRmcpPlus, Phase};
use crate::command::app::AuthStatus;
use crate::link::rmcp_plus::SecurityError;
use crate::link::rmcp_plus::cipher_suite::AuthenticationAlgorithm;
use crate::link::rmcp_plus::status::StatusCode;

impl LoginRmcpPlus {
    /// Waits a little for an answer that leads on; without one this counts.
    pub(super) fn hold(&mut self, step: Step, setback: Setback, wire: &mut Wire, now: Instant) -> Progress {
        self.doubt.get_or_insert((step, setback));
        wire.doubt(now);
        Ok(None)
    }

    /// No better answer came.
    pub(in super::super) fn handle_doubt(&mut self, wire: &mut Wire, now: Instant) -> Progress {
        let Some((step, setback)) = self.doubt.take() else { return Ok(None) };
        match self.set_back(step, setback, wire, now) {
            Err(error) => self.look_again(step, setback, error, wire, now),
            progress => progress,
        }
    }

    /// Begins the handshake anew where its end may have been a damaged packet, and the BMC cannot take that for another
    /// wrong password: either it has seen no proof of ours, or it has accepted it.
    fn look_again(
        &mut self,
        step: Step,
        setback: Setback,
        error: LoginError,
        wire: &mut Wire,
        now: Instant,
    ) -> Progress {
        let Phase::Handshake { handshake, .. } = &self.phase else { return Err(error) };
        let again = match (step, setback) {
            (Step::Rakp1, Setback::WrongPassword) => self.restarts > 0,
            (Step::Rakp3, Setback::Refused(StatusCode::INVALID_INTEGRITY_CHECK)) => false,
            _ => self.restarts > 0 && !self.looked_again,
        };
        if !again {
            if let (Step::Rakp1, Setback::WrongPassword) = (step, setback) {
                wire.tell(handshake.rakp3(Err(StatusCode::INVALID_INTEGRITY_CHECK)));
            }
            return Err(error);
        }
        let suite = handshake.suite;
        self.restarts -= 1;
        self.looked_again = true;
        self.remember(error);
        self.start_handshake(suite, wire, now)
    }

    /// Another lookup, another suite, another try, or the end.
    fn set_back(&mut self, step: Step, setback: Setback, wire: &mut Wire, now: Instant) -> Progress {
        let Phase::Handshake { handshake, .. } = &self.phase else { return Ok(None) };
        let (suite, privilege) = (handshake.suite, self.config.privilege);
        let proves = handshake.algorithms.authentication != AuthenticationAlgorithm::None;
        let status = match setback {
            Setback::Refused(status) => status,
            Setback::OtherSuite(answered) => return Err(LoginError::OtherSuite { suite, answered }),
            Setback::Malformed(source) => return Err(LoginError::Malformed { step, source }),
            Setback::WrongPassword => return Err(LoginError::WrongPassword),
            Setback::WrongKey => {
                let one_key = self.status.is_some_and(|status| !status.contains(AuthStatus::TWO_KEY));
                let source = SecurityError::Mismatch("integrity check value");
                let malformed = LoginError::Malformed { step, source };
                return Err(if one_key && !self.config.has_bmc_key() { malformed } else { LoginError::WrongKey });
            }
        };
        let refused = LoginError::BmcRefused { step, refusal: Refusal::Status(status) };
        match status {
            StatusCode::INVALID_AUTHENTICATION_ALGORITHM
            | StatusCode::INVALID_INTEGRITY_ALGORITHM
            | StatusCode::NO_MATCHING_AUTHENTICATION
            | StatusCode::NO_MATCHING_INTEGRITY
            | StatusCode::INVALID_CONFIDENTIALITY_ALGORITHM
            | StatusCode::NO_MATCHING_CIPHER_SUITE => {
                self.remember(LoginError::RefusedSuite { suite, status });
                self.next_suite(wire, now)
            }
            StatusCode::INVALID_ROLE | StatusCode::UNAUTHORIZED_ROLE => {
                let refusal = LoginError::RefusedPrivilege { privilege };
                self.remember(refusal);
                if step != Step::OpenSession && self.swap_lookup() {
                    return self.start_handshake(suite, wire, now);
                }
                self.levels = self.levels.saturating_sub(1);
                self.name_only = self.config.name_only_lookup;
                if self.levels == 0 { Err(refusal) } else { self.next_suite(wire, now) }
            }
            StatusCode::UNAUTHORIZED_NAME if self.swap_lookup() => self.start_handshake(suite, wire, now),
            // The other lookup found the user, without this level.
            StatusCode::UNAUTHORIZED_NAME => match self.refusal {
                Some(refusal @ LoginError::RefusedPrivilege { .. }) => Err(refusal),
                _ => Err(LoginError::UnknownUser),
            },
            StatusCode::INSUFFICIENT_RESOURCES | StatusCode::INSUFFICIENT_RESOURCES_FOR_ROLE => {
                // Handshakes of this log-in that were begun again may hold the slots.
                Err(self.refusal.filter(|_| self.looked_again).unwrap_or(LoginError::NoSlots))
            }
            // RAKP message 3 follows a proof of the BMC that was right.
            StatusCode::INVALID_INTEGRITY_CHECK if step == Step::Rakp3 && proves => Err(LoginError::ProofRefused),
            StatusCode::INVALID_INTEGRITY_CHECK => Err(LoginError::WrongPassword),
            StatusCode::INVALID_SESSION_ID | StatusCode::INACTIVE_SESSION_ID if step != Step::OpenSession => {
                let Some(left) = self.restarts.checked_sub(1) else { return Err(refused) };
                self.restarts = left;
                self.start_handshake(suite, wire, now)
            }
            _ => Err(refused),
        }
    }

    /// Takes the other way of looking up the user, once.
    fn swap_lookup(&mut self) -> bool {
        let first_time = !std::mem::replace(&mut self.swapped, true);
        self.name_only ^= first_time;
        first_time
    }

    /// A refused level says more than a refused suite; otherwise the first refusal counts.
    fn remember(&mut self, error: LoginError) {
        if matches!(self.refusal, None | Some(LoginError::RefusedSuite { .. } | LoginError::UnsupportedSuite { .. })) {
            self.refusal = Some(error);
        }
    }
}
