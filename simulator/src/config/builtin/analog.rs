//! The analog sensors of the built-in server: one row each, full sensor records made from them.

use ipmi_core::sdr::{self, FullSensorBody, SensorIdentity, SensorSetup};
use ipmi_core::table::sensor_type::SensorType;
use ipmi_core::table::unit::Unit;

use crate::model::scale::Scale;
use crate::model::thermal::Quantity;
use crate::sensor::THRESHOLD_TYPE;

/// Limits in the sensor's unit: lower non-critical, critical, non-recoverable; upper the same.
type Limits = [Option<f64>; 6];

/// One analog sensor.
pub(super) struct Analog {
    pub(super) number: u8,
    pub(super) name: &'static str,
    pub(super) sensor_type: SensorType,
    pub(super) entity: (u8, u8),
    pub(super) scale: Scale,
    pub(super) quantity: Quantity,
    nominal: f64,
    limits: Limits,
}

const CELSIUS: Scale = Scale::new(Unit::DEGREES_C.0, 1, 0);
const FAN: Scale = Scale::new(Unit::RPM.0, 80, 0);
const VOLT_12: Scale = Scale::new(Unit::VOLTS.0, 6, -2);
const VOLT_5: Scale = Scale::new(Unit::VOLTS.0, 26, -3);
const VOLT_3: Scale = Scale::new(Unit::VOLTS.0, 16, -3);
const VOLT_2: Scale = Scale::new(Unit::VOLTS.0, 9, -3);
const VOLT_1: Scale = Scale::new(Unit::VOLTS.0, 6, -3);
const MAINS: Scale = Scale::new(Unit::VOLTS.0, 2, 0);
const AMPERE: Scale = Scale::new(Unit::AMPS.0, 4, -2);
const WATT: Scale = Scale::new(Unit::WATTS.0, 4, 0);
const WATT_FINE: Scale = Scale::new(Unit::WATTS.0, 2, 0);
const FLOW: Scale = Scale::new(Unit::CFM.0, 1, 0);
const PERCENT: Scale = Scale { percentage: true, ..Scale::new(Unit::UNSPECIFIED.0, 1, 0) };

/// Number of the sensor of the system's power.
pub(super) const SYSTEM_POWER: u8 = 0x48;

/// Part of the load each power supply carries.
const SUPPLY_1: f64 = 0.51;
const SUPPLY_2: f64 = 0.49;

const NO_LIMITS: Limits = [None; 6];

/// Upper limits of a temperature: non-critical and critical.
const fn hot(non_critical: f64, critical: f64) -> Limits {
    [None, None, None, Some(non_critical), Some(critical), None]
}

/// Lower limits of a fan.
const SLOW: Limits = [Some(2400.0), Some(1600.0), None, None, None, None];

const fn temperature(
    number: u8,
    name: &'static str,
    entity: (u8, u8),
    quantity: Quantity,
    nominal: f64,
    limits: Limits,
) -> Analog {
    Analog { number, name, sensor_type: SensorType::TEMPERATURE, entity, scale: CELSIUS, quantity, nominal, limits }
}

const fn fan(number: u8, name: &'static str, entity: (u8, u8), difference: f64) -> Analog {
    let quantity = Quantity::Fan(difference);
    Analog { number, name, sensor_type: SensorType::FAN, entity, scale: FAN, quantity, nominal: 6400.0, limits: SLOW }
}

/// A supply with limits of 6 and 10 percent either way.
const fn volts(number: u8, name: &'static str, entity: (u8, u8), scale: Scale, quantity: Quantity) -> Analog {
    let nominal = match quantity {
        Quantity::Rail(volts) | Quantity::Standby(volts) => volts,
        _ => 0.0,
    };
    let limits = [Some(nominal * 0.94), Some(nominal * 0.9), None, Some(nominal * 1.06), Some(nominal * 1.1), None];
    Analog { number, name, sensor_type: SensorType::VOLTAGE, entity, scale, quantity, nominal, limits }
}

const fn power(
    number: u8,
    name: &'static str,
    entity: (u8, u8),
    scale: Scale,
    quantity: Quantity,
    most: f64,
) -> Analog {
    let limits = [None, None, None, Some(most * 0.9), Some(most), None];
    Analog { number, name, sensor_type: SensorType::POWER_SUPPLY, entity, scale, quantity, nominal: most / 2.0, limits }
}

/// The sensors of the BMC itself.
pub(super) const ANALOGS: &[Analog] = &[
    Analog {
        scale: CELSIUS.signed(),
        limits: [Some(3.0), Some(-7.0), None, Some(38.0), Some(42.0), Some(47.0)],
        ..temperature(0x01, "Inlet Temp", (0x37, 1), Quantity::Inlet, 22.0, NO_LIMITS)
    },
    Analog {
        scale: CELSIUS.signed(),
        ..temperature(0x02, "Exhaust Temp", (0x07, 1), Quantity::Exhaust, 35.0, hot(70.0, 75.0))
    },
    Analog {
        limits: [None, None, None, Some(88.0), Some(93.0), Some(98.0)],
        ..temperature(0x03, "CPU1 Temp", (0x03, 1), Quantity::Cpu(0), 50.0, NO_LIMITS)
    },
    Analog {
        limits: [None, None, None, Some(88.0), Some(93.0), Some(98.0)],
        ..temperature(0x04, "CPU2 Temp", (0x03, 2), Quantity::Cpu(1), 50.0, NO_LIMITS)
    },
    temperature(0x05, "CPU1 VR Temp", (0x07, 1), Quantity::Beside(0, 28.0), 50.0, hot(100.0, 110.0)),
    temperature(0x06, "CPU2 VR Temp", (0x07, 1), Quantity::Beside(1, 27.0), 50.0, hot(100.0, 110.0)),
    temperature(0x07, "DIMM A1-A4 Temp", (0x08, 1), Quantity::Beside(0, 12.0), 40.0, hot(82.0, 85.0)),
    temperature(0x08, "DIMM B1-B4 Temp", (0x08, 2), Quantity::Beside(0, 14.0), 40.0, hot(82.0, 85.0)),
    temperature(0x09, "DIMM C1-C4 Temp", (0x08, 3), Quantity::Beside(1, 12.0), 40.0, hot(82.0, 85.0)),
    temperature(0x0A, "DIMM D1-D4 Temp", (0x08, 4), Quantity::Beside(1, 13.0), 40.0, hot(82.0, 85.0)),
    temperature(0x0B, "PCH Temp", (0x07, 1), Quantity::Above(21.0), 45.0, hot(85.0, 95.0)),
    temperature(0x0C, "BMC Temp", (0x07, 1), Quantity::Above(18.0), 42.0, hot(85.0, 95.0)),
    temperature(0x0D, "NIC Temp", (0x0B, 1), Quantity::Beside(1, 24.0), 50.0, hot(100.0, 110.0)),
    temperature(0x0E, "RAID Temp", (0x0B, 2), Quantity::Beside(0, 30.0), 55.0, hot(95.0, 105.0)),
    temperature(0x0F, "Backplane Temp", (0x0F, 1), Quantity::Above(5.0), 28.0, hot(50.0, 55.0)),
    temperature(0x10, "PSU1 Temp", (0x0A, 1), Quantity::Above(11.0), 35.0, hot(60.0, 65.0)),
    temperature(0x11, "PSU2 Temp", (0x0A, 2), Quantity::Above(12.0), 35.0, hot(60.0, 65.0)),
    fan(0x20, "Fan 1A", (0x1D, 1), 0.01),
    fan(0x21, "Fan 1B", (0x1D, 1), -0.04),
    fan(0x22, "Fan 2A", (0x1D, 2), 0.0),
    fan(0x23, "Fan 2B", (0x1D, 2), -0.05),
    fan(0x24, "Fan 3A", (0x1D, 3), 0.02),
    fan(0x25, "Fan 3B", (0x1D, 3), -0.03),
    fan(0x26, "Fan 4A", (0x1D, 4), -0.01),
    fan(0x27, "Fan 4B", (0x1D, 4), -0.06),
    fan(0x28, "PSU1 Fan", (0x0A, 1), 0.1),
    fan(0x29, "PSU2 Fan", (0x0A, 2), 0.12),
    volts(0x30, "P12V", (0x07, 1), VOLT_12, Quantity::Rail(12.1)),
    volts(0x31, "P5V", (0x07, 1), VOLT_5, Quantity::Rail(5.05)),
    volts(0x32, "P3V3", (0x07, 1), VOLT_3, Quantity::Rail(3.32)),
    volts(0x33, "P1V8 PCH", (0x07, 1), VOLT_2, Quantity::Rail(1.8)),
    volts(0x34, "P1V05 PCH", (0x07, 1), VOLT_1, Quantity::Rail(1.05)),
    volts(0x35, "P5V STBY", (0x07, 1), VOLT_5, Quantity::Standby(5.02)),
    volts(0x36, "P3V3 STBY", (0x07, 1), VOLT_3, Quantity::Standby(3.31)),
    volts(0x37, "P3V BAT", (0x28, 1), VOLT_3, Quantity::Standby(3.05)),
    volts(0x38, "CPU1 VCCIN", (0x03, 1), VOLT_2, Quantity::Rail(1.78)),
    volts(0x39, "CPU2 VCCIN", (0x03, 2), VOLT_2, Quantity::Rail(1.79)),
    volts(0x3A, "CPU1 VDDQ AB", (0x08, 1), VOLT_1, Quantity::Rail(1.21)),
    volts(0x3B, "CPU1 VDDQ CD", (0x08, 2), VOLT_1, Quantity::Rail(1.2)),
    volts(0x3C, "CPU2 VDDQ EF", (0x08, 3), VOLT_1, Quantity::Rail(1.21)),
    volts(0x3D, "CPU2 VDDQ GH", (0x08, 4), VOLT_1, Quantity::Rail(1.2)),
    volts(0x3E, "PSU1 VIN", (0x0A, 1), MAINS, Quantity::Standby(230.0)),
    volts(0x3F, "PSU2 VIN", (0x0A, 2), MAINS, Quantity::Standby(231.0)),
    Analog {
        sensor_type: SensorType::CURRENT,
        ..power(0x40, "PSU1 Current", (0x0A, 1), AMPERE, Quantity::SupplyCurrent(SUPPLY_1), 5.0)
    },
    Analog {
        sensor_type: SensorType::CURRENT,
        ..power(0x41, "PSU2 Current", (0x0A, 2), AMPERE, Quantity::SupplyCurrent(SUPPLY_2), 5.0)
    },
    Analog {
        sensor_type: SensorType::OTHER,
        ..power(SYSTEM_POWER, "System Power", (0x13, 1), WATT, Quantity::SystemPower, 980.0)
    },
    power(0x49, "PSU1 Power In", (0x0A, 1), WATT, Quantity::SupplyPower(SUPPLY_1), 850.0),
    power(0x4A, "PSU2 Power In", (0x0A, 2), WATT, Quantity::SupplyPower(SUPPLY_2), 850.0),
    Analog {
        sensor_type: SensorType::PROCESSOR,
        ..power(0x4B, "CPU1 Power", (0x03, 1), WATT_FINE, Quantity::CpuPower(0), 270.0)
    },
    Analog {
        sensor_type: SensorType::PROCESSOR,
        ..power(0x4C, "CPU2 Power", (0x03, 2), WATT_FINE, Quantity::CpuPower(1), 270.0)
    },
    Analog {
        sensor_type: SensorType::MEMORY,
        ..power(0x4D, "MEM1 Power", (0x08, 1), WATT_FINE, Quantity::MemoryPower(0), 120.0)
    },
    Analog {
        sensor_type: SensorType::MEMORY,
        ..power(0x4E, "MEM2 Power", (0x08, 3), WATT_FINE, Quantity::MemoryPower(1), 120.0)
    },
    Analog {
        sensor_type: SensorType::PROCESSOR,
        scale: PERCENT,
        limits: NO_LIMITS,
        ..temperature(0x50, "CPU1 Usage", (0x03, 1), Quantity::Usage(0), 30.0, NO_LIMITS)
    },
    Analog {
        sensor_type: SensorType::PROCESSOR,
        scale: PERCENT,
        limits: NO_LIMITS,
        ..temperature(0x51, "CPU2 Usage", (0x03, 2), Quantity::Usage(1), 30.0, NO_LIMITS)
    },
    Analog {
        sensor_type: SensorType::OTHER,
        scale: FLOW,
        ..temperature(0x52, "System Airflow", (0x17, 1), Quantity::Airflow, 70.0, NO_LIMITS)
    },
];

/// The analog sensor of the satellite controller.
pub(super) const SATELLITE: Analog =
    temperature(0x01, "SAT Board Temp", (0x0B, 3), Quantity::Above(9.0), 32.0, hot(75.0, 85.0));

impl Analog {
    /// The full sensor record.
    pub(super) fn record(&self, owner: u8) -> Vec<u8> {
        let raw = |limit: Option<f64>| limit.map_or(0, |value| self.scale.raw(value));
        let [lnc, lcr, lnr, unc, ucr, unr] = self.limits;
        let mut readable = 0;
        let mut events = 0_u16;
        for (bit, limit) in self.limits.iter().enumerate() {
            if limit.is_some() {
                readable |= 1_u8 << bit;
                // Lower thresholds report going low, upper ones going high.
                events |= if bit < 3 { 1 << (2 * bit) } else { 2 << (2 * bit) };
            }
        }
        let lower = u16::from(readable & 0x07) << 12;
        let upper = u16::from(readable >> 3) << 12;
        let has_limits = readable != 0;
        let (low, high) = (self.nominal * 0.9, self.nominal * 1.1);
        let body = FullSensorBody {
            identity: SensorIdentity {
                owner_id: owner,
                owner_lun: 0,
                number: self.number,
                entity_id: self.entity.0,
                entity_instance: self.entity.1,
            },
            setup: SensorSetup {
                // Settable; init scanning, events, thresholds, hysteresis; on at start.
                initialization: if has_limits { 0xFF } else { 0xC5 },
                // Auto rearm; hysteresis and thresholds settable; events per threshold.
                capabilities: if has_limits { 0x68 } else { 0x43 },
                sensor_type: self.sensor_type.0,
                event_reading_type: THRESHOLD_TYPE,
                assertion_mask: (events | lower).into(),
                deassertion_mask: (events | upper).into(),
                reading_mask: u16::from_le_bytes([readable, readable]).into(),
                units: self.scale.units(),
                base_unit: self.scale.unit,
                modifier_unit: 0,
            },
            linearization: 0,
            factors: self.scale.factors(),
            analog_flags: 0x07,
            nominal: self.scale.raw(self.nominal),
            normal_max: self.scale.raw(high),
            normal_min: self.scale.raw(low),
            sensor_max: if self.scale.signed { 0x7F } else { 0xFF },
            sensor_min: if self.scale.signed { 0x80 } else { 0x00 },
            unr: raw(unr),
            ucr: raw(ucr),
            unc: raw(unc),
            lnr: raw(lnr),
            lcr: raw(lcr),
            lnc: raw(lnc),
            positive_hysteresis: if has_limits { 2 } else { 0 },
            negative_hysteresis: if has_limits { 2 } else { 0 },
            ..FullSensorBody::default()
        };
        let mut record = Vec::new();
        sdr::emit(0, &body, self.name, &mut record);
        record
    }
}
