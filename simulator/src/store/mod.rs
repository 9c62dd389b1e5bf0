//! What a controller keeps: sensor data records, the event log, FRU inventory, configuration parameters.

pub mod boot_options;
pub mod channel;
pub mod dcmi;
pub mod firewall;
pub mod fru;
pub mod lan_config;
pub(crate) mod logins;
pub mod parameter;
pub mod payload;
pub mod pef_config;
pub mod power_statistics;
pub mod private_bus;
mod record_id;
pub mod reservation;
pub mod sdr;
pub mod sel;
pub mod serial_config;
pub mod settings;
pub mod sol_config;
pub mod system_info;
pub mod users;
