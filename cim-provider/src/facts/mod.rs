//! What is known about a BMC and its sensors: owned facts made from records and responses once, mapped to CIM many
//! times.

pub(crate) mod asset;
pub(crate) mod identity;
pub(crate) mod scale;
pub(crate) mod sensor;
pub(crate) mod state;
pub(crate) mod text;

pub(crate) use sensor::SensorFact;
