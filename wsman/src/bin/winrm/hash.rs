//! Values on the command line: `@{Name="x";Other=$null;List={"a","b"}}`.

use anyhow::{Context as _, bail};

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given {
    /// `$null`.
    Null,
    /// `"text"`, or text up to the next `;`.
    Text(String),
    /// `{"a","b"}`.
    List(Vec<String>),
}

/// Reads `@{...}` or `{...}`.
pub(crate) fn parse(text: &str) -> anyhow::Result<Vec<(String, Given)>> {
    let inner = text
        .trim()
        .trim_start_matches('@')
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .with_context(|| format!("expected @{{Name=\"value\";...}}, found {text}"))?;
    let mut values = Vec::new();
    let mut rest = inner.trim();
    while !rest.is_empty() {
        let (name, after) = rest.split_once('=').with_context(|| format!("expected Name=value, found {rest}"))?;
        let (value, after) = value(after.trim_start())?;
        values.push((name.trim().to_owned(), value));
        let after = after.trim_start();
        rest = match after.strip_prefix(';') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => bail!("expected ; between values, found {after}"),
        };
    }
    Ok(values)
}

fn value(text: &str) -> anyhow::Result<(Given, &str)> {
    if text.starts_with('"') {
        let (text, rest) = quoted(text)?;
        return Ok((Given::Text(text), rest));
    }
    if let Some(mut rest) = text.strip_prefix('{') {
        let mut items = Vec::new();
        loop {
            rest = rest.trim_start_matches([',', ' ']);
            if let Some(rest) = rest.strip_prefix('}') {
                return Ok((Given::List(items), rest));
            }
            let (item, after) = quoted(rest)?;
            items.push(item);
            rest = after.trim_start();
        }
    }
    let (bare, _) = text.split_once(';').unwrap_or((text, ""));
    let rest = text.get(bare.len()..).unwrap_or_default();
    let bare = bare.trim();
    Ok((if bare.eq_ignore_ascii_case("$null") { Given::Null } else { Given::Text(bare.to_owned()) }, rest))
}

/// A quoted text; a quote inside is doubled or has a backslash before it.
fn quoted(text: &str) -> anyhow::Result<(String, &str)> {
    let rest = text.strip_prefix('"').with_context(|| format!("expected \", found {text}"))?;
    let mut value = String::new();
    let mut characters = rest.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' if matches!(characters.peek(), Some((_, '"'))) => {
                characters.next();
                value.push('"');
            }
            '"' if matches!(characters.peek(), Some((_, '"'))) => {
                characters.next();
                value.push('"');
            }
            '"' => return Ok((value, rest.get(at + 1..).unwrap_or_default())),
            other => value.push(other),
        }
    }
    bail!("a closing \" is missing in {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let text = |text: &str| Given::Text(text.to_owned());
        assert_eq!(parse("@{}").unwrap(), []);
        assert_eq!(
            parse("@{A=\"x;y\"; B=$NULL;C={\"1\", \"2\"};D=5;E=\"a\\\"b\"\"c\"}").unwrap(),
            [
                ("A".to_owned(), text("x;y")),
                ("B".to_owned(), Given::Null),
                ("C".to_owned(), Given::List(vec!["1".to_owned(), "2".to_owned()])),
                ("D".to_owned(), text("5")),
                ("E".to_owned(), text("a\"b\"c")),
            ]
        );
        for bad in ["", "A=1", "@{A}", "@{A=\"x}", "@{A=\"x\"B=1}", "@{A={x}}"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
