//! Object paths as text: parsing and the canonical `__RELPATH` (WQL reference s8).

use std::fmt::{self, Write};
use std::sync::Arc;

use super::{Keys, Number, ObjectPath, Value};
use crate::{CimError, Status};

/// Longest text accepted.
const MAX_LENGTH: usize = 64 * 1024;

impl ObjectPath {
    /// Parses `\\server\namespace:Class.Key="value",...` and its shorter forms.
    ///
    /// # Errors
    /// `InvalidObjectPath` naming the text, what was expected and where.
    pub fn parse(text: &str) -> Result<Self, CimError> {
        let text = text.trim();
        let mut parser = Parser { text, rest: text };
        if text.len() > MAX_LENGTH {
            return Err(CimError::new(Status::InvalidObjectPath, format!("an object path of {} bytes", text.len())));
        }
        parser.path()
    }

    /// The canonical path within its namespace: keys sorted by name, strings double-quoted.
    pub fn relpath(&self) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        let _ = self.write_relpath(&mut text);
        text
    }

    fn write_relpath(&self, out: &mut dyn Write) -> fmt::Result {
        out.write_str(&self.class)?;
        match &self.keys {
            Keys::None => Ok(()),
            Keys::Singleton => out.write_str("=@"),
            Keys::Single(value) => {
                out.write_char('=')?;
                write_value(out, value)
            }
            Keys::Named(keys) if keys.is_empty() => out.write_str("=@"),
            Keys::Named(keys) => {
                let mut sorted: Vec<_> = keys.iter().collect();
                sorted.sort_by_key(|(name, _)| name.to_ascii_lowercase());
                for (index, (name, value)) in sorted.into_iter().enumerate() {
                    out.write_char(if index == 0 { '.' } else { ',' })?;
                    out.write_str(name)?;
                    out.write_char('=')?;
                    write_value(out, value)?;
                }
                Ok(())
            }
        }
    }
}

fn write_value(out: &mut dyn Write, value: &Value) -> fmt::Result {
    match value {
        Value::Boolean(value) => out.write_str(if *value { "TRUE" } else { "FALSE" }),
        Value::Char16(value) => write!(out, "{value}"),
        // With a point or an exponent, so that it stays a real when it is read.
        Value::Real32(value) if value.is_finite() => write!(out, "{value:?}"),
        Value::Real64(value) if value.is_finite() => write!(out, "{value:?}"),
        value if value.number().is_some() => write!(out, "{value}"),
        value => {
            out.write_char('"')?;
            for character in value.to_string().chars() {
                if matches!(character, '"' | '\\') {
                    out.write_char('\\')?;
                }
                out.write_char(character)?;
            }
            out.write_char('"')
        }
    }
}

impl fmt::Display for ObjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(server) = &self.server {
            write!(f, "\\\\{server}\\")?;
        }
        if let Some(namespace) = &self.namespace {
            write!(f, "{}:", namespace.replace('/', "\\"))?;
        }
        self.write_relpath(f)
    }
}

impl std::str::FromStr for ObjectPath {
    type Err = CimError;

    fn from_str(text: &str) -> Result<Self, CimError> {
        Self::parse(text)
    }
}

struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Parser<'a> {
    fn error(&self, expected: &str) -> CimError {
        let column = self.text.len() - self.rest.len() + 1;
        let found = match self.rest.chars().next() {
            Some(character) => format!("{character:?}"),
            None => "the end".to_owned(),
        };
        let path = self.text;
        CimError::new(
            Status::InvalidObjectPath,
            format!("object path {path:?}, column {column}: expected {expected}, found {found}"),
        )
    }

    fn path(&mut self) -> Result<ObjectPath, CimError> {
        let server = match self.rest.strip_prefix("\\\\").or_else(|| self.rest.strip_prefix("//")) {
            Some(rest) => {
                self.rest = rest;
                let end = self.rest.find(['\\', '/']).ok_or_else(|| self.error("a server and a namespace"))?;
                let server = self.take(end);
                self.take(1);
                if server.is_empty() {
                    return Err(self.error("a server name"));
                }
                Some(Arc::from(server))
            }
            None => None,
        };
        let namespace = self.namespace(server.is_some())?;
        let class = self.name("a class name")?;
        let keys = self.keys()?;
        if !self.rest.is_empty() {
            return Err(self.error("the end"));
        }
        Ok(ObjectPath { server, namespace, class: class.into(), keys })
    }

    /// A colon before any key separator ends a namespace.
    fn namespace(&mut self, required: bool) -> Result<Option<Arc<str>>, CimError> {
        let end = match self.rest.find([':', '.', '=', '"', '\'']) {
            Some(end) if self.rest.get(end..).is_some_and(|rest| rest.starts_with(':')) => end,
            _ if required => return Err(self.error("a namespace and ':'")),
            _ => return Ok(None),
        };
        let namespace = self.take(end).replace('\\', "/");
        self.take(1);
        if namespace.split('/').any(|part| part.is_empty() || !part.chars().all(|c| c == '-' || is_name_character(c))) {
            return Err(self.error("a namespace such as root/cimv2 before ':'"));
        }
        Ok(Some(namespace.into()))
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn name(&mut self, expected: &str) -> Result<&'a str, CimError> {
        let end = self.rest.find(|c| !is_name_character(c)).unwrap_or(self.rest.len());
        if end == 0 || self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(self.error(expected));
        }
        Ok(self.take(end))
    }

    fn keys(&mut self) -> Result<Keys, CimError> {
        if self.rest == "=@" {
            self.rest = "";
            return Ok(Keys::Singleton);
        }
        if let Some(rest) = self.rest.strip_prefix('=') {
            self.rest = rest;
            return self.value().map(Keys::Single);
        }
        if !self.rest.starts_with('.') {
            return Ok(Keys::None);
        }
        let mut keys: Vec<(Arc<str>, Value)> = Vec::new();
        while self.rest.starts_with(if keys.is_empty() { '.' } else { ',' }) {
            self.take(1);
            let name = self.name("a key name")?;
            if keys.iter().any(|(key, _)| key.eq_ignore_ascii_case(name)) {
                return Err(self.error(&format!("each key once ({name} appears twice)")));
            }
            if !self.rest.starts_with('=') {
                return Err(self.error("'='"));
            }
            self.take(1);
            keys.push((name.into(), self.value()?));
        }
        Ok(Keys::Named(keys))
    }

    fn value(&mut self) -> Result<Value, CimError> {
        if let Some(quote @ ('"' | '\'')) = self.rest.chars().next() {
            return self.quoted(quote);
        }
        let end = self.rest.find(',').unwrap_or(self.rest.len());
        let word = self.rest.get(..end).unwrap_or("");
        let value = match Number::parse(word) {
            Some(Number::Integer(number)) => u64::try_from(number)
                .map(Value::Uint64)
                .or_else(|_| i64::try_from(number).map(Value::Sint64))
                .map_err(|_| self.error("a number of at most 64 bits"))?,
            Some(Number::Real(number)) if number.is_finite() => Value::Real64(number),
            Some(Number::Real(_)) => return Err(self.error("a number of at most 64 bits")),
            None if word.eq_ignore_ascii_case("true") => Value::Boolean(true),
            None if word.eq_ignore_ascii_case("false") => Value::Boolean(false),
            None => return Err(self.error("a quoted string, a number, TRUE or FALSE")),
        };
        self.take(end);
        Ok(value)
    }

    fn quoted(&mut self, quote: char) -> Result<Value, CimError> {
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => text.extend(characters.next().map(|(_, escaped)| escaped)),
                character if character == quote => {
                    self.take(at + 1);
                    return Ok(text.into());
                }
                character => text.push(character),
            }
        }
        self.rest = "";
        Err(self.error(&format!("the closing {quote}")))
    }
}

fn is_name_character(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_form_sorts_and_quotes() {
        for (text, canonical) in [
            ("Cls", "Cls"),
            ("Cls=@", "Cls=@"),
            ("Cls='a'", "Cls=\"a\""),
            ("C.b=-5,A=true,c=0x10", "C.A=TRUE,b=-5,c=16"),
            (r#"C.A="q\"b\\c""#, r#"C.A="q\"b\\c""#),
            (r"\\.\root\cimv2:C.A=1", r"\\.\root\cimv2:C.A=1"),
            ("//srv/root/cimv2:C", r"\\srv\root\cimv2:C"),
            ("root/x:C=1.5", r"root\x:C=1.5"),
            ("C=8888888888888888888.5", "C=8.888888888888889e18"),
            ("C=2.0", "C=2.0"),
            (r#"L.O="T.Id=\"x\"",P='y'"#, r#"L.O="T.Id=\"x\"",P="y""#),
        ] {
            let path = ObjectPath::parse(text).unwrap();
            assert_eq!(path.to_string(), canonical);
            assert_eq!(ObjectPath::parse(canonical).unwrap().to_string(), canonical);
        }
    }

    #[test]
    fn damaged_paths_are_named() {
        for bad in [
            "",
            "1C",
            "C.",
            "C.A",
            "C.A=",
            "C.A=b",
            "C.A='x",
            "C.A='x' ,B=1",
            "C.A=1,",
            "C.A=1,a=2",
            "\\\\",
            "\\\\srv",
            "\\\\srv\\C",
            ":C",
            "a//b:C",
            "C=@x",
            "C .A=1",
            "C.A=99999999999999999999",
            "C.A=1e999",
        ] {
            let error = ObjectPath::parse(bad).unwrap_err();
            assert_eq!(error.status, Status::InvalidObjectPath, "{bad}");
        }
        let message = ObjectPath::parse("C.A=b").unwrap_err().message;
        assert_eq!(
            message,
            "object path \"C.A=b\", column 5: expected a quoted string, a number, TRUE or FALSE, found 'b'"
        );
    }

    #[test]
    fn every_prefix_parses_or_errs_without_panic() {
        let text = r#"\\sérver\root\x:C.Ä="q\"é",B=1"#;
        for (end, _) in text.char_indices() {
            let _ = ObjectPath::parse(&text[..end]);
        }
    }
}
