//! IPMI timestamps: seconds of the SEL and SDR clocks, minutes of FRU dates (IPMI 2.0 s37, FRU s11).

/// Seconds since 1970-01-01 00:00, or since the BMC started, or nothing.
///
/// ```
/// use ipmi_core::time::{Timestamp, TimestampKind};
/// assert_eq!(Timestamp(12).kind(), TimestampKind::SinceInit(12));
/// assert_eq!(Timestamp(0x6000_0000).unix_seconds(), Some(0x6000_0000));
/// assert_eq!(Timestamp::UNSPECIFIED.unix_seconds(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(pub u32);

/// The three meanings of a [`Timestamp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimestampKind {
    /// Up to 1FFF_FFFFh: seconds since the BMC was initialised; its clock was not set yet.
    SinceInit(u32),
    /// Seconds since 1970-01-01 00:00. The specification means local time; most BMCs keep UTC.
    Unix(u32),
    /// FFFF_FFFFh.
    Unspecified,
}

impl Timestamp {
    /// No time.
    pub const UNSPECIFIED: Self = Self(u32::MAX);
    /// The first value that is a calendar time.
    pub const FIRST_UNIX: Self = Self(0x2000_0000);

    /// Reads four bytes, least significant first.
    pub const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(u32::from_le_bytes(bytes))
    }

    /// Four bytes, least significant first.
    pub const fn to_bytes(self) -> [u8; 4] {
        self.0.to_le_bytes()
    }

    /// The timestamp of a calendar time; `None` outside 1987-01-05 to 2106-02-07, where it would mean something else.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        let stamp = Self(u32::try_from(seconds).ok()?);
        matches!(stamp.kind(), TimestampKind::Unix(_)).then_some(stamp)
    }

    /// What the number means.
    pub const fn kind(self) -> TimestampKind {
        match self.0 {
            u32::MAX => TimestampKind::Unspecified,
            seconds if seconds < Self::FIRST_UNIX.0 => TimestampKind::SinceInit(seconds),
            seconds => TimestampKind::Unix(seconds),
        }
    }

    /// Calendar time in seconds since 1970, if it is one.
    pub fn unix_seconds(self) -> Option<i64> {
        match self.kind() {
            TimestampKind::Unix(seconds) => Some(i64::from(seconds)),
            _ => None,
        }
    }

    /// True when the stamp counts from the start of the BMC ("Pre-Init" in ipmitool's words).
    pub const fn is_pre_init(self) -> bool {
        matches!(self.kind(), TimestampKind::SinceInit(_))
    }
}

/// The manufacturing date of a FRU board area: minutes since 1996-01-01 00:00 UTC in three bytes.
///
/// ```
/// use ipmi_core::time::FruTime;
/// assert_eq!(FruTime::from_bytes([1, 0, 0]).unix_seconds(), Some(820_454_460));
/// assert_eq!(FruTime::UNSPECIFIED.unix_seconds(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FruTime(u32);

impl FruTime {
    /// 1996-01-01 00:00 UTC in Unix seconds.
    pub const EPOCH: i64 = 820_454_400;
    /// No date.
    pub const UNSPECIFIED: Self = Self(0);

    /// Reads three bytes, least significant first.
    pub const fn from_bytes([low, middle, high]: [u8; 3]) -> Self {
        Self(u32::from_le_bytes([low, middle, high, 0]))
    }

    /// Three bytes, least significant first.
    pub const fn to_bytes(self) -> [u8; 3] {
        let [low, middle, high, _] = self.0.to_le_bytes();
        [low, middle, high]
    }

    /// The date of a Unix time, rounded down to minutes; `None` before 1996-01-01 00:01 and after 2027-11-24.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        let minutes = u32::try_from(seconds.checked_sub(Self::EPOCH)?.div_euclid(60)).ok()?;
        (1..1 << 24).contains(&minutes).then_some(Self(minutes))
    }

    /// Minutes since the epoch, 0 = unspecified.
    pub const fn minutes(self) -> u32 {
        self.0
    }

    /// Calendar time in seconds since 1970, if it is one.
    pub fn unix_seconds(self) -> Option<i64> {
        (self != Self::UNSPECIFIED).then(|| Self::EPOCH + i64::from(self.0) * 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn borders_of_the_three_meanings() {
        assert!(Timestamp(0).is_pre_init() && Timestamp(0x1FFF_FFFF).is_pre_init());
        assert_eq!(Timestamp(0x2000_0000).kind(), TimestampKind::Unix(0x2000_0000));
        assert_eq!(Timestamp(0xFFFF_FFFE).kind(), TimestampKind::Unix(0xFFFF_FFFE));
        assert_eq!(Timestamp(0xFFFF_FFFF).kind(), TimestampKind::Unspecified);
    }

    #[test]
    fn only_calendar_times_become_timestamps() {
        for seconds in [-1, 0, 0x1FFF_FFFF, 0xFFFF_FFFF, 0x1_0000_0000, i64::MIN, i64::MAX] {
            assert_eq!(Timestamp::from_unix(seconds), None, "{seconds}");
        }
        let stamp = Timestamp::from_unix(1_700_000_000).unwrap();
        assert_eq!(Timestamp::from_bytes(stamp.to_bytes()).unix_seconds(), Some(1_700_000_000));
    }

    #[test]
    fn fru_dates() {
        assert_eq!(FruTime::from_bytes([0xFF; 3]).unix_seconds(), Some(FruTime::EPOCH + 60 * 0xFF_FFFF));
        for seconds in [i64::MIN, 0, FruTime::EPOCH, FruTime::EPOCH + (60 << 24), i64::MAX] {
            assert_eq!(FruTime::from_unix(seconds), None, "{seconds}");
        }
        let date = FruTime::from_unix(FruTime::EPOCH + 3_659).unwrap();
        assert_eq!((date.minutes(), FruTime::from_bytes(date.to_bytes())), (60, date));
    }
}
