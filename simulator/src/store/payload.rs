//! Active payloads (IPMI 2.0 s24).

use std::collections::BTreeMap;

/// Payload type of Serial over LAN.
pub const SOL: u8 = 0x01;
/// Instances of SOL a BMC has: one serial port.
pub const SOL_INSTANCES: u8 = 1;

/// Payloads of the BMC.
#[derive(Debug, Clone, Default)]
pub struct Payloads {
    /// Session of each active payload by type and instance (from 1).
    pub active: BTreeMap<(u8, u8), u32>,
}
