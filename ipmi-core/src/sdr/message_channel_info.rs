//! BMC message channel info record, SDR type 14h (IPMI 2.0 s43.11, table 43-11), superseded by Get Channel Info.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{RecordView, SdrBody};
use crate::Lun;

/// A BMC message channel info record in place.
pub type MessageChannelInfoView<'a> = RecordView<'a, MessageChannelInfoBody>;

/// Offsets 5-15 of a BMC message channel info record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct MessageChannelInfoBody {
    /// Channels 0-7: `[7]` can transmit, `[6:4]` receive LUN, `[3:0]` protocol.
    pub channels: [u8; 8],
    /// Interrupt of the messaging interface, coded as in Get Channel Info.
    pub messaging_interrupt: u8,
    /// Interrupt of the event message buffer.
    pub event_buffer_interrupt: u8,
    /// Reserved, 0.
    pub reserved: u8,
}

impl SdrBody for MessageChannelInfoBody {
    const RECORD_TYPE: u8 = 0x14;
    const NAME: &'static str = "BMC message channel info record";
}

/// What the record says of one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageChannel {
    /// True when messages can be sent to it.
    pub can_transmit: bool,
    /// LUN that receives from it.
    pub receive_lun: Lun,
    /// Protocol code of IPMI 1.0.
    pub protocol: u8,
}

impl MessageChannelInfoBody {
    /// Channels 0 to 7 in order.
    pub fn message_channels(&self) -> impl Iterator<Item = MessageChannel> {
        self.channels.into_iter().map(|byte| MessageChannel {
            can_transmit: byte & 0x80 != 0,
            receive_lun: Lun::new(byte >> 4),
            protocol: byte & 0x0F,
        })
    }
}
