//! IPMI units (IPMI 2.0 s43.17) to CIM BaseUnits, UnitModifier and RateUnits.

use ipmi_core::table::{SensorUnits, Unit, UnitModifier, unit};

/// BaseUnits 0: Unknown.
const UNKNOWN: u16 = 0;
/// BaseUnits 1: Other.
const OTHER: u16 = 1;
/// BaseUnits 65: Percentage.
const PERCENTAGE: u16 = 65;

/// BaseUnits of each IPMI unit code, and the power of ten that goes into UnitModifier. A row added to the IPMI table
/// stops the build here until it is answered.
const BASE_UNITS: [(u16, i32); unit::NAMES.len()] = [
    (UNKNOWN, 0), // unspecified
    (2, 0),       // degrees C
    (3, 0),
    (4, 0),
    (5, 0), // Volts
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0), // VA
    (11, 0),
    (12, 0),
    (13, 0),
    (14, 0),
    (15, 0), // kPa
    (16, 0),
    (17, 0),
    (18, 0), // CFM
    (19, 0), // RPM
    (20, 0),
    (21, -6), // microsecond
    (21, -3),
    (21, 0),
    (22, 0),
    (23, 0), // hour
    (24, 0),
    (25, 0), // week
    (26, 0), // mil
    (27, 0),
    (28, 0),
    (29, 0),
    (30, 0), // cu feet
    (31, -3),
    (31, -2),
    (31, 0), // m
    (32, 0),
    (33, 0),
    (34, 0),
    (35, 0), // fluid ounce
    (36, 0),
    (37, 0),
    (38, 0),
    (39, 0),
    (40, 0), // gravities
    (41, 0),
    (42, 0),
    (43, 0),
    (44, 0), // oz-in
    (45, 0),
    (46, 0),
    (47, 0),
    (47, -3), // millihenry
    (48, 0),
    (48, -6),
    (49, 0), // ohms
    (50, 0),
    (51, 0),
    (52, 0),
    (53, 0),    // PPM
    (OTHER, 0), // reserved
    (54, 0),    // Decibels
    (55, 0),
    (56, 0),
    (57, 0),
    (58, 0),
    (59, 0), // color temperature
    (60, 0), // bit
    (60, 3),
    (60, 6),
    (60, 9),
    (61, 0), // byte
    (61, 3),
    (61, 6),
    (61, 9),
    (62, 0), // word
    (63, 0),
    (64, 0),
    (OTHER, 0), // line
    (OTHER, 0),
    (OTHER, 0),
    (OTHER, 0),
    (OTHER, 0),
    (OTHER, 0),
    (OTHER, 0),
    (OTHER, 0), // collision
    (OTHER, 0),
    (OTHER, 0),
    (OTHER, 0),
    (OTHER, 0), // error
    (OTHER, 0),
    (OTHER, 0),
    (OTHER, 0),
    (OTHER, 0), // grams
];

/// The unit of a sensor in CIM terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CimUnit {
    /// BaseUnits.
    pub(crate) base: u16,
    /// What the unit itself adds to UnitModifier.
    pub(crate) exponent: i32,
    /// RateUnits.
    pub(crate) rate: u16,
    /// CIM has no name for the unit: its IPMI name belongs into Description.
    pub(crate) unnamed: bool,
}

/// Maps the unit of a sensor. Compound units (`m/s`) have no CIM form: they are Other.
pub(crate) fn cim_unit(units: SensorUnits) -> CimUnit {
    // IPMI counts 1 per microsecond to 6 per day, as CIM does; 7 is reserved.
    let rate = Some(u16::from(units.rate.get())).filter(|&rate| rate < 7).unwrap_or_default();
    let (base, exponent) = if units.percentage {
        (PERCENTAGE, 0)
    } else if units.relation != UnitModifier::None {
        (OTHER, 0)
    } else {
        base_units(units.base)
    };
    CimUnit { base, exponent, rate, unnamed: base == OTHER }
}

fn base_units(unit: Unit) -> (u16, i32) {
    BASE_UNITS.get(usize::from(unit.0)).copied().unwrap_or((OTHER, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(code: u8) -> (u16, i32) {
        let unit = cim_unit(SensorUnits::from_bytes([0, code, 0]));
        (unit.base, unit.exponent)
    }

    /// The pairs of the mapping guideline that are not "code plus one".
    #[test]
    fn listed_pairs() {
        let pairs = [
            (1, 2),
            (4, 5),
            (5, 6),
            (6, 7),
            (9, 10),
            (17, 18),
            (18, 19),
            (19, 20),
            (22, 21),
            (26, 25),
            (27, 26),
            (34, 31),
            (37, 34),
            (43, 40),
            (50, 47),
            (52, 48),
            (58, 53),
            (60, 54),
            (65, 59),
            (66, 60),
            (70, 61),
            (74, 62),
            (76, 64),
        ];
        for (ipmi, cim) in pairs {
            assert_eq!(base(ipmi), (cim, 0), "IPMI unit {ipmi}");
        }
        assert_eq!((base(20), base(21)), ((21, -6), (21, -3)));
        assert_eq!((base(32), base(33), base(51), base(53)), ((31, -3), (31, -2), (47, -3), (48, -6)));
        assert_eq!((base(69), base(73)), ((60, 9), (61, 9)));
        assert!([59, 77, 92, 93, 255].iter().all(|&code| base(code) == (OTHER, 0)));
    }

    #[test]
    fn codes_never_go_down_in_the_shared_range() {
        let listed: Vec<u16> = BASE_UNITS.iter().map(|(base, _)| *base).filter(|&base| base > OTHER).collect();
        assert!(listed.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(listed.last(), Some(&64));
    }

    #[test]
    fn percentage_rate_and_compound_units() {
        assert_eq!(cim_unit(SensorUnits::from_bytes([1, 0, 0])).base, PERCENTAGE);
        assert_eq!(cim_unit(SensorUnits::from_bytes([3 << 3, 18, 0])).rate, 3);
        let compound = cim_unit(SensorUnits::from_bytes([1 << 1, 34, 22]));
        assert!(compound.unnamed && compound.base == OTHER);
    }
}
