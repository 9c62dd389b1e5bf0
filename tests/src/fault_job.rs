//! The small job of a randomized run: what it asks of the BMC, and the comparison of what it is told with what the BMC
//! holds.

use std::fmt;
use std::sync::OnceLock;

use ipmi_core::command::app::{GetDeviceId, GetUserName, SetUserName, UserId};
use ipmi_core::command::sensor::GetSensorReading;
use ipmi_core::command::storage::{AddSelEntry, FruDeviceId, RecordId};
use ipmi_core::link::rmcp_plus::rakp::UserName;
use ipmi_core::sdr::SensorKey;
use ipmi_core::sensor::RawReading;
use ipmi_core::{ChannelNumber, Command, Error, Lun, NetFn, Request, Response, SlaveAddress, Target};
use kernel_bridge::Bmc;
use kernel_bridge::walk::{Problem, fru, reading, sdr, sel};
use simulator::fault::Faults;

use crate::fault_run::{Job, Outcome, Run};
use crate::world::{EPOCH, NAME, World};

const SATELLITE: u8 = 0x2C;
/// A user nobody has named.
const USER: UserId = UserId::new(7);
const USER_NAME: &[u8] = b"operator7";
/// Records of the BMC: enough for pieces, guesses and pipelines, few enough for many runs.
const RECORDS: usize = 14;
/// Sensors read.
const SENSORS: usize = 12;
const EVENT: [u8; 16] = [0, 0, 2, 0, 0, 0, 0, 0x41, 0, 4, 0x12, 0x77, 0x6F, 0xA1, 0xB2, 0xC3];

impl Run {
    /// Does the job, and compares what is found with what is there.
    pub(crate) fn work(&self, world: &World) -> Outcome {
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
}

/// A BMC with few records.
pub(crate) fn small() -> simulator::Bmc {
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
