//! Character sets of messages: UTF-8 and UTF-16, told by Content-Type or byte order mark (DSP0226 R13.1).

use std::borrow::Cow;

use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};

/// A character set messages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-16, written little endian with a byte order mark.
    Utf16,
}

/// Why bytes are no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CharsetError {
    /// Neither UTF-8 nor UTF-16.
    #[error("character set {0} is not supported; use UTF-8 or UTF-16")]
    Unsupported(String),
    /// Bytes that are not text in the character set.
    #[error("the message is not valid {0}")]
    Invalid(&'static str),
    /// Not a SOAP message by its media type.
    #[error("media type {0:?} is not application/soap+xml")]
    MediaType(String),
}

impl Charset {
    /// The character set a Content-Type names, UTF-8 when it names none.
    ///
    /// # Errors
    /// When the media type is not SOAP, or the character set is another one.
    pub fn from_content_type(content_type: &str) -> Result<Self, CharsetError> {
        let mut parts = content_type.split(';').map(str::trim);
        let media_type = parts.next().unwrap_or_default();
        // text/xml is SOAP 1.1's; the envelope decides then, with a fault the client understands.
        if !["application/soap+xml", "text/xml", "application/xml"]
            .iter()
            .any(|known| media_type.eq_ignore_ascii_case(known))
        {
            return Err(CharsetError::MediaType(media_type.to_owned()));
        }
        let charset = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
        });
        match charset {
            None => Ok(Self::Utf8),
            Some(name) if ["utf-8", "utf8", "us-ascii"].iter().any(|known| name.eq_ignore_ascii_case(known)) => {
                Ok(Self::Utf8)
            }
            Some(name)
                if ["utf-16", "utf16", "utf-16le", "unicode"].iter().any(|known| name.eq_ignore_ascii_case(known)) =>
            {
                Ok(Self::Utf16)
            }
            Some(name) => Err(CharsetError::Unsupported(name.to_owned())),
        }
    }

    /// The Content-Type of a message in it.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Utf8 => "application/soap+xml;charset=UTF-8",
            Self::Utf16 => "application/soap+xml;charset=UTF-16",
        }
    }

    /// The text of a message. A byte order mark wins over what the header said.
    ///
    /// # Errors
    /// [`CharsetError::Invalid`].
    pub fn decode(self, bytes: &[u8]) -> Result<(Cow<'_, str>, Self), CharsetError> {
        let (encoding, charset, name) = match (bytes, self) {
            ([0xFF, 0xFE, ..], _) => (UTF_16LE, Self::Utf16, "UTF-16"),
            ([0xFE, 0xFF, ..], _) => (UTF_16BE, Self::Utf16, "UTF-16"),
            ([0xEF, 0xBB, 0xBF, ..], _) | (_, Self::Utf8) => (UTF_8, Self::Utf8, "UTF-8"),
            (_, Self::Utf16) => (UTF_16LE, Self::Utf16, "UTF-16"),
        };
        let (text, malformed) = encoding.decode_with_bom_removal(bytes);
        if malformed { Err(CharsetError::Invalid(name)) } else { Ok((text, charset)) }
    }

    /// The bytes of a message.
    pub fn encode(self, text: String) -> Vec<u8> {
        match self {
            Self::Utf8 => text.into_bytes(),
            Self::Utf16 => [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        }
    }

    /// Most bytes a message of this many UTF-8 bytes takes.
    pub const fn encoded_len(self, utf8_len: usize) -> usize {
        match self {
            Self::Utf8 => utf8_len,
            Self::Utf16 => utf8_len.saturating_mul(2).saturating_add(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_as_clients_write_them() {
        for text in [
            "application/soap+xml;charset=UTF-8",
            "application/soap+xml; charset=utf-8",
            "Application/SOAP+XML;Charset=\"utf-8\"",
            "application/soap+xml",
        ] {
            assert_eq!(Charset::from_content_type(text), Ok(Charset::Utf8), "{text}");
        }
        assert_eq!(Charset::from_content_type("application/soap+xml;charset=UTF-16"), Ok(Charset::Utf16));
        assert!(matches!(Charset::from_content_type("application/json"), Err(CharsetError::MediaType(_))));
        assert!(matches!(
            Charset::from_content_type("application/soap+xml;charset=latin1"),
            Err(CharsetError::Unsupported(_))
        ));
    }

    #[test]
    fn utf_16_goes_both_ways() {
        let bytes = Charset::Utf16.encode("<a>\u{1F600}</a>".to_owned());
        assert_eq!(bytes[..4], [0xFF, 0xFE, b'<', 0]);
        assert_eq!(Charset::Utf8.decode(&bytes).unwrap(), (Cow::from("<a>\u{1F600}</a>"), Charset::Utf16));
        assert_eq!(Charset::Utf16.decode(&bytes[2..]).unwrap().0, "<a>\u{1F600}</a>");
        assert_eq!(Charset::Utf16.decode(&bytes[..5]), Err(CharsetError::Invalid("UTF-16")));
        assert_eq!(Charset::Utf8.decode(b"<a>\xFF"), Err(CharsetError::Invalid("UTF-8")));
        assert_eq!(Charset::Utf16.decode(&[0xFE, 0xFF, 0, b'a']).unwrap().0, "a");
    }
}
