//! What full sensor records say about analog sensors: where they are, what they measure, what a raw reading is worth
//! (IPMI 2.0 s43.1, s36.3).

use crate::controller::SensorKey;
use crate::store::sdr::SdrStore;

/// Full sensor record.
const FULL: u8 = 0x01;
/// Sensor type: temperature.
const TEMPERATURE: u8 = 0x01;
/// Base unit: watts.
const WATTS: u8 = 6;

/// An analog sensor as its record describes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// Id of the record.
    pub record_id: u16,
    /// Address of the owner.
    pub owner: u8,
    /// LUN and number.
    pub key: SensorKey,
    /// Entity id.
    pub entity: u8,
    /// Entity instance.
    pub instance: u8,
    sensor_type: u8,
    base_unit: u8,
    linearization: u8,
    signed: bool,
    m: f64,
    b: f64,
    scale: f64,
}

impl Measured {
    /// The sensor a full record describes.
    fn from_record(record: &[u8]) -> Option<Self> {
        let at = |offset: usize| record.get(offset).copied().unwrap_or(0);
        if at(3) != FULL || record.len() < 30 {
            return None;
        }
        // M and B are ten bits in two's complement, the exponents four.
        let ten = |low: u8, high: u8| {
            let value = i16::from(high & 0xC0) << 2 | i16::from(low);
            f64::from(if value >= 512 { value - 1024 } else { value })
        };
        let four = |nibble: u8| i32::from(if nibble >= 8 { i16::from(nibble) - 16 } else { i16::from(nibble) });
        let (result_exponent, b_exponent) = (four(at(29) >> 4), four(at(29) & 0xF));
        Some(Self {
            record_id: u16::from_le_bytes([at(0), at(1)]),
            owner: at(5),
            key: (at(6) & 3, at(7)),
            entity: at(8),
            instance: at(9) & 0x7F,
            sensor_type: at(12),
            base_unit: at(21),
            linearization: at(23) & 0x7F,
            signed: at(20) >> 6 == 2,
            m: ten(at(24), at(25)),
            b: ten(at(26), at(27)) * 10_f64.powi(b_exponent),
            scale: 10_f64.powi(result_exponent),
        })
    }

    /// The analog sensors of a repository, in its order.
    pub fn all(store: &SdrStore) -> impl Iterator<Item = Self> {
        store.records().filter_map(Self::from_record)
    }

    /// What a raw reading of a linear sensor stands for, in the sensor's unit.
    pub fn value(&self, raw: u8) -> f64 {
        let raw = if self.signed { f64::from(i8::from_ne_bytes([raw])) } else { f64::from(raw) };
        (self.m * raw + self.b) * self.scale
    }

    /// True for temperatures.
    pub fn is_temperature(&self) -> bool {
        self.sensor_type == TEMPERATURE && self.linearization == 0
    }

    /// True for sensors that show watts.
    pub fn is_power(&self) -> bool {
        self.base_unit == WATTS && self.linearization == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(factors: [u8; 6], units: u8) -> Vec<u8> {
        let mut record = vec![7, 0, 0x51, 0x01, 43, 0x20, 0x01, 0x33, 0x13, 0x81];
        record.resize(48, 0);
        record[12] = 1;
        record[20] = units;
        record[21] = WATTS;
        record[24..30].copy_from_slice(&factors);
        record
    }

    #[test]
    fn raw_readings_become_values() {
        let sensor = Measured::from_record(&record([4, 0, 0, 0, 1, 0], 0)).unwrap();
        assert_eq!((sensor.record_id, sensor.key, sensor.entity, sensor.instance), (7, (1, 0x33), 0x13, 1));
        assert_eq!(sensor.value(100), 400.0);
        assert!(sensor.is_power() && sensor.is_temperature());
        let sensor = Measured::from_record(&record([0xFF, 0xC0, 0xFE, 0xC0, 1, 0xF1], 0x80)).unwrap();
        assert!((sensor.value(0xFB) - (5.0 - 20.0) * 0.1).abs() < 1e-9);
    }

    #[test]
    fn other_and_short_records_are_not_analog_sensors() {
        let whole = record([1, 0, 0, 0, 1, 0], 0);
        for length in 0..30 {
            assert_eq!(Measured::from_record(&whole[..length]), None);
        }
        let mut compact = whole;
        compact[3] = 2;
        assert_eq!(Measured::from_record(&compact), None);
    }
}
