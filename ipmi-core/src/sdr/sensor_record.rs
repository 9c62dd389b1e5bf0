//! What full, compact and event-only records have in common, whichever a sensor is described by.

use super::{CompactSensorView, EventOnlyView, FullSensorView, IdString, SdrHeader, SensorIdentity, SensorKey};
use super::{SensorSetup, SharedSensor, Sharing};
use crate::sensor::ReadingFactors;
use crate::table::{EntityId, EventReadingType, SensorType, SensorUnits};

/// A sensor as its record describes it.
///
/// ```
/// use ipmi_core::sdr::{emit, EventOnlyBody, SdrRecord, SensorIdentity};
/// let identity = SensorIdentity { owner_id: 0x20, number: 0x87, entity_id: 7, ..Default::default() };
/// let mut bytes = Vec::new();
/// emit(1, &EventOnlyBody { identity, event_reading_type: 0x6F, ..Default::default() }, "Memory Error", &mut bytes);
/// let sensor = SdrRecord::parse(&bytes).unwrap().sensor().unwrap();
/// assert_eq!((sensor.key().number, sensor.id().decode().as_ref()), (0x87, "Memory Error"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SensorRecord<'a> {
    /// Type 01h.
    Full(FullSensorView<'a>),
    /// Type 02h.
    Compact(CompactSensorView<'a>),
    /// Type 03h: events only, no reading.
    EventOnly(EventOnlyView<'a>),
}

impl<'a> SensorRecord<'a> {
    /// The record's header.
    pub fn header(&self) -> SdrHeader {
        match self {
            Self::Full(view) => view.header,
            Self::Compact(view) => view.header,
            Self::EventOnly(view) => view.header,
        }
    }

    /// Owner, number and entity as they stand in the record.
    pub fn identity(&self) -> SensorIdentity {
        match self {
            Self::Full(view) => view.identity,
            Self::Compact(view) => view.identity,
            Self::EventOnly(view) => view.identity,
        }
    }

    /// Owner, channel, LUN and number.
    pub fn key(&self) -> SensorKey {
        self.identity().key()
    }

    /// Sensor number.
    pub fn number(&self) -> u8 {
        self.identity().number
    }

    /// Entity the sensor watches.
    pub fn entity_id(&self) -> EntityId {
        EntityId(self.identity().entity_id)
    }

    /// Entity instance, 0-7Fh.
    pub fn entity_instance(&self) -> u8 {
        self.identity().instance()
    }

    /// Sensor type.
    pub fn sensor_type(&self) -> SensorType {
        SensorType(match self {
            Self::Full(view) => view.setup.sensor_type,
            Self::Compact(view) => view.setup.sensor_type,
            Self::EventOnly(view) => view.sensor_type,
        })
    }

    /// Event/reading type.
    pub fn event_reading_type(&self) -> EventReadingType {
        EventReadingType::from_low_bits(match self {
            Self::Full(view) => view.setup.event_reading_type,
            Self::Compact(view) => view.setup.event_reading_type,
            Self::EventOnly(view) => view.event_reading_type,
        })
    }

    /// True for threshold sensors (event/reading type 01h).
    pub fn is_threshold(&self) -> bool {
        self.event_reading_type().is_threshold()
    }

    /// Masks, capabilities and units; event-only records have none.
    pub fn setup(&self) -> Option<&'a SensorSetup> {
        match self {
            Self::Full(view) => Some(&view.body.setup),
            Self::Compact(view) => Some(&view.body.setup),
            Self::EventOnly(_) => None,
        }
    }

    /// Units of the reading, if it can be read.
    pub fn units(&self) -> Option<SensorUnits> {
        self.setup().map(SensorSetup::units)
    }

    /// The record as a full one.
    pub fn full(&self) -> Option<FullSensorView<'a>> {
        match self {
            Self::Full(view) => Some(*view),
            _ => None,
        }
    }

    /// How raw readings become values: only a full record of a threshold sensor with an analog format says so.
    pub fn analog_factors(&self) -> Option<ReadingFactors> {
        let view = self.full().filter(|_| self.is_threshold())?;
        Some(view.reading_factors()).filter(ReadingFactors::is_analog)
    }

    /// True for a discrete sensor whose full record has an analog format and units: some BMCs read a number from it.
    pub fn is_discrete_number(&self) -> bool {
        let units = SensorUnits { rate: Default::default(), ..self.units().unwrap_or_default() };
        let is_analog = self.full().is_some_and(|view| view.reading_factors().is_analog());
        !self.is_threshold() && is_analog && units != SensorUnits::default()
    }

    /// Raw positive and negative hysteresis as the record states them.
    pub fn hysteresis(&self) -> Option<(u8, u8)> {
        match self {
            Self::Full(view) => Some((view.positive_hysteresis, view.negative_hysteresis)),
            Self::Compact(view) => Some((view.positive_hysteresis, view.negative_hysteresis)),
            Self::EventOnly(_) => None,
        }
    }

    /// The manufacturer's byte.
    pub fn oem(&self) -> u8 {
        match self {
            Self::Full(view) => view.oem,
            Self::Compact(view) => view.oem,
            Self::EventOnly(view) => view.oem,
        }
    }

    /// The id string.
    pub fn id(&self) -> IdString<'a> {
        match self {
            Self::Full(view) => view.id(),
            Self::Compact(view) => view.id(),
            Self::EventOnly(view) => view.id(),
        }
    }

    /// The sensors the record stands for: itself, or several when it is shared.
    pub fn shared_sensors(&self) -> impl Iterator<Item = SharedSensor> {
        let sharing = match self {
            Self::Full(_) => Sharing::new(0, 0),
            Self::Compact(view) => view.record_sharing(),
            Self::EventOnly(view) => view.record_sharing(),
        };
        sharing.sensors(self.number(), self.identity().entity_instance)
    }
}
