//! Sensor numbers (IPMI 2.0 s43.1).

/// Number of a sensor within its owner and LUN. FFh is reserved.
///
/// ```
/// use ipmi_core::command::sensor::SensorNumber;
/// assert_eq!(SensorNumber(0x0E).to_string(), "0eh");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SensorNumber(pub u8);

impl std::fmt::Display for SensorNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02x}h", self.0)
    }
}
