//! Local time from the system's zone files (TZif, RFC 8536): only what dates of BMC records need.

use std::path::{Path, PathBuf};

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

/// Largest zone file read; real ones stay below 4 KiB.
const MAX_FILE: usize = 64 * 1024;

/// Offsets from UTC and when they changed. Empty means UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zone {
    /// Unix times and the offset that holds from there, in order.
    changes: Vec<(i64, Offset)>,
    /// Before the first change.
    first: Option<Offset>,
}

/// One offset with its name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Offset {
    seconds: i32,
    name: String,
}

/// A date and time of day without an offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime {
    /// Year, month 1-12, day 1-31.
    pub date: (i32, u8, u8),
    /// Hour, minute, second.
    pub time: (u8, u8, u8),
}

impl From<OffsetDateTime> for LocalTime {
    fn from(at: OffsetDateTime) -> Self {
        Self { date: (at.year(), u8::from(at.month()), at.day()), time: at.to_hms() }
    }
}

impl Zone {
    /// The zone that `TZ` names, else the system's; UTC when there is none or it cannot be read.
    pub fn local() -> Self {
        match std::env::var("TZ") {
            Ok(name) => Self::named(name.strip_prefix(':').unwrap_or(&name)),
            Err(_) => Self::from_file(Path::new("/etc/localtime")),
        }
    }

    /// UTC under another name.
    pub fn named_utc(name: &str) -> Self {
        Self { changes: Vec::new(), first: Some(Offset { seconds: 0, name: name.to_owned() }) }
    }

    fn named(name: &str) -> Self {
        if name.is_empty() || name.split('/').any(|part| part == "..") {
            return Self::default();
        }
        // joining keeps absolute paths, which TZ may hold.
        Self::from_file(&PathBuf::from("/usr/share/zoneinfo").join(name))
    }

    fn from_file(path: &Path) -> Self {
        let bytes = crate::file::read(path, u64::try_from(MAX_FILE).unwrap_or(u64::MAX)).ok();
        bytes.and_then(|bytes| Self::parse(&bytes)).unwrap_or_default()
    }

    /// Reads a zone file: the 64-bit block where there is one.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (header, rest) = Header::split(bytes)?;
        if header.version < b'2' {
            return Self::block(rest, &header, 4);
        }
        let (header, rest) = Header::split(rest.get(header.block_len(4)..)?)?;
        Self::block(rest, &header, 8)
    }

    fn block(bytes: &[u8], header: &Header, time_len: usize) -> Option<Self> {
        let (times, rest) = bytes.split_at_checked(header.times * time_len)?;
        let (indices, rest) = rest.split_at_checked(header.times)?;
        let (types, rest) = rest.split_at_checked(header.types * 6)?;
        let names = rest.get(..header.characters)?;
        let offsets: Vec<Offset> = types
            .chunks_exact(6)
            .filter_map(|chunk| {
                let (seconds, rest) = chunk.split_first_chunk::<4>()?;
                let name = names.get(usize::from(*rest.get(1)?)..)?.split(|byte| *byte == 0).next()?;
                Some(Offset { seconds: i32::from_be_bytes(*seconds), name: String::from_utf8_lossy(name).into_owned() })
            })
            .collect();
        let changes = times.chunks_exact(time_len).zip(indices).map(|(time, index)| {
            let time = time
                .iter()
                .fold(if time.first()? & 0x80 == 0 { 0 } else { -1 }, |value: i64, byte| value << 8 | i64::from(*byte));
            Some((time, offsets.get(usize::from(*index))?.clone()))
        });
        Some(Self { changes: changes.collect::<Option<_>>()?, first: offsets.first().cloned() })
    }

    /// Seconds east of UTC and the zone's name at a moment.
    pub fn at(&self, unix: i64) -> (i32, String) {
        let index = self.changes.partition_point(|(from, _)| *from <= unix);
        let offset = index.checked_sub(1).and_then(|index| self.changes.get(index)).map(|(_, offset)| offset);
        match offset.or(self.first.as_ref()) {
            Some(offset) => (offset.seconds, offset.name.clone()),
            None => (0, "UTC".to_owned()),
        }
    }

    /// The moment of a local date and time.
    pub fn to_unix(&self, local: LocalTime) -> Option<i64> {
        let ((year, month, day), (hour, minute, second)) = (local.date, local.time);
        let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
        let naive = PrimitiveDateTime::new(date, Time::from_hms(hour, minute, second).ok()?);
        let naive = naive.assume_utc().unix_timestamp();
        let (guess, _) = self.at(naive);
        let (offset, _) = self.at(naive - i64::from(guess));
        Some(naive - i64::from(offset))
    }
}

/// Counts of a TZif block.
struct Header {
    version: u8,
    utc_flags: usize,
    standard_flags: usize,
    leaps: usize,
    times: usize,
    types: usize,
    characters: usize,
}

impl Header {
    fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (header, rest) = bytes.split_at_checked(44)?;
        let version = *header.strip_prefix(b"TZif")?.first()?;
        let mut counts = header
            .get(20..)?
            .chunks_exact(4)
            .map(|chunk| chunk.iter().fold(0usize, |value, byte| value << 8 | usize::from(*byte)).min(MAX_FILE));
        let mut next = || counts.next();
        Some((
            Self {
                version,
                utc_flags: next()?,
                standard_flags: next()?,
                leaps: next()?,
                times: next()?,
                types: next()?,
                characters: next()?,
            },
            rest,
        ))
    }

    fn block_len(&self, time_len: usize) -> usize {
        self.times * (time_len + 1)
            + self.types * 6
            + self.characters
            + self.leaps * (time_len + 4)
            + self.standard_flags
            + self.utc_flags
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn berlin() -> Vec<u8> {
        let mut bytes = b"TZif2".to_vec();
        bytes.extend([0; 39]);
        bytes.extend(b"TZif2");
        bytes.extend([0; 15]);
        for count in [0u32, 0, 0, 2, 2, 9] {
            bytes.extend(count.to_be_bytes());
        }
        bytes.extend(1_679_792_400i64.to_be_bytes());
        bytes.extend(1_698_541_200i64.to_be_bytes());
        bytes.extend([1, 0]);
        for (seconds, dst, name) in [(3600i32, 0, 0), (7200, 1, 4)] {
            bytes.extend(seconds.to_be_bytes());
            bytes.extend([dst, name]);
        }
        bytes.extend(b"CET\0CEST\0");
        bytes
    }

    #[test]
    fn summer_and_winter() {
        let zone = Zone::parse(&berlin()).unwrap();
        assert_eq!(zone.at(1_684_312_200), (7200, "CEST".into()));
        assert_eq!(zone.at(1_700_000_000), (3600, "CET".into()));
        assert_eq!(zone.at(0), (3600, "CET".into()));
        let noon = LocalTime { date: (2023, 5, 17), time: (10, 30, 0) };
        assert_eq!(zone.to_unix(noon), Some(1_684_312_200));
    }

    #[test]
    fn every_shorter_prefix_is_refused() {
        let bytes = berlin();
        for len in 0..bytes.len() {
            assert_eq!(Zone::parse(&bytes[..len]), None, "{len}");
        }
    }

    #[test]
    fn names_cannot_leave_the_zone_directory() {
        assert_eq!(Zone::named("../../etc/passwd"), Zone::default());
        assert_eq!(Zone::named("No/Such_Zone"), Zone::default());
    }
}
