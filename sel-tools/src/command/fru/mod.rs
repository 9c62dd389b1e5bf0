//! `fru`: inventories of field replaceable units.

pub mod print;
pub mod read;
