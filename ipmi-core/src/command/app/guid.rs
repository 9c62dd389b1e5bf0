//! GUIDs of devices and systems, and the three byte orders BMCs send them in (IPMI 2.0 s20.8, RFC 4122, SMBIOS s7.2.1).

use std::fmt;

/// Sixteen bytes as a BMC sent them.
///
/// ```
/// use ipmi_core::command::app::{Guid, GuidEncoding};
/// let guid = Guid([0xA1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xA1, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF]);
/// assert_eq!(guid.detect(2026), Some(GuidEncoding::Ipmi));
/// assert_eq!(guid.fields(GuidEncoding::Ipmi).to_string(), "efcdab89-6745-23a1-efcd-ab89674523a1");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Guid(pub [u8; 16]);

/// Byte orders of a GUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GuidEncoding {
    /// As the specification wants it: the whole text backwards.
    Ipmi,
    /// Network order: the bytes stand as in the text.
    Rfc4122,
    /// The three time fields least significant byte first, the rest as in the text.
    Smbios,
}

impl GuidEncoding {
    /// Every encoding, in the order ipmitool tries them: without a date the last valid one counts, so SMBIOS comes
    /// last.
    pub const ALL: [Self; 3] = [Self::Rfc4122, Self::Ipmi, Self::Smbios];
}

/// As ipmitool names it.
impl fmt::Display for GuidEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ipmi => "IPMI",
            Self::Rfc4122 => "RFC4122",
            Self::Smbios => "SMBIOS",
        })
    }
}

/// How a GUID was made (RFC 4122 s4.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GuidVersion {
    /// 1: from time and address.
    Time,
    /// 2: DCE security.
    Dce,
    /// 3: from a name with MD5.
    Md5,
    /// 4: random.
    Random,
    /// 5: from a name with SHA-1.
    Sha1,
    /// Any other nibble.
    Unknown(u8),
}

/// As ipmitool describes it.
impl fmt::Display for GuidVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time => f.pad("Time-based"),
            Self::Dce => f.pad("DCE Security with POSIX UIDs (not for IPMI)"),
            Self::Md5 => f.pad("Name-based using MD5"),
            Self::Random => f.pad("Random or pseudo-random"),
            Self::Sha1 => f.pad("Name-based using SHA-1"),
            Self::Unknown(version) => write!(f, "Unknown/unsupported ({version})"),
        }
    }
}

/// A GUID taken apart. `Display` gives the text of RFC 4122.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GuidFields {
    /// time_low.
    pub time_low: u32,
    /// time_mid.
    pub time_mid: u16,
    /// time_hi_and_version.
    pub time_hi_and_version: u16,
    /// clock_seq with its reserved bits.
    pub clock_seq: u16,
    /// node, most significant byte first.
    pub node: [u8; 6],
}

impl Guid {
    /// The fields, read in this byte order.
    pub const fn fields(&self, encoding: GuidEncoding) -> GuidFields {
        let mut bytes = self.0;
        if matches!(encoding, GuidEncoding::Ipmi) {
            bytes.reverse();
        }
        let [a, b, c, d, e, f, g, h, i, j, n0, n1, n2, n3, n4, n5] = bytes;
        let (time_low, time_mid, time_hi_and_version) = match encoding {
            GuidEncoding::Smbios => {
                (u32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([e, f]), u16::from_le_bytes([g, h]))
            }
            _ => (u32::from_be_bytes([a, b, c, d]), u16::from_be_bytes([e, f]), u16::from_be_bytes([g, h])),
        };
        let (clock_seq, node) = (u16::from_be_bytes([i, j]), [n0, n1, n2, n3, n4, n5]);
        GuidFields { time_low, time_mid, time_hi_and_version, clock_seq, node }
    }

    /// The byte order ipmitool would settle on: the first time-based reading with a date from 1970 to `this_year`,
    /// else the last reading with a valid version; `None` when there is none and only a dump makes sense.
    pub fn detect(&self, this_year: i64) -> Option<GuidEncoding> {
        let dated = |encoding: &GuidEncoding| {
            // The mean length of a Gregorian year is enough to tell a sane date from an arbitrary one.
            let year = |seconds: i64| 1970 + seconds.div_euclid(31_556_952);
            let stamp = self.fields(*encoding).unix_seconds();
            stamp.is_some_and(|seconds| seconds >= 0 && year(seconds) <= this_year)
        };
        let valid = |encoding: &GuidEncoding| !matches!(self.fields(*encoding).version(), GuidVersion::Unknown(_));
        let mut all = GuidEncoding::ALL.into_iter();
        all.clone().find(dated).or_else(|| all.rfind(valid))
    }
}

impl GuidFields {
    /// Seconds from the start of the Gregorian calendar, 1582-10-15, to 1970-01-01.
    const GREGORIAN_TO_UNIX: i64 = 12_219_292_800;

    /// The version in the high nibble of time_hi.
    pub const fn version(&self) -> GuidVersion {
        match self.time_hi_and_version >> 12 {
            1 => GuidVersion::Time,
            2 => GuidVersion::Dce,
            3 => GuidVersion::Md5,
            4 => GuidVersion::Random,
            5 => GuidVersion::Sha1,
            other => GuidVersion::Unknown(other as u8),
        }
    }

    /// When a time-based GUID was made, in seconds since 1970; may be negative.
    pub fn unix_seconds(&self) -> Option<i64> {
        if self.version() != GuidVersion::Time {
            return None;
        }
        let high = u64::from(self.time_hi_and_version & 0x0FFF) << 48;
        let ticks = high | u64::from(self.time_mid) << 32 | u64::from(self.time_low);
        i64::try_from(ticks / 10_000_000).ok().map(|seconds| seconds - Self::GREGORIAN_TO_UNIX)
    }
}

impl fmt::Display for GuidFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.node;
        write!(f, "{:08x}-{:04x}-{:04x}-", self.time_low, self.time_mid, self.time_hi_and_version)?;
        write!(f, "{:04x}-{a:02x}{b:02x}{c:02x}{d:02x}{e:02x}{g:02x}", self.clock_seq)
    }
}

/// The bytes as they came, in upper-case digits: what ipmitool prints when it finds no valid reading.
impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
    const NETWORK: [u8; 16] =
        [0xF8, 0x1D, 0x4F, 0xAE, 0x7D, 0xEC, 0x11, 0xD0, 0xA7, 0x65, 0x00, 0xA0, 0xC9, 0x1E, 0x6B, 0xF6];

    #[test]
    fn the_example_of_the_rfc_in_all_orders() {
        let mut ipmi = NETWORK;
        ipmi.reverse();
        let mut smbios = NETWORK;
        smbios[..4].reverse();
        smbios[4..6].reverse();
        smbios[6..8].reverse();
        for (bytes, encoding) in
            [(ipmi, GuidEncoding::Ipmi), (NETWORK, GuidEncoding::Rfc4122), (smbios, GuidEncoding::Smbios)]
        {
            let guid = Guid(bytes);
            assert_eq!(guid.fields(encoding).to_string(), TEXT);
            assert_eq!(guid.detect(2026), Some(encoding));
            assert_eq!(guid.fields(encoding).unix_seconds(), Some(854_991_792));
        }
    }

    #[test]
    fn without_a_date_the_last_valid_reading_counts() {
        // Version 4 in all three orders.
        let mut bytes = [0; 16];
        (bytes[6], bytes[7], bytes[8], bytes[9]) = (0x40, 0x40, 0x40, 0x40);
        assert_eq!(Guid(bytes).detect(2026), Some(GuidEncoding::Smbios));
        // Version 4 in the IPMI and RFC orders.
        bytes[7] = 0xF0;
        assert_eq!(Guid(bytes).detect(2026), Some(GuidEncoding::Ipmi));
        assert_eq!(Guid([0; 16]).detect(2026), None);
        assert_eq!(Guid([0xFF; 16]).fields(GuidEncoding::Ipmi).version(), GuidVersion::Unknown(15));
        assert_eq!(Guid([0xAB; 16]).to_string(), "AB".repeat(16));
    }

    #[test]
    fn a_date_in_the_future_does_not_count() {
        // Read backwards this is time-based, and its date is 1997; before that year only its version speaks for it.
        let mut ipmi = NETWORK;
        ipmi.reverse();
        assert_eq!(Guid(ipmi).detect(1997), Some(GuidEncoding::Ipmi));
        let random = [0x40; 16];
        let mut dated = random;
        dated[8..].copy_from_slice(&ipmi[8..]);
        assert_eq!(Guid(dated).detect(1997), Some(GuidEncoding::Ipmi));
        assert_eq!(Guid(dated).detect(1996), Some(GuidEncoding::Smbios));
    }
}
