//! FRU device ids (IPMI 2.0 s34.1, s43.8).

/// Id of a FRU inventory device behind one controller. 0 is the controller's own.
///
/// ```
/// use ipmi_core::command::storage::FruDeviceId;
/// assert_eq!(FruDeviceId(3).to_string(), "3");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FruDeviceId(pub u8);

impl FruDeviceId {
    /// The FRU of the controller itself.
    pub const BUILTIN: Self = Self(0);
}

impl std::fmt::Display for FruDeviceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
