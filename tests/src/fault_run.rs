//! One randomized run: a console, a BMC, faults and a small job, all drawn from a seed, and the judgement of what came
//! of it.
//!
//! What is guaranteed whatever the network and the BMC do, and asserted here:
//! - A job ends within a bounded (virtual) time.
//! - What was read equals what the BMC holds. A listing that lacks something names the problem.
//! - What failed is an error that says which command failed and why, or which BMC is not reached and why.
//! - Without the right secrets nothing is read where the session is authenticated.
//! - A write that succeeded was carried out. A setting or an erase is then exactly what was asked for. A write that
//!   adds something is carried out once if no datagram is lost, late or damaged; otherwise once or more often, at most
//!   as often as it may be sent: a request whose answer is lost is sent again, as ipmitool does. A write that failed
//!   may have been carried out unless the session was never opened.
//!
//! One flipped bit in a datagram never makes a wrong answer: authenticated sessions have a code over each packet, the
//! others the checksums of the messages.

use std::fmt;
use std::time::Duration;

use ipmi_core::link::console::{CipherChoice, LoginConfig, Protocol, Timing};
use ipmi_core::link::rmcp_plus::cipher_suite::CipherSuite;
use ipmi_core::link::rmcp_plus::rakp::UserName;
use ipmi_core::link::session_1_5::AuthType;
use ipmi_core::{Privilege, Secret};
use simulator::fault::Faults;

use crate::fault_job;
use crate::world::{Numbers, Setup, Story, World};

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Job {
    /// Get Device ID.
    DeviceId,
    /// All sensor data records.
    Sdrs,
    /// The whole event log.
    SelRecords,
    /// A FRU.
    Fru,
    /// Several sensors.
    Readings,
    /// Get Device ID of a satellite.
    Satellite,
    /// Adds a record to the event log.
    AddRecord,
    /// Names a user and asks for the name.
    NameUser,
    /// Erases the event log.
    Erase,
}

const JOBS: &[Job] = &[
    Job::DeviceId,
    Job::Sdrs,
    Job::SelRecords,
    Job::Fru,
    Job::Readings,
    Job::Satellite,
    Job::AddRecord,
    Job::NameUser,
    Job::Erase,
];

/// Whether the console knows what it needs to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Secrets {
    /// It does.
    Right,
    /// It has another password.
    WrongPassword,
    /// There is no such user.
    UnknownUser,
    /// The BMC has a key, and the console another one.
    WrongKey,
    /// The BMC has a key, and the console none.
    NoKey,
    /// The BMC has none of the cipher suites asked for.
    RefusedSuite,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was read, or done.
    Right,
    /// Part of it was read; the problems are named.
    Partial(String),
    /// An error.
    Failed(String),
}

/// A run as its seed has it.
pub struct Run {
    /// Its seed.
    pub seed: u64,
    /// What it does.
    pub job: Job,
    /// What the console knows.
    pub secrets: Secrets,
    /// What goes wrong.
    pub faults: Faults,
    login: LoginConfig,
    /// Times a request is sent.
    pub(crate) sendings: u32,
    automatic_quirks: bool,
    /// Key of the BMC.
    kg: Option<[u8; 20]>,
    erase_time: Duration,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, job, secrets, faults, login, sendings, .. } = self;
        let session = match login.protocol {
            Protocol::Ipmi15 => format!("{:?}", login.auth_type),
            Protocol::RmcpPlus => format!("{:?}", login.cipher),
        };
        write!(f, "FAULT_SEED={seed}: {job:?} over {session}, {secrets:?}, sent at most {sendings} times, [{faults}]")
    }
}

const PASSWORD: &[u8] = b"admin";
const SUITES: &[u8] = &[0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17];

impl Run {
    /// The run of a seed.
    pub fn new(seed: u64) -> Self {
        let mut numbers = Numbers::new(seed);
        let job = numbers.pick(JOBS);
        let secrets = match numbers.below(16) {
            0 => Secrets::WrongPassword,
            1 => Secrets::UnknownUser,
            2 => Secrets::WrongKey,
            3 => Secrets::NoKey,
            4 => Secrets::RefusedSuite,
            _ => Secrets::Right,
        };
        let lan_only = matches!(secrets, Secrets::WrongKey | Secrets::NoKey | Secrets::RefusedSuite);
        let protocol = if lan_only || !numbers.once_in(3) { Protocol::RmcpPlus } else { Protocol::Ipmi15 };
        let name: &[u8] = if secrets == Secrets::UnknownUser { b"nobody" } else { b"admin" };
        let password: &[u8] = if secrets == Secrets::WrongPassword { b"letmein" } else { PASSWORD };
        let mut login = LoginConfig::new(protocol, UserName::new(name).expect("short"), Secret::new(password.to_vec()));
        let types = [AuthType::None, AuthType::Md2, AuthType::Md5, AuthType::StraightPassword];
        login.auth_type = (!numbers.once_in(5)).then(|| numbers.pick(&types));
        let suite = CipherSuite(numbers.pick(SUITES));
        login.cipher = match numbers.below(8) {
            0 => CipherChoice::Ask,
            1 => CipherChoice::Remembered(suite),
            _ => CipherChoice::Fixed(suite),
        };
        if secrets == Secrets::RefusedSuite {
            login.cipher = CipherChoice::Fixed(CipherSuite(numbers.pick(&[1, 2, 8, 12, 15, 16, 17])));
        }
        login.privilege = if numbers.once_in(4) { Privilege::Operator } else { Privilege::Administrator };
        if job == Job::NameUser {
            login.privilege = Privilege::Administrator;
        }
        login.name_only_lookup = !numbers.once_in(4);
        let sendings = 1 + numbers.below(5) as u32;
        login.timing = Timing { timeout: patience(protocol), retries: sendings - 1, ..Timing::default() };
        let mut key = [0; 20];
        numbers.fill(&mut key);
        let keyed = matches!(secrets, Secrets::WrongKey | Secrets::NoKey);
        let kg = (keyed || secrets == Secrets::Right && numbers.once_in(6)).then_some(key);
        if let Some(mut key) = kg.filter(|_| secrets != Secrets::NoKey) {
            key[3] ^= u8::from(secrets == Secrets::WrongKey);
            login.kg = Secret::new(key);
        }
        let faults = faults(&mut numbers);
        let automatic_quirks = !numbers.once_in(3);
        let erase_time = Duration::from_millis(numbers.pick(&[0, 20, 700]));
        Self { seed, job, secrets, faults, login, sendings, automatic_quirks, kg, erase_time }
    }

    /// True when the BMC checks secrets with each log-in of this run.
    fn is_authenticated(&self) -> bool {
        match (self.login.protocol, self.login.cipher) {
            (Protocol::Ipmi15, _) => self.login.auth_type != Some(AuthType::None),
            (Protocol::RmcpPlus, CipherChoice::Fixed(suite) | CipherChoice::Remembered(suite)) => suite.0 != 0,
            (Protocol::RmcpPlus, CipherChoice::Ask) => true,
        }
    }

    /// True when nothing on the way makes a request be sent twice.
    pub(crate) fn is_calm(&self) -> bool {
        let Faults { drop, corrupt, reorder, session_loss, one_at_a_time, slow_records, delay, .. } = &self.faults;
        let lost = [drop, corrupt, session_loss].into_iter().any(|rate| !rate.is_never());
        let late =
            delay.is_some_and(|(_, longest)| longest * 2 + Duration::from_millis(50) > patience(self.login.protocol));
        !lost && !late && reorder.is_never() && one_at_a_time.is_none() && slow_records.is_zero()
    }

    /// Does it.
    ///
    /// # Panics
    /// When what came of it is neither right nor a named error; the message begins with the run.
    pub fn run(&self) -> (Outcome, Story) {
        let world = World::new(
            Setup {
                seed: self.seed,
                login: self.login.clone(),
                faults: self.faults.clone(),
                timeout: patience(self.login.protocol),
                sendings: self.sendings,
                automatic_quirks: self.automatic_quirks,
            },
            self.simulated(),
        );
        let outcome = self.work(&world);
        let story = world.network().story.clone();
        if let Some(reason) = &story.hung {
            panic!("{self}: {reason}");
        }
        self.judge(&outcome, &story);
        (outcome, story)
    }

    /// The BMC.
    fn simulated(&self) -> simulator::Bmc {
        let mut bmc = fault_job::small();
        bmc.profile.erase_time = self.erase_time;
        if let Some(kg) = self.kg {
            bmc.channels.kg = Secret::new(kg);
        }
        if self.secrets == Secrets::RefusedSuite {
            bmc.settings.lan.offer_suites(&[3]);
        }
        bmc
    }

    fn judge(&self, outcome: &Outcome, story: &Story) {
        let calm = self.faults == Faults::default();
        match (self.secrets, outcome) {
            (Secrets::Right, Outcome::Right) => {}
            (Secrets::Right, Outcome::Failed(reason) | Outcome::Partial(reason)) if self.faults.corrupt.is_never() => {
                assert!(!calm, "{self}: nothing went wrong, and yet {reason}");
                let blames = ["wrong password", "(Kg)", "unknown user", "cipher suite"];
                let doubted = reason.contains("unless packets are lost");
                let blamed = !doubted && blames.iter().any(|text| reason.contains(text));
                assert!(!blamed, "{self}: the secrets are right: {reason}");
            }
            (Secrets::Right, other) => assert!(!calm, "{self}: nothing went wrong, and yet {other:?}"),
            (_, Outcome::Right | Outcome::Partial(_)) => {
                assert!(!self.is_authenticated(), "{self}: let in without the secrets");
            }
            (secrets, Outcome::Failed(reason)) if calm && self.is_authenticated() => {
                let expected = match secrets {
                    Secrets::WrongPassword => "wrong password",
                    Secrets::UnknownUser => "unknown user",
                    Secrets::WrongKey | Secrets::NoKey => "(Kg)",
                    Secrets::RefusedSuite => "cipher suite",
                    Secrets::Right => "",
                };
                let password = reason.contains("wrong password");
                let either = password && matches!(secrets, Secrets::WrongKey | Secrets::NoKey);
                assert!(reason.contains(expected) || either, "{self}: {reason}");
            }
            (_, Outcome::Failed(_)) => {}
        }
        assert!(*outcome != Outcome::Right || story.sessions > 0, "{self}: an answer without a session");
    }
}

fn patience(protocol: Protocol) -> Duration {
    match protocol {
        Protocol::Ipmi15 => Duration::from_secs(2),
        Protocol::RmcpPlus => Duration::from_secs(1),
    }
}

/// Each fault now and then, mild or strong.
fn faults(numbers: &mut Numbers) -> Faults {
    let mut words = Vec::new();
    let strong = numbers.once_in(6);
    for word in ["drop", "reorder", "duplicate", "corrupt", "busy", "lost-reservation", "truncate", "session-loss"] {
        if numbers.once_in(4) {
            let most = if strong { 400 } else { 80 };
            let most = if word == "session-loss" { most / 8 } else { most };
            words.push(format!("{word}={:.1}%", (1 + numbers.below(most)) as f64 / 10.0));
        }
    }
    if numbers.once_in(3) {
        let longest = numbers.pick(&[2, 20, 120, 600, 3000]);
        let shortest = numbers.below(longest + 1);
        words.push(format!("delay={shortest}ms..{longest}ms"));
    }
    if numbers.once_in(6) {
        words.push(format!("slow-records={}ms", numbers.pick(&[5, 80, 900, 2500])));
    }
    if numbers.once_in(6) {
        words.push(format!("one-at-a-time,service={}ms", numbers.pick(&[1, 5, 60, 1500])));
    }
    if words.is_empty() { Faults::default() } else { words.join(",").parse().expect("a specification") }
}
