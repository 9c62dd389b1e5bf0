//! Who a message is for: IPMB slave addresses, channel numbers and the target of a request (IPMI 2.0 s5.4, s6.3).

/// An 8-bit IPMB address or software id as it stands on the wire (IPMI 2.0 s5.4): bit 0 set means software.
///
/// ```
/// use ipmi_core::SlaveAddress;
/// assert!(!SlaveAddress::BMC.is_software());
/// assert!(SlaveAddress(0x81).is_software());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlaveAddress(pub u8);

impl SlaveAddress {
    /// The BMC's own address, 20h.
    pub const BMC: Self = Self(0x20);
    /// The software id remote consoles use, 81h.
    pub const REMOTE_CONSOLE: Self = Self(0x81);

    /// True for software ids (bit 0 set), which never answer on IPMB.
    pub const fn is_software(self) -> bool {
        self.0 & 1 == 1
    }
}

/// A channel number, 0-Fh (IPMI 2.0 table 6-1): 0 is the primary IPMB, Eh "the one this came in on", Fh the system
/// interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ChannelNumber(u8);

impl ChannelNumber {
    /// The primary IPMB.
    pub const PRIMARY_IPMB: Self = Self(0);
    /// "This channel": the one the request came in on.
    pub const CURRENT: Self = Self(0xE);
    /// The system interface.
    pub const SYSTEM_INTERFACE: Self = Self(0xF);

    /// Keeps the low four bits.
    pub const fn new(number: u8) -> Self {
        Self(number & 0xF)
    }

    /// The number, 0-Fh.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// Who a request is for, as seen from the system interface or a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Target {
    /// The BMC behind the transport.
    #[default]
    Bmc,
    /// A satellite controller, reached through Send Message (IPMI 2.0 s6.12, s22.7).
    Ipmb {
        /// Channel of the bus.
        channel: ChannelNumber,
        /// Controller on that bus.
        address: SlaveAddress,
    },
    /// System software (firmware setup, an agent): on no bus, so nobody answers and nothing is ever sent.
    Software,
}

impl Target {
    /// Who answers for a sensor with this owner id (SDR types 01-03, byte 6; odd ids are software). The BMC has sensors
    /// of the same numbers: asking it instead would give another sensor's reading.
    pub fn of_owner(owner: SlaveAddress, channel: ChannelNumber) -> Self {
        if owner.is_software() { Self::Software } else { Self::of_controller(owner, channel) }
    }

    /// The controller that a locator record names (SDR types 11, 12): the BMC itself or a satellite.
    pub fn of_controller(address: SlaveAddress, channel: ChannelNumber) -> Self {
        if address == SlaveAddress::BMC { Self::Bmc } else { Self::Ipmb { channel, address } }
    }
}
