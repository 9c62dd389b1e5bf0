//! Sensor data records of a BMC or of a file made by `sdr dump`, kept for the length of a run.

use std::path::Path;

use ipmi_core::Error;
use ipmi_core::sdr::SdrRecord;
use kernel_bridge::Bmc;
use kernel_bridge::walk::sdr_cache;

use crate::progress::Progress;
use crate::{Failure, file};

const HEADER_LEN: usize = 5;
/// Largest dump read: more than 65535 records of the greatest length.
const MAX_FILE: u64 = 32 << 20;

/// Lines for stderr.
#[derive(Debug, Clone, Default)]
pub struct Complaints {
    /// Nothing is missing for these.
    pub remarks: Vec<String>,
    /// What could not be read or understood.
    pub problems: Vec<String>,
    /// The BMC did not give all of its records.
    pub unread: bool,
}

/// Records in order, and what could not be read.
#[derive(Debug, Clone, Default)]
pub struct Repository {
    records: Vec<Vec<u8>>,
    /// What is missing for it, one line each, for stderr.
    pub problems: Vec<String>,
    /// The BMC did not give all of its records.
    unread: bool,
    /// What is to be said although nothing is missing.
    pub remarks: Vec<String>,
    /// What only `-v` says.
    pub notes: Vec<String>,
}

impl Repository {
    /// Reads the records of a BMC, or takes them from the cache when they are still the same.
    ///
    /// # Errors
    /// When there is no repository to be read at all.
    pub fn read(bmc: &Bmc) -> Result<Self, Failure> {
        let mut progress = Progress::new("reading sensor data records");
        let read = sdr_cache::read_repository_cached(bmc, |done, total| progress.at(done, total));
        progress.clear();
        let read = read.map_err(|error| match error {
            Error::Transport { .. } => Failure::Message(error.to_string()),
            error => Failure::Message(format!("{}: {error}", bmc.name())),
        })?;
        let problems = read.problems.iter().map(|problem| format!("{}: Get SDR: {problem}", bmc.name())).collect();
        Ok(Self {
            records: read.records.into_iter().map(|record| record.bytes).collect(),
            problems,
            notes: read.notes,
            unread: !read.problems.is_empty(),
            ..Self::default()
        })
    }

    /// Reads a file made by `sdr dump`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn from_file(path: &Path) -> Result<Self, Failure> {
        let bytes = file::read(path, MAX_FILE)
            .map_err(|error| Failure::Message(format!("Unable to open SDR cache {}: {error}", path.display())))?;
        Ok(Self::from_bytes(&bytes))
    }

    /// Splits a dump into records, as far as its lengths make sense.
    pub fn from_bytes(mut bytes: &[u8]) -> Self {
        let mut repository = Self::default();
        while !bytes.is_empty() {
            let Some(&[id0, id1, version, _, length]) = bytes.first_chunk::<HEADER_LEN>() else {
                repository.problems.push(format!("header read {} bytes, expected 5", bytes.len()));
                break;
            };
            let id = u16::from_le_bytes([id0, id1]);
            if length > 0 && !matches!(version, 0x51 | 0x01 | 0x02) {
                repository.problems.push(format!("invalid sdr header version {version:02x}"));
                break;
            }
            let whole = HEADER_LEN + usize::from(length);
            let Some((record, rest)) = bytes.split_at_checked(whole) else {
                let found = bytes.len() - HEADER_LEN;
                repository.problems.push(format!("record {id:04x} read {found} bytes, expected {length}"));
                break;
            };
            if length > 0 {
                repository.records.push(record.to_vec());
            }
            bytes = rest;
        }
        repository
    }

    /// The records that can be understood; the others become problems.
    pub fn parse(&self) -> (Vec<SdrRecord<'_>>, Complaints) {
        let mut records = Vec::with_capacity(self.records.len());
        let Complaints { remarks, mut problems, unread } = self.complaints();
        for bytes in &self.records {
            match SdrRecord::parse(bytes) {
                Ok(record) => records.push(record),
                Err(error) => {
                    let id = bytes.first_chunk::<2>().map_or(0, |id| u16::from_le_bytes(*id));
                    problems.push(format!("SDR record {id:04x}: {error}"));
                }
            }
        }
        (records, Complaints { remarks, problems, unread })
    }

    /// What is to be said about the reading of the records.
    pub fn complaints(&self) -> Complaints {
        Complaints { remarks: self.remarks.clone(), problems: self.problems.clone(), unread: self.unread }
    }

    /// Every record's bytes, one after the other.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.records.concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OEM: &[u8] = &[1, 0, 0x51, 0xC0, 3, 0x57, 1, 0];

    #[test]
    fn records_come_back_as_they_were() {
        let dump = [OEM, OEM].concat();
        let repository = Repository::from_bytes(&dump);
        assert_eq!((repository.parse().0.len(), repository.to_bytes()), (2, dump));
        assert!(repository.problems.is_empty());
    }

    #[test]
    fn cut_dumps_keep_what_came_before() {
        for cut in 1..OEM.len() {
            let dump = [OEM, &OEM[..cut]].concat();
            let repository = Repository::from_bytes(&dump);
            assert_eq!((repository.records.len(), repository.problems.len()), (1, 1), "{cut}");
        }
        let problems = Repository::from_bytes(&[7, 0, 0x51, 1, 0xFF, 0]).problems;
        assert_eq!(problems, ["record 0007 read 1 bytes, expected 255"]);
    }

    #[test]
    fn records_too_short_for_their_type_are_named() {
        let repository = Repository::from_bytes(&[9, 0, 0x51, 1, 2, 0x20, 0]);
        let (records, complaints) = repository.parse();
        assert!(records.is_empty());
        assert!(complaints.problems[0].starts_with("SDR record 0009: full sensor record:"), "{complaints:?}");
    }
}
