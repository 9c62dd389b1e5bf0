//! Answers to requests the user names: `--oem NETFN:CMD[:DATA]`.

use super::document::Document;
use super::reader::{BMC, Reader};
use crate::Failure;
use crate::args::number;

/// A request to record the answer of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    net_fn: u8,
    cmd: u8,
    data: Vec<u8>,
}

/// Reads the words after `record`.
pub(super) fn questions(words: &[String]) -> Result<Vec<Question>, Failure> {
    let (mut words, mut questions) = (words.iter(), Vec::new());
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--oem=") {
            Some(value) => Some(value),
            None if word == "--oem" => words.next().map(String::as_str),
            None => return Err(Failure::Message(format!("record: expected --oem NETFN:CMD[:DATA], found `{word}`"))),
        };
        let question = value.and_then(question);
        let found = value.unwrap_or_default();
        questions.push(question.ok_or_else(|| {
            Failure::Message(format!(
                "--oem: expected NETFN:CMD[:DATA] with an even NETFN, e.g. 0x30:0x25:0102, found `{found}`"
            ))
        })?);
    }
    Ok(questions)
}

fn question(text: &str) -> Option<Question> {
    let mut parts = text.splitn(3, ':');
    let net_fn = number::parse::<u8>(parts.next()?).filter(|net_fn| *net_fn <= 0x3E && net_fn.is_multiple_of(2))?;
    let cmd = number::parse::<u8>(parts.next()?)?;
    let digits: Vec<u32> = parts.next().unwrap_or("").chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let data = pairs.iter().map(|[high, low]| u8::try_from(high << 4 | low).unwrap_or_default()).collect();
    Some(Question { net_fn, cmd, data })
}

pub(super) fn record(reader: &Reader<'_>, questions: &[Question], document: &mut Document) -> Result<(), Failure> {
    for Question { net_fn, cmd, data } in questions {
        let answer = reader.ask(*net_fn, *cmd, data)?;
        document.answer(BMC, *net_fn, *cmd, data, &answer);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Vec<Question>, Failure> {
        questions(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn questions_are_bytes() {
        let found = parse(&["--oem", "0x30:0x25:01fF", "--oem=44:1"]).unwrap();
        assert_eq!(found[0], Question { net_fn: 0x30, cmd: 0x25, data: vec![1, 0xFF] });
        assert_eq!(found[1], Question { net_fn: 44, cmd: 1, data: vec![] });
    }

    #[test]
    fn what_is_wrong_is_named() {
        for words in [&["--oem"][..], &["--oem", "0x31:1"], &["--oem", "0x30"], &["--oem", "0x30:1:0"], &["fru"]] {
            assert!(matches!(parse(words), Err(Failure::Message(text)) if text.contains("NETFN:CMD")), "{words:?}");
        }
    }
}
