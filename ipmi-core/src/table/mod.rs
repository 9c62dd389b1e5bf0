//! The tables of the specification, one file per fact.
//!
//! Tables stand in the order of the specification and hold the texts ipmitool prints, because scripts match on them.
//! Lookups are total: an unlisted code is a value without a name, and its `Display` says so.

pub mod chassis_type;
pub mod device_type;
pub mod entity;
pub mod event_reading_type;
pub mod manufacturer;
pub mod oem_sensor_type;
pub mod offset;
pub mod product;
pub mod sensor_offset;
pub mod sensor_type;
pub mod severity;
pub mod unit;

pub use chassis_type::ChassisType;
pub use device_type::DeviceType;
pub use entity::EntityId;
pub use event_reading_type::{EventClass, EventReadingType};
pub use manufacturer::Manufacturer;
pub use offset::OffsetRow;
pub use product::Product;
pub use sensor_type::SensorType;
pub use severity::Severity;
pub use unit::{RateUnit, SensorUnits, Unit, UnitModifier};
