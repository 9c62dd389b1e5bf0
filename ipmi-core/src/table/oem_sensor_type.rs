//! Names of manufacturers' own sensor types, C0h-FFh (PICMG 3.0, VITA 46.11, Kontron).

use super::{Manufacturer, SensorType};

/// Who defined the type, the type and the name ipmitool prints, in order.
pub const TABLE: &[(Manufacturer, SensorType, &str)] = &[
    (Manufacturer(12634), SensorType(0xF0), "FRU Hot Swap"),
    (Manufacturer(12634), SensorType(0xF1), "IPMB Physical Link"),
    (Manufacturer(12634), SensorType(0xF2), "Module Hot Swap"),
    (Manufacturer(12634), SensorType(0xF3), "Power Channel Notification"),
    (Manufacturer(12634), SensorType(0xF4), "Telco Alarm Input"),
    (Manufacturer(15000), SensorType(0xC0), "Firmware Info"),
    (Manufacturer(15000), SensorType(0xC2), "Init Agent"),
    (Manufacturer(15000), SensorType(0xC3), "IPMBL Link State"),
    (Manufacturer(15000), SensorType(0xC4), "Board Reset"),
    (Manufacturer(15000), SensorType(0xC5), "FRU Information Agent"),
    (Manufacturer(15000), SensorType(0xC6), "POST Value Sensor"),
    (Manufacturer(15000), SensorType(0xC7), "FWUM Status"),
    (Manufacturer(15000), SensorType(0xC8), "Switch Mngt Software Status"),
    (Manufacturer(15000), SensorType(0xC9), "OEM Diagnostic Status"),
    (Manufacturer(15000), SensorType(0xCA), "Component Firmware Upgrade"),
    (Manufacturer(15000), SensorType(0xCB), "FRU Over Current"),
    (Manufacturer(15000), SensorType(0xCC), "FRU Sensor Error"),
    (Manufacturer(15000), SensorType(0xCD), "FRU Power Denied"),
    (Manufacturer(15000), SensorType(0xCE), "Reserved"),
    (Manufacturer(15000), SensorType(0xCF), "Board Reset"),
    (Manufacturer(15000), SensorType(0xD0), "Clock Resource Control"),
    (Manufacturer(15000), SensorType(0xD1), "Power State"),
    (Manufacturer(15000), SensorType(0xD2), "FRU Mngt Power Failure"),
    (Manufacturer(15000), SensorType(0xD3), "Jumper Status"),
    (Manufacturer(15000), SensorType(0xF2), "RTM Module Hotswap"),
    (Manufacturer(33196), SensorType(0xF0), "FRU State"),
    (Manufacturer(33196), SensorType(0xF1), "System IPMB Link"),
    (Manufacturer(33196), SensorType(0xF2), "FRU Health"),
    (Manufacturer(33196), SensorType(0xF3), "FRU Temperature"),
    (Manufacturer(33196), SensorType(0xF4), "Payload Test Results"),
    (Manufacturer(33196), SensorType(0xF5), "Payload Test Status"),
];

impl SensorType {
    /// Name of a type on a controller of `manufacturer`: a listed one, or one of the manufacturer's own. PICMG and VITA
    /// define types for many manufacturers; pass them when a controller says that it follows them.
    ///
    /// ```
    /// use ipmi_core::table::{Manufacturer, SensorType};
    /// assert_eq!(SensorType(0xF0).name_of(Manufacturer::PICMG), Some("FRU Hot Swap"));
    /// assert_eq!(SensorType(0xF0).name_of(Manufacturer::DELL), None);
    /// assert_eq!(SensorType::FAN.name_of(Manufacturer::DELL), Some("Fan"));
    /// ```
    pub fn name_of(self, manufacturer: Manufacturer) -> Option<&'static str> {
        let own = || TABLE.iter().find(|(maker, code, _)| (*maker, *code) == (manufacturer, self));
        self.name().or_else(|| own().map(|(.., name)| *name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_in_order_and_holds_oem_types_only() {
        assert!(TABLE.windows(2).all(|pair| (pair[0].0, pair[0].1) < (pair[1].0, pair[1].1)));
        assert!(TABLE.iter().all(|(_, code, _)| code.is_oem() && code.name().is_none()));
    }
}
