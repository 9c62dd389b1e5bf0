//! Power supply information, multirecord type 00h (FRU specification s18.1).

use bitflags::bitflags;
use zerocopy::little_endian::{I16, U16};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// The record's 24 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
pub struct PowerSupply {
    /// `[11:0]` capacity in watts.
    pub capacity: U16,
    /// Peak VA, FFFFh unspecified.
    pub peak_va: U16,
    /// Inrush current in amperes, FFh unspecified.
    pub inrush_current: u8,
    /// Inrush interval in milliseconds.
    pub inrush_interval: u8,
    /// Lowest input voltage of range 1 in 10 mV.
    pub low_voltage_1: I16,
    /// Highest input voltage of range 1 in 10 mV.
    pub high_voltage_1: I16,
    /// Lowest input voltage of range 2 in 10 mV, 0 = single range.
    pub low_voltage_2: I16,
    /// Highest input voltage of range 2 in 10 mV.
    pub high_voltage_2: I16,
    /// Lowest input frequency in hertz, 0 = DC.
    pub low_frequency: u8,
    /// Highest input frequency in hertz, 0 = DC.
    pub high_frequency: u8,
    /// Drop-out tolerance in milliseconds.
    pub dropout_tolerance: u8,
    /// What it can do, see [`Self::features`].
    pub flags: u8,
    /// `[15:12]` hold-up time in seconds, `[11:0]` peak capacity in watts; FFFFh unspecified.
    pub peak: U16,
    /// `[7:4]` voltage 1, `[3:0]` voltage 2 of the combined wattage.
    pub combined_voltages: u8,
    /// Combined wattage.
    pub combined_wattage: U16,
    /// Tachometer failure threshold in turns per second, 0 = pass/fail pin.
    pub tachometer_threshold: u8,
}

bitflags! {
    /// Byte 17 of the record.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
    pub struct PowerSupplyFlags: u8 {
        /// Has a predictive failure pin.
        const PREDICTIVE_FAIL = 1 << 0;
        /// Corrects the power factor.
        const POWER_FACTOR_CORRECTION = 1 << 1;
        /// Switches between the voltage ranges by itself.
        const AUTOSWITCH = 1 << 2;
        /// Can be swapped while running.
        const HOT_SWAP = 1 << 3;
        /// Two tachometer pulses per turn; with a pass/fail pin: the signal is active low.
        const TWO_PULSES = 1 << 4;
    }
}

/// One of the voltages of a combined wattage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SupplyVoltage {
    /// +12 V.
    V12,
    /// -12 V.
    Minus12,
    /// +5 V.
    V5,
    /// +3.3 V.
    V3_3,
    /// Reserved code.
    Reserved(u8),
}

impl SupplyVoltage {
    const fn new(code: u8) -> Self {
        match code & 0x0F {
            0 => Self::V12,
            1 => Self::Minus12,
            2 => Self::V5,
            3 => Self::V3_3,
            code => Self::Reserved(code),
        }
    }

    /// The voltage in volts.
    pub const fn volts(self) -> Option<f64> {
        match self {
            Self::V12 => Some(12.0),
            Self::Minus12 => Some(-12.0),
            Self::V5 => Some(5.0),
            Self::V3_3 => Some(3.3),
            Self::Reserved(_) => None,
        }
    }
}

/// Watts two outputs may draw together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CombinedWattage {
    /// First output.
    pub first: SupplyVoltage,
    /// Second output.
    pub second: SupplyVoltage,
    /// Watts.
    pub watts: u16,
}

impl PowerSupply {
    /// Capacity in watts.
    pub fn capacity_watts(&self) -> u16 {
        self.capacity.get() & 0x0FFF
    }

    /// Peak VA, if given.
    pub fn peak_volt_amperes(&self) -> Option<u16> {
        Some(self.peak_va.get()).filter(|value| *value != 0xFFFF)
    }

    /// Inrush current in amperes, if given.
    pub fn inrush_amperes(&self) -> Option<u8> {
        Some(self.inrush_current).filter(|value| *value != 0xFF)
    }

    /// What it can do.
    pub const fn features(&self) -> PowerSupplyFlags {
        PowerSupplyFlags::from_bits_truncate(self.flags)
    }

    /// Peak capacity in watts and how many seconds it is held, if given.
    pub fn peak_capacity(&self) -> Option<(u16, u16)> {
        Some(self.peak.get()).filter(|peak| *peak != 0xFFFF).map(|peak| (peak & 0x0FFF, peak >> 12))
    }

    /// The combined wattage, if there is one: all bytes 0 mean none.
    pub fn combined(&self) -> Option<CombinedWattage> {
        let watts = self.combined_wattage.get();
        (self.combined_voltages != 0 || watts != 0).then_some(CombinedWattage {
            first: SupplyVoltage::new(self.combined_voltages >> 4),
            second: SupplyVoltage::new(self.combined_voltages),
            watts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_the_record() {
        assert_eq!(size_of::<PowerSupply>(), 24);
        let supply = PowerSupply {
            capacity: 0xF2EE.into(),
            peak_va: 0xFFFF.into(),
            peak: 0x2320.into(),
            flags: 0xEA,
            combined_voltages: 0x23,
            combined_wattage: 120.into(),
            ..Default::default()
        };
        assert_eq!((supply.capacity_watts(), supply.peak_volt_amperes()), (750, None));
        assert_eq!(supply.peak_capacity(), Some((800, 2)));
        assert_eq!(supply.features(), PowerSupplyFlags::HOT_SWAP | PowerSupplyFlags::POWER_FACTOR_CORRECTION);
        let combined = supply.combined().unwrap();
        assert_eq!((combined.first.volts(), combined.second.volts(), combined.watts), (Some(5.0), Some(3.3), 120));
        assert_eq!(PowerSupply::default().combined(), None);
    }
}
