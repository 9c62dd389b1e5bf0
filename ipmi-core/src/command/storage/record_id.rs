//! Record ids and reservation ids of the SDR repository and the SEL (IPMI 2.0 s31.4, s33.11).

/// Id of an SDR or SEL record.
///
/// ```
/// use ipmi_core::command::storage::RecordId;
/// assert_eq!(RecordId::from_bytes([0x2A, 0x01]), RecordId(0x012A));
/// assert_eq!(RecordId(0x2A).to_string(), "002a");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub u16);

impl RecordId {
    /// 0000h asks for the first record.
    pub const FIRST: Self = Self(0x0000);
    /// FFFFh asks for the last SEL record; as the next id it means that there is none.
    pub const LAST: Self = Self(0xFFFF);

    /// Reads two bytes, least significant first.
    pub const fn from_bytes(bytes: [u8; 2]) -> Self {
        Self(u16::from_le_bytes(bytes))
    }

    /// Two bytes, least significant first.
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_le_bytes()
    }
}

/// Four hexadecimal digits.
impl std::fmt::Display for RecordId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:04x}", self.0)
    }
}

/// A reservation of a repository. It ends when records are added or erased by others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ReservationId(pub u16);

impl ReservationId {
    /// 0000h: no reservation, enough for reading whole records.
    pub const NONE: Self = Self(0);

    /// Reads two bytes, least significant first.
    pub const fn from_bytes(bytes: [u8; 2]) -> Self {
        Self(u16::from_le_bytes(bytes))
    }

    /// Two bytes, least significant first.
    pub const fn to_bytes(self) -> [u8; 2] {
        self.0.to_le_bytes()
    }
}
