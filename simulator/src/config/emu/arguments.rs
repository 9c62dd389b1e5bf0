//! Arguments of an emulator command: C numbers, keywords, bit strings.

use super::Problem;

/// The arguments of one command, taken from the left.
#[derive(Debug)]
pub(super) struct Arguments<'a> {
    words: &'a [String],
}

impl<'a> Arguments<'a> {
    pub(super) fn new(words: &'a [String]) -> Self {
        Self { words }
    }

    /// The next word, which is a `what`.
    pub(super) fn word(&mut self, what: &str) -> Result<&'a str, Problem> {
        let (word, rest) = self.words.split_first().ok_or_else(|| Problem::new(what, "the end of the line"))?;
        self.words = rest;
        Ok(word)
    }

    /// The words that are left.
    pub(super) fn rest(&mut self) -> &'a [String] {
        std::mem::take(&mut self.words)
    }

    /// True when nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// A number up to `limit` in C notation (10, 0x0A, 012).
    pub(super) fn number(&mut self, what: &str, limit: u32) -> Result<u32, Problem> {
        let word = self.word(what)?;
        number(word)
            .filter(|number| *number <= limit)
            .ok_or_else(|| Problem::new(format!("{what} (a number up to {limit:#x})"), format!("`{word}`")))
    }

    /// A byte in C notation.
    pub(super) fn byte(&mut self, what: &str) -> Result<u8, Problem> {
        self.number(what, 0xFF).map(|number| u8::try_from(number).unwrap_or(u8::MAX))
    }

    /// A keyword or its number.
    pub(super) fn keyword(&mut self, what: &str, keywords: &[&str]) -> Result<u8, Problem> {
        let word = self.word(what)?;
        let position = keywords.iter().position(|keyword| *keyword == word);
        position
            .and_then(|position| u8::try_from(position).ok())
            .or_else(|| number(word)?.try_into().ok())
            .ok_or_else(|| Problem::new(format!("{what} ({} or a number)", keywords.join(", ")), format!("`{word}`")))
    }

    /// `true` for any number but 0, or one of two keywords.
    pub(super) fn flag(&mut self, what: &str, off: &str, on: &str) -> Result<bool, Problem> {
        Ok(self.keyword(what, &[off, on])? != 0)
    }

    /// A string of `length` digits 0 and 1, the rightmost is bit 0.
    pub(super) fn bits(&mut self, what: &str, length: usize) -> Result<u16, Problem> {
        let word = self.word(what)?;
        if word.len() != length || !word.bytes().all(|digit| matches!(digit, b'0' | b'1')) {
            return Err(Problem::new(format!("{what} ({length} digits 0 or 1)"), format!("`{word}`")));
        }
        Ok(word.bytes().fold(0, |bits, digit| bits << 1 | u16::from(digit == b'1')))
    }

    /// The bytes that are left, up to a remark.
    pub(super) fn bytes(&mut self, what: &str) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        while self.words.first().is_some_and(|word| !word.starts_with('#')) {
            bytes.push(self.byte(what)?);
        }
        Ok(bytes)
    }
}

/// A number in C notation.
fn number(word: &str) -> Option<u32> {
    let lower = word.to_ascii_lowercase();
    match lower.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None if lower.len() > 1 && lower.starts_with('0') => u32::from_str_radix(&lower, 8).ok(),
        None => lower.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn numbers_follow_c() {
        assert_eq!(
            (number("0x2C"), number("33"), number("010"), number("0"), number("x")),
            (Some(44), Some(33), Some(8), Some(0), None)
        );
    }

    #[test]
    fn problems_name_what_was_expected() {
        let words = words("300");
        let problem = Arguments::new(&words).byte("an address").unwrap_err();
        assert_eq!((problem.expected.as_str(), problem.found.as_str()), ("an address (a number up to 0xff)", "`300`"));
        assert_eq!(Arguments::new(&[]).byte("an address").unwrap_err().found, "the end of the line");
    }

    #[test]
    fn bit_strings_have_bit_0_on_the_right() {
        let words = words("011010 0110");
        let mut arguments = Arguments::new(&words);
        assert_eq!(arguments.bits("mask", 6), Ok(0b01_1010));
        assert!(arguments.bits("mask", 6).is_err());
    }
}
