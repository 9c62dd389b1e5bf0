//! What several fuzz targets share: a script read from the input, a BMC over LAN and a console that logs in to it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ipmi_core::Secret;
use ipmi_core::link::console::{CipherChoice, LoginConfig, Protocol, Random};
use ipmi_core::link::rmcp_plus::cipher_suite::CipherSuite;
use ipmi_core::link::rmcp_plus::rakp::UserName;
use ipmi_core::link::session_1_5::AuthType;
use simulator::lan::LanServer;
use simulator::{Bmc, Options};

/// The input as a list of choices; zeros once it is used up.
#[derive(Debug)]
pub struct Script<'a>(pub &'a [u8]);

impl<'a> Script<'a> {
    /// True when nothing is left.
    pub fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// As many bytes as the next one says, or as there are.
    pub fn bytes(&mut self) -> &'a [u8] {
        let count = usize::from(self.byte()).min(self.0.len());
        let (bytes, rest) = self.0.split_at(count);
        self.0 = rest;
        bytes
    }

    /// A datagram by somebody who has seen `seen`: the same, a part, one with other bytes in it, or anything.
    pub fn forged(&mut self, seen: &[u8]) -> Vec<u8> {
        let how = self.byte();
        let at = usize::from(self.byte());
        let mut forged = seen.to_vec();
        match how % 6 {
            0 => forged = self.bytes().to_vec(),
            1 => forged.truncate(at),
            2 => forged.extend(self.bytes()),
            3 => {
                if let Some(byte) = forged.get_mut(at) {
                    *byte ^= self.byte();
                }
            }
            4 => {
                for (byte, other) in forged.iter_mut().skip(at).zip(self.bytes()) {
                    *byte = *other;
                }
            }
            _ => {}
        }
        forged
    }

    /// A log-in of the simulated BMC's administrator: protocol, algorithms and deviations as the script says.
    pub fn login(&mut self) -> LoginConfig {
        let how = self.byte();
        let protocol = if how & 1 == 0 { Protocol::RmcpPlus } else { Protocol::Ipmi15 };
        let user = UserName::new(b"admin").expect("short enough");
        let mut config = LoginConfig::new(protocol, user, Secret::new(*b"admin"));
        let choice = usize::from(self.byte());
        config.cipher = match choice % 8 {
            0 => CipherChoice::Ask,
            1 => CipherChoice::Remembered(CipherSuite(3)),
            more => CipherChoice::Fixed(CipherSuite([1, 2, 3, 6, 8, 17][more - 2])),
        };
        config.auth_type = [None, Some(AuthType::Md5), Some(AuthType::Md2), None][choice >> 3 & 3];
        config.name_only_lookup = how & 2 == 0;
        config
    }
}

/// Bytes that look random and are the same in every run.
pub fn random() -> Random {
    let mut state = 1u64;
    Box::new(move |bytes| {
        for byte in bytes {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (state >> 56) as u8;
        }
    })
}

/// A simulated BMC over LAN on virtual time, and what goes to and fro.
pub struct World {
    /// The BMC.
    pub bmc: Bmc,
    /// Its LAN side.
    pub server: LanServer,
    start: Instant,
    elapsed: Duration,
}

impl World {
    const EPOCH: Duration = Duration::from_secs(1_700_000_000);

    /// A BMC that was just started.
    #[expect(clippy::new_without_default, reason = "it takes the time of the system")]
    pub fn new() -> Self {
        let bmc = Bmc::builtin(&Options { freeze: true, seed: 1 }, Self::EPOCH);
        Self { bmc, server: LanServer::seeded(1), start: Instant::now(), elapsed: Duration::ZERO }
    }

    /// Time as consoles see it.
    pub fn now(&self) -> Instant {
        self.start + self.elapsed
    }

    /// Time as the BMC sees it.
    pub fn bmc_now(&self) -> Duration {
        Self::EPOCH + self.elapsed
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: Duration) {
        self.elapsed += time;
        let now = self.bmc_now();
        self.server.handle_timeout(&mut self.bmc, now);
        self.bmc.poll(now);
        self.bmc.take_actions();
        self.server.sync(&mut self.bmc, now);
    }

    /// Lets time pass until `at`, at least.
    pub fn pass_until(&mut self, at: Instant) {
        self.pass(at.saturating_duration_since(self.now()));
    }

    /// What the BMC sends after a datagram from this port.
    pub fn ask(&mut self, port: u16, datagram: &[u8]) -> Vec<Vec<u8>> {
        let peer = SocketAddr::from(([127, 0, 0, 1], port));
        let now = self.bmc_now();
        self.server.handle_datagram(&mut self.bmc, peer, datagram, now);
        while self.server.poll_payload().is_some() {}
        std::iter::from_fn(|| self.server.poll_transmit()).map(|(_, datagram)| datagram).collect()
    }
}
