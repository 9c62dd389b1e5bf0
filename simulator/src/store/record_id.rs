//! Record ids of the SDR repository and the SEL: both stand at the start of a record and are looked up alike
//! (IPMI 2.0 s31.5, s33.12).

use ipmi_core::CompletionCode;

/// Record id that asks for the first record.
pub(super) const FIRST: u16 = 0x0000;
/// Record id that asks for the last record, and the "no next record" answer.
pub(super) const LAST: u16 = 0xFFFF;

/// Record id at the start of a record.
pub(super) fn id_of(record: impl AsRef<[u8]>) -> u16 {
    record.as_ref().first_chunk().map_or(LAST, |id| u16::from_le_bytes(*id))
}

/// Where the record with this id is, 0000h the first and FFFFh the last.
///
/// # Errors
/// CBh when there is no such record.
pub(super) fn position<R: AsRef<[u8]>>(records: &[R], id: u16) -> Result<usize, CompletionCode> {
    match id {
        FIRST if !records.is_empty() => Some(0),
        LAST => records.len().checked_sub(1),
        id => records.iter().position(|record| id_of(record) == id),
    }
    .ok_or(CompletionCode::NOT_PRESENT)
}

/// The record with this id (0000h first, FFFFh last) and the id after it (FFFFh: none).
///
/// # Errors
/// CBh when there is no such record.
pub(super) fn get<R: AsRef<[u8]>>(records: &[R], id: u16) -> Result<(&R, u16), CompletionCode> {
    let position = position(records, id)?;
    let record = records.get(position).ok_or(CompletionCode::NOT_PRESENT)?;
    Ok((record, records.get(position + 1).map_or(LAST, id_of)))
}

/// The next id no record has. Ids are not given twice before they wrap, so a reader never takes a new record for one
/// it has seen.
pub(super) fn free<R: AsRef<[u8]>>(records: &[R], last: u16) -> u16 {
    let mut id = last;
    loop {
        id = match id.wrapping_add(1) {
            FIRST | LAST => 1,
            id => id,
        };
        if !records.iter().any(|record| id_of(record) == id) {
            return id;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_last_and_next() {
        let records = [[1, 0, 9], [4, 1, 9]];
        assert_eq!(get(&records, FIRST), Ok((&records[0], 0x0104)));
        assert_eq!(get(&records, LAST), Ok((&records[1], LAST)));
        assert_eq!(get(&records, 0x0104), Ok((&records[1], LAST)));
        assert_eq!(get(&records, 2), Err(CompletionCode::NOT_PRESENT));
        assert_eq!(get::<[u8; 2]>(&[], FIRST), Err(CompletionCode::NOT_PRESENT));
        assert_eq!(get::<[u8; 2]>(&[], LAST), Err(CompletionCode::NOT_PRESENT));
    }

    #[test]
    fn free_ids_wrap_around_what_is_taken() {
        assert_eq!(free(&[[2, 0]], 1), 3);
        assert_eq!(free(&[[1, 0]], 0xFFFE), 2);
    }
}
