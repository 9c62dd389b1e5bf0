//! Management controller device locator record, SDR type 12h (IPMI 2.0 s43.9, table 43-9).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{EntityPair, NamedBody, RecordView, SdrBody};
use crate::command::app::DeviceSupport;
use crate::{ChannelNumber, SlaveAddress};

/// A management controller device locator record in place.
pub type McLocatorView<'a> = RecordView<'a, McLocatorBody>;

/// Offsets 5-14 of a management controller device locator record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct McLocatorBody {
    /// `[7:1]` address of the controller.
    pub slave_address: u8,
    /// `[3:0]` channel.
    pub channel_number: u8,
    /// `[7]` needs ACPI system and `[6]` device power state notification, `[5]` 1 = static, `[3]` controller logs
    /// initialisation agent errors, `[2]` log errors initialising it, `[1:0]` event generation.
    pub notification: u8,
    /// Device capabilities.
    pub capabilities: u8,
    /// Reserved, 0.
    pub reserved: [u8; 3],
    /// Entity.
    pub entity: EntityPair,
    /// For the manufacturer.
    pub oem: u8,
}

impl SdrBody for McLocatorBody {
    const RECORD_TYPE: u8 = 0x12;
    const NAME: &'static str = "management controller device locator record";
    const TAIL_MIN: usize = 1;
}

impl NamedBody for McLocatorBody {}

/// What the initialisation agent does with a controller's event generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventGeneration {
    /// Enable it.
    Enable,
    /// Disable it.
    Disable,
    /// Leave the controller alone altogether.
    DoNotInitialize,
    /// Reserved.
    Reserved,
}

impl McLocatorBody {
    /// Address of the controller.
    pub const fn address(&self) -> SlaveAddress {
        SlaveAddress(self.slave_address)
    }

    /// Channel it is on.
    pub const fn channel(&self) -> ChannelNumber {
        ChannelNumber::new(self.channel_number)
    }

    /// True when it must be told of ACPI system power states.
    pub const fn needs_system_power_state(&self) -> bool {
        self.notification & 0x80 != 0
    }

    /// True when it must be told of ACPI device power states.
    pub const fn needs_device_power_state(&self) -> bool {
        self.notification & 0x40 != 0
    }

    /// True for a controller that is always there, false for one that may come and go.
    pub const fn is_static(&self) -> bool {
        self.notification & 0x20 != 0
    }

    /// True when the controller logs initialisation agent errors.
    pub const fn logs_init_agent_errors(&self) -> bool {
        self.notification & 0x08 != 0
    }

    /// True when errors initialising the controller are logged.
    pub const fn log_initialization_errors(&self) -> bool {
        self.notification & 0x04 != 0
    }

    /// What the initialisation agent does with its event generation.
    pub const fn event_generation(&self) -> EventGeneration {
        match self.notification & 3 {
            0 => EventGeneration::Enable,
            1 => EventGeneration::Disable,
            2 => EventGeneration::DoNotInitialize,
            _ => EventGeneration::Reserved,
        }
    }

    /// What the controller does: the same bits as in Get Device ID.
    pub const fn support(&self) -> DeviceSupport {
        DeviceSupport::from_bits_retain(self.capabilities)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdr::SdrHeader;

    /// The baseboard controller's record, as servers have it.
    const GOLDEN: [u8; 19] = [1, 0, 0x51, 0x12, 14, 0x20, 0, 0x2C, 0xBF, 0, 0, 0, 6, 1, 0, 0xC3, b'B', b'M', b'C'];

    fn view(bytes: &[u8]) -> Option<McLocatorView<'_>> {
        let (header, rest) = SdrHeader::split(bytes).ok()?;
        RecordView::new(header, rest).ok()
    }

    #[test]
    fn golden_bytes_and_every_shorter_prefix() {
        let body = view(&GOLDEN).unwrap().body;
        assert_eq!((body.address(), body.channel().get()), (SlaveAddress(0x20), 0));
        assert_eq!(body.entity, EntityPair { id: 6, instance: 1 });
        for len in 0..16 {
            assert!(view(&GOLDEN[..len]).is_none(), "{len}");
        }
    }

    #[test]
    fn notification_bits() {
        for notification in 0..=0xFF_u8 {
            let body = McLocatorBody { notification, ..Default::default() };
            let found = [
                body.needs_system_power_state(),
                body.needs_device_power_state(),
                body.is_static(),
                body.logs_init_agent_errors(),
                body.log_initialization_errors(),
            ];
            assert_eq!(found, [7, 6, 5, 3, 2].map(|bit| notification >> bit & 1 == 1), "{notification:02X}");
            let generation = match notification & 3 {
                0 => EventGeneration::Enable,
                1 => EventGeneration::Disable,
                2 => EventGeneration::DoNotInitialize,
                _ => EventGeneration::Reserved,
            };
            assert_eq!(body.event_generation(), generation, "{notification:02X}");
        }
    }
}
