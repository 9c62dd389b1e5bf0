//! How a BMC is talked to: deadline, default target, own address, and what a session over LAN or a serial line needs.

use std::path::PathBuf;
use std::time::Duration;

use ipmi_core::link::session_1_5::AuthType;
use ipmi_core::{ChannelNumber, Privilege, Secret, SlaveAddress, Target};

/// How a BMC is talked to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Longest time one command may take, retries included, counted from the moment its turn comes. Sessions over LAN
    /// go by [`SessionOptions::timeout`] and [`SessionOptions::retries`] instead.
    pub timeout: Duration,
    /// How often a command is tried again when the BMC answers with a transient completion code.
    pub retries: u32,
    /// Who [`Bmc::call`](crate::Bmc::call) asks: another controller when the user gave a target address.
    pub target: Target,
    /// The controller that bridged requests go through, when the target is behind another one (dual bridging).
    pub transit: Option<Transit>,
    /// Our address on the IPMB when a message is bridged.
    pub my_address: SlaveAddress,
    /// What sessions need.
    pub session: SessionOptions,
    /// Directory where what was learnt about a BMC is kept: sensor data records, cipher suite, quirks. `None` keeps
    /// nothing beyond the process.
    pub cache: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(5),
            retries: 4,
            target: Target::Bmc,
            transit: None,
            my_address: SlaveAddress::BMC,
            session: SessionOptions::default(),
            cache: None,
        }
    }
}

/// A controller that passes bridged messages on (IPMI 2.0 s6.12: one Send Message inside another).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transit {
    /// Channel of the bus the controller is on.
    pub channel: ChannelNumber,
    /// Its address there.
    pub address: SlaveAddress,
}

/// Who logs in and how, for ways with a login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionOptions {
    /// User name where the URL has none; empty is the null user.
    pub user: String,
    /// Password.
    pub password: Secret,
    /// Kg, the key of the BMC; empty: one-key log-in, where the password stands for it.
    pub kg: Secret,
    /// Privilege level of the session.
    pub privilege: Privilege,
    /// RAKP message 1 asks for the user by name only; else by name and privilege level.
    pub name_only_lookup: bool,
    /// Authentication type of IPMI 1.5 sessions; `None`: the strongest both sides have.
    pub auth_type: Option<AuthType>,
    /// Addresses a host name may stand for.
    pub family: Family,
    /// Time without a response after which a packet is sent again; `None`: what suits the protocol.
    pub timeout: Option<Duration>,
    /// How often it is sent in all, as with ipmitool's `-R`; 0 is 1.
    pub retries: u32,
    /// Quirks that are applied from the start, by name.
    pub quirks: Vec<String>,
    /// Quirks are also applied when their symptom shows.
    pub automatic_quirks: bool,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            user: String::new(),
            password: Secret::default(),
            kg: Secret::default(),
            privilege: Privilege::Administrator,
            name_only_lookup: true,
            auth_type: None,
            family: Family::Any,
            timeout: None,
            retries: 4,
            quirks: Vec::new(),
            automatic_quirks: true,
        }
    }
}

/// Which addresses a host name may stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Family {
    /// Whichever the resolver gives first.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}
