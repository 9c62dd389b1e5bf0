//! Payload types: which are active, and who may use them (IPMI 2.0 s24).

use std::collections::BTreeMap;

/// Payload type of Serial over LAN.
pub const SOL: u8 = 0x01;
/// Instances of SOL a BMC has: one serial port.
pub const SOL_INSTANCES: u8 = 1;
/// Users may use SOL until told otherwise: bit 1 of the first mask byte.
const ACCESS: [u8; 4] = [0x02, 0, 0, 0];

/// An active payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activation {
    /// The BMC's id of the session it goes over.
    pub session: u32,
    /// Its packets are encrypted.
    pub encrypted: bool,
    /// Its packets are authenticated.
    pub authenticated: bool,
}

/// Payloads of the BMC.
#[derive(Debug, Clone, Default)]
pub struct Payloads {
    /// Each active payload by type and instance (from 1).
    pub active: BTreeMap<(u8, u8), Activation>,
    /// The session that gave SOL back itself: its console waits for no word about that.
    pub returned_by: Option<u32>,
    /// Masks of Set User Payload Access by user, where they were set: standard payloads 2, OEM payloads 2.
    pub access: BTreeMap<u8, [u8; 4]>,
}

impl Payloads {
    /// The masks of a user: standard payloads 2, OEM payloads 2.
    pub fn access(&self, user: u8) -> [u8; 4] {
        self.access.get(&user).copied().unwrap_or(ACCESS)
    }

    /// The active SOL payload.
    pub fn sol(&self) -> Option<Activation> {
        self.active.get(&(SOL, SOL_INSTANCES)).copied()
    }

    /// A user may activate a standard payload.
    pub fn allows(&self, user: u8, payload: u8) -> bool {
        let [low, high, ..] = self.access(user);
        payload < 16 && u16::from_le_bytes([low, high]) >> payload & 1 == 1
    }
}
