//! Lines, continuations, comments, quotes and variables of an emulator file.

use std::collections::BTreeMap;

use super::Problem;

/// A statement with the number of its first line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Statement {
    pub(super) line: usize,
    pub(super) text: String,
}

/// Statements of a file: a backslash at the end of a line joins the next, `#` begins a comment line.
pub(super) fn statements(text: &str) -> Vec<Statement> {
    let mut statements = Vec::new();
    let mut open: Option<Statement> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if open.is_none() && (line.trim_start().is_empty() || line.trim_start().starts_with('#')) {
            continue;
        }
        let (part, continued) = match line.strip_suffix('\\') {
            Some(part) => (part, true),
            None => (line, false),
        };
        let statement = open.get_or_insert_with(|| Statement { line: index + 1, text: String::new() });
        statement.text.push_str(part);
        statement.text.push(' ');
        if !continued {
            statements.extend(open.take());
        }
    }
    statements.extend(open);
    statements
}

/// Words of a statement. `$name` stands for a variable outside quotes; quotes may join with what is beside them.
pub(super) fn words(text: &str, variables: &BTreeMap<String, String>) -> Result<Vec<String>, Problem> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            character if character.is_whitespace() => words.extend(word.take()),
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match rest.next() {
                        None => return Err(Problem::new("a closing quote", "the end of the line")),
                        Some('"') => break,
                        Some('\\') => word.extend(rest.next()),
                        Some(character) => word.push(character),
                    }
                }
            }
            '$' => {
                let mut name = String::new();
                while let Some(character) = rest.next_if(|next| next.is_alphanumeric() || *next == '_') {
                    name.push(character);
                }
                let value = variables.get(&name);
                let value = value.ok_or_else(|| Problem::new("a defined variable", format!("`${name}`")))?;
                word.get_or_insert_default().push_str(value);
            }
            character => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continued_lines_are_one_statement_with_the_first_line_number() {
        let text = "# comment\n\nmc_add \\\n 0x20 \\\n 1\nquit\n";
        let statements = statements(text);
        assert_eq!(statements.len(), 2);
        assert_eq!((statements[0].line, statements[1].line), (3, 6));
        assert_eq!(words(&statements[0].text, &BTreeMap::new()).unwrap(), ["mc_add", "0x20", "1"]);
    }

    #[test]
    fn quotes_and_variables() {
        let variables = BTreeMap::from([("MC".to_owned(), "0x40".to_owned())]);
        assert_eq!(words("a \"b c\" \"x-\"$MC\"-1\" \"\"", &variables).unwrap(), ["a", "b c", "x-0x40-1", ""]);
        assert!(words("a \"b", &variables).is_err());
        assert_eq!(words("$NO", &variables).unwrap_err().found, "`$NO`");
    }
}
