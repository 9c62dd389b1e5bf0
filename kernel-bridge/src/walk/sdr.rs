//! Reads the SDR repository, or a controller's device SDRs where there is no repository (IPMI 2.0 s33, s35.2-35.4).
//!
//! A record comes whole in one read where the BMC can, and the records after it are asked for before their ids are
//! known (`guess.rs`). Where it cannot, the rest of the walk reads the records in pieces, which shrink until the
//! BMC is content; pieces of a size that worked are asked for together.

use ipmi_core::command::app::{DeviceId, DeviceSupport, GetDeviceId};
use ipmi_core::command::sensor::{DeviceSdrCount, DeviceSdrInfo, GetDeviceSdrInfo};
use ipmi_core::command::storage::{GetSdrRepositoryInfo, RecordId, SdrRepositoryInfo};
use ipmi_core::{Error, Lun};

use super::chain::{Chain, Extent, Step, Walked, walk};
use super::guess::Guesses;
use super::sdr_record::{Guess, Walk};
use super::{Problem, is_link_error};
use crate::Bmc;
use crate::quirk::Leniency;

/// Where records came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The SDR repository.
    Repository,
    /// The controller's own device SDRs.
    Device,
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Id, as the record itself says.
    pub id: RecordId,
    /// Header and body.
    pub bytes: Vec<u8>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdrRepository {
    /// Where from.
    pub source: Source,
    /// Get SDR Repository Info, where there is a repository.
    pub info: Option<SdrRepositoryInfo>,
    /// Records in repository order.
    pub records: Vec<Record>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// What was remarkable without being a problem, such as a cache file that had to be made anew.
    pub notes: Vec<String>,
}

impl SdrRepository {
    /// All records' bytes, one after the other.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.records.iter().flat_map(|record| record.bytes.iter().copied()).collect()
    }
}

/// Reads all records. `progress` hears how many are done and how many there shall be, where the BMC tells.
///
/// # Errors
/// When the BMC cannot be reached, or refuses before the first record.
pub fn read_repository(bmc: &Bmc, progress: impl FnMut(usize, Option<usize>)) -> Result<SdrRepository, Error> {
    let device = bmc.call(&GetDeviceId)?;
    read(bmc, Origin::find(bmc, &device)?, progress)
}

/// Where a BMC keeps its records, and what it says about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) source: Source,
    pub(crate) info: Option<SdrRepositoryInfo>,
    pub(crate) device: Option<DeviceSdrInfo>,
}

impl Origin {
    /// Asks the BMC.
    pub(crate) fn find(bmc: &Bmc, device: &DeviceId) -> Result<Self, Error> {
        let of_device = || Self { source: Source::Device, info: None, device: device_info(bmc) };
        if device.provides_device_sdrs && !device.support.contains(DeviceSupport::SDR_REPOSITORY) {
            return Ok(of_device());
        }
        match bmc.call(&GetSdrRepositoryInfo) {
            Ok(info) => Ok(Self { source: Source::Repository, info: Some(info), device: None }),
            Err(error) if device.provides_device_sdrs && !is_link_error(&error) => Ok(of_device()),
            Err(error) => Err(error),
        }
    }

    /// How many records there shall be, where the BMC says.
    pub(crate) fn total(&self) -> Option<usize> {
        let of_device = || self.device.map(|info| usize::from(info.count));
        self.info.map(|info| usize::from(info.records)).or_else(of_device)
    }
}

/// Reads all records from where they are.
pub(crate) fn read(
    bmc: &Bmc,
    origin: Origin,
    mut progress: impl FnMut(usize, Option<usize>),
) -> Result<SdrRepository, Error> {
    let bmc = &bmc.together();
    let Origin { source, info, .. } = origin;
    let total = origin.total();
    let most = total.filter(|_| bmc.leniency().contains(Leniency::SDR_RECORD_COUNT)).unwrap_or(usize::MAX);
    let extent = Extent { start: RecordId::FIRST, total, most };
    let walked = walk(&mut Walk::new(bmc, source, total), extent, |done| progress(done, total))?;
    let Walked { records, problems } = walked;
    Ok(SdrRepository { source, info, records, problems, notes: Vec::new() })
}

impl Chain for Walk<'_> {
    type Record = Record;
    type Guess = Guess;

    fn step(&mut self, id: RecordId) -> Step<Record> {
        self.record(id)
    }

    fn id_of(record: &Record) -> RecordId {
        record.id
    }

    fn guesses(&mut self) -> &mut Guesses<Guess> {
        &mut self.guesses
    }

    /// A record past the count has come before under another id: some BMCs (seen on Inspur servers) go on with new ids
    /// for ever. Counts that are merely too small are known too, so more records alone prove nothing.
    fn is_endless(before: &[Record], total: usize, record: &Record) -> bool {
        let body = |record: &Record| record.bytes.get(2..).map(<[u8]>::to_vec);
        before.len() >= total && before.iter().any(|other| body(other) == body(record))
    }
}

/// What a device says about its SDRs; one that does not say is read to the end.
fn device_info(bmc: &Bmc) -> Option<DeviceSdrInfo> {
    bmc.call(&GetDeviceSdrInfo { count: DeviceSdrCount::Sdrs, lun: Lun::BMC }).ok()
}
