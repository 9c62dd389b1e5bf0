//! Reads the SDR repository, or a controller's device SDRs where there is no repository (IPMI 2.0 s33, s35.2-35.4).
//!
//! A record comes whole in one read where the BMC can, and the records after it are asked for before their ids are
//! known (`guess.rs`). Where it cannot, the rest of the walk reads the records in pieces, which shrink until the
//! BMC is content; pieces of a size that worked are asked for together. Behind a record that cannot be read the walk
//! goes on; see `skip.rs`.

use std::collections::HashSet;

use ipmi_core::command::app::{DeviceId, DeviceSupport, GetDeviceId};
use ipmi_core::command::sensor::{DeviceSdrCount, DeviceSdrInfo, GetDeviceSdrInfo};
use ipmi_core::command::storage::{GetSdrRepositoryInfo, RecordId, SdrRepositoryInfo};
use ipmi_core::{CompletionCode, Error, Lun};

use super::sdr_record::Walk;
use super::skip::Skip;
use super::{Problem, concerns_record, is_link_error};
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
    let mut walk = Walk::new(bmc, source, total);
    let (mut records, mut problems) = (Vec::<Record>::new(), Vec::new());
    let (mut seen, mut skip) = (HashSet::new(), Skip::default());
    let mut first_refusal = None;
    let mut id = RecordId::FIRST;
    let most = total.filter(|_| bmc.leniency().contains(Leniency::SDR_RECORD_COUNT)).unwrap_or(usize::MAX);
    let missing = |read: usize, problems: usize| total.map(|total| total.saturating_sub(read + problems));
    while id != RecordId::LAST && records.len() < most {
        if !seen.insert(id) && skip.from().is_none() {
            problems.push(Problem { record: id, reason: "comes round again: the BMC's record ids form a loop".into() });
            break;
        }
        let step = walk.record(id);
        // Looked for and not there; some BMCs give another record then.
        let is_absent = skip.from().is_some()
            && match &step.result {
                Ok(record) => record.id != id && records.iter().any(|before| before.id == record.id),
                Err(error) => error.completion_code() == Some(CompletionCode::NOT_PRESENT),
            };
        if is_absent {
            match skip.candidate() {
                Some(candidate) => id = candidate,
                None => break,
            }
            continue;
        }
        if let Some(from) = skip.from() {
            walk.guesses.follow(from, id);
        }
        let mut real = id;
        match step.result {
            Ok(record) => {
                if id == RecordId::FIRST {
                    // 0000h stands for the first record; its real id must not come again either. Of the others the id
                    // asked for counts: some BMCs' headers carry wrong ones.
                    seen.insert(record.id);
                    real = record.id;
                }
                if total.is_some_and(|total| is_endless(&records, total, &record)) {
                    let reason = "is one of those before: the BMC's chain of records does not end".into();
                    problems.push(Problem { record: id, reason });
                    break;
                }
                records.push(record);
            }
            // Nothing there, whatever the count said.
            Err(error) if id == RecordId::FIRST && error.completion_code() == Some(CompletionCode::NOT_PRESENT) => {
                break;
            }
            Err(error) if is_link_error(&error) => return Err(error),
            Err(error) if !concerns_record(&error) && records.is_empty() => return Err(error),
            Err(error) => {
                // The first record is asked for again by its own id.
                if id != RecordId::FIRST || step.next.is_some() {
                    problems.push(Problem { record: id, reason: error.to_string() });
                }
                if !concerns_record(&error) {
                    break;
                }
                first_refusal.get_or_insert((error, step.next.is_some()));
            }
        }
        progress(records.len(), total);
        match step.next {
            Some(next) => {
                skip.found();
                walk.guesses.follow(real, next);
                id = next;
            }
            None => {
                skip.unreadable(id, walk.guesses.step());
                match skip.candidate() {
                    Some(candidate) if missing(records.len(), problems.len()) != Some(0) => id = candidate,
                    _ => break,
                }
            }
        }
    }
    match first_refusal {
        Some((error, false)) if records.is_empty() => return Err(error),
        _ => {}
    }
    if skip.lost_the_chain()
        && let (Some(total), Some(missing @ 1..)) = (total, missing(records.len(), problems.len()))
    {
        problems.push(Problem { record: id, reason: format!("{missing} of {total} records were not found") });
    }
    Ok(SdrRepository { source, info, records, problems, notes: Vec::new() })
}

/// True for a record past the count that has come before under another id: some BMCs (seen on Inspur servers) go on
/// with new ids for ever. Counts that are merely too small are known too, so more records alone prove nothing.
fn is_endless(before: &[Record], total: usize, record: &Record) -> bool {
    let body = |record: &Record| record.bytes.get(2..).map(<[u8]>::to_vec);
    before.len() >= total && before.iter().any(|other| body(other) == body(record))
}

/// What a device says about its SDRs; one that does not say is read to the end.
fn device_info(bmc: &Bmc) -> Option<DeviceSdrInfo> {
    bmc.call(&GetDeviceSdrInfo { count: DeviceSdrCount::Sdrs, lun: Lun::BMC }).ok()
}
