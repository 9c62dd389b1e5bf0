//! Value maps: IPMI codes to CIM codes, one file per fact.

pub(crate) mod health;
pub(crate) mod sensor_type;
pub(crate) mod threshold;
pub(crate) mod unit;
