//! Supermicro's use of event data: what ipmitool appends in brackets for controllers of this manufacturer.

use super::Event;
use crate::table::{Manufacturer, SensorType};

/// The sensor of the controller's own resets.
const CONTROLLER: SensorType = SensorType(0xD0);

/// True for both enterprise numbers the controllers carry.
pub(super) fn is_maker(manufacturer: Manufacturer) -> bool {
    const SECOND: Manufacturer = Manufacturer(47488);
    manufacturer == Manufacturer::SUPERMICRO || manufacturer == SECOND
}

/// The addition to a sensor-specific event, empty when nothing is known of it. `None` for memory events: naming the
/// module takes the board's number, which only an OEM command tells, and without it ipmitool appends nothing either.
pub(super) fn addition(event: &Event) -> Option<&'static str> {
    match (event.sensor_type, event.data.0) {
        (SensorType::MEMORY, _) => None,
        (CONTROLLER, [0x80, 0x00, 0xFF]) => Some("BMC unexpected reset"),
        (CONTROLLER, [0x80, 0x01, 0xFF]) => Some("BMC cold reset"),
        (CONTROLLER, [0x80, 0x02, 0xFF]) => Some("BMC warm reset"),
        _ => Some(""),
    }
}

/// True for the events whose addition is the whole text when the tables have none.
pub(super) fn stands_alone(event: &Event) -> bool {
    event.sensor_type == CONTROLLER
}
