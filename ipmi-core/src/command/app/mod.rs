//! Application commands (NetFn 06h).

mod get_device_id;

pub use get_device_id::{DeviceId, DeviceSupport, GetDeviceId};
