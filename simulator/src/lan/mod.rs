//! The LAN side of a BMC.
pub mod policy;
