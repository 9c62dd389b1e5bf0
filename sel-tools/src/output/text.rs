//! Text from a BMC, fit for a terminal: control bytes replaced, every other byte printed as it came.
//!
//! ipmitool prints id strings byte for byte, whatever their character set, and its columns count bytes. So that
//! formatting can work on `str`, each byte from 80h up becomes one private character here ([`from_bytes`]) and the byte
//! it was again when it is written ([`to_bytes`]).

use std::borrow::Cow;

use ipmi_core::text::is_unsafe;

const PRIVATE: u32 = 0xF780;

/// Bytes as a string: ASCII as it is, control bytes as `?`, others as private characters.
///
/// ```
/// use sel_tools::output::text::{from_bytes, to_bytes};
/// assert_eq!(from_bytes(b"a\x1b[31mb"), "a?[31mb");
/// assert_eq!(*to_bytes(&from_bytes(b"Temp\xE9")), *b"Temp\xE9");
/// ```
pub fn from_bytes(bytes: &[u8]) -> String {
    // C1 controls are bytes of their own in Latin-1 but parts of characters in UTF-8, as are marks that turn the
    // direction of what follows.
    let utf8 = std::str::from_utf8(bytes).ok();
    if let Some(text) = utf8
        && text.contains(misleading)
    {
        return from_bytes(text.replace(misleading, "?").as_bytes());
    }
    let latin1 = utf8.is_none();
    bytes
        .iter()
        .map(|&byte| match byte {
            0x20..=0x7E => char::from(byte),
            0x80..=0x9F if latin1 => '?',
            0x80.. => char::from_u32(PRIVATE + u32::from(byte) - 0x80).unwrap_or('?'),
            _ => '?',
        })
        .collect()
}

/// Characters beyond ASCII that a terminal acts on instead of showing them.
fn misleading(character: char) -> bool {
    !character.is_ascii() && is_unsafe(character)
}

/// The bytes to write for a string made with [`from_bytes`]; everything else in it is UTF-8.
pub fn to_bytes(text: &str) -> Cow<'_, [u8]> {
    if !text.chars().any(|character| byte_of(character).is_some()) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut buffer = [0; 4];
    for character in text.chars() {
        match byte_of(character) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes()),
        }
    }
    Cow::Owned(bytes)
}

/// A string made with [`from_bytes`] as ordinary Unicode, for JSON: UTF-8 where it is, else Latin-1.
pub fn to_unicode(text: &str) -> String {
    let bytes = to_bytes(text);
    match std::str::from_utf8(&bytes) {
        Ok(text) => text.to_owned(),
        // Where texts of both kinds stand in one string, parts of characters of the one are controls in the other.
        Err(_) => bytes.iter().map(|byte| if (0x80..0xA0).contains(byte) { '?' } else { char::from(*byte) }).collect(),
    }
}

/// Serde's way to [`to_unicode`].
///
/// # Errors
/// The serializer's.
pub fn serialize_string<S: serde::Serializer>(text: impl AsRef<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&to_unicode(text.as_ref()))
}

fn byte_of(character: char) -> Option<u8> {
    let offset = u32::from(character).checked_sub(PRIVATE)?;
    u8::try_from(offset).ok().filter(|byte| *byte < 0x80).map(|byte| byte + 0x80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_that_turn_or_break_lines_do_not_get_through() {
        assert_eq!(from_bytes("a\u{202E}b\u{2028}c".as_bytes()), "a?b?c");
    }

    #[test]
    fn every_byte_comes_back_or_is_a_question_mark() {
        for byte in 0..=255u8 {
            let control = byte < 0x20 || (0x7F..0xA0).contains(&byte);
            let expected = if control { b'?' } else { byte };
            assert_eq!(*to_bytes(&from_bytes(&[byte])), [expected]);
        }
    }

    #[test]
    fn utf8_stays_utf8_without_its_controls() {
        let text = "Lüfter €";
        assert_eq!(*to_bytes(&from_bytes(text.as_bytes())), *text.as_bytes());
        assert_eq!(to_unicode(&from_bytes(text.as_bytes())), text);
        assert_eq!(from_bytes("a\u{9B}2J".as_bytes()), "a?2J");
    }

    #[test]
    fn columns_count_bytes_and_json_gets_characters() {
        let name = from_bytes(b"Temp\xE9");
        assert_eq!(name.chars().count(), 5);
        assert_eq!(to_unicode(&name), "Temp\u{E9}");
        let both = from_bytes("\u{DB}".as_bytes()) + "31m" + &name;
        assert!(!to_unicode(&both).contains(is_unsafe), "{both:?}");
    }
}
