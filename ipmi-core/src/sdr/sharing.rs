//! Record sharing: one compact or event-only record standing for several sensors (IPMI 2.0 s43.2, bytes 24-25).

use std::fmt;

use super::Direction;

/// The two bytes that say how a record is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sharing {
    first: u8,
    second: u8,
}

impl Sharing {
    /// From `[7:6]` direction, `[5:4]` modifier type, `[3:0]` share count; `[7]` entity instances count up,
    /// `[6:0]` modifier offset.
    pub const fn new(first: u8, second: u8) -> Self {
        Self { first, second }
    }

    /// Input or output.
    pub const fn direction(self) -> Direction {
        Direction::new(self.first >> 6)
    }

    /// Sensors the record stands for, at least 1: a count of 0 is used like 1 by many BMCs.
    pub const fn count(self) -> u8 {
        match self.first & 0x0F {
            0 => 1,
            count => count,
        }
    }

    /// True when each shared sensor belongs to the next entity instance.
    pub const fn entity_instance_increments(self) -> bool {
        self.second & 0x80 != 0
    }

    /// The sensors the record stands for.
    pub fn sensors(self, number: u8, entity_instance: u8) -> impl Iterator<Item = SharedSensor> {
        (0..self.count()).map(move |index| SharedSensor {
            number: number.wrapping_add(index),
            entity_instance: if self.entity_instance_increments() {
                (entity_instance & 0x80) | (entity_instance.wrapping_add(index) & 0x7F)
            } else {
                entity_instance
            },
            suffix: self.suffix(index),
        })
    }

    /// What is appended to the id string for the sensor with this index, if anything.
    fn suffix(self, index: u8) -> Option<NameSuffix> {
        let value = (self.second & 0x7F).saturating_add(index);
        match (self.count(), self.first >> 4 & 3) {
            (1, _) => None,
            (_, 0) => Some(NameSuffix::Number(value)),
            (_, 1) => Some(NameSuffix::Letters(value)),
            _ => None,
        }
    }
}

/// One of the sensors a shared record stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SharedSensor {
    /// Sensor number.
    pub number: u8,
    /// Entity instance with its container bit.
    pub entity_instance: u8,
    /// What is appended to the id string.
    pub suffix: Option<NameSuffix>,
}

/// Id string instance modifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameSuffix {
    /// A decimal number.
    Number(u8),
    /// Letters: 0 = A, 25 = Z, 26 = AA.
    Letters(u8),
}

impl fmt::Display for NameSuffix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Letters(number) => {
                if let Some(high) = (number / 26).checked_sub(1) {
                    write!(f, "{}", char::from(b'A' + high % 26))?;
                }
                write!(f, "{}", char::from(b'A' + number % 26))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_and_incrementing() {
        let sensors: Vec<_> = Sharing::new(0x03, 0x81).sensors(0x40, 5).collect();
        assert_eq!(sensors.len(), 3);
        assert_eq!((sensors[2].number, sensors[2].entity_instance), (0x42, 7));
        assert_eq!(sensors[2].suffix.unwrap().to_string(), "3");
    }

    #[test]
    fn letters_go_on_after_z() {
        let names: Vec<_> =
            Sharing::new(0x13, 25).sensors(1, 1).map(|sensor| sensor.suffix.unwrap().to_string()).collect();
        assert_eq!(names, ["Z", "AA", "AB"]);
    }

    #[test]
    fn unshared_records_stand_for_themselves() {
        for count in [0, 1] {
            let sensors: Vec<_> = Sharing::new(count, 0).sensors(0xFF, 1).collect();
            assert_eq!(sensors, [SharedSensor { number: 0xFF, entity_instance: 1, suffix: None }]);
        }
    }
}
