//! Id strings of sensor data records (IPMI 2.0 s43.15): a type/length byte and up to 16 bytes, borrowed.

use std::borrow::Cow;

use crate::text::{Encoding, TypeLength, decode_sdr};

/// An id string in place.
///
/// ```
/// use ipmi_core::sdr::IdString;
/// let (id, rest) = IdString::split(&[0xC3, b'B', b'M', b'C', 0xFF]);
/// assert_eq!((id.decode().as_ref(), rest), ("BMC", &[0xFF][..]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct IdString<'a> {
    type_length: TypeLength,
    bytes: &'a [u8],
}

impl<'a> IdString<'a> {
    /// Bytes an id string should have at most; some BMCs store more.
    pub const MAX: usize = 16;

    /// Reads the type/length byte and as many bytes as it states and there are; returns what follows. Unlike in
    /// FRU areas, C1h is a string of one character.
    pub fn split(bytes: &'a [u8]) -> (Self, &'a [u8]) {
        let Some((&type_length, rest)) = bytes.split_first() else {
            return (Self::default(), bytes);
        };
        let type_length = TypeLength(type_length);
        let (bytes, rest) = rest.split_at_checked(type_length.sdr_len()).unwrap_or((rest, &[]));
        (Self { type_length, bytes }, rest)
    }

    /// How the bytes are to be read.
    pub const fn encoding(&self) -> Encoding {
        self.type_length.encoding()
    }

    /// The bytes as they are stored.
    pub const fn raw(&self) -> &'a [u8] {
        self.bytes
    }

    /// True when the record ended before the string did.
    pub const fn is_cut(&self) -> bool {
        self.bytes.len() < self.type_length.sdr_len()
    }

    /// The text. Borrowed when it is eight-bit ASCII; may hold control characters
    /// ([`printable`](crate::text::printable) replaces them).
    pub fn decode(&self) -> Cow<'a, str> {
        decode_sdr(self.encoding(), self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_character_is_a_string_and_a_cut_one_is_what_is_there() {
        assert_eq!(IdString::split(&[0xC1, b'A']).0.decode(), "A");
        let (cut, rest) = IdString::split(&[0xC5, b'F', b'a']);
        assert_eq!((cut.decode().as_ref(), cut.is_cut(), rest.len()), ("Fa", true, 0));
        assert_eq!(IdString::split(&[]).0.decode(), "");
        assert!(matches!(IdString::split(&[0xC1, b'A']).0.decode(), Cow::Borrowed(_)));
    }
}
