//! Percent encoding of user names in URLs (RFC 3986 s2.1).

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, PercentEncode, percent_decode_str, utf8_percent_encode};

/// Characters with a meaning of their own in a URL, beside control characters.
const RESERVED: &AsciiSet =
    &CONTROLS.add(b' ').add(b'%').add(b':').add(b'/').add(b'?').add(b'#').add(b'[').add(b']').add(b'@');

/// The text that `text` encodes.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn decode(text: &str) -> Result<String, String> {
    // The library lets a % without digits stand for itself: a typing mistake would name another user.
    for (at, _) in text.match_indices('%') {
        let digits = text.get(at + 1..at + 3).unwrap_or_default();
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let found = text.get(at..).unwrap_or_default();
            return Err(format!("expected two hexadecimal digits after % (%25 is %), found {found:?}"));
        }
    }
    percent_decode_str(text).decode_utf8().map(Cow::into_owned).map_err(|_| format!("{text}: expected UTF-8"))
}

/// A text as it stands in a URL.
pub(crate) fn encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_comes_back() {
        for (plain, encoded) in [
            ("admin", "admin"),
            ("a@b", "a%40b"),
            ("100%", "100%25"),
            ("a b:c/d?e#f[g]", "a%20b%3Ac%2Fd%3Fe%23f%5Bg%5D"),
            ("\u{1B}\n", "%1B%0A"),
            ("Müller", "M%C3%BCller"),
        ] {
            assert_eq!(encode(plain).to_string(), encoded);
            assert_eq!(decode(encoded).as_deref(), Ok(plain));
        }
        assert_eq!(decode("%61%c3%BC").as_deref(), Ok("aü"));
    }

    #[test]
    fn what_encodes_nothing_is_said() {
        for text in ["%", "%4", "%4g", "a%zz", "%+1", "%ü", "100%"] {
            assert!(decode(text).unwrap_err().contains("two hexadecimal digits"), "{text}");
        }
        assert!(decode("%FF").unwrap_err().contains("UTF-8"));
    }
}
