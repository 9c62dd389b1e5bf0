//! Sensor units and how base, modifier, rate and percentage make one text (IPMI 2.0 table 43-15, s43.17).

use std::fmt;

/// A unit code, base or modifier. Unlisted codes are values too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Unit(pub u8);

/// Names as ipmitool prints them; the index is the code (table 43-15).
pub const NAMES: &[&str] = &[
    "unspecified",
    "degrees C",
    "degrees F",
    "degrees K",
    "Volts",
    "Amps",
    "Watts",
    "Joules",
    "Coulombs",
    "VA",
    "Nits",
    "lumen",
    "lux",
    "Candela",
    "kPa",
    "PSI",
    "Newton",
    "CFM",
    "RPM",
    "Hz",
    "microsecond",
    "millisecond",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "mil",
    "inches",
    "feet",
    "cu in",
    "cu feet",
    "mm",
    "cm",
    "m",
    "cu cm",
    "cu m",
    "liters",
    "fluid ounce",
    "radians",
    "steradians",
    "revolutions",
    "cycles",
    "gravities",
    "ounce",
    "pound",
    "ft-lb",
    "oz-in",
    "gauss",
    "gilberts",
    "henry",
    "millihenry",
    "farad",
    "microfarad",
    "ohms",
    "siemens",
    "mole",
    "becquerel",
    "PPM",
    "reserved",
    "Decibels",
    "DbA",
    "DbC",
    "gray",
    "sievert",
    "color temp deg K",
    "bit",
    "kilobit",
    "megabit",
    "gigabit",
    "byte",
    "kilobyte",
    "megabyte",
    "gigabyte",
    "word",
    "dword",
    "qword",
    "line",
    "hit",
    "miss",
    "retry",
    "reset",
    "overflow",
    "underrun",
    "collision",
    "packets",
    "messages",
    "characters",
    "error",
    "correctable error",
    "uncorrectable error",
    "fatal error",
    "grams",
];

impl Unit {
    /// No unit.
    pub const UNSPECIFIED: Self = Self(0);
    /// Degrees Celsius.
    pub const DEGREES_C: Self = Self(1);
    /// Volts.
    pub const VOLTS: Self = Self(4);
    /// Amperes.
    pub const AMPS: Self = Self(5);
    /// Watts.
    pub const WATTS: Self = Self(6);
    /// Cubic feet per minute.
    pub const CFM: Self = Self(17);
    /// Revolutions per minute.
    pub const RPM: Self = Self(18);

    /// Name of a listed unit.
    pub fn name(self) -> Option<&'static str> {
        NAMES.get(usize::from(self.0)).copied()
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name().unwrap_or("invalid"))
    }
}

/// Time base of a rate, units 1 \[5:3\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct RateUnit(u8);

impl RateUnit {
    /// Texts by code (table 43-1 byte 21); code 0 is "not a rate", 7 is reserved.
    pub const NAMES: &'static [&'static str] =
        &["", "per us", "per ms", "per s", "per min", "per hour", "per day", "unknown"];

    /// Keeps the low three bits.
    pub const fn new(code: u8) -> Self {
        Self(code & 7)
    }

    /// The code, 0-7.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// Text, `None` when the reading is not a rate.
    pub fn name(self) -> Option<&'static str> {
        Self::NAMES.get(usize::from(self.0)).copied().filter(|name| !name.is_empty())
    }
}

/// How base and modifier unit belong together, units 1 \[2:1\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum UnitModifier {
    /// 0 and reserved 3: the modifier unit is not used.
    #[default]
    None,
    /// 1: base per modifier.
    Per,
    /// 2: base times modifier.
    Times,
}

/// The units of a sensor as its record gives them.
///
/// ```
/// use ipmi_core::table::{SensorUnits, Unit};
/// assert_eq!(SensorUnits::from_bytes([0x80, 1, 0]).to_string(), "degrees C");
/// assert_eq!(SensorUnits::from_bytes([0x01, 0, 0]).to_string(), "percent");
/// assert_eq!(SensorUnits::from_bytes([0x02, 6, 24]).to_string(), "Watts/hour");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SensorUnits {
    /// The reading is a percentage.
    pub percentage: bool,
    /// Time base of a rate. ipmitool does not print it, so neither does `Display`.
    pub rate: RateUnit,
    /// Whether and how `modifier` is used.
    pub relation: UnitModifier,
    /// Base unit.
    pub base: Unit,
    /// Modifier unit.
    pub modifier: Unit,
}

impl SensorUnits {
    /// Decodes units 1, base unit and modifier unit, bytes 20-22 of sensor records.
    pub const fn from_bytes([units_1, base, modifier]: [u8; 3]) -> Self {
        Self {
            percentage: units_1 & 1 != 0,
            rate: RateUnit::new(units_1 >> 3),
            relation: match (units_1 >> 1) & 3 {
                1 => UnitModifier::Per,
                2 => UnitModifier::Times,
                _ => UnitModifier::None,
            },
            base: Unit(base),
            modifier: Unit(modifier),
        }
    }
}

/// The text ipmitool prints after a reading.
impl fmt::Display for SensorUnits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = if self.percentage { "% " } else { "" };
        match self.relation {
            UnitModifier::Per => write!(f, "{percent}{}/{}", self.base, self.modifier),
            UnitModifier::Times => write!(f, "{percent}{}*{}", self.base, self.modifier),
            UnitModifier::None if self.percentage && self.base == Unit::UNSPECIFIED => f.write_str("percent"),
            UnitModifier::None => write!(f, "{percent}{}", self.base),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn table_matches_the_list() {
        let mut list = String::new();
        for (code, name) in NAMES.iter().enumerate() {
            writeln!(list, "{code} {name}").unwrap();
        }
        assert_eq!(list, include_str!("../../fixtures/units.txt"));
        assert_eq!((Unit::WATTS.name(), Unit::CFM.name()), (Some("Watts"), Some("CFM")));
    }

    #[test]
    fn every_byte_combination_has_a_text() {
        assert_eq!(SensorUnits::from_bytes([0x05, 18, 22]).to_string(), "% RPM*second");
        assert_eq!(SensorUnits::from_bytes([0x01, 18, 0]).to_string(), "% RPM");
        assert_eq!(SensorUnits::from_bytes([0xFF, 0xFF, 0xFF]).to_string(), "% invalid");
        assert_eq!(SensorUnits::from_bytes([0x18, 27, 0]).rate.name(), Some("per s"));
        assert_eq!(RateUnit::new(0).name(), None);
    }
}
