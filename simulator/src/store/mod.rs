//! What a controller keeps: sensor data records, the event log, FRU inventory.

pub mod fru;
pub mod reservation;
pub mod sdr;
pub mod sel;
