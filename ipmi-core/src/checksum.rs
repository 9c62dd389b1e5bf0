//! The two's-complement checksum used by IPMB, FRU and VM framing (IPMI 2.0 s13.8, FRU s16).

/// The byte that makes the sum of `bytes` and itself zero modulo 256.
///
/// ```
/// assert_eq!(ipmi_core::checksum::checksum(&[0x20, 0x18]), 0xC8);
/// ```
pub fn checksum(bytes: &[u8]) -> u8 {
    sum(bytes).wrapping_neg()
}

/// True when `bytes`, checksum included, add up to zero.
pub fn is_valid(bytes: &[u8]) -> bool {
    sum(bytes) == 0
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte))
}
