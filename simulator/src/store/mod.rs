//! What a controller keeps: sensor data records, the event log, FRU inventory.

pub mod fru;
mod record_id;
pub mod reservation;
pub mod sdr;
pub mod sel;
