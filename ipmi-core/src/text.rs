//! Text encodings of SDR and FRU strings: 8-bit, 6-bit packed, BCD plus, Unicode (IPMI 2.0 s43.15, FRU s13).
//!
//! Decoders borrow when the bytes are plain ASCII. What they return may hold control characters, because a BMC may
//! send any; [`printable`] makes it fit for a terminal or a log.

use std::borrow::Cow;
use std::fmt::Write;

/// How the bytes of a string are to be read, \[7:6\] of the type/length byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// 0: Unicode in SDRs, binary in FRUs.
    Unicode,
    /// 1: two digits per byte.
    BcdPlus,
    /// 2: four characters in three bytes.
    SixBit,
    /// 3: one byte per character, ASCII and Latin-1.
    EightBit,
}

/// The byte in front of every string.
///
/// ```
/// use ipmi_core::text::{Encoding, TypeLength};
/// let byte = TypeLength(0xC6);
/// assert_eq!((byte.encoding(), byte.sdr_len(), byte.fru_len()), (Encoding::EightBit, 6, 6));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TypeLength(pub u8);

impl TypeLength {
    /// End of the fields of a FRU area. In an SDR the same byte announces one character.
    pub const FRU_END: Self = Self(0xC1);
    /// A field that is there and empty.
    pub const EMPTY: Self = Self(0xC0);

    /// The byte for `length` bytes in `encoding`; length bits above 3Fh are dropped.
    pub const fn new(encoding: Encoding, length: u8) -> Self {
        Self((encoding as u8) << 6 | (length & 0x3F))
    }

    /// How to read the string.
    pub const fn encoding(self) -> Encoding {
        match self.0 >> 6 {
            0 => Encoding::Unicode,
            1 => Encoding::BcdPlus,
            2 => Encoding::SixBit,
            _ => Encoding::EightBit,
        }
    }

    /// Bytes that follow in an SDR, 0-31.
    pub const fn sdr_len(self) -> usize {
        (self.0 & 0x1F) as usize
    }

    /// Bytes that follow in a FRU area, 0-63.
    pub const fn fru_len(self) -> usize {
        (self.0 & 0x3F) as usize
    }

    /// True for the end mark of a FRU area.
    pub const fn is_fru_end(self) -> bool {
        self.0 == Self::FRU_END.0
    }
}

/// Decodes an SDR id string: type 0 is UTF-16, least significant byte first.
///
/// ```
/// use ipmi_core::text::{Encoding, decode_sdr};
/// assert_eq!(decode_sdr(Encoding::EightBit, b"Inlet Temp"), "Inlet Temp");
/// assert_eq!(decode_sdr(Encoding::SixBit, &[0x29, 0xDC, 0xA6]), "IPMI");
/// ```
pub fn decode_sdr(encoding: Encoding, bytes: &[u8]) -> Cow<'_, str> {
    match encoding {
        Encoding::Unicode => Cow::Owned(utf_16(bytes).collect()),
        Encoding::BcdPlus => Cow::Owned(bcd_plus(bytes).collect()),
        Encoding::SixBit => Cow::Owned(six_bit(bytes).collect()),
        Encoding::EightBit => latin_1(bytes),
    }
}

/// Decodes a FRU field: type 0 is binary and becomes hexadecimal digits; type 3 is UTF-16 when the area's language is
/// not English. Serial and part numbers are English in any area.
///
/// ```
/// use ipmi_core::text::{Encoding, decode_fru};
/// assert_eq!(decode_fru(Encoding::Unicode, &[0x0A, 0xFF], true), "0aff");
/// assert_eq!(decode_fru(Encoding::BcdPlus, &[0x12, 0xB3, 0xC4], true), "12-3.4");
/// ```
pub fn decode_fru(encoding: Encoding, bytes: &[u8], english: bool) -> Cow<'_, str> {
    match encoding {
        Encoding::Unicode => Cow::Owned(hex(bytes)),
        Encoding::EightBit if !english => Cow::Owned(utf_16(bytes).collect()),
        _ => decode_sdr(encoding, bytes),
    }
}

/// True for the language codes of FRU areas that mean English: 25, and 0 which stands for it.
pub const fn is_english(language: u8) -> bool {
    matches!(language, 0 | 25)
}

/// Eight-bit text up to the first NUL, which some BMCs pad with. Borrowed when it is ASCII.
pub fn latin_1(bytes: &[u8]) -> Cow<'_, str> {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    match std::str::from_utf8(text) {
        Ok(ascii) if ascii.is_ascii() => Cow::Borrowed(ascii),
        _ => Cow::Owned(text.iter().map(|byte| char::from(*byte)).collect()),
    }
}

/// Characters of six-bit packed text: 20h plus six bits, the lowest bits of the first byte first. Left-over bits that
/// make no whole character are dropped.
pub fn six_bit(bytes: &[u8]) -> impl Iterator<Item = char> + '_ {
    bytes.chunks(3).flat_map(|group| {
        let packed = group.iter().rev().fold(0u32, |packed, byte| packed << 8 | u32::from(*byte));
        let characters = group.len() * 8 / 6;
        (0..characters).map(move |index| char::from(0x20 + (packed >> (6 * index) & 0x3F) as u8))
    })
}

/// Digits of BCD plus, the high half of each byte first.
pub fn bcd_plus(bytes: &[u8]) -> impl Iterator<Item = char> + '_ {
    let digit = |nibble: u8| match nibble {
        0..=9 => char::from(b'0' + nibble),
        0xA => ' ',
        0xB => '-',
        0xC => '.',
        // Reserved by the FRU document; the SDR one and every peer read them so.
        0xD => ':',
        0xE => ',',
        _ => '_',
    };
    bytes.iter().flat_map(move |byte| [digit(byte >> 4), digit(byte & 0xF)])
}

/// Characters of UTF-16 text, least significant byte first, up to the first NUL; an odd last byte is dropped and
/// unpaired surrogates become U+FFFD.
pub fn utf_16(bytes: &[u8]) -> impl Iterator<Item = char> + '_ {
    let units = bytes.chunks_exact(2).map(|pair| match *pair {
        [low, high] => u16::from_le_bytes([low, high]),
        _ => 0,
    });
    char::decode_utf16(units.take_while(|unit| *unit != 0)).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// Bytes as lower-case hexadecimal digits without separators, as ipmitool shows binary FRU fields.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes that pairs of hexadecimal digits stand for; nothing when there is anything else or half a pair.
///
/// ```
/// use ipmi_core::text::hex_bytes;
/// assert_eq!(hex_bytes("0aFF"), Some(vec![0x0A, 0xFF]));
/// assert_eq!(hex_bytes("0aF"), None);
/// ```
pub fn hex_bytes(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| if let &[high, low] = pair { Some(digit(high)? << 4 | digit(low)?) } else { None }).collect()
}

/// Packs text into six-bit characters; `None` when it has others than 20h-5Fh.
pub fn pack_six_bit(text: &str) -> Option<Vec<u8>> {
    let codes: Vec<u8> =
        text.bytes().map(|byte| byte.checked_sub(0x20).filter(|code| *code < 0x40)).collect::<Option<_>>()?;
    let packed = codes.chunks(4).flat_map(|group| {
        let bits = group.iter().rev().fold(0u32, |bits, code| bits << 6 | u32::from(*code));
        let [low, middle, high, _] = bits.to_le_bytes();
        // 1 character needs 1 byte, 2 need 2, 3 and 4 need 3.
        [low, middle, high].into_iter().take(group.len().min(3))
    });
    Some(packed.collect())
}

/// True for characters that a terminal may act on: controls (C0, DEL, C1), line separators, marks that change the
/// direction of text, and the byte order mark.
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// The text with every character a terminal may act on replaced by a dot.
///
/// ipmitool prints such bytes as they are, which lets a FRU write escape sequences to an operator's terminal.
///
/// ```
/// use ipmi_core::text::printable;
/// assert_eq!(printable("PSU 1"), "PSU 1");
/// assert_eq!(printable("\u{1B}[2J\n"), ".[2J.");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(is_unsafe) { Cow::Owned(text.replace(is_unsafe, ".")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn type_length_byte_comes_apart_and_together() {
        for byte in 0..=255 {
            let type_length = TypeLength(byte);
            let length = u8::try_from(type_length.fru_len()).unwrap();
            assert_eq!(TypeLength::new(type_length.encoding(), length), type_length);
            assert_eq!(type_length.is_fru_end(), byte == 0xC1);
        }
        assert_eq!(TypeLength(0xDF).sdr_len(), 31);
    }

    #[test]
    fn ascii_is_borrowed_and_latin_1_is_not_lost() {
        assert!(matches!(latin_1(b"Fan1A RPM"), Cow::Borrowed("Fan1A RPM")));
        assert_eq!(latin_1(b"12 \xB0C"), "12 \u{B0}C");
        assert_eq!(latin_1(b"PS1\0\0junk"), "PS1");
        // Two Latin-1 letters that happen to be valid UTF-8 stay two letters.
        assert_eq!(latin_1(&[0xC3, 0xA9]), "\u{C3}\u{A9}");
    }

    #[test]
    fn six_bit_as_in_the_document() {
        // The example of the FRU document: "IPMI" is 29 DC A6.
        assert_eq!(pack_six_bit("IPMI").unwrap(), [0x29, 0xDC, 0xA6]);
        for (length, characters) in [(0, 0), (1, 1), (2, 2), (3, 4), (4, 5), (5, 6), (6, 8)] {
            assert_eq!(six_bit(&[0xFF; 6][..length]).collect::<String>(), "_".repeat(characters));
        }
        assert_eq!(pack_six_bit("lower"), None);
    }

    #[test]
    fn unicode_and_digits() {
        assert_eq!(decode_sdr(Encoding::Unicode, &[0x41, 0, 0xAC, 0x20, 0x41]), "A\u{20AC}");
        assert_eq!(decode_sdr(Encoding::Unicode, &[0x00, 0xD8]), "\u{FFFD}");
        assert_eq!(decode_sdr(Encoding::BcdPlus, &[0x01, 0x9A, 0xBC, 0xDE, 0xF0]), "019 -.:,_0");
        assert_eq!(decode_fru(Encoding::EightBit, &[0x41, 0x00], false), "A");
        assert!(is_english(0) && is_english(25) && !is_english(1));
    }

    #[test]
    fn nothing_a_terminal_acts_on_gets_through() {
        let nasty: String = ('\0'..='\u{FF}').chain(['\u{202E}', '\u{2066}', '\u{FEFF}']).collect();
        assert!(!printable(&nasty).contains(is_unsafe));
        assert!(matches!(printable("caf\u{E9}"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn six_bit_round_trip(text in "[ -_]{0,63}") {
            let packed = pack_six_bit(&text).unwrap();
            // Three characters and four take three bytes alike: the fourth reads back as a blank.
            let unpacked: String = six_bit(&packed).collect();
            prop_assert_eq!(unpacked.trim_end(), text.trim_end());
        }

        #[test]
        fn any_bytes_decode_to_printable_text(code in 0u8..4, bytes in prop::collection::vec(any::<u8>(), 0..80), english: bool) {
            let encoding = TypeLength(code << 6).encoding();
            for text in [decode_sdr(encoding, &bytes), decode_fru(encoding, &bytes, english)] {
                prop_assert!(text.chars().count() <= bytes.len() * 2);
                prop_assert!(!printable(&text).contains(is_unsafe));
            }
        }
    }
}
