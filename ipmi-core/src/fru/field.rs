//! Type/length fields of the info areas (FRU specification s13).

use std::borrow::Cow;
use std::iter::FusedIterator;

use crate::text::{Encoding, TypeLength, decode_fru};

/// A field in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Field<'a> {
    type_length: TypeLength,
    bytes: &'a [u8],
    english: bool,
}

impl<'a> Field<'a> {
    /// How the bytes are to be read.
    pub const fn encoding(&self) -> Encoding {
        self.type_length.encoding()
    }

    /// The bytes as they are stored.
    pub const fn raw(&self) -> &'a [u8] {
        self.bytes
    }

    /// True when nothing is in it.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// True when the area ended before the field did.
    pub const fn is_cut(&self) -> bool {
        self.bytes.len() < self.type_length.fru_len()
    }

    /// The same field read as English, as serial and part numbers are in every area.
    #[must_use]
    pub const fn in_english(mut self) -> Self {
        self.english = true;
        self
    }

    /// The text; binary fields become hexadecimal digits. May hold control characters
    /// ([`printable`](crate::text::printable) replaces them).
    pub fn decode(&self) -> Cow<'a, str> {
        decode_fru(self.encoding(), self.bytes, self.english)
    }
}

/// The fields of an area up to the end mark C1h or the end of the area, whichever comes first.
///
/// ```
/// use ipmi_core::fru::Fields;
/// let fields: Vec<_> = Fields::new(&[0xC3, b'A', b'B', b'C', 0xC0, 0xC1, 0xC1, b'x'], true).collect();
/// assert_eq!(fields.len(), 2);
/// assert_eq!(fields[0].decode(), "ABC");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields<'a> {
    rest: &'a [u8],
    english: bool,
    ended: bool,
}

impl<'a> Fields<'a> {
    /// Starts at the first type/length byte.
    pub const fn new(bytes: &'a [u8], english: bool) -> Self {
        Self { rest: bytes, english, ended: false }
    }

    /// True once the end mark was met.
    pub const fn found_end_mark(&self) -> bool {
        self.ended
    }

    /// What is left after the last field that was read.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        if self.ended {
            return None;
        }
        let (&byte, rest) = self.rest.split_first()?;
        let type_length = TypeLength(byte);
        if type_length.is_fru_end() {
            self.ended = true;
            self.rest = rest;
            return None;
        }
        let (bytes, rest) = rest.split_at_checked(type_length.fru_len()).unwrap_or((rest, &[]));
        self.rest = rest;
        Some(Field { type_length, bytes, english: self.english })
    }
}

impl FusedIterator for Fields<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_cut_at_the_end_of_the_area() {
        let mut fields = Fields::new(&[0xC5, b'A', b'B'], true);
        let field = fields.next().unwrap();
        assert_eq!((field.decode().as_ref(), field.is_cut()), ("AB", true));
        assert!(fields.next().is_none() && !fields.found_end_mark());
    }

    #[test]
    fn other_languages_are_utf_16_unless_numbers() {
        let field = Fields::new(&[0xC4, 0x41, 0, 0x42, 0], false).next().unwrap();
        assert_eq!(field.decode(), "AB");
        assert_eq!(Fields::new(&[0xC2, b'4', b'2'], false).next().unwrap().in_english().decode(), "42");
    }
}
