//! Text and CSV of the rows, byte for byte ipmitool's.

pub mod event;
pub mod fru;
pub mod locator;
pub mod multirecord;
pub mod sensor_block;
pub mod sensor_line;
pub mod sensor_table;
