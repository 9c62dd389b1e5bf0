//! Percent encoding of user names in URLs (RFC 3986 s2.1).

use std::fmt::{self, Write};

/// Characters with a meaning of their own in a URL, beside blanks and control characters.
const RESERVED: &str = "%:/?#[]@";

/// The text that `text` encodes.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut pieces = text.split('%');
    bytes.extend(pieces.next().unwrap_or_default().bytes());
    for piece in pieces {
        let digits = piece.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.ok_or_else(|| format!("expected two hexadecimal digits after % (%25 is %), found {piece:?}"))?);
        bytes.extend(piece.bytes().skip(2));
    }
    String::from_utf8(bytes).map_err(|_| format!("{text}: expected UTF-8"))
}

/// A text as it stands in a URL.
pub(crate) struct Encoded<'a>(pub(crate) &'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if character.is_control() || character.is_whitespace() || RESERVED.contains(character) {
                let mut buffer = [0; 4];
                character.encode_utf8(&mut buffer).bytes().try_for_each(|byte| write!(f, "%{byte:02X}"))?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
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
            ("Müller", "Müller"),
        ] {
            assert_eq!(Encoded(plain).to_string(), encoded);
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
