//! `chassis`: power, faults and identification of the system.

pub mod bootdev;
pub mod bootparam;
pub mod identify;
pub mod poh;
pub mod policy;
pub mod power;
pub mod restart_cause;
pub mod status;
