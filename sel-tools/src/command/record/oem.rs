//! Answers to requests the user names: `--oem NETFN:CMD[:DATA]`.

use ipmi_core::NetFn;

use super::document::Document;
use super::reader::{BMC, Reader};
use crate::Failure;
use crate::args::number;

/// A request to record the answer of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    net_fn: NetFn,
    cmd: u8,
    data: Vec<u8>,
}

/// Reads the values of `--oem`. `record` has no words of its own.
pub(super) fn questions(values: &[String], words: &[String]) -> Result<Vec<Question>, Failure> {
    if let Some(word) = words.first() {
        return Err(Failure::Message(format!("record: expected --oem NETFN:CMD[:DATA] or nothing, found `{word}`")));
    }
    let wrong = |found: &String| {
        Failure::Message(format!(
            "--oem: expected NETFN:CMD[:DATA] with an even NETFN, e.g. 0x30:0x25:0102, found `{found}`"
        ))
    };
    values.iter().map(|value| question(value).ok_or_else(|| wrong(value))).collect()
}

fn question(text: &str) -> Option<Question> {
    let mut parts = text.splitn(3, ':');
    let net_fn = number::parse::<u8>(parts.next()?).filter(|net_fn| *net_fn <= 0x3E && net_fn.is_multiple_of(2))?;
    let cmd = number::parse::<u8>(parts.next()?)?;
    let digits: Vec<u32> = parts.next().unwrap_or("").chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let data = pairs.iter().map(|[high, low]| u8::try_from(high << 4 | low).unwrap_or_default()).collect();
    Some(Question { net_fn: NetFn::new(net_fn), cmd, data })
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

    fn parse(values: &[&str]) -> Result<Vec<Question>, Failure> {
        questions(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>(), &[])
    }

    #[test]
    fn questions_are_bytes() {
        let found = parse(&["0x30:0x25:01fF", "44:1"]).unwrap();
        assert_eq!(found[0], Question { net_fn: NetFn::new(0x30), cmd: 0x25, data: vec![1, 0xFF] });
        assert_eq!(found[1], Question { net_fn: NetFn::new(44), cmd: 1, data: vec![] });
    }

    #[test]
    fn what_is_wrong_is_named() {
        for value in ["", "0x31:1", "0x30", "0x30:1:0", "0x30:1:zz"] {
            assert!(matches!(parse(&[value]), Err(Failure::Message(text)) if text.contains("NETFN:CMD")), "{value:?}");
        }
        assert!(matches!(questions(&[], &["fru".to_owned()]), Err(Failure::Message(text)) if text.contains("`fru`")));
    }
}
