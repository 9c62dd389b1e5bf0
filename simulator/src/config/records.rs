//! `[sel]` and `[repository]`: the event log with its clock, and what the SDR repository says of itself (IPMI 2.0
//! s31.2, s33.9).

use ipmi_core::CompletionCode;
use serde::Deserialize;

use super::hex;
use crate::bmc::Bmc;
use crate::store::sel::{Record, Sel};

/// Size of the SEL of a BMC that is not built in.
pub(super) const SEL_CAPACITY: usize = 512;
/// SEL operation support of a BMC that is not built in: everything but overflow.
pub(super) const SEL_SUPPORT: u8 = 0x0F;
/// Minutes from UTC that a clock can be (s31.11a).
const UTC_OFFSETS: std::ops::RangeInclusive<i16> = -1440..=1440;
/// Most records there are ids for: 0001h to FFFEh (s31).
const MAX_RECORDS: usize = 0xFFFE;
/// Overflow bit of Get SEL Info.
const OVERFLOW: u8 = 0x80;

/// `[sel]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SelConfig {
    capacity: Option<usize>,
    /// Operation support byte of Get SEL Info; bit 7: events were lost.
    support: Option<u8>,
    /// The records keep the ids they have; else these are given anew.
    #[serde(default)]
    keep_ids: bool,
    /// Past records, 32 hexadecimal digits each; left out, those there are.
    records: Option<Vec<String>>,
    /// Time of the last addition and of the last erase, as Get SEL Info says them.
    last_add: Option<u32>,
    last_erase: Option<u32>,
    /// Seconds the SEL clock is ahead of this computer's.
    #[serde(default)]
    clock_offset: i64,
    /// Minutes the SEL clock is ahead of UTC; unspecified where it is left out.
    utc_offset: Option<i16>,
}

impl SelConfig {
    pub(super) fn apply(&self, bmc: &mut Bmc) -> Result<(), String> {
        let mut sel = self.build()?;
        if let Some(old) = bmc.main.sel.take().filter(|_| self.records.is_none()) {
            sel.restore(old.records().to_vec(), old.last_id());
            sel.last_add = sel.last_add.or(old.last_add);
            sel.last_erase = sel.last_erase.or(old.last_erase);
        }
        bmc.main.sel = Some(sel);
        if let Some(minutes) = self.utc_offset {
            if !UTC_OFFSETS.contains(&minutes) {
                return Err(format!("sel.utc_offset: expected -1440 to 1440 minutes, found {minutes}"));
            }
            bmc.utc_offset = minutes;
        }
        Ok(())
    }

    pub(super) fn build(&self) -> Result<Sel, String> {
        let support = self.support.unwrap_or(SEL_SUPPORT);
        let mut sel = Sel::new(self.capacity.unwrap_or(SEL_CAPACITY).min(MAX_RECORDS), support & !OVERFLOW);
        sel.overflow = support & OVERFLOW != 0;
        let mut kept = Vec::new();
        for (index, record) in self.records.iter().flatten().enumerate() {
            let bytes = hex::bytes(record)?;
            let found = bytes.len();
            let record: Result<Record, _> = bytes.try_into();
            let record = record.map_err(|_| format!("sel.records[{index}]: expected 16 bytes, found {found}"))?;
            if self.keep_ids {
                kept.push(record);
                continue;
            }
            sel.add_as_is(record).map_err(|code: CompletionCode| format!("sel.records[{index}]: {code}"))?;
        }
        if let Some([low, high, ..]) = kept.last().copied() {
            sel.restore(kept, u16::from_le_bytes([low, high]).wrapping_add(1));
        }
        (sel.last_add, sel.last_erase) = (self.last_add, self.last_erase);
        sel.clock_offset = self.clock_offset;
        Ok(sel)
    }
}

/// `[repository]`: Get SDR Repository Info beside the records.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Repository {
    /// The records keep the ids they have, as far as each has its own; else these are given anew.
    #[serde(default)]
    pub(super) keep_ids: bool,
    /// Operation support byte.
    support: Option<u8>,
    /// Free space in bytes; FFFEh and more say "more than 64 KiB".
    free: Option<usize>,
    last_add: Option<u32>,
    last_erase: Option<u32>,
}

impl Repository {
    /// After the records: free space is what they leave.
    pub(super) fn apply(&self, bmc: &mut Bmc) {
        let store = &mut bmc.main.sdr;
        store.support = self.support.unwrap_or(store.support);
        if let Some(free) = self.free.filter(|free| *free < 0xFFFE) {
            store.capacity = store.bytes() + free;
        }
        store.last_add = self.last_add.unwrap_or(store.last_add);
        store.last_erase = self.last_erase.unwrap_or(store.last_erase);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ipmi_core::{NetFn, Request};

    use super::*;
    use crate::Options;

    const NOW: Duration = Duration::from_secs(1_790_000_000);

    fn ask(bmc: &mut Bmc, cmd: u8) -> Vec<u8> {
        bmc.handle(&Request::new(NetFn::STORAGE, cmd, []), NOW).data
    }

    #[test]
    fn log_and_clock_stand_where_the_file_says() {
        let mut bmc = Bmc::builtin(&Options::default(), NOW);
        let text = "capacity = 9\nsupport = 0x8A\nlast_add = 0x01020304\nclock_offset = -3600\nutc_offset = 120\n\
                    keep_ids = true\nrecords = [\"070002d0a06469200004010101573028\"]";
        toml::from_str::<SelConfig>(text).unwrap().apply(&mut bmc).unwrap();
        assert_eq!(ask(&mut bmc, 0x40), [0x51, 1, 0, 128, 0, 4, 3, 2, 1, 0xFF, 0xFF, 0xFF, 0xFF, 0x8A]);
        assert_eq!(ask(&mut bmc, 0x48), (1_790_000_000_u32 - 3600).to_le_bytes());
        assert_eq!(ask(&mut bmc, 0x5C), 120_i16.to_le_bytes());
        let wrong = toml::from_str::<SelConfig>("utc_offset = 1441").unwrap();
        assert!(wrong.apply(&mut bmc).unwrap_err().contains("found 1441"));
    }

    #[test]
    fn the_log_stays_where_the_file_has_no_records() {
        let mut bmc = Bmc::builtin(&Options::default(), NOW);
        let before = ask(&mut bmc, 0x40);
        toml::from_str::<SelConfig>("capacity = 50").unwrap().apply(&mut bmc).unwrap();
        let after = ask(&mut bmc, 0x40);
        assert_eq!((after[1..3].to_vec(), &after[5..13]), (before[1..3].to_vec(), &before[5..13]));
        let records = u16::from_le_bytes([after[1], after[2]]);
        assert!(records > 30);
        assert_eq!(u16::from_le_bytes([after[3], after[4]]), (50 - records) * 16);
        toml::from_str::<SelConfig>("records = []").unwrap().apply(&mut bmc).unwrap();
        assert_eq!(ask(&mut bmc, 0x40)[1..3], [0, 0]);
    }

    #[test]
    fn the_repository_says_what_the_file_says() {
        let mut bmc = Bmc::builtin(&Options::default(), NOW);
        let text = "support = 0x22\nfree = 0x1234\nlast_add = 1\nlast_erase = 2";
        toml::from_str::<Repository>(text).unwrap().apply(&mut bmc);
        assert_eq!(ask(&mut bmc, 0x20)[3..], [0x34, 0x12, 1, 0, 0, 0, 2, 0, 0, 0, 0x22]);
    }
}
