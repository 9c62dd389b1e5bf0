//! What a log-in is told: protocol, user, secrets, level, algorithms, patience.

use std::time::Duration;

use super::Quirks;
use crate::link::rmcp_plus::cipher_suite::CipherSuite;
use crate::link::rmcp_plus::rakp::UserName;
use crate::link::session_1_5::AuthType;
use crate::{Privilege, Secret};

/// Which session is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// A session of IPMI 1.5.
    Ipmi15,
    /// A session of IPMI 2.0.
    RmcpPlus,
}

/// How the cipher suite of an RMCP+ session is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CipherChoice {
    /// This one and no other.
    Fixed(CipherSuite),
    /// This one first; when it is refused, as [`Ask`](Self::Ask).
    Remembered(CipherSuite),
    /// The strongest one that the BMC lists and accepts. A BMC that does not answer the question is tried with 3 and 17
    /// and then the others.
    Ask,
}

/// How long answers are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timing {
    /// Wait for one answer.
    pub timeout: Duration,
    /// How often a question is sent again, or the handshake begun again.
    pub retries: u32,
    /// Wait for the list of cipher suites, which is asked for once: many BMCs ignore the question.
    pub probe: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self { timeout: Duration::from_secs(1), retries: 4, probe: Duration::from_millis(250) }
    }
}

/// What a log-in is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginConfig {
    /// Which session is opened.
    pub protocol: Protocol,
    /// Who logs in.
    pub user: UserName,
    /// Password: up to 16 bytes for IPMI 1.5, 20 for RMCP+.
    pub password: Secret,
    /// Key of the BMC (Kg) of up to 20 bytes; empty when it has none.
    pub kg: Secret,
    /// Level of the session.
    pub privilege: Privilege,
    /// RMCP+: the user is looked up by name alone first, otherwise by name and level first.
    pub name_only_lookup: bool,
    /// IPMI 1.5: this authentication type and no other.
    pub auth_type: Option<AuthType>,
    /// RMCP+: cipher suite.
    pub cipher: CipherChoice,
    /// Deviations to bear.
    pub quirks: Quirks,
    /// Patience.
    pub timing: Timing,
}

impl LoginConfig {
    /// True when there is a key of the BMC; all zero means that there is none (IPMI 2.0 s13.31).
    pub(super) fn has_bmc_key(&self) -> bool {
        self.kg.as_bytes().iter().fold(0, |all, byte| all | byte) != 0
    }

    /// A log-in as administrator that finds out the rest.
    pub fn new(protocol: Protocol, user: UserName, password: Secret) -> Self {
        Self {
            protocol,
            user,
            password,
            kg: Secret::default(),
            privilege: Privilege::Administrator,
            name_only_lookup: true,
            auth_type: None,
            cipher: CipherChoice::Ask,
            quirks: Quirks::empty(),
            timing: Timing::default(),
        }
    }
}
