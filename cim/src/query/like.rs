//! LIKE patterns, compiled once and matched without backtracking over more than the last `%` (WQL reference s4.3).

use super::error::unfit;
use crate::CimError;
use crate::model::fold::fold;

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern {
    parts: Box<[Part]>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// `%`
    Any,
    /// `_`
    One,
    /// A character, folded.
    Character(char),
    /// `[...]` or `[^...]`, folded ranges.
    Set { negated: bool, ranges: Box<[(char, char)]> },
}

impl Part {
    fn accepts(&self, character: char) -> bool {
        match self {
            Self::Any | Self::One => true,
            Self::Character(expected) => *expected == character,
            Self::Set { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
            }
        }
    }
}

impl Pattern {
    /// Compiles a pattern.
    pub(crate) fn compile(text: &str) -> Result<Self, CimError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            rest = rest.get(character.len_utf8()..).unwrap_or("");
            let part = match character {
                '%' => Part::Any,
                '_' => Part::One,
                '[' => {
                    let end =
                        rest.find(']').ok_or_else(|| unfit(format!("LIKE pattern {text:?}: '[' without its ']'")))?;
                    let set = set(rest.get(..end).unwrap_or(""));
                    rest = rest.get(end + 1..).unwrap_or("");
                    set
                }
                character => Part::Character(fold(character)),
            };
            if part != Part::Any || parts.last() != Some(&Part::Any) {
                parts.push(part);
            }
        }
        Ok(Self { parts: parts.into() })
    }

    /// Whether the whole text fits the pattern.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let mut parts = self.parts.as_ref();
        let mut text = text.chars();
        // What to go back to when a part does not fit: the parts after the last %, and where it may swallow one more.
        let mut restart: Option<(&[Part], std::str::Chars<'_>)> = None;
        loop {
            if let [Part::Any, after @ ..] = parts {
                if after.is_empty() {
                    return true;
                }
                parts = after;
                restart = Some((after, text.clone()));
                continue;
            }
            let mut ahead = text.clone();
            match (parts, ahead.next().map(fold)) {
                ([], None) => return true,
                ([part, after @ ..], Some(character)) if part.accepts(character) => {
                    parts = after;
                    text = ahead;
                }
                // No text is left: a later start has even less.
                (_, None) => return false,
                _ => {
                    let Some((after, from)) = &mut restart else { return false };
                    from.next();
                    parts = after;
                    text = from.clone();
                }
            }
        }
    }
}

/// The inside of brackets. `-` makes a range, and so does the older `=` between two letters or digits.
fn set(inside: &str) -> Part {
    let (negated, inside) = match inside.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, inside),
    };
    let characters: Vec<char> = inside.chars().map(fold).collect();
    let mut ranges = Vec::new();
    let mut rest = characters.as_slice();
    loop {
        rest = match rest {
            [] => break,
            [low, '-', high, rest @ ..] => {
                ranges.push((*low, *high));
                rest
            }
            [low, '=', high, rest @ ..] if low.is_alphanumeric() && high.is_alphanumeric() => {
                ranges.push((*low, *high));
                rest
            }
            [only, rest @ ..] => {
                ranges.push((*only, *only));
                rest
            }
        };
    }
    Part::Set { negated, ranges: ranges.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(text: &str, pattern: &str) -> bool {
        Pattern::compile(pattern).unwrap().matches(text)
    }

    #[test]
    fn tokens_match_as_documented() {
        for (text, pattern) in [
            ("", ""),
            ("", "%"),
            ("Fan 1", "fan_%"),
            ("a%b", "a[%]b"),
            ("a[b", "a[[]b"),
            ("]", "]"),
            ("ÄB", "ä_"),
            ("c", "[a=f]"),
            ("=", "[=]"),
            ("-", "[-a]"),
            ("x", "[^a-f]"),
            ("abcabd", "%abd"),
            ("aXbXc", "a%b%c"),
        ] {
            assert!(like(text, pattern), "{text} LIKE {pattern}");
        }
        for (text, pattern) in [("a", ""), ("", "_"), ("abc", "ab"), ("g", "[a-f]"), ("x", "[]"), ("abcabd", "%abc")] {
            assert!(!like(text, pattern), "{text} NOT LIKE {pattern}");
        }
        assert!(Pattern::compile("[abc").is_err());
    }

    #[test]
    fn many_percents_do_not_blow_up() {
        let text = "a".repeat(3000);
        assert!(!like(&text, &format!("{}b", "%a".repeat(50))));
        assert!(like(&text, &format!("{}%", "%a".repeat(50))));
    }
}
