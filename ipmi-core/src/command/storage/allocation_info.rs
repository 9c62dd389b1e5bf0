//! Allocation of a repository, the same for SDRs and the SEL (IPMI 2.0 s31.3, s33.10).

/// How the space of a repository is divided.
///
/// ```
/// use ipmi_core::command::storage::AllocationInfo;
/// let info = AllocationInfo::from_bytes([0, 4, 16, 0, 0xFF, 3, 0xFF, 3, 1]);
/// assert_eq!((info.units, info.unit_size, info.free_units), (0x400, 16, 0x3FF));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllocationInfo {
    /// Allocation units in all, 0 = unspecified.
    pub units: u16,
    /// Size of a unit in bytes, 0 = unspecified.
    pub unit_size: u16,
    /// Free units.
    pub free_units: u16,
    /// Largest free block in units.
    pub largest_free_block: u16,
    /// Largest record in units.
    pub largest_record: u8,
}

impl AllocationInfo {
    /// Bytes on the wire.
    pub const LEN: usize = 9;

    /// Reads the nine bytes.
    pub const fn from_bytes([u0, u1, s0, s1, f0, f1, l0, l1, largest_record]: [u8; Self::LEN]) -> Self {
        Self {
            units: u16::from_le_bytes([u0, u1]),
            unit_size: u16::from_le_bytes([s0, s1]),
            free_units: u16::from_le_bytes([f0, f1]),
            largest_free_block: u16::from_le_bytes([l0, l1]),
            largest_record,
        }
    }
}
