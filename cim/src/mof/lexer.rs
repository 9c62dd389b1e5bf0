//! MOF tokens with their positions (DSP0221 s5.2, DSP0004 annex A).

use super::error::{MofError, Position};

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// Identifier or keyword.
    Name(String),
    /// `$Alias`
    Alias(String),
    /// String literal, escapes resolved.
    Text(String),
    /// Character literal.
    Character(u16),
    /// Integer literal.
    Integer(i128),
    /// Real literal.
    Real(f64),
    /// One of `{ } ( ) [ ] , ; : = # .`
    Symbol(char),
    /// End of the text.
    End,
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => write!(f, "'{name}'"),
            Self::Alias(name) => write!(f, "'${name}'"),
            Self::Text(text) => write!(f, "string {text:?}"),
            Self::Character(_) => f.write_str("a character"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number}"),
            Self::Symbol(symbol) => write!(f, "'{symbol}'"),
            Self::End => f.write_str("the end"),
        }
    }
}

/// Splits text into tokens, on demand.
pub(crate) struct Lexer<'a> {
    rest: &'a str,
    position: Position,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text.strip_prefix('\u{feff}').unwrap_or(text), position: Position { line: 1, column: 1 } }
    }

    /// The next token and where it starts.
    pub(crate) fn next(&mut self) -> Result<(Token, Position), MofError> {
        self.skip_blanks()?;
        let start = self.position;
        let token = match self.peek() {
            None => Token::End,
            Some('"') => Token::Text(self.string(start)?),
            Some('\'') => Token::Character(self.character(start)?),
            Some('$') => {
                self.bump();
                Token::Alias(self.word().to_owned())
            }
            Some(first) if first == '_' || first.is_alphabetic() => Token::Name(self.word().to_owned()),
            Some(first) if first.is_ascii_digit() || matches!(first, '+' | '-') => self.number(start)?,
            Some('.') if self.rest.chars().nth(1).is_some_and(|c| c.is_ascii_digit()) => self.number(start)?,
            Some(symbol) if "{}()[],;:=#.".contains(symbol) => {
                self.bump();
                Token::Symbol(symbol)
            }
            Some(other) => return Err(MofError::new(start, "a MOF token", format!("{other:?}"))),
        };
        Ok((token, start))
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let character = characters.next()?;
        self.rest = characters.as_str();
        if character == '\n' {
            self.position.line += 1;
            self.position.column = 1;
        } else {
            self.position.column += 1;
        }
        Some(character)
    }

    fn skip_blanks(&mut self) -> Result<(), MofError> {
        loop {
            if self.rest.starts_with("//") {
                while self.peek().is_some_and(|c| c != '\n') {
                    self.bump();
                }
            } else if self.rest.starts_with("/*") {
                let start = self.position;
                while !self.rest.starts_with("*/") {
                    if self.bump().is_none() {
                        return Err(MofError::new(start, "the closing */", "the end"));
                    }
                }
                self.bump();
                self.bump();
            } else if self.peek().is_some_and(char::is_whitespace) {
                self.bump();
            } else {
                return Ok(());
            }
        }
    }

    /// Takes the characters of a name or of a number with its letters.
    fn word(&mut self) -> &'a str {
        let start = self.rest;
        while self.peek().is_some_and(|c| c == '_' || c.is_alphanumeric()) {
            self.bump();
        }
        start.get(..start.len() - self.rest.len()).unwrap_or("")
    }

    fn number(&mut self, start: Position) -> Result<Token, MofError> {
        let text = self.rest;
        self.take_sign();
        self.word();
        if self.peek() == Some('.') {
            self.bump();
            self.word();
        }
        let so_far = text.get(..text.len() - self.rest.len()).unwrap_or("");
        let hexadecimal = so_far.contains(['x', 'X']);
        if !hexadecimal && so_far.ends_with(['e', 'E']) {
            self.take_sign();
            self.word();
        }
        let text = text.get(..text.len() - self.rest.len()).unwrap_or("");
        number(text).ok_or_else(|| MofError::new(start, "a number", format!("{text:?}")))
    }

    fn take_sign(&mut self) {
        if matches!(self.peek(), Some('+' | '-')) {
            self.bump();
        }
    }

    fn string(&mut self, start: Position) -> Result<String, MofError> {
        self.bump();
        let mut text = String::new();
        loop {
            match self.bump() {
                None | Some('\n') => {
                    return Err(MofError::new(start, "a string that ends on its line", "no closing \""));
                }
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                Some(character) => text.push(character),
            }
        }
    }

    fn character(&mut self, start: Position) -> Result<u16, MofError> {
        let bad = || MofError::new(start, "one character between single quotes", "something else");
        self.bump();
        let character = match self.bump().ok_or_else(bad)? {
            '\\' => self.escape()?,
            '\'' | '\n' => return Err(bad()),
            character => character,
        };
        if self.bump() != Some('\'') {
            return Err(bad());
        }
        u16::try_from(u32::from(character)).map_err(|_| bad())
    }

    /// The character after a backslash: `b t n f r " ' \`, or `x` with up to four hexadecimal digits.
    fn escape(&mut self) -> Result<char, MofError> {
        let at = self.position;
        Ok(match self.bump() {
            Some('b') => '\u{8}',
            Some('t') => '\t',
            Some('n') => '\n',
            Some('f') => '\u{c}',
            Some('r') => '\r',
            Some(same @ ('"' | '\'' | '\\')) => same,
            Some('x' | 'X') => {
                let mut value = 0;
                let mut digits = 0;
                while let Some(digit) = self.peek().and_then(|c| c.to_digit(16)).filter(|_| digits < 4) {
                    value = value * 16 + digit;
                    digits += 1;
                    self.bump();
                }
                char::from_u32(value)
                    .filter(|_| digits > 0)
                    .ok_or_else(|| MofError::new(at, "\\x with one to four hexadecimal digits", "something else"))?
            }
            other => {
                let found = other.map_or("the end".to_owned(), |c| format!("'\\{c}'"));
                return Err(MofError::new(at, "an escape sequence", found));
            }
        })
    }
}

/// Decimal, `0x` hexadecimal, `0` octal, binary with a `b` at the end, or real.
fn number(text: &str) -> Option<Token> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let integer = |digits: &str, radix| {
        let value = i128::from(u64::from_str_radix(digits, radix).ok()?);
        Some(Token::Integer(if negative { -value } else { value }))
    };
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return integer(hex, 16);
    }
    if let Some(binary) = digits.strip_suffix(['b', 'B']) {
        return integer(binary, 2);
    }
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return match digits.strip_prefix('0') {
            Some(octal) if !octal.is_empty() => integer(octal, 8),
            _ => integer(digits, 10),
        };
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    digits.parse::<f64>().ok().map(|value| Token::Real(if negative { -value } else { value }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token>, MofError> {
        let mut lexer = Lexer::new(text);
        let mut tokens = Vec::new();
        loop {
            match lexer.next()?.0 {
                Token::End => return Ok(tokens),
                token => tokens.push(token),
            }
        }
    }

    #[test]
    fn numbers_of_every_radix() {
        let found = tokens("0 -5 0x1F 017 101b 1.5 .5 1e3 -2.5E-2").unwrap();
        let integers = [0, -5, 31, 15, 5].map(Token::Integer);
        let reals = [1.5, 0.5, 1000.0, -0.025].map(Token::Real);
        assert_eq!(found, integers.into_iter().chain(reals).collect::<Vec<_>>());
        for bad in ["12abc", "0x", "08", "2b", "-", "1.2.3x"] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn strings_comments_and_positions() {
        assert_eq!(
            tokens("/* a\n b */ \"x\\\"\\\\\\n\\x41\" // rest\n'a' '\\''").unwrap(),
            [Token::Text("x\"\\\nA".into()), Token::Character(97), Token::Character(39)]
        );
        let mut lexer = Lexer::new("\u{feff}a\n  $b");
        assert_eq!(lexer.next().unwrap().1, Position { line: 1, column: 1 });
        assert_eq!(lexer.next().unwrap(), (Token::Alias("b".into()), Position { line: 2, column: 3 }));
        for bad in ["\"abc", "\"a\nb\"", "/* x", "'ab'", "''", "\"\\q\"", "\"\\x\"", "@"] {
            assert!(tokens(bad).is_err(), "{bad}");
        }
    }
}
