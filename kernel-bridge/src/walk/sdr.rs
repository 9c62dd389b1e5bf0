//! Reads the SDR repository, or a controller's device SDRs where there is no repository (IPMI 2.0 s33, s35.2-35.4).
//!
//! A record comes whole in one read where the BMC can. Where it cannot, the rest of the walk reads the header and then
//! pieces, which shrink until the BMC is content.

use std::collections::HashSet;

use ipmi_core::command::app::{DeviceSupport, GetDeviceId};
use ipmi_core::command::sensor::{DeviceSdrCount, GetDeviceSdr, GetDeviceSdrInfo, ReserveDeviceSdr};
use ipmi_core::command::storage::{
    GetSdr, GetSdrRepositoryInfo, RecordId, ReservationId, ReserveSdrRepository, SdrPart, SdrPartRequest,
    SdrRepositoryInfo,
};
use ipmi_core::{CompletionCode, Error, Lun};

use super::{Problem, RESERVATION_TRIES, is_link_error, is_reservation_lost, wants_fewer_bytes};
use crate::Bmc;

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
}

impl SdrRepository {
    /// All records' bytes, one after the other.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.records.iter().flat_map(|record| record.bytes.iter().copied()).collect()
    }
}

/// Record id, version, type, length.
const HEADER: u8 = 5;
/// First try of a piece; small enough for every buffer seen but one.
const FIRST_PIECE: u8 = 32;
const SMALLEST_PIECE: u8 = 4;
const WHOLE: u8 = 0xFF;

/// Reads all records. `progress` hears how many are done and how many there shall be, where the BMC tells.
///
/// # Errors
/// When the BMC cannot be reached, or refuses before the first record.
pub fn read_repository(bmc: &Bmc, mut progress: impl FnMut(usize, Option<usize>)) -> Result<SdrRepository, Error> {
    let device = bmc.call(&GetDeviceId)?;
    let has_repository = device.support.contains(DeviceSupport::SDR_REPOSITORY);
    let (source, info, total) = if device.provides_device_sdrs && !has_repository {
        (Source::Device, None, device_count(bmc))
    } else {
        match bmc.call(&GetSdrRepositoryInfo) {
            Ok(info) => (Source::Repository, Some(info), Some(usize::from(info.records))),
            Err(error) if device.provides_device_sdrs && !is_link_error(&error) => {
                (Source::Device, None, device_count(bmc))
            }
            Err(error) => return Err(error),
        }
    };
    let mut walk = Walk { bmc, source, reservation: ReservationId::NONE, piece: WHOLE };
    let (mut records, mut problems) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    let mut id = RecordId::FIRST;
    while id != RecordId::LAST {
        if !seen.insert(id) {
            problems.push(Problem { record: id, reason: "comes round again: the BMC's record ids form a loop".into() });
            break;
        }
        let step = walk.record(id);
        match step.result {
            Ok(record) => {
                if id == RecordId::FIRST {
                    // 0000h stands for the first record; its real id must not come again either. Of the others the id
                    // asked for counts: some BMCs' headers carry wrong ones.
                    seen.insert(record.id);
                }
                records.push(record);
            }
            // Nothing there, whatever the count said.
            Err(error) if id == RecordId::FIRST && error.completion_code() == Some(CompletionCode::NOT_PRESENT) => {
                break;
            }
            Err(error) if is_link_error(&error) || (records.is_empty() && step.next.is_none()) => return Err(error),
            Err(error) => problems.push(Problem { record: id, reason: error.to_string() }),
        }
        progress(records.len(), total);
        match step.next {
            Some(next) => id = next,
            None => break,
        }
    }
    Ok(SdrRepository { source, info, records, problems })
}

/// How many device SDRs there are; BMCs that do not say are read to the end.
fn device_count(bmc: &Bmc) -> Option<usize> {
    bmc.call(&GetDeviceSdrInfo { count: DeviceSdrCount::Sdrs, lun: Lun::BMC }).ok().map(|info| usize::from(info.count))
}

struct Walk<'a> {
    bmc: &'a Bmc,
    source: Source,
    reservation: ReservationId,
    /// Bytes asked for at once; [`WHOLE`] as long as the BMC can.
    piece: u8,
}

struct Step {
    result: Result<Record, Error>,
    next: Option<RecordId>,
}

impl Walk<'_> {
    fn part(&self, record: RecordId, offset: u8, count: u8) -> Result<SdrPart, Error> {
        let part = SdrPartRequest { reservation: self.reservation, record, offset, count };
        match self.source {
            Source::Repository => self.bmc.call(&GetSdr { part }),
            Source::Device => self.bmc.call(&GetDeviceSdr { part, lun: Lun::BMC }),
        }
    }

    fn reserve(&mut self) -> Result<(), Error> {
        self.reservation = match self.source {
            Source::Repository => self.bmc.call(&ReserveSdrRepository)?,
            Source::Device => self.bmc.call(&ReserveDeviceSdr { lun: Lun::BMC })?,
        };
        Ok(())
    }

    /// Reads one record, from its start again whenever the reservation is lost.
    fn record(&mut self, id: RecordId) -> Step {
        let mut next = None;
        for _ in 0..RESERVATION_TRIES {
            match self.attempt(id, &mut next) {
                Err(error) if is_reservation_lost(&error) => {
                    if let Err(error) = self.reserve() {
                        return Step { result: Err(error), next };
                    }
                }
                result => return Step { result, next },
            }
        }
        Step { result: Err(Error::ReservationLost { command: "Get SDR", times: RESERVATION_TRIES }), next }
    }

    fn attempt(&mut self, id: RecordId, next: &mut Option<RecordId>) -> Result<Record, Error> {
        if self.piece == WHOLE {
            match self.part(id, 0, WHOLE) {
                Ok(part) => {
                    *next = Some(part.next);
                    if let Some(record) = complete(&part.data) {
                        return Ok(record);
                    }
                }
                Err(error) if error.completion_code().is_some_and(wants_fewer_bytes) => {}
                Err(error) if is_link_error(&error) || is_reservation_lost(&error) => return Err(error),
                // A record that cannot be read whole may still tell by its header which one comes next.
                Err(error) => {
                    *next = self.part(id, 0, HEADER).ok().map(|part| part.next).or(*next);
                    return Err(error);
                }
            }
            self.piece = FIRST_PIECE;
        }
        self.pieces(id, next)
    }

    /// Header first, then the rest in pieces.
    fn pieces(&mut self, id: RecordId, next: &mut Option<RecordId>) -> Result<Record, Error> {
        if self.reservation == ReservationId::NONE {
            self.reserve()?;
        }
        let header = self.part(id, 0, HEADER)?;
        *next = Some(header.next);
        let mut bytes = header.data;
        let Some(&[_, _, _, _, length]) = bytes.first_chunk::<5>() else {
            return Err(short("SDR header", usize::from(HEADER), bytes.len()));
        };
        bytes.truncate(usize::from(HEADER));
        let whole = usize::from(HEADER) + usize::from(length);
        while bytes.len() < whole {
            let missing = u8::try_from(whole - bytes.len()).unwrap_or(WHOLE - 1);
            // Offsets have one byte: a record's last bytes may lie beyond what can be asked for.
            let Ok(offset) = u8::try_from(bytes.len()) else { return Err(short("SDR", whole, bytes.len())) };
            let count = missing.min(self.piece);
            match self.part(id, offset, count) {
                Ok(part) if part.data.is_empty() => return Err(short("SDR", whole, bytes.len())),
                Ok(part) => bytes.extend(part.data.iter().take(usize::from(missing))),
                Err(error) if error.completion_code().is_some_and(wants_fewer_bytes) && self.piece > SMALLEST_PIECE => {
                    self.piece = (count.min(self.piece) / 2).max(SMALLEST_PIECE);
                }
                Err(error) => return Err(error),
            }
        }
        complete(&bytes).ok_or_else(|| short("SDR", whole, bytes.len()))
    }
}

/// The record at the start of `bytes`, when all of it is there.
fn complete(bytes: &[u8]) -> Option<Record> {
    let &[id0, id1, _, _, length] = bytes.first_chunk::<5>()?;
    let record = bytes.get(..usize::from(HEADER) + usize::from(length))?;
    Some(Record { id: RecordId::from_bytes([id0, id1]), bytes: record.to_vec() })
}

fn short(field: &'static str, expected: usize, found: usize) -> Error {
    let source = ipmi_core::ParseError::Truncated { field, expected, found };
    Error::Parse { command: "Get SDR", source }
}
