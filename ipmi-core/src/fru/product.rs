//! Product info area (FRU specification s12).

use super::{Field, Fields};
use crate::text::is_english;

/// The product info area in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProductArea<'a> {
    /// Language code, 0 and 25 = English.
    pub language: u8,
    /// Manufacturer.
    pub manufacturer: Option<Field<'a>>,
    /// Product name.
    pub name: Option<Field<'a>>,
    /// Part or model number.
    pub part_number: Option<Field<'a>>,
    /// Version.
    pub version: Option<Field<'a>>,
    /// Serial number.
    pub serial_number: Option<Field<'a>>,
    /// Asset tag.
    pub asset_tag: Option<Field<'a>>,
    /// FRU file id.
    pub fru_file_id: Option<Field<'a>>,
    /// The manufacturer's own fields.
    pub custom: Fields<'a>,
}

impl<'a> ProductArea<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Option<Self> {
        let (&language, rest) = body.split_first()?;
        let mut fields = Fields::new(rest, is_english(language));
        Some(Self {
            language,
            manufacturer: fields.next(),
            name: fields.next(),
            part_number: fields.next().map(Field::in_english),
            version: fields.next(),
            serial_number: fields.next().map(Field::in_english),
            asset_tag: fields.next(),
            fru_file_id: fields.next(),
            custom: fields,
        })
    }
}
