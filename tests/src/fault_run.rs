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
use std::sync::OnceLock;
use std::time::Duration;

use ipmi_core::command::app::{GetDeviceId, GetUserName, SetUserName, UserId};
use ipmi_core::command::sensor::GetSensorReading;
use ipmi_core::command::storage::{AddSelEntry, FruDeviceId, RecordId};
use ipmi_core::link::console::{CipherChoice, LoginConfig, Protocol, Timing};
use ipmi_core::link::rmcp_plus::cipher_suite::CipherSuite;
use ipmi_core::link::rmcp_plus::rakp::UserName;
use ipmi_core::link::session_1_5::AuthType;
use ipmi_core::sdr::SensorKey;
use ipmi_core::sensor::RawReading;
use ipmi_core::{
    ChannelNumber, Command, Error, Lun, NetFn, Privilege, Request, Response, Secret, SlaveAddress, Target,
};
use kernel_bridge::Bmc;
use kernel_bridge::walk::{Problem, fru, reading, sdr, sel};
use simulator::fault::Faults;

use crate::world::{EPOCH, NAME, Numbers, Setup, Story, World};

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
    sendings: u32,
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
const SATELLITE: u8 = 0x2C;
/// A user nobody has named.
const USER: UserId = UserId::new(7);
const USER_NAME: &[u8] = b"operator7";
/// Records of the BMC: enough for pieces, guesses and pipelines, few enough for many runs.
const RECORDS: usize = 14;
/// Sensors read.
const SENSORS: usize = 12;
const SUITES: &[u8] = &[0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17];
const EVENT: [u8; 16] = [0, 0, 2, 0, 0, 0, 0, 0x41, 0, 4, 0x12, 0x77, 0x6F, 0xA1, 0xB2, 0xC3];

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
    fn is_calm(&self) -> bool {
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
        let mut bmc = small();
        bmc.profile.erase_time = self.erase_time;
        if let Some(kg) = self.kg {
            bmc.channels.kg = Secret::new(kg);
        }
        if self.secrets == Secrets::RefusedSuite {
            bmc.settings.lan.offer_suites(&[3]);
        }
        bmc
    }

    fn work(&self, world: &World) -> Outcome {
        let (bmc, truth) = (&world.bmc, truth());
        match self.job {
            Job::DeviceId => self.device_id(bmc, Target::Bmc, &truth.device),
            Job::Satellite => {
                let (channel, address) = (ChannelNumber::PRIMARY_IPMB, SlaveAddress(SATELLITE));
                self.device_id(bmc, Target::Ipmb { channel, address }, &truth.satellite)
            }
            Job::Sdrs => self.settle(sdr::read_repository(bmc, |_, _| {}), |found| {
                let records: Vec<_> = found.records.into_iter().map(|record| record.bytes).collect();
                self.listing(&truth.sdrs, &records, &found.problems)
            }),
            Job::SelRecords => self.settle(sel::read_log(bmc, RecordId::FIRST, |_, _| {}), |found| {
                let records: Vec<_> = found.records.into_iter().map(|record| record.bytes).collect();
                self.listing(&truth.sel, &records, &found.problems)
            }),
            Job::Fru => self.settle(fru::read_whole(bmc, Target::Bmc, FruDeviceId::BUILTIN), |image| {
                assert!(truth.fru.starts_with(&image.bytes), "{self}: other bytes in the FRU");
                match image.problem {
                    Some(problem) => Outcome::Partial(problem),
                    None => {
                        assert_eq!(image.bytes.len(), truth.fru.len(), "{self}: a short FRU without a problem");
                        Outcome::Right
                    }
                }
            }),
            Job::Readings => self.readings(bmc, &truth.readings),
            Job::AddRecord => self.add_record(world),
            Job::NameUser => self.name_user(world),
            Job::Erase => self.erase(world),
        }
    }

    fn settle<T>(&self, result: Result<T, Error>, right: impl FnOnce(T) -> Outcome) -> Outcome {
        match result {
            Ok(found) => right(found),
            Err(error) => Outcome::Failed(self.name(&error)),
        }
    }

    /// An error as the table of outcomes has it, after a look whether it says what it should.
    fn name(&self, error: &Error) -> String {
        let text = error.to_string();
        match error {
            Error::Timeout { command, .. } => {
                assert!(text.contains(command), "{self}: {text}");
                "timeout".to_owned()
            }
            Error::Completion { code, .. } => {
                let Faults { busy, truncate, lost_reservation, .. } = &self.faults;
                let explained = match code.0 {
                    0xC0 => !busy.is_never(),
                    0xCA => !truncate.is_never(),
                    0xC5 => !lost_reservation.is_never(),
                    _ => false,
                };
                assert!(explained, "{self}: a code that no fault explains: {text}");
                format!("completion code {:02X}h", code.0)
            }
            Error::ReservationLost { .. } => "reservation lost".to_owned(),
            Error::Transport { reason } => {
                let rest = reason.strip_prefix(NAME).and_then(|rest| rest.strip_prefix(": "));
                rest.unwrap_or_else(|| panic!("{self}: an error that does not name the BMC: {reason}")).to_owned()
            }
            other => panic!("{self}: an error that no fault explains: {other}"),
        }
    }

    fn device_id(&self, bmc: &Bmc, target: Target, truth: &Response) -> Outcome {
        match bmc.submit_named(GetDeviceId::NAME, target, Request::of(&GetDeviceId)).wait() {
            Ok(response) if response == *truth => Outcome::Right,
            Ok(response) => {
                self.settle(response.decode::<GetDeviceId>(), |_| panic!("{self}: another answer: {response:?}"))
            }
            Err(error) => Outcome::Failed(self.name(&error)),
        }
    }

    /// Records found must be among those that are there, in their order; what lacks has a problem.
    fn listing<T: PartialEq + fmt::Debug>(&self, truth: &[T], found: &[T], problems: &[Problem]) -> Outcome {
        let mut left = truth.iter();
        for record in found {
            assert!(
                left.any(|real| real == record),
                "{self}: a record that is not there, or not in its place: {record:?}"
            );
        }
        match problems.first() {
            Some(problem) => Outcome::Partial(problem.reason.clone()),
            None => {
                assert_eq!(found.len(), truth.len(), "{self}: records are missing without a problem");
                Outcome::Right
            }
        }
    }

    fn readings(&self, bmc: &Bmc, truth: &[(u8, RawReading)]) -> Outcome {
        let key = |number: u8| SensorKey {
            owner: SlaveAddress::BMC,
            channel: ChannelNumber::PRIMARY_IPMB,
            lun: Lun::BMC,
            number,
        };
        let keys: Vec<_> = truth.iter().map(|(number, _)| key(*number)).collect();
        let mut failed = Vec::new();
        for ((number, truth), found) in truth.iter().zip(reading::many(bmc, &keys)) {
            match found {
                Ok(found) => assert_eq!(found, *truth, "{self}: sensor {number}"),
                Err(error) => failed.push(self.name(&error)),
            }
        }
        match failed.first() {
            None => Outcome::Right,
            Some(reason) if failed.len() == truth.len() => Outcome::Failed(reason.clone()),
            Some(reason) => Outcome::Partial(reason.clone()),
        }
    }

    fn add_record(&self, world: &World) -> Outcome {
        let result = world.bmc.call(&AddSelEntry { record: EVENT });
        let network = world.network();
        let sel = network.bmc.main.sel.as_ref().expect("a log");
        let copies: Vec<_> = sel.records().iter().filter(|record| record[7..] == EVENT[7..]).collect();
        // Busy codes and new sessions do not count: the BMC did nothing then.
        assert!(copies.len() <= self.sendings as usize, "{self}: {} copies", copies.len());
        assert_eq!(sel.records().len(), RECORDS + copies.len(), "{self}: other records");
        if self.is_calm() {
            assert_eq!(copies.len(), usize::from(result.is_ok()), "{self}: copies after {result:?}");
        }
        self.settle(result, |id| {
            assert!(copies.iter().any(|record| record[..2] == id.to_bytes()), "{self}: no record {id}");
            Outcome::Right
        })
    }

    fn name_user(&self, world: &World) -> Outcome {
        let name = UserName::new(USER_NAME).expect("short");
        let set = world.bmc.call(&SetUserName { user: USER, name });
        let kept = world.network().bmc.users.get(USER.get()).expect("a slot").name().to_vec();
        if set.is_ok() {
            assert_eq!(kept, USER_NAME, "{self}: another name");
        } else {
            assert!(kept.is_empty() || kept == USER_NAME, "{self}: half a name");
        }
        let asked = set.and_then(|()| world.bmc.call(&GetUserName { user: USER }));
        self.settle(asked, |found| {
            assert!(found.starts_with(USER_NAME), "{self}: {found:02X?}");
            Outcome::Right
        })
    }

    fn erase(&self, world: &World) -> Outcome {
        let result = sel::clear(&world.bmc);
        let left = world.network().bmc.main.sel.as_ref().expect("a log").records().len();
        if result.is_ok() {
            assert_eq!(left, 0, "{self}: erased, but records are left");
        } else {
            assert!(left == 0 || left == RECORDS, "{self}: half erased");
        }
        self.settle(result, |()| Outcome::Right)
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

/// A BMC with few records.
fn small() -> simulator::Bmc {
    let mut bmc = simulator::Bmc::builtin(&simulator::Options { seed: 1, freeze: true }, EPOCH);
    let records: Vec<Vec<u8>> = bmc.main.sdr.records().take(RECORDS).map(<[u8]>::to_vec).collect();
    bmc.main.sdr.restore(records);
    let sel = bmc.main.sel.as_mut().expect("a log");
    let records: Vec<_> = sel.records().iter().copied().take(RECORDS).collect();
    let next = records.last().map_or(1, |last| u16::from_le_bytes([last[0], last[1]]) + 1);
    sel.restore(records, next);
    bmc
}

/// What the BMC holds.
struct Truth {
    device: Response,
    satellite: Response,
    sdrs: Vec<Vec<u8>>,
    sel: Vec<[u8; 16]>,
    fru: Vec<u8>,
    readings: Vec<(u8, RawReading)>,
}

fn truth() -> &'static Truth {
    static TRUTH: OnceLock<Truth> = OnceLock::new();
    TRUTH.get_or_init(|| {
        let mut bmc = small();
        let numbers: Vec<u8> = bmc.main.sensors.keys().map(|(_, number)| *number).take(SENSORS).collect();
        let mut reading = |number| {
            let response = bmc.handle(&Request::new(NetFn::SENSOR_EVENT, GetSensorReading::CMD, [number]), EPOCH);
            (number, RawReading::parse(&response.data).expect("a reading"))
        };
        Truth {
            readings: numbers.into_iter().map(&mut reading).collect(),
            device: Response::ok(bmc.main.identity.emit()),
            satellite: Response::ok(bmc.satellites[&SATELLITE].identity.emit()),
            sdrs: bmc.main.sdr.records().map(<[u8]>::to_vec).collect(),
            sel: bmc.main.sel.as_ref().expect("a log").records().to_vec(),
            fru: bmc.main.frus[&0].bytes().to_vec(),
        }
    })
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
