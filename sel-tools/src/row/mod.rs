//! What the commands print, as data: one struct per kind of row, made from records and answers of the BMC.

pub mod event;
pub mod fru;
pub mod sensor;
