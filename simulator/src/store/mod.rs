//! What a controller keeps: sensor data records, the event log, FRU inventory, configuration parameters.

pub mod fru;
pub mod lan_config;
pub mod parameter;
mod record_id;
pub mod reservation;
pub mod sdr;
pub mod sel;
pub mod settings;
