//! One sensor data record of any type (IPMI 2.0 s43).

use super::{
    CompactSensorView, DeviceRelativeAssociationView, EntityAssociationView, EventOnlyView, FruLocatorView,
    FullSensorView, GenericLocatorView, IdString, McConfirmationView, McLocatorView, MessageChannelInfoView, OemView,
    RecordView, SdrHeader, SensorRecord,
};
use crate::ParseError;

/// A record of a type this crate has no layout for: reserved types keep their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OtherView<'a> {
    /// Record header.
    pub header: SdrHeader,
    /// Everything after the header.
    pub data: &'a [u8],
}

/// A sensor data record, borrowed from the bytes it was read as.
///
/// ```
/// use ipmi_core::sdr::SdrRecord;
/// let bytes = [2, 0, 0x51, 0x12, 14, 0x20, 0, 0, 0xDF, 0, 0, 0, 6, 1, 0, 0xC3, b'B', b'M', b'C'];
/// let record = SdrRecord::parse(&bytes).unwrap();
/// assert_eq!(record.id().unwrap().decode(), "BMC");
/// assert!(matches!(record, SdrRecord::McLocator(view) if view.address().0 == 0x20));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SdrRecord<'a> {
    /// Type 01h.
    FullSensor(FullSensorView<'a>),
    /// Type 02h.
    CompactSensor(CompactSensorView<'a>),
    /// Type 03h.
    EventOnly(EventOnlyView<'a>),
    /// Type 08h.
    EntityAssociation(EntityAssociationView<'a>),
    /// Type 09h.
    DeviceRelativeAssociation(DeviceRelativeAssociationView<'a>),
    /// Type 10h.
    GenericLocator(GenericLocatorView<'a>),
    /// Type 11h.
    FruLocator(FruLocatorView<'a>),
    /// Type 12h.
    McLocator(McLocatorView<'a>),
    /// Type 13h.
    McConfirmation(McConfirmationView<'a>),
    /// Type 14h.
    MessageChannelInfo(MessageChannelInfoView<'a>),
    /// Type C0h.
    Oem(OemView<'a>),
    /// Any other type.
    Unknown(OtherView<'a>),
}

impl<'a> SdrRecord<'a> {
    /// Reads one record from the start of `bytes`. Bytes after the length the header states are left alone; when
    /// there are fewer, what is there is used as long as the fixed part is whole.
    ///
    /// # Errors
    /// When the header or the fixed part of the record type is cut off.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ParseError> {
        let (header, rest) = SdrHeader::split(bytes)?;
        let rest = rest.get(..usize::from(header.length)).unwrap_or(rest);
        Ok(match header.record_type {
            0x01 => Self::FullSensor(RecordView::new(header, rest)?),
            0x02 => Self::CompactSensor(RecordView::new(header, rest)?),
            0x03 => Self::EventOnly(RecordView::new(header, rest)?),
            0x08 => Self::EntityAssociation(RecordView::new(header, rest)?),
            0x09 => Self::DeviceRelativeAssociation(RecordView::new(header, rest)?),
            0x10 => Self::GenericLocator(RecordView::new(header, rest)?),
            0x11 => Self::FruLocator(RecordView::new(header, rest)?),
            0x12 => Self::McLocator(RecordView::new(header, rest)?),
            0x13 => Self::McConfirmation(RecordView::new(header, rest)?),
            0x14 => Self::MessageChannelInfo(RecordView::new(header, rest)?),
            0xC0 => Self::Oem(RecordView::new(header, rest)?),
            _ => Self::Unknown(OtherView { header, data: rest }),
        })
    }

    /// The record's header.
    pub fn header(&self) -> SdrHeader {
        match self {
            Self::FullSensor(view) => view.header,
            Self::CompactSensor(view) => view.header,
            Self::EventOnly(view) => view.header,
            Self::EntityAssociation(view) => view.header,
            Self::DeviceRelativeAssociation(view) => view.header,
            Self::GenericLocator(view) => view.header,
            Self::FruLocator(view) => view.header,
            Self::McLocator(view) => view.header,
            Self::McConfirmation(view) => view.header,
            Self::MessageChannelInfo(view) => view.header,
            Self::Oem(view) => view.header,
            Self::Unknown(view) => view.header,
        }
    }

    /// The id string, for the types that have one.
    pub fn id(&self) -> Option<IdString<'a>> {
        match self {
            Self::FullSensor(view) => Some(view.id()),
            Self::CompactSensor(view) => Some(view.id()),
            Self::EventOnly(view) => Some(view.id()),
            Self::GenericLocator(view) => Some(view.id()),
            Self::FruLocator(view) => Some(view.id()),
            Self::McLocator(view) => Some(view.id()),
            Self::EntityAssociation(_)
            | Self::DeviceRelativeAssociation(_)
            | Self::McConfirmation(_)
            | Self::MessageChannelInfo(_)
            | Self::Oem(_)
            | Self::Unknown(_) => None,
        }
    }

    /// The record as a sensor, for types 01h, 02h and 03h.
    pub fn sensor(&self) -> Option<SensorRecord<'a>> {
        match *self {
            Self::FullSensor(view) => Some(SensorRecord::Full(view)),
            Self::CompactSensor(view) => Some(SensorRecord::Compact(view)),
            Self::EventOnly(view) => Some(SensorRecord::EventOnly(view)),
            _ => None,
        }
    }
}
