//! Logical unit numbers (IPMI 2.0 s7.2).

/// The two-bit logical unit number of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Lun(u8);

impl Lun {
    /// BMC commands and messages.
    pub const BMC: Self = Self(0);
    /// OEM LUN 1.
    pub const OEM1: Self = Self(1);
    /// System management software: goes to the receive message queue.
    pub const SMS: Self = Self(2);
    /// OEM LUN 2.
    pub const OEM2: Self = Self(3);

    /// Keeps the low two bits.
    pub const fn new(lun: u8) -> Self {
        Self(lun & 3)
    }

    /// The number, 0-3.
    pub const fn get(self) -> u8 {
        self.0
    }
}
