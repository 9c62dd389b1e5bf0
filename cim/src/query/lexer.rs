//! WQL tokens (WQL reference s3).

use super::error::{Place, invalid};
use crate::{CimError, Number};

/// A relational operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    /// The relation with its sides exchanged.
    pub(crate) fn flipped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    /// Its spelling.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// A token; texts keep their escapes, for LIKE reads these differently.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Token<'a> {
    Name(&'a str),
    Text(&'a str),
    Number(Number),
    Relation(Relation),
    /// The inside of `{...}`.
    Braced(&'a str),
    /// One of `* , . ( )`
    Symbol(char),
    End,
}

impl std::fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{name}"),
            Self::Text(text) => write!(f, "the string {text:?}"),
            Self::Number(Number::Integer(number)) => write!(f, "{number}"),
            Self::Number(Number::Real(number)) => write!(f, "{number}"),
            Self::Relation(relation) => write!(f, "'{}'", relation.text()),
            Self::Braced(_) => f.write_str("'{'"),
            Self::Symbol(symbol) => write!(f, "'{symbol}'"),
            Self::End => f.write_str("the end"),
        }
    }
}

/// Splits a query into tokens, on demand.
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    after_name: bool,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, after_name: false }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn error(&self, expected: &str, found: &str) -> CimError {
        invalid(Place { text: self.text, at: self.at }, expected, found)
    }

    /// Takes the longest prefix whose characters `accept` takes.
    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or("")
    }

    /// The next token and the byte where it starts.
    pub(crate) fn next(&mut self) -> Result<(Token<'a>, usize), CimError> {
        self.take_while(char::is_whitespace);
        let start = self.at;
        let mut characters = self.rest().chars();
        let first = characters.next();
        let second = characters.next();
        let digit_follows = second.is_some_and(|c| c.is_ascii_digit() || c == '.');
        let token = match first {
            None => Token::End,
            Some(c) if c == '_' || c.is_alphabetic() => Token::Name(self.take_while(is_name_character)),
            Some(quote @ ('"' | '\'')) => self.string(quote)?,
            Some('{') => self.braced()?,
            Some(c) if c.is_ascii_digit() => self.number()?,
            Some('+' | '-') if digit_follows => self.number()?,
            Some('.') if digit_follows && !self.after_name => self.number()?,
            Some(symbol @ ('*' | ',' | '.' | '(' | ')')) => {
                self.at += 1;
                Token::Symbol(symbol)
            }
            Some('=' | '<' | '>' | '!') => self.relation()?,
            Some(other) => return Err(self.error("a name, a constant or an operator", &format!("{other:?}"))),
        };
        self.after_name = matches!(token, Token::Name(_));
        Ok((token, start))
    }

    fn relation(&mut self) -> Result<Token<'a>, CimError> {
        let rest = self.rest();
        let (relation, length) = match (rest.get(..2), rest.get(..1)) {
            (Some("<>" | "!="), _) => (Relation::NotEqual, 2),
            (Some("<="), _) => (Relation::LessOrEqual, 2),
            (Some(">="), _) => (Relation::GreaterOrEqual, 2),
            (_, Some("=")) => (Relation::Equal, 1),
            (_, Some("<")) => (Relation::Less, 1),
            (_, Some(">")) => (Relation::Greater, 1),
            _ => return Err(self.error("a relational operator", "'!'")),
        };
        self.at += length;
        Ok(Token::Relation(relation))
    }

    fn number(&mut self) -> Result<Token<'a>, CimError> {
        let (start, at) = (self.rest(), self.at);
        self.take_while(|c| matches!(c, '+' | '-'));
        let word = self.take_while(|c| c == '.' || is_name_character(c));
        if word.ends_with(['e', 'E']) && !word.contains(['x', 'X']) && self.rest().starts_with(['+', '-']) {
            self.at += 1;
            self.take_while(is_name_character);
        }
        let text = start.get(..self.at - at).unwrap_or("");
        Number::parse(text).map(Token::Number).ok_or_else(|| {
            self.at = at;
            self.error("a number", &format!("{text:?}"))
        })
    }

    /// A backslash keeps the character after it from ending the string.
    fn string(&mut self, quote: char) -> Result<Token<'a>, CimError> {
        let inside = self.rest().get(1..).unwrap_or("");
        match end_of_string(inside, quote) {
            Some(end) => {
                self.at += end + 2;
                Ok(Token::Text(inside.get(..end).unwrap_or("")))
            }
            None => Err(self.error(&format!("a string with its closing {quote}"), "the end")),
        }
    }

    /// Everything up to the closing brace outside quotes.
    fn braced(&mut self) -> Result<Token<'a>, CimError> {
        let inside = self.rest().get(1..).unwrap_or("");
        let mut from = 0;
        while let Some(rest) = inside.get(from..) {
            let Some(at) = rest.find(['}', '"', '\'']) else { break };
            match rest.get(at..).and_then(|rest| rest.chars().next()) {
                Some('}') => {
                    self.at += from + at + 2;
                    return Ok(Token::Braced(inside.get(..from + at).unwrap_or("")));
                }
                Some(quote) => match end_of_string(rest.get(at + 1..).unwrap_or(""), quote) {
                    Some(end) => from += at + end + 2,
                    None => break,
                },
                None => break,
            }
        }
        Err(self.error("'{' with its closing '}'", "the end"))
    }
}

fn end_of_string(inside: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in inside.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            character if character == quote => return Some(at),
            _ => {}
        }
    }
    None
}

pub(crate) fn is_name_character(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// The text of a string token: a backslash is dropped, the character after it stays.
pub(crate) fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            character => text.push(character),
        }
    }
    text
}

/// The text of a LIKE pattern: `\\` is one backslash, `\"` and `\'` are quotes, any other backslash is itself.
pub(crate) fn unescape_pattern(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut characters = raw.chars().peekable();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => characters.next_if(|next| matches!(next, '\\' | '"' | '\'')).unwrap_or('\\'),
            character => character,
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token<'_>>, CimError> {
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
    fn tokens_need_no_spaces() {
        use Token::{Braced, Name, Number as N, Relation as R, Symbol, Text};
        assert_eq!(
            tokens("a.b<>-5 and{x='}'}!=.5'it\\'s'").unwrap(),
            [
                Name("a"),
                Symbol('.'),
                Name("b"),
                R(Relation::NotEqual),
                N(Number::Integer(-5)),
                Name("and"),
                Braced("x='}'"),
                R(Relation::NotEqual),
                N(Number::Real(0.5)),
                Text("it\\'s")
            ]
        );
    }

    #[test]
    fn escapes_differ_between_strings_and_patterns() {
        assert_eq!(unescape(r#"C:\\a\b\"#), r"C:\ab");
        assert_eq!(unescape_pattern(r#"C:\\a\b\""#), r#"C:\a\b""#);
    }

    #[test]
    fn bad_text_is_named_with_its_column() {
        for (text, message) in [
            ("a ; b", "column 3: expected a name, a constant or an operator, found ';'"),
            ("12abc", "column 1: expected a number, found \"12abc\""),
            ("x 'abc\\'", "column 3: expected a string with its closing ', found the end"),
            ("{ 'a}", "column 1: expected '{' with its closing '}', found the end"),
            ("a !b", "column 3: expected a relational operator, found '!'"),
            ("-- a", "column 1: expected a name, a constant or an operator, found '-'"),
        ] {
            assert_eq!(tokens(text).unwrap_err().message, message);
        }
    }
}
