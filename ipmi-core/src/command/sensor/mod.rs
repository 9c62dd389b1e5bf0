//! Sensor and event commands (NetFn 04h).

mod event_masks;
mod get_device_sdr;
mod get_device_sdr_info;
mod get_sensor_event_enable;
mod get_sensor_event_status;
mod get_sensor_hysteresis;
mod get_sensor_reading;
mod get_sensor_reading_factors;
mod get_sensor_thresholds;
mod platform_event;
mod rearm_sensor_events;
mod reserve_device_sdr;
mod sensor_number;
mod set_sensor_event_enable;
mod set_sensor_hysteresis;
mod set_sensor_thresholds;

pub use event_masks::EventMasks;
pub use get_device_sdr::GetDeviceSdr;
pub use get_device_sdr_info::{DeviceSdrCount, DeviceSdrInfo, GetDeviceSdrInfo};
pub use get_sensor_event_enable::{GetSensorEventEnable, SensorEventEnable};
pub use get_sensor_event_status::{GetSensorEventStatus, SensorEventStatus};
pub use get_sensor_hysteresis::{GetSensorHysteresis, Hysteresis};
pub use get_sensor_reading::{GetSensorReading, SensorReading};
pub use get_sensor_reading_factors::{GetSensorReadingFactors, SensorReadingFactors};
pub use get_sensor_thresholds::GetSensorThresholds;
pub use platform_event::PlatformEvent;
pub use rearm_sensor_events::RearmSensorEvents;
pub use reserve_device_sdr::ReserveDeviceSdr;
pub use sensor_number::SensorNumber;
pub use set_sensor_event_enable::{EventEnableAction, SetSensorEventEnable};
pub use set_sensor_hysteresis::SetSensorHysteresis;
pub use set_sensor_thresholds::SetSensorThresholds;

use super::all_commands::{CommandRow, row};

/// The commands of this group.
pub(super) const COMMANDS: &[CommandRow] = &[
    row::<GetDeviceSdr>(),
    row::<GetDeviceSdrInfo>(),
    row::<GetSensorEventEnable>(),
    row::<GetSensorEventStatus>(),
    row::<GetSensorHysteresis>(),
    row::<GetSensorReading>(),
    row::<GetSensorReadingFactors>(),
    row::<GetSensorThresholds>(),
    row::<PlatformEvent>(),
    row::<RearmSensorEvents>(),
    row::<ReserveDeviceSdr>(),
    row::<SetSensorEventEnable>(),
    row::<SetSensorHysteresis>(),
    row::<SetSensorThresholds>(),
];
