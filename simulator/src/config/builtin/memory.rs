//! Serial presence detect data of the built-in server's memory modules (JEDEC Annex L, DDR4).

/// Serial numbers of the modules, slot by slot.
pub(super) const MODULES: [u32; 4] = [0x3A00_14C1, 0x3A00_14C2, 0x3A00_14D7, 0x3A00_14D8];
/// Part number of all of them.
pub(super) const PART_NUMBER: &str = "EXM32G3200R";
/// Bytes of the EEPROM.
const SIZE: usize = 512;
/// Bytes a checksum covers, from the start of a block of 128.
const COVERED: usize = 126;

/// A registered module of 32 GB: two ranks of 8 Gb devices, four bits wide, on a bus of 64 bits with ECC.
const GEOMETRY: [(usize, u8); 16] = [
    // 384 of 512 bytes used; revision 1.2; DDR4; registered.
    (0, 0x23),
    (1, 0x12),
    (2, 0x0C),
    (3, 0x01),
    // 8 Gb, four bank groups of four banks; 16 rows, 10 columns; one die.
    (4, 0x85),
    (5, 0x21),
    (6, 0x00),
    // 1.2 V; two ranks, four bits; 64 bits and ECC; thermal sensor.
    (11, 0x03),
    (12, 0x08),
    (13, 0x0B),
    (14, 0x80),
    // Least cycle 0.625 ns, most 1.6 ns; CAS latency 13.75 ns.
    (18, 0x05),
    (19, 0x0D),
    (24, 0x6E),
    // Made in week 9 of 2025.
    (323, 0x25),
    (324, 0x09),
];
/// Where the serial number begins.
const SERIAL: usize = 325;
/// The part number: 20 characters, blanks at the end.
const PART: std::ops::Range<usize> = 329..349;

/// The bytes of a module's EEPROM.
pub(super) fn presence_detect(serial: u32) -> Vec<u8> {
    let mut bytes = vec![0; SIZE];
    let mut put = |at: usize, byte: u8| {
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
    };
    GEOMETRY.into_iter().for_each(|(at, byte)| put(at, byte));
    (SERIAL..).zip(serial.to_be_bytes()).for_each(|(at, byte)| put(at, byte));
    PART.zip(PART_NUMBER.bytes().chain(std::iter::repeat(b' '))).for_each(|(at, byte)| put(at, byte));
    for block in bytes.chunks_exact_mut(128).take(2) {
        if let Some((covered, [low, high])) = block.split_at_mut_checked(COVERED) {
            [*low, *high] = checksum(covered).to_le_bytes();
        }
    }
    bytes
}

/// CRC-16 with polynomial 1021h.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modules_are_what_their_inventory_says() {
        let bytes = presence_detect(MODULES[0]);
        assert_eq!(bytes.len(), SIZE);
        assert_eq!(bytes[SERIAL..SERIAL + 4], [0x3A, 0x00, 0x14, 0xC1]);
        assert_eq!(bytes[PART], *b"EXM32G3200R         ");
        // XMODEM's check value.
        assert_eq!(checksum(b"123456789"), 0x31C3);
        assert_eq!(bytes[126..128], checksum(&bytes[..126]).to_le_bytes());
    }
}
