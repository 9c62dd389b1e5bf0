//! Board info area (FRU specification s11).

use super::{Field, Fields};
use crate::text::is_english;
use crate::time::FruTime;

/// The board info area in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoardArea<'a> {
    /// Language code, 0 and 25 = English.
    pub language: u8,
    /// When the board was made.
    pub manufactured: FruTime,
    /// Manufacturer.
    pub manufacturer: Option<Field<'a>>,
    /// Product name.
    pub product_name: Option<Field<'a>>,
    /// Serial number.
    pub serial_number: Option<Field<'a>>,
    /// Part number.
    pub part_number: Option<Field<'a>>,
    /// FRU file id.
    pub fru_file_id: Option<Field<'a>>,
    /// The manufacturer's own fields.
    pub custom: Fields<'a>,
}

impl<'a> BoardArea<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        let &[language, low, middle, high, ref rest @ ..] = body else { return None };
        let mut fields = Fields::new(rest, is_english(language));
        Some(Self {
            language,
            manufactured: FruTime::from_bytes([low, middle, high]),
            manufacturer: fields.next(),
            product_name: fields.next(),
            serial_number: fields.next().map(Field::in_english),
            part_number: fields.next().map(Field::in_english),
            fru_file_id: fields.next(),
            custom: fields,
        })
    }
}
