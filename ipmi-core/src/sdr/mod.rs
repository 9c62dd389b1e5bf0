//! Sensor data records (IPMI 2.0 s43) as zero-copy views.
//!
//! A record is a [`SdrHeader`], a fixed body per type and, for most types, an [`IdString`]. [`SdrRecord::parse`] lays
//! the right body over the bytes and copies nothing; [`emit`] writes one. [`Records`] walks a dump of many.

mod analog_format;
mod compact_sensor;
mod device_relative_association;
mod entity_association;
mod event_only;
mod fru_locator;
mod full_sensor;
mod generic_locator;
mod header;
mod id_string;
mod mask;
mod mc_confirmation;
mod mc_locator;
mod message_channel_info;
mod oem;
mod record;
mod repository;
#[cfg(test)]
mod round_trip;
mod sensor_fields;
mod sensor_record;
mod sharing;
mod view;

pub use analog_format::AnalogFormat;
pub use compact_sensor::{CompactSensorBody, CompactSensorView};
pub use device_relative_association::{DeviceEntity, DeviceRelativeAssociationBody, DeviceRelativeAssociationView};
pub use entity_association::{ContainedEntities, EntityAssociationBody, EntityAssociationView, EntityPair};
pub use event_only::{EventOnlyBody, EventOnlyView};
pub use fru_locator::{FruLocatorBody, FruLocatorView};
pub use full_sensor::{FullSensorBody, FullSensorView};
pub use generic_locator::{GenericLocatorBody, GenericLocatorView};
pub use header::{SDR_VERSION, SdrHeader};
pub use id_string::IdString;
pub use mask::{DiscreteStates, ThresholdEvents, ThresholdMask};
pub use mc_confirmation::{McConfirmationBody, McConfirmationView};
pub use mc_locator::{EventGeneration, McLocatorBody, McLocatorView};
pub use message_channel_info::{MessageChannel, MessageChannelInfoBody, MessageChannelInfoView};
pub use oem::{NodeManagerDiscovery, OemBody, OemView};
pub use record::{OtherView, SdrRecord};
pub use repository::{RecordProblem, Records};
pub use sensor_fields::{Access, Direction, EventMessageControl, SensorIdentity, SensorKey, SensorSetup};
pub use sensor_record::SensorRecord;
pub use sharing::{NameSuffix, SharedSensor, Sharing};
pub use view::{NamedBody, RecordView, SdrBody, emit, emit_plain};
