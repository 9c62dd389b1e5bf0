//! What the commands of SDR repository and SEL share: version, partial reads, the two steps of an erase (IPMI 2.0
//! s31.5, s31.9, s33.12, s33.13).

/// Version 1.5/2.0 of SDRs and SEL.
pub(super) const VERSION: u8 = 0x51;
/// Clear: start erasing.
pub(super) const ERASE_START: u8 = 0xAA;
/// Clear: ask how far it is.
pub(super) const ERASE_STATUS: u8 = 0x00;
/// A count that asks for the whole record.
const WHOLE: u8 = 0xFF;

/// What a read of `count` bytes gives when `rest` of the record is left at its offset.
pub(super) fn part(rest: &[u8], count: u8) -> &[u8] {
    match count {
        WHOLE => rest,
        count => rest.get(..usize::from(count)).unwrap_or(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_ends_with_the_record() {
        let record = [7; 300];
        for (rest, count, len) in
            [(300, 0xFF, 300), (300, 0xFE, 254), (16, 8, 8), (16, 16, 16), (16, 17, 16), (0, 1, 0)]
        {
            assert_eq!(part(&record[..rest], count).len(), len, "{rest} {count}");
        }
    }
}
