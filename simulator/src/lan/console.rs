//! Serial over LAN in a session: who has it, what the system prints on its way out, what is typed on its way in
//! (IPMI 2.0 s15, s24.1).

use std::time::Duration;

use ipmi_core::link::rmcp_plus::header::PayloadType;

use super::LanServer;
use crate::bmc::Bmc;
use crate::handler::payload::SOL_PAYLOAD;
use crate::sol::{Shell, SolEnd, SolTimes, System};
use crate::store::payload::{Activation, SOL, SOL_INSTANCES};
use crate::store::sol_config::SolConfig;

/// Bytes of a SOL payload before the characters.
const HEADER: u16 = 4;

/// The serial port of the system and who has its console.
#[derive(Debug)]
pub(super) struct Console {
    system: Box<dyn System>,
    active: Option<(Activation, SolEnd)>,
}

impl Default for Console {
    fn default() -> Self {
        Self::new(Box::new(Shell::new("sim")))
    }
}

impl Console {
    pub(super) fn new(system: Box<dyn System>) -> Self {
        Self { system, active: None }
    }

    /// When [`LanServer::serve_console`] has something to do next.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.active.as_ref().and_then(|(_, end)| end.poll_timeout())
    }
}

impl LanServer {
    /// Takes a SOL payload. One that is not protected as activated is dropped.
    pub(super) fn handle_sol(&mut self, session: u32, is_encrypted: bool, payload: &[u8], now: Duration) {
        let Some((activation, end)) = &mut self.console.active else { return };
        if activation.session != session || activation.encrypted && !is_encrypted {
            return;
        }
        match end.handle_payload(payload, self.console.system.room(), now) {
            Ok(typed) if typed == crate::sol::Typed::default() => {}
            Ok(typed) => self.console.system.take(&typed),
            Err(error) => tracing::debug!(session, %error, "no SOL payload"),
        }
    }

    /// Follows activations, moves what the system prints, sends what is due.
    pub(super) fn serve_console(&mut self, bmc: &mut Bmc, now: Duration) {
        self.follow_activation(bmc);
        let Console { system, active } = &mut self.console;
        let Some((activation, end)) = active else {
            system.discard();
            return;
        };
        while let Some(printed) = Some(end.room()).filter(|room| *room > 0).and_then(|room| system.give(room)) {
            end.put(&printed, now);
        }
        let (activation, mut out) = (*activation, Vec::new());
        while let Some(payload) = end.poll_transmit(now) {
            out.push(payload);
        }
        for payload in out {
            self.send_sol(activation, &payload);
        }
    }

    /// Begins and ends SOL as commands and the ends of sessions have it. The console that loses it is told, unless it
    /// gave it back: ipmitool takes such a word for the answer to its next command.
    fn follow_activation(&mut self, bmc: &mut Bmc) {
        let payloads = &mut bmc.settings.payloads;
        if payloads.sol().is_some_and(|wanted| bmc.sessions.get(wanted.session).is_none()) {
            payloads.active.remove(&(SOL, SOL_INSTANCES));
        }
        let (wanted, returned_by) = (payloads.sol(), payloads.returned_by.take());
        match (&mut self.console.active, wanted) {
            (None, None) => return,
            // Encryption can be suspended meanwhile.
            (Some((activation, _)), Some(wanted)) if returned_by.is_none() && activation.session == wanted.session => {
                *activation = wanted;
                return;
            }
            _ => {}
        }
        let lost = self.console.active.take().filter(|(activation, _)| Some(activation.session) != returned_by);
        if let Some((activation, mut end)) = lost {
            end.deactivate();
            while let Some(payload) = end.poll_transmit(Duration::ZERO) {
                self.send_sol(activation, &payload);
            }
        }
        self.console.active = wanted.map(|activation| (activation, SolEnd::new(times(&bmc.settings.sol))));
    }

    fn send_sol(&mut self, activation: Activation, payload: &[u8]) {
        let Activation { session, encrypted, authenticated } = activation;
        self.send_payload(session, PayloadType::Sol, encrypted, authenticated, payload);
    }

    /// True when the system printed something by itself: [`LanServer::sync`] fetches it.
    pub fn system_has_printed(&self) -> bool {
        self.console.system.has_printed()
    }

    /// True when unauthenticated SOL packets belong into the session.
    pub(super) fn takes_plain_sol(&self, session: u32) -> bool {
        let active = self.console.active.as_ref().map(|(activation, _)| activation);
        active.is_some_and(|activation| activation.session == session && !activation.authenticated)
    }
}

fn times(config: &SolConfig) -> SolTimes {
    let packet = usize::from(SOL_PAYLOAD - HEADER);
    SolTimes {
        packet,
        accumulate: config.accumulate_interval(),
        threshold: match config.send_threshold() {
            0 => packet,
            threshold => threshold.into(),
        },
        retry: config.retry_interval().max(SHORTEST_RETRY),
        retries: config.retries().into(),
    }
}

/// A retry interval of 0 would send without pause.
const SHORTEST_RETRY: Duration = Duration::from_millis(10);
