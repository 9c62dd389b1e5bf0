//! Memory modules that show their SPD where a FRU inventory is expected (JEDEC standard 21-C, annexes D-L).

use std::borrow::Cow;

use crate::text::latin_1;

/// Kind of memory, SPD byte 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MemoryType {
    /// 02h.
    Edo,
    /// 04h.
    Sdram,
    /// 07h.
    Ddr,
    /// 08h.
    Ddr2,
    /// 0Bh.
    Ddr3,
    /// 0Ch.
    Ddr4,
    /// 12h.
    Ddr5,
}

impl MemoryType {
    const fn new(code: u8) -> Option<Self> {
        Some(match code {
            0x02 => Self::Edo,
            0x04 => Self::Sdram,
            0x07 => Self::Ddr,
            0x08 => Self::Ddr2,
            0x0B => Self::Ddr3,
            0x0C => Self::Ddr4,
            0x12 => Self::Ddr5,
            _ => return None,
        })
    }
}

/// The kind of memory, if `image` looks like an SPD and not like a FRU inventory: an inventory starts with version 1,
/// an SPD with the number of its bytes (80h in old modules, 92h and 23h in common new ones) and a known type.
///
/// ```
/// use ipmi_core::fru::{MemoryType, spd_memory_type};
/// assert_eq!(spd_memory_type(&[0x23, 0x11, 0x0C, 0x01]), Some(MemoryType::Ddr4));
/// assert_eq!(spd_memory_type(&[0x01, 0x00, 0x02, 0x0C]), None);
/// ```
pub fn spd_memory_type(image: &[u8]) -> Option<MemoryType> {
    let &[size, revision, memory_type, ..] = image else { return None };
    let known = MemoryType::new(memory_type)?;
    let plausible = match known {
        MemoryType::Edo | MemoryType::Sdram | MemoryType::Ddr | MemoryType::Ddr2 => size >= 0x40 && revision <= 0x0E,
        MemoryType::Ddr3 | MemoryType::Ddr4 | MemoryType::Ddr5 => size & 0x0F != 0 && size != 1 && revision >> 4 <= 2,
    };
    plausible.then_some(known)
}

/// What a module says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemoryModule<'a> {
    /// Kind of memory.
    pub memory_type: MemoryType,
    /// Capacity in MiB, where the bytes make sense.
    pub mebibytes: Option<u32>,
    /// Manufacturer: bank (0 is the first) and code with parity.
    pub manufacturer: Option<(u8, u8)>,
    /// Year and week of manufacture, BCD.
    pub date: Option<[u8; 2]>,
    /// Serial number.
    pub serial_number: Option<[u8; 4]>,
    /// Part number without trailing blanks.
    pub part_number: Option<Cow<'a, str>>,
}

impl<'a> MemoryModule<'a> {
    /// Reads an SPD; fields beyond the end of `image` are `None`.
    pub fn parse(image: &'a [u8]) -> Option<Self> {
        let memory_type = spd_memory_type(image)?;
        let (manufacturer, date, serial, part) = match memory_type {
            MemoryType::Ddr3 => (bank_and_code(image, 117), 120, 122, 128..146),
            MemoryType::Ddr4 => (bank_and_code(image, 320), 323, 325, 329..349),
            MemoryType::Ddr5 => (bank_and_code(image, 512), 515, 517, 521..551),
            _ => (continuation_code(image.get(64..72).unwrap_or_default()), 93, 95, 73..91),
        };
        Some(Self {
            memory_type,
            mebibytes: capacity(memory_type, image),
            manufacturer,
            date: image.get(date..).and_then(<[u8]>::first_chunk).copied(),
            serial_number: image.get(serial..).and_then(<[u8]>::first_chunk).copied(),
            part_number: image.get(part).map(latin_1).map(trim_end),
        })
    }
}

fn trim_end(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_end()),
        Cow::Owned(text) => Cow::Owned(text.trim_end().to_owned()),
    }
}

fn bank_and_code(image: &[u8], at: usize) -> Option<(u8, u8)> {
    let [bank, code] = *image.get(at..)?.first_chunk()?;
    Some((bank & 0x7F, code))
}

/// Old modules count banks by continuation bytes 7Fh.
fn continuation_code(bytes: &[u8]) -> Option<(u8, u8)> {
    let bank = bytes.iter().position(|byte| *byte != 0x7F)?;
    Some((u8::try_from(bank).ok()?, *bytes.get(bank)?))
}

fn capacity(memory_type: MemoryType, image: &[u8]) -> Option<u32> {
    let byte = |at: usize| image.get(at).copied().map(u32::from);
    let (density, organization, bus, dies) = match memory_type {
        MemoryType::Ddr3 => (byte(4)?, byte(7)?, byte(8)?, 1),
        MemoryType::Ddr4 => {
            let package = byte(6)?;
            (byte(4)?, byte(12)?, byte(13)?, if package & 3 == 2 { (package >> 4 & 7) + 1 } else { 1 })
        }
        MemoryType::Ddr5 => return None,
        _ => {
            let exponent = (byte(3)? & 0x0F) + (byte(4)? & 0x0F);
            let modules = if memory_type == MemoryType::Ddr2 { (byte(5)? & 7) + 1 } else { byte(5)? };
            return 1u32.checked_shl(exponent.checked_sub(17)?)?.checked_mul(modules)?.checked_mul(byte(17)?);
        }
    };
    let megabits = 256u32 << (density & 0x0F).min(8);
    let width = 4u32 << (organization & 7);
    let ranks = (organization >> 3 & 7) + 1;
    Some(megabits / 8 * (8u32 << (bus & 7)) / width * ranks * dies)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ddr4_module() {
        let mut image = vec![0u8; 512];
        image[..14].copy_from_slice(&[0x23, 0x11, 0x0C, 0x01, 0x85, 0x21, 0, 8, 0, 0, 0, 3, 0x09, 0x0B]);
        image[320..329].copy_from_slice(&[0x80, 0xCE, 1, 0x17, 0x32, 0xDE, 0xAD, 0xBE, 0xEF]);
        image[329..349].copy_from_slice(b"M393A2G40EB1-CRC    ");
        let module = MemoryModule::parse(&image).unwrap();
        assert_eq!((module.memory_type, module.mebibytes), (MemoryType::Ddr4, Some(16384)));
        assert_eq!((module.manufacturer, module.date), (Some((0, 0xCE)), Some([0x17, 0x32])));
        assert_eq!(module.part_number.as_deref(), Some("M393A2G40EB1-CRC"));
        assert_eq!(MemoryModule::parse(&image[..48]).unwrap().serial_number, None);
    }

    #[test]
    fn no_prefix_or_content_panics() {
        for memory_type in [0x02, 0x04, 0x07, 0x08, 0x0B, 0x0C, 0x12] {
            for fill in [0x00, 0x7F, 0xFF] {
                let mut image = vec![fill; 600];
                image[..3].copy_from_slice(&[0x92, 0x08, memory_type]);
                for len in 0..image.len() {
                    let _ = MemoryModule::parse(&image[..len]);
                }
            }
        }
    }
}
